/** `keiro env`: the variables that point AWS's own tools at a Keiro. */
import { join } from 'node:path';
import { fetchCa } from '#cli/ca.ts';
import { Complaint } from '#cli/complaint.ts';
import { type Health, type LocateOptions, requireServer } from '#cli/locate.ts';
import { print } from '#cli/print.ts';

export const defaultAccount = '123456789012';
export const defaultRegion = 'us-east-1';

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
    ...(await credentialsOf(health, options.account)),
  };
  if (options.https) {
    await fetchCa(endpoint); // makes it, when there is none yet
    variables['AWS_CA_BUNDLE'] = join(health.data, 'ca.pem');
  }
  print(options.json, variables, () =>
    Object.entries(variables)
      .map(([name, value]) => `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'`)
      .join('\n'),
  );
}

/** Without signatures the access key names the account; with them the root key of the data directory signs. */
export async function credentialsOf(
  health: Pick<Health, 'capabilities' | 'data'>,
  account = defaultAccount,
): Promise<Record<string, string>> {
  if (health.capabilities['auth'] !== 'sigv4') return { AWS_ACCESS_KEY_ID: account, AWS_SECRET_ACCESS_KEY: 'keiro' };
  const { readRootKey } = await import('#server/root-key.ts');
  try {
    const key = readRootKey(health.data);
    return { AWS_ACCESS_KEY_ID: key.accessKeyId, AWS_SECRET_ACCESS_KEY: key.secret };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Complaint(`the root key in ${health.data} cannot be read (${reason}). Run this as the user who runs Keiro.`);
  }
}
