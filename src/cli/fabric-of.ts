/** The fabric of a server, for the commands that enter it; what to do when there is none. */
import { setTimeout } from 'node:timers/promises';
import { Complaint } from '#cli/complaint.ts';
import { absence, dataDirectory, findServer, type Health, type Located, type LocateOptions } from '#cli/locate.ts';
import { fabricSocket, findFabric, type Fabric } from '#dataplane/fabric/public.ts';

export interface FoundFabric {
  readonly fabric: Fabric;
  /** Undefined when Keiro itself does not run now; packets go on without it. */
  readonly endpoint: string | undefined;
  readonly health: Health | undefined;
  /** Data directory. */
  readonly data: string;
}

/** @throws Complaint when no Keiro runs there and no packets move */
export async function requireFabric(options: LocateOptions): Promise<FoundFabric> {
  const { endpoint, health, place } = await findSettled(options);
  const data = health?.data ?? dataDirectory(options);
  const isMeant = health !== undefined || options.port === undefined;
  const fabric = isMeant ? await findFabric(fabricSocket(data)) : undefined;
  if (fabric) return { fabric, endpoint: health && endpoint, health, data };
  if (health) throw new Complaint(whyNoPackets(health));
  throw new Complaint(absence(place));
}

/** How long a start of the network may take on a busy machine. */
const patienceMs = 30_000;

/** The server, once it is known whether packets move: that may come a moment after the server answers. */
export async function findSettled(options: LocateOptions): Promise<Located> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const found = await findServer(options);
    if (found.health?.capabilities['packets'] !== 'starting' || Date.now() > deadline) return found;
    await setTimeout(100);
  }
}

/** Why nothing can be entered, and what to do. */
export function whyNoPackets({ capabilities, data }: Pick<Health, 'capabilities' | 'data'>): string {
  const packets = capabilities['packets'];
  if (packets === true || packets === 'on') return `the network in ${data} does not answer. Run this as the user who runs Keiro.`;
  const reason = typeof packets === 'string' && packets !== 'off' ? ` (${packets})` : '';
  return `this Keiro moves no packets${reason}. 'keiro doctor' says what this machine lacks; then start Keiro again, without --packets off.`;
}
