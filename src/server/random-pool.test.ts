import { describe, expect, test } from 'vitest';
import { pooledRandomBytes } from '#server/random-pool.ts';

describe('pooled random bytes', () => {
  test('are as many as asked for, and never the same twice', () => {
    const seen = new Set<string>();
    for (let round = 0; round < 20_000; round++) seen.add(pooledRandomBytes(8).toString('hex'));
    expect(seen.size).toBe(20_000);
    expect([0, 1, 4_096, 4_097, 100_000].map((count) => pooledRandomBytes(count).length)).toEqual([0, 1, 4_096, 4_097, 100_000]);
  });

  test('are not the pool itself: a later draw changes nothing', () => {
    const first = pooledRandomBytes(16);
    const text = first.toString('hex');
    for (let round = 0; round < 3_000; round++) pooledRandomBytes(16);
    expect(first.toString('hex')).toBe(text);
    expect(text).not.toBe('0'.repeat(32));
  });
});
