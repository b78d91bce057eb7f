/** A user pool by the aws command, as people set one up before an API: on a Keiro that verifies signatures and policies. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CognitoIdentityProviderClient, GetUserCommand, InitiateAuthCommand, ListUserPoolsCommand, SignUpCommand } from '@aws-sdk/client-cognito-identity-provider'; // prettier-ignore
import { afterAll, expect, test } from 'vitest';
import { claimsOf, isGenuine, type Keys, PASSWORD } from '#test/sdk/cognito.ts';
import { refusal } from '#test/sdk/keiro.ts';
import { account, type Keys as AccessKeys, policy, useSignedKeiro } from '#test/sdk/signed-keiro.ts';

const keiro = await useSignedKeiro();
const home = mkdtempSync(join(tmpdir(), 'keiro-cognito-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** What a command answers; without keys the command has none to sign with. */
async function aws(keys: AccessKeys | undefined, ...args: readonly string[]): Promise<Record<string, never>> {
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    AWS_REGION: 'ap-northeast-1',
    AWS_DEFAULT_REGION: 'ap-northeast-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_MAX_ATTEMPTS: '1',
    ...(keys && { AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey }),
  };
  const { out, err } = await new Promise<{ out: string; err: string }>((resolve) => {
    const whole = ['--endpoint-url', keiro.endpoint, '--output', 'json', 'cognito-idp', ...args];
    execFile('aws', whole, { env }, (_error, stdout, stderr) => resolve({ out: stdout, err: stderr }));
  });
  expect([args[0], err]).toEqual([args[0], '']);
  return JSON.parse(out) as Record<string, never>; // the command was asked for JSON
}

interface Answers {
  readonly UserPool: { readonly Id: string; readonly Arn: string };
  readonly UserPoolClient: { readonly ClientId: string };
  readonly ChallengeName: string;
  readonly ChallengeParameters: Readonly<Record<string, string>>;
  readonly Session: string;
  readonly AuthenticationResult: { readonly IdToken: string; readonly AccessToken: string; readonly RefreshToken: string; readonly TokenType: string; readonly ExpiresIn: number }; // prettier-ignore
}
const asRoot = async (...args: readonly string[]) => (await aws(keiro.rootKeys, ...args)) as unknown as Answers; // each test looks at what it uses

test('from create-user-pool to a token that anybody can verify', async () => {
  const schema = ['name', 'family_name', 'email'].map((name) => `Name=${name},Required=true`);
  const { UserPool } = await asRoot('create-user-pool', '--pool-name', 'backend-users', '--schema', ...schema);
  const pool = ['--user-pool-id', UserPool.Id];
  expect(UserPool.Arn).toBe(`arn:aws:cognito-idp:ap-northeast-1:${account}:userpool/${UserPool.Id}`);
  const flows = ['--explicit-auth-flows', 'ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_PASSWORD_AUTH'];
  const { ClientId } = (await asRoot('create-user-pool-client', ...pool, '--client-name', 'backend', ...flows)).UserPoolClient;
  const client = ['--client-id', ClientId];
  await asRoot('admin-create-user', ...pool, '--username', 'taro', '--temporary-password', 'Temp-Pass-1', '--user-attributes', 'Name=email,Value=taro@example.com', 'Name=email_verified,Value=true'); // prettier-ignore

  const first = await asRoot('admin-initiate-auth', ...pool, ...client, '--auth-flow', 'ADMIN_USER_PASSWORD_AUTH', '--auth-parameters', 'USERNAME=taro,PASSWORD=Temp-Pass-1'); // prettier-ignore
  expect(first.ChallengeName).toBe('NEW_PASSWORD_REQUIRED');
  expect(JSON.parse(first.ChallengeParameters['requiredAttributes'] ?? '')).toEqual(['userAttributes.name', 'userAttributes.family_name']);
  const responses = `USERNAME=${first.ChallengeParameters['USER_ID_FOR_SRP']},NEW_PASSWORD=${PASSWORD},userAttributes.name=Taro,userAttributes.family_name=Yamada`; // prettier-ignore
  const done = await asRoot('admin-respond-to-auth-challenge', ...pool, ...client, '--challenge-name', 'NEW_PASSWORD_REQUIRED', '--challenge-responses', responses, '--session', first.Session); // prettier-ignore
  const { AuthenticationResult: tokens } = done;
  expect([done.ChallengeParameters, tokens.TokenType, tokens.ExpiresIn]).toEqual([{}, 'Bearer', 3600]);

  const issuer = `https://cognito-idp.ap-northeast-1.amazonaws.com/${UserPool.Id}`;
  const response = await fetch(`${keiro.endpoint}/${UserPool.Id}/.well-known/jwks.json`);
  const keys = (await response.json()) as Keys; // the page's form
  expect([isGenuine(tokens.IdToken, keys), isGenuine(tokens.AccessToken, keys)]).toEqual([true, true]);
  expect(claimsOf(tokens.IdToken)).toMatchObject({ iss: issuer, aud: ClientId, token_use: 'id', 'cognito:username': 'taro', name: 'Taro', family_name: 'Yamada', email: 'taro@example.com', email_verified: true }); // prettier-ignore

  // And once more, with nothing to sign with.
  const own = (await aws(undefined, 'initiate-auth', ...client, '--auth-flow', 'USER_PASSWORD_AUTH', '--auth-parameters', `USERNAME=taro,PASSWORD=${PASSWORD}`)) as unknown as Answers; // prettier-ignore
  const user = (await aws(undefined, 'get-user', '--access-token', own.AuthenticationResult.AccessToken)) as unknown as {
    Username: string;
  };
  expect(user.Username).toBe('taro');
});

test('users need no access key, administrators do', async () => {
  const { Id } = (await asRoot('create-user-pool', '--pool-name', 'open')).UserPool;
  const { ClientId } = (await asRoot('create-user-pool-client', '--user-pool-id', Id, '--client-name', 'app')).UserPoolClient;
  const strange = keiro.client(CognitoIdentityProviderClient, { accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' });
  const { UserConfirmed } = await strange.send(new SignUpCommand({ ClientId, Username: 'ann', Password: PASSWORD }));
  expect(UserConfirmed).toBe(false);
  const srp = await strange.send(new InitiateAuthCommand({ ClientId, AuthFlow: 'USER_SRP_AUTH', AuthParameters: { USERNAME: 'ann', SRP_A: 'abc' } })); // prettier-ignore
  expect(srp.ChallengeName).toBe('PASSWORD_VERIFIER');
  expect((await refusal(strange.send(new GetUserCommand({ AccessToken: 'x' })))).code).toBe('NotAuthorizedException');
  expect((await refusal(strange.send(new ListUserPoolsCommand({ MaxResults: 1 })))).code).toBe('UnrecognizedClientException');

  const target = (operation: string, headers: Record<string, string> = {}) =>
    fetch(keiro.endpoint, { method: 'POST', body: '{"MaxResults":1}', headers: { 'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`, 'content-type': 'application/x-amz-json-1.1', ...headers } }); // prettier-ignore
  expect((await target('ListUserPools')).status).toBeGreaterThanOrEqual(400);
  const eve = keiro.client(CognitoIdentityProviderClient, await keiro.user('eve', policy({ Action: 'cognito-idp:List*' })));
  expect((await eve.send(new ListUserPoolsCommand({ MaxResults: 1 }))).UserPools).toEqual([]); // hers is another Region
  const mallory = keiro.client(CognitoIdentityProviderClient, await keiro.user('mallory'));
  expect((await refusal(mallory.send(new ListUserPoolsCommand({ MaxResults: 1 })))).code).toBe('AccessDeniedException');
});
