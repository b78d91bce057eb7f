import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlob } from '#dataplane/balancer/routing/glob.ts';

it.each([
  ['/img/*', '/img/', true],
  ['/img/*', '/img/a/b.jpg', true],
  ['/img/*', '/img', false],
  ['/img/*/pics', '/img/x/pics', true],
  ['/img/*/pics', '/img//pics', true],
  ['/img/*/pics', '/img/pics', false],
  ['*.example.com', 'test.example.com', true],
  ['*.example.com', 'example.com', false],
  ['*.example.com', '.example.com', true],
  ['a*a', 'a', false],
  ['a*a', 'aa', true],
  ['*mid*', 'amidst', true],
  ['*mid*', 'mi', false],
  ['?', '', false],
  ['?', 'x', true],
  ['?*', 'xy', true],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['*', '', true],
  ['**', 'anything', true],
  ['', '', true],
  ['', 'a', false],
  ['a.c', 'abc', false],
  ['*a*b*c', 'xxaxxbxxbxxc', true],
  ['*a*b*c', 'xxaxxcxxb', false],
])('%s on %s: %s', (pattern, text, fits) => {
  expect(compileGlob(pattern).matches(text)).toBe(fits);
});

it.each([
  ['a\\*b', 'a*b', true],
  ['a\\*b', 'axb', false],
  ['a\\?', 'a?', true],
  ['a\\\\*', 'a\\xyz', true],
  ['a\\b', 'a\\b', true],
])('with escapes, %s on %s: %s', (pattern, text, fits) => {
  expect(compileGlob(pattern, true).matches(text)).toBe(fits);
});

describe('any pattern', () => {
  const letters = (...units: string[]) => fc.string({ unit: fc.constantFrom(...units), maxLength: 12 });

  it('matches what the same regular expression matches', () => {
    fc.assert(
      fc.property(letters('a', 'b', '*', '?'), letters('a', 'b'), (pattern, text) => {
        const regex = new RegExp(`^${pattern.replaceAll(/\*+/g, '.*').replaceAll('?', '.')}$`);
        expect(compileGlob(pattern).matches(text)).toBe(regex.test(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('tells what its matches begin and end with', () => {
    fc.assert(
      fc.property(letters('a', 'b', '*', '?'), letters('a', 'b'), (pattern, text) => {
        const { matches, prefix, suffix } = compileGlob(pattern);
        if (matches(text)) expect(text.startsWith(prefix) && text.endsWith(suffix)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('takes no longer than text × pattern', () => {
    const begunMs = performance.now();
    expect(compileGlob(`${'*a'.repeat(60)}*b`).matches('a'.repeat(16_000))).toBe(false);
    expect(performance.now() - begunMs).toBeLessThan(500);
  });
});
