/** What others may ask of the fabric: control, which tells it what is wanted, and commands, which enter it. */
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export { detectCapability, type Capability } from './capability.ts';
export { FabricError } from './conversation.ts';
export { findFabric, startFabric, type Fabric } from './fabric.ts';
export { dialInternet } from './dial.ts';
export { joinHost } from './host-link.ts';
export { startOutbound } from './outbound.ts';
export type { FabricEvent, Found, HealthEvent, InstanceEvent } from './messages.ts';
export { INTERNET_HOST, REAL_HOST, RESOLVER, SERVICES } from './platform.ts';
export { programPath } from './programs.ts';
export type { FabricSettings } from './settings.ts';

/** sockaddr_un.sun_path less the longest name of ours (unix(7)). */
const FOLDER_LENGTH_MAX = 107 - '/fabric.sock'.length;

/** The folder of a data directory's sockets: inside it, unless that is too long for a socket's name. */
export function socketFolder(dataDirectory: string): string {
  const inside = join(dataDirectory, 'run');
  if (Buffer.byteLength(inside) <= FOLDER_LENGTH_MAX) return inside;
  return join(tmpdir(), `keiro-${createHash('sha256').update(dataDirectory).digest('hex').slice(0, 16)}`);
}

/** The fabric's own socket. */
export const fabricSocket = (dataDirectory: string): string => join(socketFolder(dataDirectory), 'fabric.sock');
/** Relays to the fabric's internet: `connect HOST PORT` and a line end, then bytes. */
export const namesSocket = (dataDirectory: string): string => join(socketFolder(dataDirectory), 'names.sock');
export const dialSocket = (dataDirectory: string): string => join(socketFolder(dataDirectory), 'dial.sock');
/** Control's front door for calls from within. */
export const apiSocket = (dataDirectory: string): string => join(socketFolder(dataDirectory), 'api.sock');
