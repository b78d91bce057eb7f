/** Tokens of user pools: their claims, their keys, refreshing, revoking, signing out. */
import { request } from 'node:http';
import {
  AdminAddUserToGroupCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminUserGlobalSignOutCommand,
  CreateGroupCommand,
  CreateUserPoolClientCommand,
  GetTokensFromRefreshTokenCommand,
  GetUserCommand,
  GlobalSignOutCommand,
  InitiateAuthCommand,
  RevokeTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { expect, test } from 'vitest';
import { isTokenRevoked, jwksOf, userPoolOf } from '#services/cognito-idp/public.ts';
import {
  claimsOf,
  headOf,
  isGenuine,
  type Keys,
  newPool,
  newUser,
  type Pool,
  secretHash,
  tokensOf,
  useCognito,
} from '#test/sdk/cognito.ts';
import { refusal } from '#test/sdk/keiro.ts';

const keiro = await useCognito();
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const HOUR_MS = 3_600_000;

function get(path: string, host?: string): Promise<{ status: number; body: Record<string, unknown>; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    request({ port: keiro.port, host: '127.0.0.1', path, headers: host === undefined ? {} : { host } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Record<string, unknown>, headers: response.headers }),
      ); // its pages are JSON
    })
      .on('error', reject)
      .end();
  });
}

const keysOf = async ({ UserPoolId }: Pool): Promise<Keys> => (await get(`/${UserPoolId}/.well-known/jwks.json`)).body as unknown as Keys;

const refresh = (pool: Pool, REFRESH_TOKEN: string, more: Record<string, string> = {}) =>
  pool.cognito.send(new InitiateAuthCommand({ ClientId: pool.ClientId, AuthFlow: 'REFRESH_TOKEN_AUTH', AuthParameters: { REFRESH_TOKEN, ...more } })); // prettier-ignore

test('the claims are those of AWS, and the published keys verify them', async () => {
  const pool = await newPool(keiro.client(), { Schema: [{ Name: 'age', AttributeDataType: 'Number' }] });
  const sub = await newUser(pool, 'ann', {
    UserAttributes: [
      { Name: 'email', Value: 'ann@example.com' },
      { Name: 'email_verified', Value: 'true' },
      { Name: 'custom:age', Value: '42' },
      { Name: 'address', Value: 'High Street 1' },
    ],
  });
  for (const [GroupName, Precedence] of [
    ['staff', 5],
    ['admins', 1],
  ] as const) {
    await pool.cognito.send(new CreateGroupCommand({ UserPoolId: pool.UserPoolId, GroupName, Precedence, RoleArn: `arn:aws:iam::123456789012:role/${GroupName}` })); // prettier-ignore
    await pool.cognito.send(new AdminAddUserToGroupCommand({ UserPoolId: pool.UserPoolId, GroupName, Username: 'ann' }));
  }
  const { AccessToken, IdToken, RefreshToken } = await tokensOf(pool, 'ann');
  const id = claimsOf(IdToken);
  const access = claimsOf(AccessToken);
  const common = {
    sub,
    'cognito:groups': ['admins', 'staff'],
    iss: `https://cognito-idp.eu-west-1.amazonaws.com/${pool.UserPoolId}`,
    event_id: expect.stringMatching(UUID),
    origin_jti: expect.stringMatching(UUID),
    jti: expect.stringMatching(UUID),
    auth_time: expect.any(Number),
    iat: id['auth_time'],
    exp: Number(id['auth_time']) + 3600,
  };
  expect(id).toEqual({
    ...common,
    aud: pool.ClientId,
    token_use: 'id',
    'cognito:username': 'ann',
    'cognito:roles': ['arn:aws:iam::123456789012:role/admins', 'arn:aws:iam::123456789012:role/staff'],
    'cognito:preferred_role': 'arn:aws:iam::123456789012:role/admins',
    email: 'ann@example.com',
    email_verified: true,
    address: { formatted: 'High Street 1' },
    'custom:age': '42',
  });
  expect(access).toEqual({ ...common, client_id: pool.ClientId, token_use: 'access', scope: 'aws.cognito.signin.user.admin', version: 2, username: 'ann' }); // prettier-ignore
  expect(Math.abs(Number(id['auth_time']) - Date.now() / 1000)).toBeLessThan(30);
  expect(RefreshToken.split('.')).toHaveLength(5);
  expect(headOf(RefreshToken)).toMatchObject({ enc: 'A256GCM', cty: 'JWT' });
  expect(RefreshToken).not.toContain(sub);

  const keys = await keysOf(pool);
  expect(keys.keys).toHaveLength(2);
  for (const key of keys.keys) expect(key).toEqual({ alg: 'RS256', e: 'AQAB', kid: expect.stringMatching(/^.{43}=$/), kty: 'RSA', n: expect.stringMatching(/^[\w-]{342}$/), use: 'sig' }); // prettier-ignore
  expect(headOf(IdToken)).toEqual({ kid: keys.keys[0]?.kid, alg: 'RS256' });
  expect(headOf(AccessToken)).toEqual({ kid: keys.keys[1]?.kid, alg: 'RS256' });
  expect([isGenuine(IdToken, keys), isGenuine(AccessToken, keys)]).toEqual([true, true]);
  expect(isGenuine(IdToken, await keysOf(await newPool(keiro.client())))).toBe(false);
});

