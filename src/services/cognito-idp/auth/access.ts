/** Who calls with an access token. */
import type { OperationContext } from '#aws/context.ts';
import { isSignedBy, readClaims } from '#services/cognito-idp/auth/jwt.ts';
import { isRevoked, issuerOf } from '#services/cognito-idp/auth/tokens.ts';
import { notAuthorized, userDisabled, userNotFound } from '#services/cognito-idp/errors.ts';
import { timeOfUuid } from '#services/cognito-idp/ids.ts';
import { type AtClient, findAnyPool } from '#services/cognito-idp/lookup.ts';
import { clientTable, poolKeysTable } from '#services/cognito-idp/tables.ts';
import { userIdOf } from '#services/cognito-idp/users/directory.ts';
import { type UserRecord, userTable } from '#services/cognito-idp/users/tables.ts';

export interface AtUser extends AtClient {
  readonly user: UserRecord;
}

/** @throws AwsError NotAuthorizedException for a token that is none, has expired or was revoked; UserNotFoundException */
export function requireAccess(context: OperationContext, token: string): AtUser {
  const claims = readClaims(token);
  const { iss, sub, client_id: clientId, exp, jti, origin_jti: originJti } = claims ?? {};
  if (typeof iss !== 'string' || typeof sub !== 'string' || typeof clientId !== 'string') throw notAuthorized('Invalid Access Token');
  const at = findAnyPool(context, iss.slice(iss.lastIndexOf('/') + 1));
  if (at === undefined || iss !== issuerOf(at.context.region, at.pool.id) || claims?.['token_use'] !== 'access')
    throw notAuthorized('Invalid Access Token');
  const { tx, nowMs } = at.context;
  const keys = tx.get(poolKeysTable, at.pool.id);
  if (keys === undefined || !isSignedBy(keys.accessToken, token)) throw notAuthorized('Could not verify signature for Access Token');
  if (nowMs >= Number(exp) * 1000) throw notAuthorized('Access Token has expired');
  const user = tx.get(userTable, userIdOf(at.pool.id, sub));
  if (user === undefined) throw userNotFound();
  const client = tx.get(clientTable, clientId);
  const isOld = timeOfUuid(String(jti)) <= (user.signedOutMs ?? Number.NEGATIVE_INFINITY);
  if (client === undefined || isOld || (typeof originJti === 'string' && isRevoked(at.context, originJti)))
    throw notAuthorized('Access Token has been revoked');
  if (!user.isEnabled) throw userDisabled();
  return { ...at, client, user };
}
