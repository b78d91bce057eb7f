/** What others may ask of user pools: their keys, for whoever verifies tokens, and which tokens were revoked. */
import { issuerOf } from '#services/cognito-idp/auth/tokens.ts';
import { type Jwk, jwksOfKeys } from '#services/cognito-idp/keys.ts';
import { findPoolFrom } from '#services/cognito-idp/lookup.ts';
import { clientTable, poolKeysTable, revocationTable, type SigningKey } from '#services/cognito-idp/tables.ts';
import { userIdOf } from '#services/cognito-idp/users/directory.ts';
import { userTable } from '#services/cognito-idp/users/tables.ts';
import type { Reader } from '#store/store.ts';

export { createdPool, type Jwk, keysMade, poolsWithoutKeys } from '#services/cognito-idp/keys.ts';
export type { SigningKey };

export interface PublicUserPool {
  /** E.g. `eu-west-1_aB3dEf6hI`. */
  readonly id: string;
  readonly name: string;
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  /** The `iss` of its tokens, `https://cognito-idp.REGION.amazonaws.com/ID`. */
  readonly issuer: string;
  /** Ids of its app clients: an ID token's `aud`, an access token's `client_id`. */
  readonly clientIds: readonly string[];
}

/** A pool of any account and Region. @param reader any view of the store */
export function userPoolOf(reader: Reader, poolId: string): PublicUserPool | undefined {
  const found = findPoolFrom(reader, poolId);
  if (found === undefined) return undefined;
  const { pool, reader: there } = found;
  const { account, region } = there.partition;
  const clientIds = there.find(clientTable, 'pool', pool.id).map(({ id }) => id);
  return { id: pool.id, name: pool.name, account, region, issuer: issuerOf(region, pool.id), clientIds };
}

/** A pool's public keys; undefined for a pool that is not there, or that has no keys for another moment. */
export function jwksOf(reader: Reader, poolId: string): { readonly keys: readonly Jwk[] } | undefined {
  const found = findPoolFrom(reader, poolId);
  const keys = found?.reader.get(poolKeysTable, found.pool.id);
  return keys && { keys: jwksOfKeys(keys) };
}

/** Whether a pool's token was revoked by RevokeToken: AWS's authorizers do not ask, as a token holds until it ends. @param originJti its `origin_jti` */
export function isTokenRevoked(reader: Reader, poolId: string, originJti: string): boolean {
  return findPoolFrom(reader, poolId)?.reader.get(revocationTable, originJti) !== undefined;
}

/** When the user was last signed out everywhere, milliseconds since the epoch; undefined for never. @param sub the token's `sub` */
export function signedOutAt(reader: Reader, poolId: string, sub: string): number | undefined {
  return findPoolFrom(reader, poolId)?.reader.get(userTable, userIdOf(poolId, sub))?.signedOutMs;
}
