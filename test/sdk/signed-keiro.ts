/** A Keiro that verifies signatures and policies, for SDK tests: its root key, its users, a clock that can be put forward. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import type { Credentials } from '@aws-sdk/client-sts';
import { afterAll } from 'vitest';
import { readRootKey } from '#server/root-key.ts';
import { startServer } from '#server/start.ts';

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Keys;
  readonly maxAttempts: number;
  /** Milliseconds that the client's clock is ahead. */
  readonly systemClockOffset: number;
}

export interface SignedKeiro {
  readonly endpoint: string;
  readonly rootKeys: Keys;
  /** Puts Keiro's clock forward while `work` runs. Clients of that time are good for one call: they set themselves by the clock of HTTP. */
  later<T>(ms: number, work: () => Promise<T>): Promise<T>;
  client<C>(Client: new (config: ClientConfig) => C, keys?: Keys, more?: { readonly region?: string; readonly clockAheadMs?: number }): C;
  /** A new user with an access key, and an inline policy when one is given. */
  user(name: string, policy?: object): Promise<Keys>;
}

/** The account of the root key. */
export const account = '123456789012';

/** Starts such a Keiro for the test file that calls it and ends it after the file's tests. */
export async function useSignedKeiro(): Promise<SignedKeiro> {
  const data = mkdtempSync(join(tmpdir(), 'keiro-signed-'));
  let aheadMs = 0;
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    data,
    auth: 'sigv4',
    quotas: 'on',
    logLevel: 'silent',
    region: 'us-east-1',
    now: () => Date.now() + aheadMs,
  });
  afterAll(async () => {
    await server.close();
    rmSync(data, { recursive: true, force: true });
  });
  const root = readRootKey(data);
  const rootKeys = { accessKeyId: root.accessKeyId, secretAccessKey: root.secret };
  const endpoint = `http://127.0.0.1:${server.port}`;
  const keiro: SignedKeiro = {
    endpoint,
    rootKeys,
    later: async (ms, work) => {
      aheadMs = ms;
      try {
        return await work();
      } finally {
        aheadMs = 0;
      }
    },
    client: (Client, credentials = rootKeys, { region = 'eu-west-1', clockAheadMs = aheadMs } = {}) =>
      new Client({ endpoint, region, credentials, maxAttempts: 1, systemClockOffset: clockAheadMs }),
    user: async (name, policy) => {
      const iam = keiro.client(IAMClient);
      await iam.send(new CreateUserCommand({ UserName: name }));
      if (policy)
        await iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName: 'inline', PolicyDocument: JSON.stringify(policy) }));
      const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
      return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
    },
  };
  return keiro;
}

/** Keys of what STS handed out. */
export function keysOf(credentials: Credentials | undefined): Keys {
  return {
    accessKeyId: credentials?.AccessKeyId ?? '',
    secretAccessKey: credentials?.SecretAccessKey ?? '',
    sessionToken: credentials?.SessionToken ?? '',
  };
}

/** A policy of the given statements; `Resource: '*'` where none is said. */
export function policy(...statements: readonly object[]): { Version: string; Statement: object[] } {
  return { Version: '2012-10-17', Statement: statements.map((statement) => ({ Effect: 'Allow', Resource: '*', ...statement })) };
}

/** A trust policy that lets principals in. */
export function trust(principal: object | string, condition?: object): string {
  const statement = { Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole', ...(condition ? { Condition: condition } : {}) };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}
