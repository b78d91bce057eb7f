/** Whether files changed since a stamp was written: first by size and time, which is quick, then by content. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const hashOfFile = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

export function readStamp(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

export const writeStamp = (file, stamp) => writeFileSync(file, stamp);

function* filesUnder(root, name) {
  const stat = statSync(path.join(root, name), { throwIfNoEntry: false });
  if (!stat) return;
  if (stat.isDirectory()) {
    for (const entry of readdirSync(path.join(root, name)).sort()) yield* filesUnder(root, `${name}/${entry}`);
  } else {
    yield { name, stat };
  }
}

/**
 * Compares the files under `names` with a stamp of earlier. `same`: the contents are the same; `touched`: they are, but
 * not by the quick look, so the stamp is worth writing again. Tests are no part of what is built.
 */
export function hashOfTree(root, names, before) {
  const files = names.flatMap((name) => [...filesUnder(root, name)]).filter(({ name }) => !name.endsWith('.test.ts'));
  const quick = createHash('sha256');
  for (const { name, stat } of files) quick.update(`${name}\0${stat.size}\0${stat.mtimeMs}\n`);
  const quickHash = quick.digest('hex');
  const [quickBefore, contentBefore] = (before ?? '').split(' ');
  if (quickBefore === quickHash) return { same: true, touched: false, stamp: before };
  const content = createHash('sha256');
  for (const { name } of files)
    content
      .update(`${name}\0`)
      .update(readFileSync(path.join(root, name)))
      .update('\0');
  const contentHash = content.digest('hex');
  return { same: contentBefore === contentHash, touched: contentBefore === contentHash, stamp: `${quickHash} ${contentHash}` };
}
