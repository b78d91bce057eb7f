/** `keiro balancers`: the load balancers, and where they are reached from this host. */
import { Complaint } from '#cli/complaint.ts';
import { type LocateOptions, requireServer } from '#cli/locate.ts';
import { print } from '#cli/print.ts';
import type { ShownBalancer } from '#server/balancers-page.ts';

export async function balancers(options: LocateOptions & { readonly json?: boolean }): Promise<void> {
  const { endpoint } = await requireServer(options);
  const response = await fetch(`${endpoint}/_keiro/balancers`);
  if (!response.ok) throw new Complaint(`${endpoint} answered ${response.status}: ${(await response.text()).trim()}`);
  const { balancers: all } = (await response.json()) as { readonly balancers: readonly ShownBalancer[] }; // what that page holds
  const { port } = new URL(endpoint);
  print(options.json, { balancers: all }, () =>
    all.length === 0 ? 'There is no load balancer.' : all.map((one) => linesOf(one, port)).join('\n'),
  );
}

function linesOf({ name, type, dnsName, localName, listeners }: ShownBalancer, port: string): string {
  const isTls = listeners.every(({ protocol }) => protocol === 'HTTPS' || protocol === 'TLS');
  const local = localName === undefined || listeners.length === 0 ? '' : `, here ${isTls ? 'https' : 'http'}://${localName}:${port}`;
  const lines = listeners.map((one) => `  ${one.protocol} ${one.port}${one.address === undefined ? '' : ` at ${one.address}`}`);
  return [`${name} (${type}): ${dnsName}${local}`, ...lines].join('\n');
}
