import { describe, expect, it } from 'vitest';
import { holds, isOperator } from '#services/iam/conditions.ts';
import { readPolicy } from '#services/iam/policy-document.ts';

const context = new Map([
  ['aws:username', ['ann']],
  ['aws:sourceip', ['203.0.113.7']],
  ['aws:currenttime', ['2026-03-04T05:06:07.000Z']],
  ['aws:securetransport', ['true']],
  ['aws:tagkeys', ['team', 'env']],
  ['aws:principalarn', ['arn:aws:iam::123456789012:role/eng/builder']],
  ['s3:max-keys', ['10']],
  ['my:blob', ['aGk=']],
  ['my:ip6', ['2001:db8::7']],
]);

function result(operator: string, key: string, value: unknown): boolean {
  const statement = { Effect: 'Allow', Action: '*', Resource: '*', Condition: { [operator]: { [key]: value } } };
  const [condition] = readPolicy(JSON.stringify({ Version: '2012-10-17', Statement: [statement] })).statements[0]?.conditions ?? [];
  if (!condition) throw new Error('no condition was read');
  return holds(condition, context);
}

const name = 'aws:username';
const missing = 'aws:missing';
const time = 'aws:CurrentTime';
const ip = 'aws:SourceIp';
const arn = 'aws:PrincipalArn';
const keys = 'aws:TagKeys';

describe('a condition', () => {
  it.each([
    ['StringEquals', name, 'ann', true],
    ['StringEquals', name, ['bob', 'ann'], true],
    ['StringEquals', name, 'Ann', false],
    ['StringEquals', name, 'a*', false],
    ['StringEquals', 'AWS:USERNAME', 'ann', true],
    ['stringequals', name, 'ann', true],
    ['StringEquals', name, '${aws:username}', true],
    ['StringEquals', missing, 'x', false],
    ['StringEqualsIfExists', missing, 'x', true],
    ['StringEqualsIfExists', name, 'bob', false],
    ['StringNotEquals', name, 'ann', false],
    ['StringNotEquals', name, ['bob', 'ann'], false],
    ['StringNotEquals', name, ['bob', 'carol'], true],
    ['StringNotEquals', missing, 'x', true],
    ['StringEqualsIgnoreCase', name, 'ANN', true],
    ['StringNotEqualsIgnoreCase', name, 'ANN', false],
    ['StringLike', name, 'a?n', true],
    ['StringLike', name, 'b*', false],
    ['StringNotLike', name, 'a*', false],
    ['StringNotLike', missing, '*', true],
    ['Null', missing, 'true', true],
    ['Null', missing, 'false', false],
    ['Null', name, 'true', false],
    ['Null', name, false, true],
    ['Bool', 'aws:SecureTransport', 'true', true],
    ['Bool', 'aws:SecureTransport', true, true],
    ['Bool', 'aws:SecureTransport', 'false', false],
    ['Bool', missing, 'false', false],
    ['BoolIfExists', missing, 'false', true],
    ['NumericEquals', 's3:max-keys', '10', true],
    ['NumericEquals', 's3:max-keys', 10, true],
    ['NumericNotEquals', 's3:max-keys', '10', false],
    ['NumericLessThan', 's3:max-keys', '10', false],
    ['NumericLessThanEquals', 's3:max-keys', '10', true],
    ['NumericGreaterThan', 's3:max-keys', '9.5', true],
    ['NumericGreaterThanEquals', 's3:max-keys', '11', false],
    ['NumericGreaterThan', name, '1', false],
    ['DateGreaterThan', time, '2026-03-04T05:06:06Z', true],
    ['DateLessThan', time, '2026-03-04T05:06:07Z', false],
    ['DateLessThanEquals', time, '2026-03-04T05:06:07Z', true],
    ['DateEquals', time, '1772600767', true],
    ['DateNotEquals', time, '1772600767', false],
    ['DateGreaterThanEquals', time, '2027-01-01', false],
    ['DateLessThan', time, 'not a date', false],
    ['IpAddress', ip, '203.0.113.0/24', true],
    ['IpAddress', ip, ['10.0.0.0/8', '203.0.113.7'], true],
    ['IpAddress', ip, '203.0.113.8', false],
    ['IpAddress', 'my:ip6', '2001:db8::/32', true],
    ['IpAddress', 'my:ip6', '203.0.113.0/24', false],
    ['NotIpAddress', ip, '203.0.113.0/24', false],
    ['NotIpAddress', ip, '10.0.0.0/8', true],
    ['NotIpAddress', missing, '10.0.0.0/8', true],
    ['BinaryEquals', 'my:blob', 'aGk=', true],
    ['BinaryEquals', 'my:blob', 'aGo=', false],
    ['ArnLike', arn, 'arn:aws:iam::123456789012:role/*', true],
    ['ArnEquals', arn, 'arn:aws:iam::*:role/eng/builder', true],
    ['ArnLike', arn, 'arn:aws:iam::12345*', false],
    ['ArnLike', arn, 'arn:*', false],
    ['ArnLike', arn, '*', true],
    ['ArnNotLike', arn, 'arn:aws:iam::*:role/eng/*', false],
    ['ArnNotEquals', arn, 'arn:aws:iam::*:role/ops/*', true],
    ['ForAllValues:StringEquals', keys, ['team', 'env', 'more'], true],
    ['ForAllValues:StringEquals', keys, ['team'], false],
    ['ForAllValues:StringEquals', missing, ['team'], true],
    ['ForAnyValue:StringEquals', keys, ['env', 'more'], true],
    ['ForAnyValue:StringEquals', keys, ['more'], false],
    ['ForAnyValue:StringEquals', missing, ['more'], false],
    ['ForAnyValue:StringNotEquals', keys, ['env'], true],
    ['ForAllValues:StringNotEquals', keys, ['env'], false],
    ['ForAllValues:StringNotEquals', keys, ['other'], true],
    ['ForAnyValue:StringNotEquals', missing, ['env'], false],
    ['ForAnyValue:StringLikeIfExists', missing, ['env'], true],
  ])('%s of %s with %j: %s', (operator, key, value, expected) => {
    expect(result(operator, key, value)).toBe(expected);
  });

  it('has the operators that AWS has', () => {
    expect(['StringEquals', 'null', 'ARNLIKE', 'BinaryEquals'].every(isOperator)).toBe(true);
    expect(['StringMatches', '', 'ForAnyValue:StringEquals'].some(isOperator)).toBe(false);
  });
});