test('discovery is found at AWS’s name and on the host, and leads to the keys where it was asked', async () => {
  const pool = await newPool(keiro.client());
  const path = `/${pool.UserPoolId}/.well-known/openid-configuration`;
  const issuer = `https://cognito-idp.eu-west-1.amazonaws.com/${pool.UserPoolId}`;
  const expected = (jwks_uri: string) => ({
    id_token_signing_alg_values_supported: ['RS256'],
    issuer,
    jwks_uri,
    response_types_supported: ['code', 'token'],
    scopes_supported: ['openid', 'email', 'phone', 'profile'],
    subject_types_supported: ['public'],
  });
  const atAws = await get(path, 'cognito-idp.eu-west-1.amazonaws.com');
  expect([atAws.status, atAws.body]).toEqual([200, expected(`${issuer}/.well-known/jwks.json`)]);
  expect(atAws.headers).toMatchObject({ 'content-type': 'application/json', 'access-control-allow-origin': '*' });
  const host = `cognito-idp.eu-west-1.localhost:${keiro.port}`;
  expect((await get(path, host)).body).toEqual(expected(`http://${host}/${pool.UserPoolId}/.well-known/jwks.json`));
  expect((await get(path)).body).toEqual(expected(`${keiro.endpoint}/${pool.UserPoolId}/.well-known/jwks.json`));
  expect((await get(path, 'cognito-idp.us-east-1.amazonaws.com')).status).toBe(404); // the pool is elsewhere
  expect(await get('/eu-west-1_Nothing12/.well-known/jwks.json')).toMatchObject({ status: 404, body: { message: 'User pool eu-west-1_Nothing12 does not exist.' } }); // prettier-ignore
  expect((await fetch(`${keiro.endpoint}${path}`, { method: 'POST' })).status).toBe(405);
  expect((await fetch(`${keiro.endpoint}${path}`, { headers: { origin: 'https://app.example.com' } })).status).toBe(200);

  const reader = keiro.store.reader({ account: 'any', region: 'where' });
  expect(userPoolOf(reader, pool.UserPoolId)).toMatchObject({
    id: pool.UserPoolId,
    region: 'eu-west-1',
    issuer,
    clientIds: [pool.ClientId],
  });
  const published = await keysOf(pool); // which waits until they are made
  expect(jwksOf(reader, pool.UserPoolId)).toEqual(published);
  expect([userPoolOf(reader, 'eu-west-1_Nothing12'), jwksOf(reader, 'eu-west-1_Nothing12')]).toEqual([undefined, undefined]);
});

