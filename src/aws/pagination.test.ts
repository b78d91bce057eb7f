import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clippedPageLimits, ec2PageLimits, pageSize, paginate, paginateByKey, sequenceKey } from '#aws/pagination.ts';
import type { AwsError } from '#protocol/aws-error.ts';

const limits = { min: 1, max: 100 };

function refusal(run: () => unknown): { code: string; message: string } {
  try {
    run();
  } catch (error) {
    const { code, message } = error as AwsError; // anything else has no code, and fails the test
    return { code, message };
  }
  throw new Error('it was expected to be refused');
}

const staleToken = { code: 'InvalidPaginationToken', message: 'The specified pagination token is not valid or is expired.' };

describe('pageSize', () => {
  test('is without end when the caller sets none', () => {
    expect(pageSize({}, ec2PageLimits)).toBe(Number.POSITIVE_INFINITY);
  });

  test.each([5, 6, 1000])('takes %d', (size) => {
    expect(pageSize({ MaxResults: size }, ec2PageLimits)).toBe(size);
    expect(pageSize({ MaxResults: size }, clippedPageLimits)).toBe(size);
  });

  test.each([
    [4, 'Value ( 4 ) for parameter MaxResults is invalid. Expecting a value greater than or equal to 5.'],
    [-1, 'Value ( -1 ) for parameter MaxResults is invalid. Expecting a value greater than or equal to 5.'],
    [1001, 'Value ( 1001 ) for parameter MaxResults is invalid. Expecting a value smaller than or equal to 1000.'],
  ])('refuses %d', (size, message) => {
    expect(refusal(() => pageSize({ MaxResults: size }, ec2PageLimits))).toEqual({ code: 'InvalidParameterValue', message });
  });

  test('of the older calls gives the most to whoever asks for more', () => {
    expect(pageSize({ MaxResults: 1001 }, clippedPageLimits)).toBe(1000);
    expect(refusal(() => pageSize({ MaxResults: 4 }, clippedPageLimits))).toEqual({
      code: 'InvalidParameterValue',
      message: 'Value ( 4 ) for parameter maxResults is invalid. Expecting a value greater than 5.',
    });
  });
});

describe('paginate', () => {
  const items = Array.from({ length: 12 }, (_none, index) => `item ${index}`);

  test('gives every item once', () => {
    const first = paginate({ MaxResults: 5 }, items, limits, 'call');
    const second = paginate({ MaxResults: 5, NextToken: first.nextToken }, items, limits, 'call');
    const third = paginate({ MaxResults: 5, NextToken: second.nextToken }, items, limits, 'call');
    expect([...first.items, ...second.items, ...third.items]).toEqual(items);
    expect(third.nextToken).toBeUndefined();
  });

  test('makes no token for a page that ends with the list', () => {
    expect(paginate({ MaxResults: 12 }, items, limits).nextToken).toBeUndefined();
  });

  test('refuses tokens of other calls and damaged ones', () => {
    const { nextToken = '' } = paginate({ MaxResults: 5 }, items, limits, ['call', 'filter']);
    for (const NextToken of [nextToken.slice(1), `${nextToken}A`, 'garbage', Buffer.from('5').toString('base64url')]) {
      expect(refusal(() => paginate({ NextToken }, items, limits, ['call', 'filter']))).toEqual(staleToken);
    }
    expect(refusal(() => paginate({ NextToken: nextToken }, items, limits, ['call', 'other']))).toEqual(staleToken);
  });
});

describe('paginateByKey', () => {
  const self = (key: string): string => key;

  test('puts items into the order of their keys', () => {
    expect(paginateByKey({}, ['b', 'c', 'a'], self, 'call').items).toEqual(['a', 'b', 'c']);
  });

  test('misses nothing and gives nothing twice, whatever is made and deleted between pages', () => {
    const keys = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 40 });
    const changes = fc.array(fc.record({ made: keys, deleted: fc.array(fc.nat(39)) }), { maxLength: 10 });
    fc.assert(
      fc.property(keys, changes, fc.integer({ min: 1, max: 7 }), (start, between, MaxResults) => {
        let present = [...start];
        let stable = new Set(start);
        const given: string[] = [];
        let NextToken: string | undefined;
        for (let page = 0; page === 0 || NextToken !== undefined; page++) {
          const { items, nextToken } = paginateByKey({ MaxResults, NextToken }, present, self, 'call', limits);
          given.push(...items);
          NextToken = nextToken;
          const change = between[page];
          if (!change) continue;
          const deleted = new Set(change.deleted.map((index) => present[index]));
          present = [...new Set([...present.filter((key) => !deleted.has(key)), ...change.made])];
          stable = new Set([...stable].filter((key) => !deleted.has(key)));
        }
        expect(new Set(given).size).toBe(given.length);
        expect([...stable].filter((key) => !given.includes(key))).toEqual([]);
      }),
    );
  });

  test('takes no token of another call', () => {
    const { nextToken: NextToken } = paginateByKey({ MaxResults: 1 }, ['a', 'b'], self, 'call', limits);
    expect(refusal(() => paginateByKey({ NextToken }, ['a', 'b'], self, 'other', limits))).toEqual(staleToken);
  });
});

test('sequence keys sort as their numbers do', () => {
  const numbers = [0, 1, 9, 35, 36, 1295, 1296, 2 ** 31, Number.MAX_SAFE_INTEGER];
  expect(numbers.map((number) => sequenceKey(number)).toSorted()).toEqual(numbers.map((number) => sequenceKey(number)));
  expect(sequenceKey(36, 'sgr-1')).toBe('00000000010|sgr-1');
});
