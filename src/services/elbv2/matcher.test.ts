import { expect, test } from 'vitest';
import { checkMatcher } from '#services/elbv2/matcher.ts';

test('takes codes, lists and ranges', () => {
  for (const matcher of ['200', '200,202', '200-299', '200-299,302,400-499']) expect(() => checkMatcher(matcher, 200, 499)).not.toThrow();
});

test.each([
  ['', "Health check matcher HTTP code '' is not valid"],
  ['2xx', "Health check matcher HTTP code '2xx' is not valid"],
  ['200, 201', "Health check matcher HTTP code ' 201' is not valid"],
  ['299-200', "Health check matcher HTTP code '299-200' is not valid"],
  ['199', "Health check matcher HTTP code '199' must be within '200-499' inclusive"],
  ['200-500', "Health check matcher HTTP code '500' must be within '200-499' inclusive"],
])('refuses %o', (matcher, message) => {
  expect(() => checkMatcher(matcher, 200, 499)).toThrow(message);
});
