import { describe, expect, test } from 'vitest';
import { checkPath, isUnder } from '#services/ssm/parameter-filters.ts';

describe('a path', () => {
  test.each([
    ['/a', '/a/b', false, true],
    ['/a/', '/a/b', false, true],
    ['/a', '/a/b/c', false, false],
    ['/a', '/a/b/c', true, true],
    ['/a', '/ab/c', true, false],
    ['/a/b', '/a/b', true, false],
    ['/', '/a', false, true],
    ['/', '/a/b', false, false],
  ])('%s has %s under it, recursive %s: %s', (path, name, recursive, expected) => expect(isUnder(path, name, recursive)).toBe(expected));

  test.each(['/', '/a', '/a/', '/aws/service/x-1.0_y'])('%s is one', (path) => expect(() => checkPath(path)).not.toThrow());
  test.each(['', 'a', '//', '/a//b', '/a b', '/ä', '/a?'])('%j is none', (path) =>
    expect(() => checkPath(path)).toThrow('must begin with a forward slash'),
  );
});
