import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern, matchesPattern, patternParts, resolvedText } from '#services/iam/patterns.ts';

const context = new Map([
  ['aws:username', ['ann']],
  ['aws:principaltag/team', ['b*e']],
  ['aws:tagkeys', ['a', 'b']],
]);
const fits = (pattern: string, value: string, variables = true): boolean =>
  matchesPattern(compilePattern(pattern, { wildcards: true, variables }), value, context);

describe('a pattern', () => {
  it.each([
    ['*', '', true],
    ['*', 'anything:at/all', true],
    ['', '', true],
    ['', 'a', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['ec2:Describe*', 'ec2:DescribeVpcs', true],
    ['ec2:Describe*', 'ec2:CreateVpc', false],
    ['*Vpc*', 'ec2:DeleteVpcEndpoint', true],
    ['a*b*c', 'axxbxxbc', true],
    ['a*b*c', 'axxbxxcb', false],
    ['*a', 'aaaab', false],
    ['arn:aws:s3:::b/${aws:username}/*', 'arn:aws:s3:::b/ann/x', true],
    ['arn:aws:s3:::b/${aws:username}/*', 'arn:aws:s3:::b/bob/x', false],
    ['${AWS:UserName}', 'ann', true],
    ['${aws:missing}', '', false],
    ["${aws:missing, 'guest'}", 'guest', true],
    ["${aws:username, 'guest'}", 'ann', true],
    ['${aws:PrincipalTag/team}', 'b*e', true],
    ['${aws:PrincipalTag/team}', 'blue', false],
    ['${aws:TagKeys}', 'a', false],
    ['${*}', '*', true],
    ['${*}', 'x', false],
    ['${?}${$}', '?$', true],
    ['${unclosed', '${unclosed', true],
  ])('%s and %s: %s', (pattern, value, expected) => {
    expect(fits(pattern, value)).toBe(expected);
  });

  it('has no variables where the policy is of an old version', () => {
    expect(fits('${aws:username}', 'ann', false)).toBe(false);
    expect(fits('${aws:username}', '${aws:username}', false)).toBe(true);
  });

  it('agrees with a regular expression', () => {
    const letter = fc.constantFrom('a', 'b', ':');
    const piece = fc.constantFrom('a', 'b', ':', '*', '?');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.array(letter, { maxLength: 16 }), (pattern, value) => {
        const source = pattern.map((one) => (one === '*' ? '.*' : one === '?' ? '.' : one)).join('');
        expect(fits(pattern.join(''), value.join(''))).toBe(new RegExp(`^${source}$`).test(value.join('')));
      }),
    );
  });

  it('takes no more time than both lengths together', () => {
    const startMs = performance.now();
    expect(fits(`${'*a'.repeat(1000)}b`, 'a'.repeat(5000))).toBe(false);
    expect(performance.now() - startMs).toBeLessThan(2000);
  });

  it('is cut at its colons, those of variables too', () => {
    const parts = patternParts(compilePattern('arn:*:${aws:username}:x:y', { wildcards: true, variables: true }), 4, context);
    expect(parts?.map((part) => resolvedText(part, context))).toEqual(['arn', '*', 'ann', 'x:y']);
    expect(patternParts(compilePattern('${aws:missing}', { wildcards: true, variables: true }), 4, context)).toBeUndefined();
  });
});
