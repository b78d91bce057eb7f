import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRegex } from '#dataplane/balancer/routing/regex.ts';

const matches = (source: string, text: string, ignoresCase = false): boolean | undefined => compileRegex(source, ignoresCase)?.(text);

it.each([
  ['^/api/(v1|v2)/.*$', '/api/v2/x', true],
  ['^/api/(v1|v2)/.*$', '/api/v3/x', false],
  ['api', '/the/api/', true],
  ['^api', '/api', false],
  ['api$', '/api', true],
  ['^$', '', true],
  ['^$', 'x', false],
  ['[0-9]{3}', 'ab12c', false],
  ['[0-9]{3}', 'ab123c', true],
  ['^a{2,3}$', 'aaaa', false],
  ['^a{2,}$', 'aaaa', true],
  ['^[^/]+$', 'a/b', false],
  ['\\bcat\\b', 'a cat!', true],
  ['\\bcat\\b', 'concat', false],
  ['\\Bcat', 'concat', true],
  ['^\\d+\\.\\w*$', '12.ab_', true],
  ['^(?:ab)+?$', 'abab', true],
  ['^(?<name>x)$', 'x', true],
  ['^[a\\-z]$', '-', true],
  ['^[]a]$', ']', true],
  ['^[[:alpha:]]+$', 'abc', true],
  ['^\\x41$', 'A', true],
  ['^(a*)*$', 'aaa', true],
  ['^(|a)+$', 'aa', true],
])('%s on %s: %s', (source, text, fits) => {
  expect(matches(source, text)).toBe(fits);
});

it.each(['(', ')', '[a', '*a', 'a**b)', '(?=a)', '(?<!a)b', '(a)\\1', '[z-a]', 'a{3,2}', '\\', '^*', 'x'.repeat(129), '((a{99}){99}){99}'])(
  '%s is refused',
  (source) => {
    expect(compileRegex(source, false)).toBeUndefined();
  },
);

it('compares without regard to case where the field is so', () => {
  expect(matches('^WWW\\.[A-F]+$', 'www.abc', true)).toBe(true);
  expect(matches('^WWW', 'www')).toBe(false);
});

describe('any expression', () => {
  const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '\\b', '^', '$', '(a|b)', '(?:ab|)', '(a|ba)');
  const count = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{0,2}', '+?');
  const part = fc.tuple(atom, count).map(([one, times]) => (/^(\^|\$|\\b)$/.test(one) ? one : `${one}${times}`));
  const source = fc
    .array(part, { maxLength: 6 })
    .chain((parts) => fc.constantFrom(parts.join(''), `(${parts.join('')})*`, parts.join('|')));

  it('says what the language’s own says', () => {
    fc.assert(
      fc.property(
        source,
        fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '1', ' '), maxLength: 8 }), { maxLength: 5 }),
        (regex, texts) => {
          const ours = compileRegex(regex, false);
          for (const text of texts) expect(`${text}: ${String(ours?.(text))}`).toBe(`${text}: ${new RegExp(regex).test(text)}`);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it.each(['^(a+)+$', '(a|aa)+$', 'a*a*a*a*a*a*a*b', '^(([a-z])+.)+[A-Z]([a-z])+$', '(.*)(.*)(.*)(.*)x'])(
    '%s takes linear time',
    (evil) => {
      const ours = compileRegex(evil, false);
      const begunMs = performance.now();
      for (const text of ['a'.repeat(16_000), `${'a'.repeat(16_000)}!`, 'ab'.repeat(8000)]) ours?.(text);
      expect(ours).toBeDefined();
      expect(performance.now() - begunMs).toBeLessThan(1500);
    },
  );
});
