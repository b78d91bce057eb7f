/** The three tokens of a sign-in: ID, access and refresh token. */
import type { AuthenticationResultType } from '@aws-sdk/client-cognito-identity-provider';
import type { OperationContext } from '#aws/context.ts';
import { signToken } from '#services/cognito-idp/auth/jwt.ts';
import { mayRead, tokenLives } from '#services/cognito-idp/clients/settings.ts';
import { notAuthorized } from '#services/cognito-idp/errors.ts';
import { groupsOf } from '#services/cognito-idp/groups/membership.ts';
import { newUuid, timedUuid } from '#services/cognito-idp/ids.ts';
import type { AtClient, AtPool } from '#services/cognito-idp/lookup.ts';
import { open, seal } from '#services/cognito-idp/sealed.ts';
import { poolKeysTable, revocationTable } from '#services/cognito-idp/tables.ts';
import { type UserRecord, userTable } from '#services/cognito-idp/users/tables.ts';
import { userIdOf } from '#services/cognito-idp/users/directory.ts';
import { AwsError } from '#protocol/aws-error.ts';

/** Where the tokens' issuer is; also in Regions with a domain of their own. */
export const issuerOf = (region: string, poolId: string): string =>
  `https://cognito-idp.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/${poolId}`;

/** What a refresh token knows. */
export interface Grant {
  readonly sub: string;
  readonly clientId: string;
  /** Milliseconds since the epoch. */
  readonly authMs: number;
  readonly expiresMs: number;
  /** `origin_jti` of all tokens that come of it. */
  readonly originJti: string;
}

const REFRESH_PURPOSE = 'refresh-token';
/** A JSON Web Encryption (RFC 7516) with the pool's own key. */
const REFRESH_HEAD = Buffer.from(JSON.stringify({ cty: 'JWT', enc: 'A256GCM', alg: 'dir' })).toString('base64url');

/** All three, for a user who has signed in just now. */
export function signIn(at: AtClient, user: UserRecord): AuthenticationResultType {
  const { context, client, pool } = at;
  const { nowMs } = context;
  const grant: Grant = {
    sub: user.sub,
    clientId: client.id,
    authMs: nowMs,
    expiresMs: nowMs + tokenLives(client).refreshMs,
    originJti: newUuid(context),
  };
  const { iv, ciphertext, tag } = seal(context, pool.secret, REFRESH_PURPOSE, grant);
  const RefreshToken = [REFRESH_HEAD, '', ...[iv, ciphertext, tag].map((part) => part.toString('base64url'))].join('.');
  return { ...tokensOf(at, user, grant), RefreshToken };
}

/** What a refresh token of the pool grants, however old it is. */
export function readRefreshToken({ pool }: AtPool, token: string): Grant | undefined {
  const [head, key, ...sealed] = token.split('.');
  if (head !== REFRESH_HEAD || key !== '' || sealed.length !== 3) return undefined;
  const [iv = Buffer.alloc(0), ciphertext = iv, tag = iv] = sealed.map((part) => Buffer.from(part, 'base64url'));
  const grant = open(pool.secret, REFRESH_PURPOSE, { iv, ciphertext, tag });
  return grant as Grant | undefined; // sealed here, so it is of signIn's making
}

/**
 * New ID and access tokens for a refresh token.
 * @param checkUser refuses in further ways, before anything of the user is told
 * @throws AwsError NotAuthorizedException
 */
export function refresh(at: AtClient, token: string, checkUser: (user: UserRecord) => void): AuthenticationResultType {
  const { context, pool, client } = at;
  const grant = readRefreshToken(at, token);
  if (grant === undefined || grant.clientId !== client.id) throw notAuthorized('Invalid Refresh Token');
  const user = context.tx.get(userTable, userIdOf(pool.id, grant.sub));
  if (user === undefined) throw notAuthorized('Invalid Refresh Token');
  checkUser(user);
  if (context.nowMs >= grant.expiresMs) throw notAuthorized('Refresh Token has expired');
  if (isRevoked(context, grant.originJti) || grant.authMs <= (user.signedOutMs ?? Number.NEGATIVE_INFINITY))
    throw notAuthorized('Refresh Token has been revoked');
  if (!user.isEnabled) throw notAuthorized('User is disabled.');
  return tokensOf(at, user, grant);
}

