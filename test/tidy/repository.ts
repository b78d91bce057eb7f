/** The repository as the tidy tests see it: which files there are, and what they say. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');

/** Paths that belong to the repository: tracked, or new and not ignored. From a copy without Git this throws. */
export const paths: readonly string[] = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 << 20,
})
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(root, path)));

export const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** The files that fit, with their text. Throws when there is none, for a check that sees nothing must not pass. */
export function filesLike(pattern: RegExp): Map<string, string> {
  const found = paths.filter((path) => pattern.test(path));
  if (found.length === 0) throw new Error(`no file fits ${pattern}: has something moved?`);
  return new Map(found.map((path) => [path, read(path)]));
}
