/** The proof that a caller knows a client's secret. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { notAuthorized } from '#services/cognito-idp/errors.ts';
import type { ClientRecord } from '#services/cognito-idp/tables.ts';

/**
 * `SECRET_HASH`: HMAC-SHA-256 with the secret over username and client id, base64.
 * @param names any of which may have been hashed
 * @throws AwsError NotAuthorizedException
 */
export function checkSecretHash({ id, secret }: ClientRecord, names: readonly string[], given: string | undefined): void {
  if (secret === undefined) {
    if (given === undefined) return;
    throw notAuthorized(`Client ${id} is configured for no secret but SECRET_HASH was received`);
  }
  if (given === undefined) throw notAuthorized(`Client ${id} is configured with secret but SECRET_HASH was not received`);
  const hashes = names.map((name) => createHmac('sha256', secret).update(`${name}${id}`).digest());
  if (!hashes.some((hash) => isSame(hash, Buffer.from(given, 'base64'))))
    throw notAuthorized(`Unable to verify secret hash for client ${id}`);
}

/** The secret itself, as RevokeToken takes it. @throws AwsError NotAuthorizedException */
export function checkSecret({ id, secret }: ClientRecord, given: string | undefined): void {
  if (secret === undefined && given === undefined) return;
  if (secret === undefined) throw notAuthorized(`Client ${id} is configured for no secret but secret was received`);
  if (given === undefined) throw notAuthorized(`Client ${id} is configured with secret but client secret was not received`);
  if (!isSame(Buffer.from(given), Buffer.from(secret))) throw notAuthorized(`Invalid client secret for client ${id}`);
}

const isSame = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);
