import { describe, expect, it } from 'vitest';
import { checkConstraints, type Constraints } from '#aws/constraints.ts';
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
