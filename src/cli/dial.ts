/** Connections that begin on Keiro's internet: asked for at the dial socket, then passed on byte for byte. */
import type { Socket } from 'node:net';
import { Complaint } from '#cli/complaint.ts';
import { formatEndpoint, type Endpoint } from '#cli/endpoint.ts';
import { findSettled, whyNoPackets } from '#cli/fabric-of.ts';
import { absence, type LocateOptions } from '#cli/locate.ts';
import { dialInternet, dialSocket, FabricError } from '#dataplane/fabric/public.ts';

/** Opens a connection, or rejects with a Complaint that says why not. */
export type Dial = (to: Endpoint) => Promise<Socket>;

/** @throws Complaint when no Keiro runs there */
export async function dialerOf(options: LocateOptions): Promise<Dial> {
  const { health, place } = await findSettled(options);
  if (!health) throw new Complaint(absence(place));
  const path = dialSocket(health.data);
  return (to) => dial(path, to, () => new Complaint(whyNoPackets(health)));
}

/** @param absent what to say when nobody listens at the path */
export async function dial(path: string, to: Endpoint, absent: () => Complaint): Promise<Socket> {
  try {
    const socket = await dialInternet(path, to.host, to.port);
    if (socket !== undefined) return socket;
  } catch (error) {
    if (error instanceof FabricError) throw new Complaint(`${formatEndpoint(to)}: ${error.message}`);
    throw error;
  }
  throw absent();
}
