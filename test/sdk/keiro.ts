/** A Keiro in this process for SDK tests: its own port, its records in memory, a fresh account for each client. */
import { afterAll } from 'vitest';
import { startServer } from '#server/start.ts';
import { openStore } from '#store/open.ts';
import type { Store } from '#store/store.ts';

export interface ClientOptions {
  /** 12 digits; a fresh account when left out. */
  readonly account?: string;
  readonly region?: string;
}

interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly maxAttempts: number;
}

export interface Keiro {
  readonly endpoint: string;
  readonly port: number;
  /** The records behind the API, for what cannot be seen through it. */
  readonly store: Store;
  client<C>(Client: new (config: ClientConfig) => C, options?: ClientOptions): C;
  /** A number that no other test uses. */
  freshAccount(): string;
}

export interface KeiroOptions {
  readonly quotas?: 'on' | 'off';
  readonly auth?: 'off' | 'sigv4';
  /** `auto` unless it is told. */
  readonly certificates?: 'auto' | 'strict';
  /** `error` prints our mistakes with their stacks. */
  readonly logLevel?: 'silent' | 'error';
}

let accounts = 0;

function freshAccount(): string {
  accounts += 1;
  return `9${String(process.pid % 100_000).padStart(5, '0')}${String(accounts).padStart(6, '0')}`;
}

/** Starts Keiro for the test file that calls it and ends it after the file's tests. */
export async function useKeiro(options: KeiroOptions = {}): Promise<Keiro> {
  const store = await openStore();
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    data: undefined,
    auth: options.auth ?? 'off',
    quotas: options.quotas ?? 'on',
    certificates: options.certificates ?? 'auto',
    logLevel: options.logLevel ?? 'silent',
    region: 'us-east-1',
    store,
  });
  afterAll(() => server.close());
  const endpoint = `http://127.0.0.1:${server.port}`;
  return {
    endpoint,
    port: server.port,
    store,
    freshAccount,
    client: (Client, { account = freshAccount(), region = 'eu-west-1' } = {}) =>
      new Client({ endpoint, region, credentials: { accessKeyId: account, secretAccessKey: 'secret' }, maxAttempts: 1 }),
  };
}

/** Code and message of what a call was refused with; a call that succeeds fails the test. */
export async function refusal(call: Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error && '$metadata' in error) return { code: error.name, message: error.message };
    throw error;
  }
  throw new Error('the call was expected to be refused, but it succeeded');
}
