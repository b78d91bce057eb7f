import { describe, expect, it } from 'vitest';
import { judge, median, type Goal, type Row } from './benchmark.ts';

describe('median', () => {
  it.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 3, 2], 2.5],
    [[], Number.NaN],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});

describe('judge', () => {
  const row = (better: Row['better'], keiro: number, peer: number | undefined, goal?: Goal): Row => ({
    name: 'a row',
    unit: '1/s',
    keiro: [keiro],
    ...(peer === undefined ? {} : { peer: [peer] }),
    better,
    ...(goal ? { goal } : {}),
  });

  it.each([
    ['pass', row('higher', 400, 10, { times: 40 })],
    ['short', row('higher', 399, 10, { times: 40 })],
    ['pass', row('lower', 10, 400, { times: 40 })],
    ['short', row('lower', 10, 399, { times: 40 })],
    ['pass', row('lower', 300, undefined, { limit: 300 })],
    ['short', row('lower', 301, undefined, { limit: 300 })],
    ['short', row('higher', 299, undefined, { limit: 300 })],
    ['unknown', row('higher', 400, undefined, { times: 40 })],
    ['short', row('lower', 301, 9_000, { limit: 300, times: 1 })],
    ['short', row('lower', 200, 100, { limit: 300, times: 1 })],
    ['no goal', row('lower', 1, 1)],
    ['short', { ...row('lower', 1, 1, { limit: 5 }), keiro: [] }],
  ] as const)('%s: %j', (verdict, judged) => {
    expect(judge(judged).verdict).toBe(verdict);
  });

  it('gives the ratio as how many times as good', () => {
    expect([judge(row('higher', 40, 10)).ratio, judge(row('lower', 10, 40)).ratio]).toEqual([4, 4]);
  });
});