test('a refresh token gives new tokens of the same sign-in, to its client, until it ends', async () => {
  const pool = await newPool(keiro.client(), {}, { RefreshTokenValidity: 2, TokenValidityUnits: { RefreshToken: 'hours', AccessToken: 'minutes' }, AccessTokenValidity: 5 }); // prettier-ignore
  await newUser(pool, 'ann');
  const first = await tokensOf(pool, 'ann');
  const second = await keiro.later(HOUR_MS, () => refresh(pool, first.RefreshToken));
  expect(second.AuthenticationResult).toEqual({ AccessToken: expect.any(String), IdToken: expect.any(String), ExpiresIn: 300, TokenType: 'Bearer' }); // prettier-ignore
  const [before, after] = [claimsOf(first.AccessToken), claimsOf(second.AuthenticationResult?.AccessToken ?? '')];
  expect(after).toMatchObject({ auth_time: before['auth_time'], origin_jti: before['origin_jti'], sub: before['sub'] });
  expect(Number(after['exp']) - Number(after['iat'])).toBe(300);
  expect(Number(after['iat']) - Number(before['iat'])).toBeGreaterThanOrEqual(3600);
  expect(after['jti']).not.toBe(before['jti']);
  const alike = await pool.cognito.send(
    new GetTokensFromRefreshTokenCommand({ ClientId: pool.ClientId, RefreshToken: first.RefreshToken }),
  );
  expect(claimsOf(alike.AuthenticationResult?.IdToken ?? '')).toMatchObject({ origin_jti: before['origin_jti'] });

  const words = async (token: string, of = pool) => (await refusal(refresh(of, token))).message;
  expect(await keiro.later(2 * HOUR_MS, () => words(first.RefreshToken))).toBe('Refresh Token has expired');
  const { UserPoolClient } = await pool.cognito.send(new CreateUserPoolClientCommand({ UserPoolId: pool.UserPoolId, ClientName: 'other' }));
  expect(await words(first.RefreshToken, { ...pool, ClientId: UserPoolClient?.ClientId ?? '' })).toBe('Invalid Refresh Token');
  for (const token of ['a.b.c.d.e', first.AccessToken, first.RefreshToken.slice(0, -4), `${first.RefreshToken}AAAA`, 'x'])
    expect(await refusal(refresh(pool, token))).toEqual({ code: 'NotAuthorizedException', message: 'Invalid Refresh Token' });
  expect(await refusal(keiro.later(HOUR_MS, () => pool.cognito.send(new GetUserCommand({ AccessToken: first.AccessToken }))))).toEqual({ code: 'NotAuthorizedException', message: 'Access Token has expired' }); // prettier-ignore
});

test('a revoked refresh token takes its access tokens with it, and no others', async () => {
  const pool = await newPool(keiro.client());
  await newUser(pool, 'ann');
  const [one, two] = [await tokensOf(pool, 'ann'), await tokensOf(pool, 'ann')];
  const getUser = (AccessToken: string) => pool.cognito.send(new GetUserCommand({ AccessToken }));
  await pool.cognito.send(new RevokeTokenCommand({ ClientId: pool.ClientId, Token: one.RefreshToken }));
  expect(await refusal(refresh(pool, one.RefreshToken))).toEqual({
    code: 'NotAuthorizedException',
    message: 'Refresh Token has been revoked',
  });
  expect(await refusal(getUser(one.AccessToken))).toEqual({ code: 'NotAuthorizedException', message: 'Access Token has been revoked' });
  expect((await getUser(two.AccessToken)).Username).toBe('ann');
  const reader = keiro.store.reader({ account: 'any', region: 'where' });
  const revoked = [one, two].map(({ IdToken }) => isTokenRevoked(reader, pool.UserPoolId, String(claimsOf(IdToken)['origin_jti'])));
  expect(revoked).toEqual([true, false]);
  expect(await refusal(pool.cognito.send(new RevokeTokenCommand({ ClientId: pool.ClientId, Token: one.AccessToken })))).toMatchObject({ code: 'UnsupportedTokenTypeException' }); // prettier-ignore

  const silent = await newPool(keiro.client(), {}, { EnableTokenRevocation: false });
  await newUser(silent, 'bob');
  const tokens = await tokensOf(silent, 'bob');
  expect(claimsOf(tokens.IdToken)).not.toHaveProperty('origin_jti');
  expect(await refusal(silent.cognito.send(new RevokeTokenCommand({ ClientId: silent.ClientId, Token: tokens.RefreshToken })))).toMatchObject({ code: 'UnsupportedOperationException' }); // prettier-ignore
});

