/** Texts of the repository: nothing of the machine they were written on, and every relative link leads somewhere. */
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesLike, root } from '#test/tidy/repository.ts';

const folders = ['work', 'root'];
// Built from parts, so that this file does not find itself.
const machinePath = new RegExp(`(?<![\\w.-])/(${folders.join('|')})/|/home/[a-z]`);
const texts = filesLike(/\.(md|[cm]?[jt]sx?|json|jsonc|ya?ml|sh|css|html|svg|txt)$|^bin\/|^\.ci\//);

describe('texts', () => {
  it('name no path of a developer’s machine', () => {
    const found = [...texts].flatMap(([path, text]) =>
      text.split('\n').flatMap((line, at) => (machinePath.test(line) ? [`${path}:${at + 1}: ${line.trim()}`] : [])),
    );
    expect(found).toEqual([]);
  });

  it('link to files that are there', () => {
    const dead = [...texts]
      .filter(([path]) => path.endsWith('.md'))
      .flatMap(([path, text]) =>
        [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)]
          .map((link) => posix.join(posix.dirname(path), link[1] ?? ''))
          .filter((target) => !existsSync(join(root, target)))
          .map((target) => `${path} → ${target}`),
      );
    expect(dead).toEqual([]);
  });

  it.each([
    [`/${folders[0]}/main/src`, true],
    [`see "/${folders[1]}/.pyenv"`, true],
    ['docs/work/plan', false],
    ['arn:aws:iam::123456789012:root', false],
  ])('%s is a machine path: %s', (text, expected) => {
    expect(machinePath.test(text)).toBe(expected);
  });
});
