import { expect, test } from 'vitest';
import { splitHeader } from '#protocol/http-values.ts';

test.each([
  ['', []],
  ['a', ['a']],
  ['a, b ,c', ['a', 'b', 'c']],
  ['"a,b", "c\\"d" , e', ['a,b', 'c"d', 'e']],
  ['"open', ['open']],
  ['a,,b', ['a', '', 'b']],
])('the list %j', (text, items) => {
  expect(splitHeader(text, false)).toEqual(items);
});

test('dates have a comma of their own', () => {
  const dates = ['Mon, 23 Nov 2026 03:49:46 GMT', 'Tue, 24 Nov 2026 03:49:46 GMT'];
  expect(splitHeader(dates.join(', '), true)).toEqual(dates);
});
