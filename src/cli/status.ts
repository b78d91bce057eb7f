/** `keiro status`: whether Keiro runs, where, and how it is. */
import { findServer, type Health, type LocateOptions } from '#cli/locate.ts';
import { print } from '#cli/print.ts';

/** Exits with 3 when nothing runs, as service commands do. */
const notRunning = 3;

export async function status(options: LocateOptions & { readonly json?: boolean }): Promise<void> {
  const { endpoint, health, place } = await findServer(options);
  if (!health) process.exitCode = notRunning;
  print(options.json, health ? { running: true, endpoint, ...health } : { running: false, endpoint }, () =>
    health
      ? `Keiro ${health.version} runs at ${endpoint} (process ${health.pid}, for ${Math.round(health.uptimeSeconds)} s).${namesOf(health)}`
      : `No Keiro runs ${place}. Start one with 'keiro start'.`,
  );
}

const namesOf = ({ dns }: Health): string => (dns === undefined ? '' : ` Names are answered at ${dns.address}, port ${dns.port}.`);