/** Ends a refresh token and the access tokens that came of it. */
export function revoke({ context, pool }: AtPool, { originJti, expiresMs }: Grant): void {
  const { tx, nowMs } = context;
  const old = tx.find(revocationTable, 'pool', pool.id).filter((one) => one.expiresMs <= nowMs);
  for (const { id } of old) tx.delete(revocationTable, id);
  tx.put(revocationTable, { id: originJti, poolId: pool.id, expiresMs });
}

export const isRevoked = ({ tx }: Pick<OperationContext, 'tx'>, originJti: string): boolean =>
  tx.get(revocationTable, originJti) !== undefined;

function tokensOf({ context, pool, client }: AtClient, user: UserRecord, { authMs, originJti }: Grant): AuthenticationResultType {
  const { nowMs } = context;
  const keys = context.tx.get(poolKeysTable, pool.id);
  if (keys === undefined)
    throw new AwsError('InternalErrorException', `The keys of user pool ${pool.id} are not made yet. Try again.`, 500);
  const lives = tokenLives(client);
  const groups = groupsOf(context, user);
  const seconds = (ms: number): number => Math.floor(ms / 1000);
  const common = {
    sub: user.sub,
    ...(groups.length > 0 ? { 'cognito:groups': groups.map(({ name }) => name) } : {}),
    iss: issuerOf(context.region, pool.id),
    // "After you enable token revocation, new claims are added."
    ...(client.settings.EnableTokenRevocation === false ? {} : { origin_jti: originJti }),
    event_id: newUuid(context),
    auth_time: seconds(authMs),
    iat: seconds(nowMs),
  };
  const idToken = {
    ...common,
    ...attributeClaims(user, client),
    ...roleClaims(groups),
    'cognito:username': user.username,
    aud: client.id,
    token_use: 'id',
    exp: seconds(nowMs + lives.idMs),
    jti: newUuid(context),
  };
  const accessToken = {
    ...common,
    version: 2,
    client_id: client.id,
    token_use: 'access',
    scope: 'aws.cognito.signin.user.admin',
    exp: seconds(nowMs + lives.accessMs),
    // The API tells by it whether the token is older than a sign-out, which seconds would not.
    jti: timedUuid(context),
    username: user.username,
  };
  return {
    AccessToken: signToken(keys.accessToken, accessToken),
    ExpiresIn: seconds(lives.accessMs),
    IdToken: signToken(keys.idToken, idToken),
    TokenType: 'Bearer',
  };
}

/** Custom attributes are texts, "regardless of attribute type"; an address is OpenID Connect's structure. */
function attributeClaims(user: UserRecord, client: AtClient['client']): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(user.attributes)
      .filter(([name]) => mayRead(client, name))
      .map(([name, value]) => {
        if (name === 'email_verified' || name === 'phone_number_verified') return [name, value === 'true'];
        if (name === 'address') return [name, { formatted: value }];
        return [name, name === 'updated_at' ? Number(value) : value];
      }),
  );
}

/** "The group with the lowest precedence value will have its IAM role applied"; with two such roles, none is. */
function roleClaims(groups: ReturnType<typeof groupsOf>): Readonly<Record<string, unknown>> {
  const withRole = groups.filter(({ roleArn }) => roleArn !== undefined);
  if (withRole.length === 0) return {};
  const first = withRole[0]?.precedence;
  const best = new Set(withRole.filter(({ precedence }) => precedence === first).map(({ roleArn }) => roleArn));
  return {
    'cognito:roles': [...new Set(withRole.map(({ roleArn }) => roleArn))],
    ...(best.size === 1 ? { 'cognito:preferred_role': [...best][0] } : {}),
  };
}
