/** `keiro env`: the variables that point AWS's own tools at a Keiro. */
import { chmodSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchCa } from '#cli/ca.ts';
import { type Health, type LocateOptions, requireServer } from '#cli/locate.ts';
import { print } from '#cli/print.ts';

export interface EnvOptions extends LocateOptions {
  readonly json?: boolean;
  readonly account: string;
  readonly region: string;
  readonly https?: boolean;
}

export async function env(options: EnvOptions): Promise<void> {
  const { endpoint, health } = await requireServer(options);
  const variables: Record<string, string> = {
    AWS_ENDPOINT_URL: options.https ? endpoint.replace('http:', 'https:') : endpoint,
    AWS_REGION: options.region,
    AWS_DEFAULT_REGION: options.region,
    ...(await credentials(health, options.account)),
  };
  if (options.https) variables['AWS_CA_BUNDLE'] = await keepCa(endpoint, health.pid);
  print(options.json, variables, () =>
    Object.entries(variables)
      .map(([name, value]) => `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'`)
      .join('\n'),
  );
}

/** Without signatures the access key names the account; with them the root key of the data directory signs. */
async function credentials(health: Health, account: string): Promise<Record<string, string>> {
  if (health.capabilities['auth'] !== 'sigv4') return { AWS_ACCESS_KEY_ID: account, AWS_SECRET_ACCESS_KEY: 'keiro' };
  const { readRootKey } = await import('#server/root-key.ts');
  const key = readRootKey(health.data);
  return { AWS_ACCESS_KEY_ID: key.accessKeyId, AWS_SECRET_ACCESS_KEY: key.secret };
}

async function keepCa(endpoint: string, pid: number): Promise<string> {
  const file = join(tmpdir(), `keiro-ca-${pid}.pem`);
  writeFileSync(file, await fetchCa(endpoint), { mode: 0o600 });
  chmodSync(file, 0o600);
  return file;
}