test('whoever is signed out everywhere, disabled or deleted has no use of tokens any more', async () => {
  const pool = await newPool(keiro.client());
  const { cognito, UserPoolId } = pool;
  const getUser = (AccessToken: string) => cognito.send(new GetUserCommand({ AccessToken }));
  const words = async ({ AccessToken, RefreshToken }: Awaited<ReturnType<typeof tokensOf>>) => [
    (await refusal(getUser(AccessToken))).message,
    (await refusal(refresh(pool, RefreshToken))).message,
  ];
  await newUser(pool, 'ann');
  const first = await tokensOf(pool, 'ann');
  await cognito.send(new GlobalSignOutCommand({ AccessToken: first.AccessToken }));
  expect(await words(first)).toEqual(['Access Token has been revoked', 'Refresh Token has been revoked']);
  const second = await tokensOf(pool, 'ann'); // within the same second
  expect((await getUser(second.AccessToken)).Username).toBe('ann');
  await cognito.send(new AdminUserGlobalSignOutCommand({ UserPoolId, Username: 'ann' }));
  expect(await words(second)).toEqual(['Access Token has been revoked', 'Refresh Token has been revoked']);
  const third = await tokensOf(pool, 'ann');
  await cognito.send(new AdminDisableUserCommand({ UserPoolId, Username: 'ann' }));
  expect(await words(third)).toEqual(['Access Token has been revoked', 'Refresh Token has been revoked']);
  expect((await refusal(tokensOf(pool, 'ann'))).message).toBe('User is disabled.');
  await cognito.send(new AdminDeleteUserCommand({ UserPoolId, Username: 'ann' }));
  expect(await words(third)).toEqual(['User does not exist.', 'Invalid Refresh Token']);
});

test('forged access tokens are refused', async () => {
  const pool = await newPool(keiro.client());
  const other = await newPool(keiro.client());
  await newUser(pool, 'ann');
  const { AccessToken, IdToken } = await tokensOf(pool, 'ann');
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const [head = '', body = '', signature = ''] = AccessToken.split('.');
  const claims = claimsOf(AccessToken);
  const forged = [
    IdToken,
    `${encode({ alg: 'none' })}.${body}.`,
    `${encode({ ...headOf(AccessToken), alg: 'HS256' })}.${body}.${signature}`,
    `${head}.${encode({ ...claims, sub: 'another' })}.${signature}`,
    `${head}.${encode({ ...claims, iss: `https://cognito-idp.eu-west-1.amazonaws.com/${other.UserPoolId}` })}.${signature}`,
    `${head}.${encode({ ...claims, iss: `https://evil.example.com/${pool.UserPoolId}` })}.${signature}`,
    `${head}.${encode([claims])}.${signature}`,
    `${AccessToken}.x`,
    'a.b.c',
    'x',
  ];
  for (const token of forged) {
    const { code, message } = await refusal(pool.cognito.send(new GetUserCommand({ AccessToken: token })));
    expect([code, message]).toEqual(['NotAuthorizedException', expect.stringMatching(/^(Invalid Access Token|Could not verify signature for Access Token)$/)]); // prettier-ignore
  }
  const { code, message } = await refusal(pool.cognito.send(new GetUserCommand({ AccessToken: 'a b' })));
  expect([code, message]).toEqual(['InvalidParameterException', "1 validation error detected: Value at 'accessToken' failed to satisfy constraint: Member must satisfy regular expression pattern: [A-Za-z0-9-_=.]+"]); // prettier-ignore
});

test('a client with a secret wants its hash', async () => {
  const pool = await newPool(keiro.client(), {}, { GenerateSecret: true });
  const { secret = '', ClientId } = pool;
  expect(secret).toMatch(/^[a-z0-9]{52}$/);
  const sub = await newUser(pool, 'ann');
  expect((await refusal(tokensOf(pool, 'ann'))).message).toBe(
    `Client ${ClientId} is configured with secret but SECRET_HASH was not received`,
  );
  expect((await refusal(tokensOf(pool, 'ann', { SECRET_HASH: secretHash(secret, 'bob', ClientId) }))).message).toBe(`Unable to verify secret hash for client ${ClientId}`); // prettier-ignore
  const { RefreshToken } = await tokensOf(pool, 'ann', { SECRET_HASH: secretHash(secret, 'ann', ClientId) });
  expect((await refusal(refresh(pool, RefreshToken))).code).toBe('NotAuthorizedException');
  for (const name of ['ann', sub])
    expect(
      (await refresh(pool, RefreshToken, { SECRET_HASH: secretHash(secret, name, ClientId) })).AuthenticationResult?.IdToken,
    ).toBeDefined();
  const revoke = (ClientSecret?: string) => pool.cognito.send(new RevokeTokenCommand({ ClientId, Token: RefreshToken, ClientSecret }));
  expect((await refusal(revoke())).code).toBe('NotAuthorizedException');
  expect((await refusal(revoke('x'.repeat(52)))).code).toBe('NotAuthorizedException');
  await revoke(secret);
});
