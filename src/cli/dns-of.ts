/** Where a running Keiro answers for names on this machine. */
import { Complaint } from '#cli/complaint.ts';
import type { Endpoint } from '#cli/endpoint.ts';
import { type LocateOptions, requireServer } from '#cli/locate.ts';

/**
 * The address and port, as the server says in its health.
 * @throws Complaint when none runs, or the one that runs answers for no names here
 */
export async function dnsOf(options: LocateOptions): Promise<Endpoint> {
  const { endpoint, health } = await requireServer(options);
  const { dns } = health;
  if (dns === undefined) {
    throw new Complaint(
      `the Keiro at ${endpoint} answers for no names on this machine: start it with --dns, or ask a server with --server.`,
    );
  }
  return { host: dns.address, port: dns.port };
}
