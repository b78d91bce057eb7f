/** User pools for tests: a Keiro with a clock, pools and clients, the mails that users get, tokens taken apart. */
import { createHmac, createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import {
  AdminCreateUserCommand,
  type AdminCreateUserCommandInput,
  AdminInitiateAuthCommand,
  AdminSetUserPasswordCommand,
  type AuthenticationResultType,
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  type CreateUserPoolClientCommandInput,
  CreateUserPoolCommand,
  type CreateUserPoolCommandInput,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, expect } from 'vitest';
import { startServer } from '#server/start.ts';
import { listMails } from '#services/mail/public.ts';
import { openStore } from '#store/open.ts';
import type { Store } from '#store/store.ts';

export const PASSWORD = 'Correct-Horse-7';

export interface Cognito {
  readonly endpoint: string;
  readonly port: number;
  readonly store: Store;
  /** A fresh account, in eu-west-1 unless told. */
  client(options?: { readonly account?: string; readonly region?: string }): CognitoIdentityProviderClient;
  /** Puts Keiro's clock forward while `work` runs. */
  later<T>(ms: number, work: () => Promise<T>): Promise<T>;
  /** The texts that were sent to an address or a phone, the newest first. */
  textsTo(address: string): readonly string[];
}

let accounts = 0;

/** Starts Keiro for the test file that calls it and ends it after the file's tests. */
export async function useCognito(quotas: 'on' | 'off' = 'on'): Promise<Cognito> {
  const store = await openStore();
  let aheadMs = 0;
  const now = (): number => Date.now() + aheadMs;
  const server = await startServer({ host: '127.0.0.1', port: 0, data: undefined, auth: 'off', quotas, logLevel: 'error', region: 'us-east-1', store, now }); // prettier-ignore
  afterAll(() => server.close());
  const endpoint = `http://127.0.0.1:${server.port}`;
  return {
    endpoint,
    port: server.port,
    store,
    client: ({ account = `8${String((accounts += 1)).padStart(11, '0')}`, region = 'eu-west-1' } = {}) =>
      new CognitoIdentityProviderClient({
        endpoint,
        region,
        credentials: { accessKeyId: account, secretAccessKey: 'secret' },
        maxAttempts: 1,
      }),
    later: async (ms, work) => {
      aheadMs += ms;
      try {
        return await work();
      } finally {
        aheadMs -= ms;
      }
    },
    textsTo: (address) => listMails(store.reader({ account: 'keiro', region: 'mail' }), address).map(({ text }) => text),
  };
}

export interface Pool {
  readonly cognito: CognitoIdentityProviderClient;
  readonly UserPoolId: string;
  readonly ClientId: string;
  readonly secret: string | undefined;
}

const FLOWS = ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_USER_PASSWORD_AUTH', 'ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'] as const;

/** A pool with a client that allows all ways to sign in. */
export async function newPool(
  cognito: CognitoIdentityProviderClient,
  pool: Partial<CreateUserPoolCommandInput> = {},
  client: Partial<CreateUserPoolClientCommandInput> = {},
): Promise<Pool> {
  const { UserPool } = await cognito.send(new CreateUserPoolCommand({ PoolName: 'people', ...pool }));
  const UserPoolId = UserPool?.Id ?? '';
  const { UserPoolClient } = await cognito.send(
    new CreateUserPoolClientCommand({ UserPoolId, ClientName: 'app', ExplicitAuthFlows: [...FLOWS], ...client }),
  );
  return { cognito, UserPoolId, ClientId: UserPoolClient?.ClientId ?? '', secret: UserPoolClient?.ClientSecret };
}

/** A user with a permanent password. */
export async function newUser(
  { cognito, UserPoolId }: Pool,
  Username: string,
  more: Partial<AdminCreateUserCommandInput> = {},
): Promise<string> {
  const { User } = await cognito.send(new AdminCreateUserCommand({ UserPoolId, Username, MessageAction: 'SUPPRESS', ...more }));
  await cognito.send(new AdminSetUserPasswordCommand({ UserPoolId, Username, Password: PASSWORD, Permanent: true }));
  return User?.Attributes?.find(({ Name }) => Name === 'sub')?.Value ?? '';
}

/** Signs a user in. */
export async function tokensOf(
  { cognito, UserPoolId, ClientId }: Pool,
  USERNAME: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Required<Pick<AuthenticationResultType, 'AccessToken' | 'IdToken' | 'RefreshToken'>>> {
  const { AuthenticationResult } = await cognito.send(
    new AdminInitiateAuthCommand({
      UserPoolId,
      ClientId,
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME, PASSWORD, ...more },
    }),
  );
  const { AccessToken = '', IdToken = '', RefreshToken = '' } = AuthenticationResult ?? {};
  expect([AccessToken, IdToken, RefreshToken]).not.toContain('');
  return { AccessToken, IdToken, RefreshToken };
}

export const secretHash = (secret: string, username: string, clientId: string): string =>
  createHmac('sha256', secret)
    .update(username + clientId)
    .digest('base64');

const partOf = (token: string, index: number): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString()) as Record<string, unknown>; // a test fails at what is none

export const headOf = (token: string): Record<string, unknown> => partOf(token, 0);
export const claimsOf = (token: string): Record<string, unknown> => partOf(token, 1);

export interface Keys {
  readonly keys: readonly (JsonWebKey & { readonly kid: string })[];
}

/** Whether one of the published keys signed a token, as anybody verifies it. */
export function isGenuine(token: string, { keys }: Keys): boolean {
  const [head = '', body = '', signature = ''] = token.split('.');
  const jwk = keys.find(({ kid }) => kid === headOf(token)['kid']);
  if (jwk === undefined) return false;
  return verify(
    'sha256',
    Buffer.from(`${head}.${body}`),
    createPublicKey({ key: jwk, format: 'jwk' }),
    Buffer.from(signature, 'base64url'),
  );
}

/** The six digits in a text. */
export const codeIn = (text: string | undefined): string => /\b\d{6}\b/.exec(text ?? '')?.[0] ?? '';
