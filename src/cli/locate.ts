/** Finds the server that a command is about: by port, else by the data directory's note, else on the default port. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Complaint } from '#cli/complaint.ts';

export const defaultPort = 4566;
export const defaultData = '.keiro';
/** What a running server leaves in its data directory. */
export const noteName = 'server.json';

export interface ServerNote {
  readonly pid: number;
  readonly host: string;
  readonly port: number;
}

export interface LocateOptions {
  readonly port?: number;
  readonly data?: string;
}

export interface Health {
  readonly status: string;
  readonly version: string;
  readonly pid: number;
  readonly uptimeSeconds: number;
  readonly data: string;
  readonly capabilities: Readonly<Record<string, boolean | string>>;
  /** Where names are answered on this machine; absent: nowhere. */
  readonly dns?: { readonly address: string; readonly port: number };
}

/** Where a server is, or would be. */
export interface Located {
  /** `http://host:port` */
  readonly endpoint: string;
  /** Undefined when none runs there. */
  readonly health: Health | undefined;
  /** For messages: `at http://127.0.0.1:4566`, `on the data directory /srv/keiro`. */
  readonly place: string;
}

export function dataDirectory(options: LocateOptions): string {
  return resolve(options.data ?? defaultData);
}

/** The note of the server that runs, or last ran, on a data directory. */
export function readNote(directory: string): ServerNote | undefined {
  const file = join(directory, noteName);
  if (!existsSync(file)) return undefined;
  try {
    const note: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof note === 'object' && note && 'port' in note && 'pid' in note && 'host' in note) return note as ServerNote; // the three members are there
  } catch {
    // A note that cannot be read is no note: the default port is tried.
  }
  return undefined;
}

/**
 * The server that the options mean. One that is named by its data directory has its data there: a note that an ended
 * server left behind never leads to another one that has its port now.
 * @throws Complaint when port and directory are of two servers
 */
export async function findServer(options: LocateOptions): Promise<Located> {
  const directory = dataDirectory(options);
  if (options.port !== undefined) {
    const endpoint = `http://127.0.0.1:${options.port}`;
    const health = await healthOf(endpoint);
    if (health && options.data !== undefined && !isSame(health.data, directory)) {
      throw new Complaint(`the Keiro at ${endpoint} has its data in ${health.data}, not in ${directory}: name it by one of the two.`);
    }
    return { endpoint, health, place: `at ${endpoint}` };
  }
  const note = readNote(directory);
  const noted = note && endpointOf(note);
  const health = noted && (await healthOf(noted));
  if (noted && health && isSame(health.data, directory)) return { endpoint: noted, health, place: `at ${noted}` };
  const standard = `http://127.0.0.1:${defaultPort}`;
  if (options.data !== undefined) return { endpoint: noted ?? standard, health: undefined, place: `on the data directory ${directory}` };
  return { endpoint: standard, health: await healthOf(standard), place: `at ${standard}` };
}

function endpointOf({ host, port }: ServerNote): string {
  const reached = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`;
}

function isSame(one: string, other: string): boolean {
  return realOf(one) === realOf(other);
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The server's health, or undefined when nothing of Keiro answers there. */
async function healthOf(endpoint: string): Promise<Health | undefined> {
  try {
    const response = await fetch(`${endpoint}/_keiro/health`, { signal: AbortSignal.timeout(5_000) });
    const body: unknown = await response.json();
    return typeof body === 'object' && body && 'pid' in body && 'version' in body ? (body as Health) : undefined; // the members that are used
  } catch {
    return undefined;
  }
}

/**
 * @param portOption what the command calls the option of the server's port
 * @throws Complaint when no Keiro runs there
 */
export async function requireServer(
  options: LocateOptions,
  portOption = '--port',
): Promise<{ readonly endpoint: string; readonly health: Health }> {
  const { endpoint, health, place } = await findServer(options);
  if (!health) throw new Complaint(absence(place, portOption));
  return { endpoint, health };
}

/** What to say where no Keiro runs. */
export function absence(place: string, portOption = '--port'): string {
  const here = process.env['KEIRO_SHELL'] ? " (this shell is on Keiro's own internet: leave it first)" : '';
  return `no Keiro runs ${place}${here}. Start one with 'keiro start', or name it with ${portOption} or --data.`;
}
