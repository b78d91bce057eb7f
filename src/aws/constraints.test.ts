import { describe, expect, it, test } from 'vitest';
import { checkConstraints, checkMembers, type Constraints } from '#aws/constraints.ts';
import { AwsError } from '#protocol/aws-error.ts';

const constraints: Constraints = {
  Name: { min: 2, max: 4, pattern: '[a-z]+' },
  Size: { min: 1, max: 10 },
  Tags: { max: 2 },
  Path: { pattern: '/.*', words: 'A path begins with a slash.' },
};

function fault(input: Record<string, unknown>): string | undefined {
  try {
    checkConstraints('ValidationError', constraints, input);
    return undefined;
  } catch (error) {
    if (error instanceof AwsError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

describe('a member', () => {
  it.each([
    [{ Name: 'abc', Size: 10, Tags: [1, 2], Path: '/x', Other: '!' }, undefined],
    [{ Name: undefined }, undefined],
    [{ constructor: 'x' }, undefined],
    [
      { Name: 'a' },
      "ValidationError: 1 validation error detected: Value 'a' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 2",
    ],
    [
      { Name: 'a!' },
      "ValidationError: 1 validation error detected: Value 'a!' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+",
    ],
    [
      { Name: 'abcde', Size: 0 },
      "ValidationError: 2 validation errors detected: Value 'abcde' at 'name' failed to satisfy constraint: Member must have length less than or equal to 4; Value '0' at 'size' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
    [
      { Tags: [1, 2, 3] },
      "ValidationError: 1 validation error detected: Value '[1,2,3]' at 'tags' failed to satisfy constraint: Member must have length less than or equal to 2",
    ],
    [{ Path: 'x' }, 'ValidationError: A path begins with a slash.'],
  ])('%j', (input, expected) => {
    expect(fault(input)).toBe(expected);
  });
});

test('members inside structures and lists are checked, and named with where they are', () => {
  const inside: Constraints = { 'set.records.value': { max: 2 }, 'set.weight': { max: 1 } };
  const check = (input: Record<string, unknown>) => () => checkMembers('InvalidInput', inside, input);
  expect(check({ Set: { Records: [{ Value: 'ab' }], Weight: 1 }, Value: 'abc' })).not.toThrow();
  expect(check({ Set: { Records: [{ Value: 'ab' }, { Value: 'abc' }], Weight: 2 } })).toThrow(
    "2 validation errors detected: Value 'abc' at 'set.records.2.member.value' failed to satisfy constraint: Member must have length less than or equal to 2; Value '2' at 'set.weight' failed to satisfy constraint: Member must have value less than or equal to 1",
  );
});
