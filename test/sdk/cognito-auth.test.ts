/** Signing in to user pools: passwords, the demand for a new one, sessions, lock-out, what clients allow and tell. */
import {
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  AdminGetUserCommand,
  AdminInitiateAuthCommand,
  AdminResetUserPasswordCommand,
  AdminRespondToAuthChallengeCommand,
  AdminSetUserPasswordCommand,
  type AuthFlowType,
  type CreateUserPoolClientCommandInput,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { expect, test } from 'vitest';
import { claimsOf, newPool, newUser, PASSWORD, type Pool, secretHash, useCognito } from '#test/sdk/cognito.ts';
import { refusal } from '#test/sdk/keiro.ts';

const keiro = await useCognito();
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

type Parameters = Record<string, string>;

const initiate = ({ cognito, ClientId }: Pool, AuthFlow: AuthFlowType, AuthParameters?: Parameters) =>
  cognito.send(new InitiateAuthCommand({ ClientId, AuthFlow, AuthParameters }));
const initiateAsAdmin = ({ cognito, ClientId, UserPoolId }: Pool, AuthFlow: AuthFlowType, AuthParameters?: Parameters) =>
  cognito.send(new AdminInitiateAuthCommand({ UserPoolId, ClientId, AuthFlow, AuthParameters }));
const withPassword = (pool: Pool, USERNAME: string, password = PASSWORD) =>
  initiate(pool, 'USER_PASSWORD_AUTH', { USERNAME, PASSWORD: password });
const respond = ({ cognito, ClientId }: Pool, Session: string | undefined, ChallengeResponses: Parameters) =>
  cognito.send(new RespondToAuthChallengeCommand({ ClientId, ChallengeName: 'NEW_PASSWORD_REQUIRED', Session, ChallengeResponses }));

const TEMPORARY = 'Temporary-1';
const invite = ({ cognito, UserPoolId }: Pool, Username: string, attributes: Parameters = {}) =>
  cognito.send(
    new AdminCreateUserCommand({
      UserPoolId,
      Username,
      TemporaryPassword: TEMPORARY,
      MessageAction: 'SUPPRESS',
      UserAttributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
    }),
  );
const statusOf = async ({ cognito, UserPoolId }: Pool, Username: string) =>
  (await cognito.send(new AdminGetUserCommand({ UserPoolId, Username }))).UserStatus;

const wrong = { code: 'NotAuthorizedException', message: 'Incorrect username or password.' };

test('a temporary password leads to NEW_PASSWORD_REQUIRED, and the required attributes are asked for', async () => {
  const required = ['name', 'family_name'].map((Name) => ({ Name, Required: true, AttributeDataType: 'String' as const }));
  const pool = await newPool(keiro.client(), { Schema: required });
  const { cognito, UserPoolId, ClientId } = pool;
  await invite(pool, 'ann', { email: 'ann@example.com', email_verified: 'true' });
  const challenge = await initiateAsAdmin(pool, 'ADMIN_USER_PASSWORD_AUTH', { USERNAME: 'ann', PASSWORD: TEMPORARY });
  expect(challenge).toMatchObject({ ChallengeName: 'NEW_PASSWORD_REQUIRED', Session: expect.stringMatching(/^A[\w-]{20,2047}$/) });
  expect(challenge.AuthenticationResult).toBeUndefined();
  const parameters = challenge.ChallengeParameters ?? {};
  expect(Object.keys(parameters).toSorted()).toEqual(['USER_ID_FOR_SRP', 'requiredAttributes', 'userAttributes']);
  expect(parameters['USER_ID_FOR_SRP']).toBe('ann');
  expect(JSON.parse(parameters['requiredAttributes'] ?? '')).toEqual(['userAttributes.name', 'userAttributes.family_name']);
  expect(JSON.parse(parameters['userAttributes'] ?? '')).toEqual({ email: 'ann@example.com', email_verified: 'true' });

  const answer = (more: Parameters, Session = challenge.Session) =>
    cognito.send(
      new AdminRespondToAuthChallengeCommand({
        UserPoolId,
        ClientId,
        ChallengeName: 'NEW_PASSWORD_REQUIRED',
        Session,
        ChallengeResponses: { USERNAME: 'ann', NEW_PASSWORD: PASSWORD, ...more },
      }),
    );
  const names = { 'userAttributes.name': 'Ann', 'userAttributes.family_name': 'Lee' };
  const invalid = (message: string) => ({ code: 'InvalidParameterException', message });
  expect(await refusal(answer({}))).toEqual(invalid('Invalid attributes given, name and family_name are missing'));
  expect(await refusal(answer({ 'userAttributes.name': 'Ann' }))).toEqual(invalid('Invalid attributes given, family_name is missing'));
  expect(await refusal(answer({ ...names, 'userAttributes.email': 'b@example.com' }))).toEqual({ code: 'NotAuthorizedException', message: 'Cannot modify an already provided email' }); // prettier-ignore
  expect((await refusal(answer({ ...names, 'userAttributes.nothing': 'x' }))).code).toBe('InvalidParameterException');
  expect(await refusal(answer({ ...names, NEW_PASSWORD: 'short' }))).toEqual({ code: 'InvalidPasswordException', message: 'Password did not conform with policy: Password not long enough' }); // prettier-ignore
  expect((await refusal(answer({ ...names, USERNAME: 'bob' }))).code).toBe('NotAuthorizedException');
  expect(await statusOf(pool, 'ann')).toBe('FORCE_CHANGE_PASSWORD');

  const done = await answer(names);
  expect(done.ChallengeParameters).toEqual({});
  expect(done.AuthenticationResult).toMatchObject({ ExpiresIn: 3600, TokenType: 'Bearer', RefreshToken: expect.any(String) });
  expect(claimsOf(done.AuthenticationResult?.IdToken ?? '')).toMatchObject({ name: 'Ann', family_name: 'Lee', email_verified: true });
  expect(await statusOf(pool, 'ann')).toBe('CONFIRMED');
  expect(await refusal(answer(names))).toEqual({ code: 'NotAuthorizedException', message: 'Invalid session for the user, session can only be used once.' }); // prettier-ignore
  expect(await refusal(withPassword(pool, 'ann', TEMPORARY))).toEqual(wrong);
  expect((await withPassword(pool, 'ann')).AuthenticationResult?.AccessToken).toBeDefined();
});

test('sessions end, belong to one client and one user, and are not made up', async () => {
  const pool = await newPool(keiro.client(), {}, { AuthSessionValidity: 5 });
  const other = await newPool(keiro.client());
  for (const name of ['ann', 'bob']) await invite(pool, name);
  await invite(other, 'ann');
  const { Session = '' } = await withPassword(pool, 'ann', TEMPORARY);
  const { Session: foreign = '' } = await withPassword(other, 'ann', TEMPORARY);
  const answer = (session: string | undefined, USERNAME = 'ann') => refusal(respond(pool, session, { USERNAME, NEW_PASSWORD: PASSWORD }));
  const invalid = { code: 'NotAuthorizedException', message: 'Invalid session for the user.' };
  for (const session of [foreign, `${Session.slice(0, -2)}xx`, 'x'.repeat(40)]) expect(await answer(session)).toEqual(invalid);
  expect(await answer(Session, 'bob')).toEqual(invalid);
  expect(await answer(undefined)).toEqual({ code: 'InvalidParameterException', message: 'Missing required parameter Session' });
  expect(await answer('x')).toMatchObject({ code: 'InvalidParameterException', message: expect.stringContaining("Value at 'session'") });
  expect(await keiro.later(5 * MINUTE_MS, () => answer(Session))).toEqual({ ...invalid, message: 'Invalid session for the user, session is expired.' }); // prettier-ignore
  // A password that was set meanwhile ends it, too.
  await pool.cognito.send(new AdminSetUserPasswordCommand({ UserPoolId: pool.UserPoolId, Username: 'ann', Password: 'Another-Temp-1' }));
  expect((await answer(Session)).code).toBe('NotAuthorizedException');
  const { Session: good } = await withPassword(pool, 'bob', TEMPORARY);
  const done = await keiro.later(4 * MINUTE_MS, () => respond(pool, good, { USERNAME: 'bob', NEW_PASSWORD: PASSWORD }));
  expect(done.AuthenticationResult?.AccessToken).toBeDefined();
});

test('a temporary password ends, and is given again', async () => {
  const pool = await newPool(keiro.client(), { Policies: { PasswordPolicy: { MinimumLength: 6, TemporaryPasswordValidityDays: 2 } } });
  await invite(pool, 'ann');
  expect(await keiro.later(2 * DAY_MS, () => refusal(withPassword(pool, 'ann', TEMPORARY)))).toEqual({ code: 'NotAuthorizedException', message: 'Temporary password has expired and must be reset by an administrator.' }); // prettier-ignore
  await keiro.later(2 * DAY_MS, async () => {
    await pool.cognito.send(new AdminCreateUserCommand({ UserPoolId: pool.UserPoolId, Username: 'ann', MessageAction: 'RESEND', TemporaryPassword: 'Second-1' })); // prettier-ignore
    expect((await withPassword(pool, 'ann', 'Second-1')).ChallengeName).toBe('NEW_PASSWORD_REQUIRED');
  });
});

test('five wrong passwords lock a user out, longer with each further one', async () => {
  const pool = await newPool(keiro.client());
  await newUser(pool, 'ann');
  await newUser(pool, 'bob');
  const exceeded = { code: 'NotAuthorizedException', message: 'Password attempts exceeded' };
  for (let n = 0; n < 5; n += 1) expect(await refusal(withPassword(pool, 'ann', 'Wrong-1234'))).toEqual(wrong);
  for (const password of ['Wrong-1234', PASSWORD]) expect(await refusal(withPassword(pool, 'ann', password))).toEqual(exceeded);
  expect((await withPassword(pool, 'bob')).AuthenticationResult).toBeDefined();
  await keiro.later(2_000, async () => {
    expect(await refusal(withPassword(pool, 'ann', 'Wrong-1234'))).toEqual(wrong); // the sixth: two seconds
    expect(await refusal(withPassword(pool, 'ann'))).toEqual(exceeded);
    const byAdmin = initiateAsAdmin(pool, 'ADMIN_USER_PASSWORD_AUTH', { USERNAME: 'ann', PASSWORD });
    expect(await refusal(byAdmin)).toEqual(exceeded);
  });
  await keiro.later(5_000, async () => {
    expect((await withPassword(pool, 'ann')).AuthenticationResult).toBeDefined();
    expect(await refusal(withPassword(pool, 'ann', 'Wrong-1234'))).toEqual(wrong); // counted from the start again
    expect((await withPassword(pool, 'ann')).AuthenticationResult).toBeDefined();
  });
});

test('clients allow what they are set to', async () => {
  const flows = async (ExplicitAuthFlows: CreateUserPoolClientCommandInput['ExplicitAuthFlows']) => {
    const pool = await newPool(keiro.client(), {}, { ExplicitAuthFlows });
    await newUser(pool, 'ann');
    const given = { USERNAME: 'ann', PASSWORD };
    const srp = { USERNAME: 'ann', SRP_A: 'abcdef' };
    const said = async (call: Promise<unknown>) => call.then(() => 'allowed', (error: Error) => error.message); // prettier-ignore
    return {
      admin: await said(initiateAsAdmin(pool, 'ADMIN_USER_PASSWORD_AUTH', given)),
      old: await said(initiateAsAdmin(pool, 'ADMIN_NO_SRP_AUTH', given)),
      password: await said(initiate(pool, 'USER_PASSWORD_AUTH', given)),
      srp: await said(initiate(pool, 'USER_SRP_AUTH', srp)),
      refresh: await said(initiate(pool, 'REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: 'x' })),
    };
  };
  const no = {
    admin: 'Auth flow not enabled for this client',
    old: 'Auth flow not enabled for this client',
    password: 'USER_PASSWORD_AUTH flow not enabled for this client',
    srp: 'USER_SRP_AUTH is not enabled for the client.',
    refresh: 'Auth flow not enabled for this client',
  };
  const refreshed = { refresh: 'Invalid Refresh Token' };
  expect(await flows(undefined)).toEqual({ ...no, ...refreshed, srp: 'allowed' });
  expect(await flows(['ALLOW_ADMIN_USER_PASSWORD_AUTH'])).toEqual({ ...no, admin: 'allowed', old: 'allowed' });
  expect(await flows(['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'])).toEqual({ ...no, ...refreshed, password: 'allowed' });
  expect(await flows(['ADMIN_NO_SRP_AUTH'])).toEqual({ ...no, ...refreshed, admin: 'allowed', old: 'allowed', srp: 'allowed' });
  expect(await flows(['USER_PASSWORD_AUTH', 'CUSTOM_AUTH_FLOW_ONLY'])).toEqual({ ...no, ...refreshed, password: 'allowed' });
});

test('what cannot be asked is refused in AWS’s words', async () => {
  const pool = await newPool(keiro.client());
  await newUser(pool, 'ann');
  const message = async (call: Promise<unknown>) => (await refusal(call)).message;
  const given = { USERNAME: 'ann', PASSWORD };
  expect(await message(initiate(pool, 'ADMIN_USER_PASSWORD_AUTH', given))).toBe('Initiate Auth method not supported');
  expect(await message(initiateAsAdmin(pool, 'USER_PASSWORD_AUTH', given))).toBe('Initiate Auth method not supported');
  expect(await message(initiate(pool, 'USER_PASSWORD_AUTH'))).toBe('Missing required parameter USERNAME');
  expect(await message(initiate(pool, 'USER_PASSWORD_AUTH', { USERNAME: 'ann' }))).toBe('Missing required parameter PASSWORD');
  expect(await message(initiate(pool, 'USER_SRP_AUTH', { USERNAME: 'ann' }))).toBe('Missing required parameter SRP_A');
  expect(await message(initiate(pool, 'REFRESH_TOKEN_AUTH', {}))).toBe('Missing required parameter REFRESH_TOKEN');
  expect((await refusal(initiate(pool, 'CUSTOM_AUTH', given))).code).toBe('NotImplemented');
  expect((await refusal(initiate(pool, 'USER_AUTH', given))).code).toBe('NotImplemented');
  const nobody = { ...pool, ClientId: 'abcdefghijklmnopqrstuvwxyz' };
  const missing = { code: 'ResourceNotFoundException', message: 'User pool client abcdefghijklmnopqrstuvwxyz does not exist.' };
  expect(await refusal(withPassword(nobody, 'ann'))).toEqual(missing);
  expect(await refusal(initiateAsAdmin(nobody, 'ADMIN_USER_PASSWORD_AUTH', given))).toEqual(missing);
  const elsewhere = { ...pool, cognito: keiro.client() };
  expect(await refusal(initiateAsAdmin(elsewhere, 'ADMIN_USER_PASSWORD_AUTH', given))).toEqual({ code: 'ResourceNotFoundException', message: `User pool ${pool.UserPoolId} does not exist.` }); // prettier-ignore
  // Whoever calls for himself is found wherever his pool is.
  expect((await withPassword({ ...pool, cognito: keiro.client({ region: 'ap-northeast-1' }) }, 'ann')).AuthenticationResult).toBeDefined();
  const unsecret = withPasswordAnd(pool, { SECRET_HASH: secretHash('x'.repeat(24), 'ann', pool.ClientId) });
  expect((await refusal(unsecret)).code).toBe('NotAuthorizedException');
});

const withPasswordAnd = (pool: Pool, more: Parameters) => initiate(pool, 'USER_PASSWORD_AUTH', { USERNAME: 'ann', PASSWORD, ...more });

test('who is not there is told of, or hidden, as the client is set', async () => {
  const legacy = await newPool(keiro.client());
  const hiding = await newPool(keiro.client(), {}, { PreventUserExistenceErrors: 'ENABLED' });
  expect(await refusal(withPassword(legacy, 'nobody'))).toEqual({ code: 'UserNotFoundException', message: 'User does not exist.' });
  expect(await refusal(withPassword(hiding, 'nobody'))).toEqual(wrong);
  for (const pool of [legacy, hiding]) {
    await newUser(pool, 'ann', { UserAttributes: [{ Name: 'email', Value: 'a@example.com' }, { Name: 'email_verified', Value: 'true' }] }); // prettier-ignore
    await newUser(pool, 'bob');
    await pool.cognito.send(new AdminResetUserPasswordCommand({ UserPoolId: pool.UserPoolId, Username: 'ann' }));
    await pool.cognito.send(new AdminDisableUserCommand({ UserPoolId: pool.UserPoolId, Username: 'bob' }));
    expect(await refusal(withPassword(pool, 'bob'))).toEqual({ code: 'NotAuthorizedException', message: 'User is disabled.' });
    expect(await refusal(withPassword(pool, 'bob', 'Wrong-1234'))).toEqual(wrong);
  }
  expect(await refusal(withPassword(legacy, 'ann'))).toEqual({ code: 'PasswordResetRequiredException', message: 'Password reset required for the user' }); // prettier-ignore
  expect(await refusal(withPassword(hiding, 'ann'))).toEqual(wrong);
});
