/** The keys that a pool's tokens are signed with: made outside, because that takes a tenth of a second and chance of its own. */
import {
  homePartition,
  homeTable,
  type PoolKeysRecord,
  poolKeysTable,
  type SigningKey,
  userPoolTable,
} from '#services/cognito-idp/tables.ts';
import { findPoolFrom } from '#services/cognito-idp/lookup.ts';
import type { Change, Reader, Transaction } from '#store/store.ts';

/** Whether the pool of a client has its keys; also true for a client that is not there. */
export function hasKeys(reader: Reader, clientId: unknown): boolean {
  const home = typeof clientId === 'string' ? reader.in(homePartition).get(homeTable, clientId) : undefined;
  const there = home && findPoolFrom(reader, home.poolId);
  return there === undefined || there.reader.get(poolKeysTable, there.pool.id) !== undefined;
}

/** Pools of a partition that have no keys yet. */
export function poolsWithoutKeys(reader: Reader): readonly string[] {
  return [...reader.list(userPoolTable)].map(({ id }) => id).filter((id) => reader.get(poolKeysTable, id) === undefined);
}

/** The pool that a change has brought into being. */
export function createdPool({ table, id, before, after }: Change): string | undefined {
  return table === userPoolTable.name && before === undefined && after !== undefined ? id : undefined;
}

/** Gives a pool its keys, unless it has some or is gone. */
export function keysMade(tx: Transaction, poolId: string, [idToken, accessToken]: readonly [SigningKey, SigningKey]): void {
  if (tx.get(userPoolTable, poolId) === undefined || tx.get(poolKeysTable, poolId) !== undefined) return;
  tx.put(poolKeysTable, { id: poolId, idToken, accessToken });
}

/** RFC 7517, as AWS lists it. */
export interface Jwk {
  readonly alg: 'RS256';
  readonly e: string;
  readonly kid: string;
  readonly kty: 'RSA';
  readonly n: string;
  readonly use: 'sig';
}

export function jwksOfKeys({ idToken, accessToken }: PoolKeysRecord): readonly Jwk[] {
  return [idToken, accessToken].map(({ kid, n, e }) => ({ alg: 'RS256', e, kid, kty: 'RSA', n, use: 'sig' }));
}
