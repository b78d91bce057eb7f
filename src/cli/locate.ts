/** Finds the server that a command is about: by port, else by the data directory's note, else on the default port. */
import { existsSync, readFileSync } from 'node:fs';
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

/** `http://host:port` of the server that a command is about. */
export function endpointOf(options: LocateOptions): string {
  if (options.port !== undefined) return `http://127.0.0.1:${options.port}`;
  const note = readNote(dataDirectory(options));
  if (!note) return `http://127.0.0.1:${defaultPort}`;
  const host = note.host === '0.0.0.0' || note.host === '::' ? '127.0.0.1' : note.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${note.port}`;
}

/** The server's health, or undefined when nothing of Keiro answers there. */
export async function healthOf(endpoint: string): Promise<Health | undefined> {
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
 * @throws Complaint when no Keiro answers
 */
export async function requireServer(
  options: LocateOptions,
  portOption = '--port',
): Promise<{ readonly endpoint: string; readonly health: Health }> {
  const endpoint = endpointOf(options);
  const health = await healthOf(endpoint);
  if (!health) {
    throw new Complaint(`no Keiro answers at ${endpoint}. Start one with 'keiro start', or name it with ${portOption} or --data.`);
  }
  return { endpoint, health };
}
