import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countCall, countFailure, forgetFailures, lockout } from '#services/cognito-idp/users/attempts.ts';
import { openStore } from '#store/open.ts';
import type { Store, Transaction } from '#store/store.ts';

const user = { id: 'eu-west-1_a/1', poolId: 'eu-west-1_a' };
const partition = { account: '123456789012', region: 'eu-west-1' };
const MINUTE_MS = 60_000;

let store: Store;
beforeEach(async () => {
  store = await openStore();
});
afterEach(() => store.close());

const at = <T>(nowMs: number, work: (caller: { tx: Transaction; nowMs: number }) => T): Promise<T> =>
  store.transact(partition, (tx) => work({ tx, nowMs }));
const fail = (nowMs: number) => at(nowMs, (caller) => countFailure(caller, user));
const isLocked = (nowMs: number) => at(nowMs, (caller) => lockout(caller, user) !== undefined);

describe('a user who gives wrong passwords', () => {
  it('is locked out for 2^(n-5) seconds after n of them, and for a quarter of an hour at most', async () => {
    let nowMs = 1_000_000;
    for (let n = 1; n <= 20; n += 1) {
      await fail(nowMs);
      const lockedMs = n < 5 ? 0 : Math.min(2 ** (n - 5) * 1000, 15 * MINUTE_MS);
      expect([n, await isLocked(nowMs + lockedMs - 1)]).toEqual([n, lockedMs > 0]);
      // Looking is trying: so the last try is never a quarter of an hour ago.
      expect([n, await isLocked(nowMs + lockedMs)]).toEqual([n, false]);
      nowMs += lockedMs;
    }
  });

  it('is as new after a quarter of an hour without any try, and after the right one', async () => {
    for (let n = 0; n < 12; n += 1) await fail(0);
    expect(await isLocked(14 * MINUTE_MS)).toBe(false); // 128 seconds are over
    await fail(29 * MINUTE_MS);
    expect(await isLocked(29 * MINUTE_MS)).toBe(false);
    for (let n = 0; n < 4; n += 1) await fail(29 * MINUTE_MS);
    expect(await isLocked(29 * MINUTE_MS)).toBe(true);
    await at(29 * MINUTE_MS, (caller) => forgetFailures(caller, user));
    expect(await isLocked(29 * MINUTE_MS)).toBe(false);
  });
});

it('counts calls by the hour', async () => {
  const call = (nowMs: number, quotasOn = true) => store.transact(partition, (tx) => countCall({ tx, nowMs, quotasOn }, user, 'change'));
  for (let n = 0; n < 5; n += 1) await call(n);
  await expect(call(60 * MINUTE_MS - 1)).rejects.toThrow('Attempt limit exceeded, please try after some time.');
  await call(5, false);
  await call(60 * MINUTE_MS);
});
