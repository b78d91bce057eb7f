/** The keys of user pools: made once, for pools that are there, also for those that were there before. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NOTHING_OBSERVED } from '#aws/context.ts';
import { followUserPoolKeys } from '#reconcile/user-pool-keys.ts';
import { jwksOf } from '#services/cognito-idp/public.ts';
import { cognitoIdp } from '#services/cognito-idp/service.ts';
import { openStore } from '#store/open.ts';
import type { Store } from '#store/store.ts';

const account = '123456789012';
const partition = { account, region: 'eu-west-1' };
let store: Store;
beforeEach(async () => {
  store = await openStore();
});
afterEach(() => store.close());

const call = (operation: string, input: Record<string, unknown>): Promise<unknown> =>
  store.transact(partition, (tx) => {
    const principal = { account, arn: `arn:aws:iam::${account}:root`, userId: account, accessKeyId: account };
    const context = { ...partition, principal, requestId: 'test', nowMs: Date.now(), tx, randomBytes, observed: NOTHING_OBSERVED, quotasOn: true }; // prettier-ignore
    return cognitoIdp.operations[operation]?.(context, input);
  });

async function createPool(): Promise<string> {
  const { UserPool } = (await call('CreateUserPool', { PoolName: 'people' })) as { UserPool: { Id: string } };
  return UserPool.Id;
}

const follow = () =>
  followUserPoolKeys({
    store,
    onTrouble: (error) => {
      throw error;
    },
  });
const keysOf = (poolId: string) => jwksOf(store.reader(partition), poolId);
const made = (poolId: string) => vi.waitFor(() => expect(keysOf(poolId)?.keys).toHaveLength(2), { timeout: 10_000, interval: 20 });

test('a pool that was there before gets its keys, and keeps them', async () => {
  const poolId = await createPool();
  expect(keysOf(poolId)).toBeUndefined();
  const first = follow();
  await made(poolId);
  const keys = keysOf(poolId);
  expect(new Set(keys?.keys.map(({ n }) => n)).size).toBe(2);
  await first.close();
  const second = follow();
  const other = await createPool();
  await made(other);
  await second.close();
  expect(keysOf(poolId)).toEqual(keys);
  expect(keysOf(other)).not.toEqual(keys);
});

test('a pool that is deleted meanwhile leaves no keys behind', async () => {
  const follower = follow();
  const [gone, stays] = [await createPool(), await createPool()];
  await call('DeleteUserPool', { UserPoolId: gone });
  await made(stays);
  await follower.close();
  expect(keysOf(gone)).toBeUndefined();
  await call('DeleteUserPool', { UserPoolId: stays });
  expect(store.reader(partition).partitions()).toEqual([]);
});
