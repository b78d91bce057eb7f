/** Holds every source file to the house style: name, size, opening sentence, reasons for what the compiler must take on trust. */
import { describe, expect, it } from 'vitest';
import { filesLike } from '#test/tidy/repository.ts';
import { assumptionsWithoutReason, lineCount, openingSentence, readsClockOrChance } from '#test/tidy/style.ts';

const sources = filesLike(/^(src|scripts|test|bench)\/.*\.[cm]?[jt]s$/);
const longestFile = 400;

const where = (keep: (source: string, path: string) => boolean): string[] =>
  [...sources].filter(([path, source]) => keep(source, path)).map(([path]) => path);

describe('every source file', () => {
  it(`has ${longestFile} lines or fewer`, () => {
    expect(where((source) => lineCount(source) > longestFile)).toEqual([]);
  });

  it('has a name in kebab-case, its folders too', () => {
    expect(
      where((_, path) => !/^([a-z0-9]+(-[a-z0-9]+)*\/)+[a-z0-9]+(-[a-z0-9]+)*(\.(test|fixture|config))?\.[cm]?[jt]s$/.test(path)),
    ).toEqual([]);
  });

  it('opens with a sentence of what it is, but for tests named after their file', () => {
    expect(where((source, path) => !path.endsWith('.test.ts') && openingSentence(source) === undefined)).toEqual([]);
  });

  it('gives a reason on the line of each `as` and `!`', () => {
    const found = [...sources].filter(([path]) => path.startsWith('src/') && !/\.(test|fixture)\.ts$/.test(path));
    expect(found.flatMap(([path, source]) => assumptionsWithoutReason(path, source).map((line) => `${path}:${line}`))).toEqual([]);
  });

  it('reads no clock and throws no dice where the context has them', () => {
    const pure = [...sources].filter(([path]) => /^src\/(model|engine|aws|services)\//.test(path) && !/\.(test|fixture)\.ts$/.test(path));
    expect(pure.length).toBeGreaterThan(5);
    expect(pure.flatMap(([path, source]) => readsClockOrChance(path, source).map((line) => `${path}:${line}`))).toEqual([]);
  });
});

describe('a planted fault is found', () => {
  it.each([
    ['import x from "y";', undefined],
    ['// what it is\nconst a = 1;', undefined],
    ['/** lower case start. */\n', undefined],
    ['/** What it is. */\n', 'What it is.'],
    ['/**\n * What it is, on\n * two lines.\n * More.\n */\n', 'What it is, on two lines.'],
    ['#!/usr/bin/env node\n/** What it is. */\n', 'What it is.'],
  ])('opening: %j', (source, expected) => {
    expect(openingSentence(source)).toBe(expected);
  });

  it.each([
    ['const a = b as C;', [1]],
    ['const a = b as C; // the parser checked it', []],
    ['const a = b!;', [1]],
    ['const a = b!; // never empty', []],
    ['const a = [1] as const;', []],
    ['const a = JSON.parse(b) as unknown;', []],
    ['// the parser checked it\nconst a = b as C;', []],
    ['const c = 1; // about c\nconst a = b as C;', [2]],
    ['const a = "b as C"; // no\nconst d = !a;', []],
    ["const a = '//' + (b as string);", [1]],
  ])('assumption: %j', (source, lines) => {
    expect(assumptionsWithoutReason('a.ts', source)).toEqual(lines);
  });

  it.each([
    ['const a = Date.now();', [1]],
    ['const a = new Date();', [1]],
    ['const a = new Date(nowMs);', []],
    ['const a = Math.random();', [1]],
    ['const a = performance.now();', [1]],
    ['\nimport { randomBytes } from "node:crypto"; randomBytes(3);', [2]],
    ['import { randomUUID as id } from "node:crypto";', [1]],
    ['const a = context.randomBytes(3);', []],
    ['setTimeout(() => {}, 3);', [1]],
  ])('clock or chance: %j', (source, lines) => {
    expect(readsClockOrChance('a.ts', source)).toEqual(lines);
  });

  it('counts lines as editors do', () => {
    expect([lineCount('a\nb\n'), lineCount('a\nb')]).toEqual([2, 2]);
  });
});
