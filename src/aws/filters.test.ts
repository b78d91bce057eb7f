import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OperationContext } from '#aws/context.ts';
import { compileFilters, type Filter, type FilterSpec, literalValues } from '#aws/filters.ts';
import type { AwsError } from '#protocol/aws-error.ts';

interface Thing {
  readonly id: string;
  readonly sizes: readonly number[];
  readonly open: boolean | undefined;
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
}

const spec: FilterSpec<Thing> = { 'thing-id': (thing) => thing.id, size: (thing) => thing.sizes, open: (thing) => thing.open };
const context = {} as OperationContext; // these filters do not look at it
const thing: Thing = { id: 'thing-1', sizes: [1, 20], open: false, tags: [{ Key: 'Name', Value: 'web' }] };

const matches = (...filters: Filter[]): boolean => compileFilters(context, filters, spec)?.(thing) ?? true;

describe('filters', () => {
  test.each<[name: string, values: string[], expected: boolean]>([
    ['thing-id', ['thing-1'], true],
    ['thing-id', ['thing-2', 'thing-1'], true],
    ['thing-id', ['thing-2'], false],
    ['thing-id', ['THING-1'], false],
    ['thing-id', [], false],
    ['thing-id', ['thing-*'], true],
    ['thing-id', ['*'], true],
    ['thing-id', ['*-?'], true],
    ['thing-id', ['thing-?1'], false],
    ['thing-id', ['thing-\\*'], false],
    ['size', ['20'], true],
    ['size', ['2'], false],
    ['open', ['false'], true],
    ['tag:Name', ['web'], true],
    ['tag:Name', ['w*'], true],
    ['tag:name', ['web'], false],
    ['tag-key', ['Name'], true],
    ['tag-key', ['web'], false],
  ])('%s = %j: %s', (Name, Values, expected) => {
    expect(matches({ Name, Values })).toBe(expected);
  });

  test('must all match', () => {
    expect(matches({ Name: 'size', Values: ['1'] }, { Name: 'tag-key', Values: ['Name'] })).toBe(true);
    expect(matches({ Name: 'size', Values: ['1'] }, { Name: 'tag-key', Values: ['Other'] })).toBe(false);
  });

  test.each<[Filter, string]>([
    [{ Name: 'colour', Values: ['red'] }, "The filter 'colour' is invalid"],
    [{ Values: ['red'] }, "The filter 'null' is invalid"],
    [{ Name: '__proto__', Values: ['red'] }, "The filter '__proto__' is invalid"],
    [{ Name: 'constructor', Values: ['red'] }, "The filter 'constructor' is invalid"],
  ])('refuse %j', (filter, message) => {
    expect(refusalOf(filter)).toEqual({ code: 'InvalidParameterValue', message });
  });

  test('have up to 200 values in a call', () => {
    const values = (count: number): string[] => Array.from({ length: count }, (_none, index) => String(index));
    expect(matches({ Name: 'size', Values: values(200) })).toBe(true);
    expect(refusalOf({ Name: 'size', Values: values(201) })).toEqual({
      code: 'FilterLimitExceeded',
      message: 'The maximum number of filter values specified on a single call is 200',
    });
  });

  test('match patterns as a regular expression would', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '\\', '.'), maxLength: 8 });
    fc.assert(
      fc.property(text, text, (pattern, value) => {
        const found = compileFilters(context, [{ Name: 'thing-id', Values: [pattern] }], spec)?.({ ...thing, id: value });
        expect(found).toBe(regularExpression(pattern).test(value));
      }),
    );
  });

  test('take time that grows with the length of value and pattern, not with its power', () => {
    const started = performance.now();
    expect(
      compileFilters(context, [{ Name: 'thing-id', Values: ['*a'.repeat(2_000)] }], spec)?.({ ...thing, id: 'a'.repeat(20_000) }),
    ).toBe(true);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

test('literal values are those of the filter, unless one is a pattern', () => {
  const filters = [
    { Name: 'a', Values: ['1', '2'] },
    { Name: 'b', Values: ['1', '2*'] },
  ];
  expect(literalValues(filters, 'a')).toEqual(['1', '2']);
  expect(literalValues(filters, 'b')).toBeUndefined();
  expect(literalValues(filters, 'c')).toBeUndefined();
});

function refusalOf(filter: Filter): { code: string; message: string } {
  try {
    matches(filter);
  } catch (error) {
    const { code, message } = error as AwsError; // anything else has no code, and fails the test
    return { code, message };
  }
  throw new Error('it was expected to be refused');
}

/** The slow and plain way: `\` makes the next character itself, `*` and `?` are wild. */
function regularExpression(pattern: string): RegExp {
  const source = pattern.replaceAll(/\\?[^]/g, (piece) => {
    if (piece === '*') return '[^]*';
    if (piece === '?') return '[^]';
    return `\\u${(piece.codePointAt(piece.length - 1) ?? 0).toString(16).padStart(4, '0')}`;
  });
  return new RegExp(`^(?:${source})$`);
}
