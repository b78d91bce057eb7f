/** `keiro start`: runs Keiro in the foreground until it is told to end. */
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Complaint } from '#cli/complaint.ts';
import { defaultPort, noteName, type ServerNote } from '#cli/locate.ts';
import { OptionError, readOptions, type ServerOptions } from '#server/options.ts';
import { PacketsError } from '#server/packets.ts';
import { type Server, startServer } from '#server/start.ts';
import { version } from '#server/version.ts';
import { StoreError } from '#store/store-error.ts';

export interface StartFlags {
  readonly port?: number;
  readonly data?: string;
  readonly json?: boolean;
  readonly listen?: string;
  readonly auth?: string;
  readonly quotas?: string;
  readonly packets?: string;
  readonly outbound?: boolean;
  readonly certificates?: string;
  readonly geo?: string;
  readonly dns?: string;
  readonly region?: string;
  readonly logLevel?: string;
}

export async function start(flags: StartFlags): Promise<void> {
  const options = optionsOf(flags);
  const { data } = options;
  const server = await open(options);
  leaveNote(data, { pid: process.pid, host: server.host, port: server.port });
  const url = `http://${server.host.includes(':') ? `[${server.host}]` : server.host}:${server.port}`;
  const ready = flags.json
    ? JSON.stringify({ ready: true, url, port: server.port, pid: process.pid, data, version })
    : `Keiro ${version} is ready at ${url} (data in ${data}). Point the aws CLI here: eval "$(keiro env${nameOf(server, data)})"`;
  endOnSignals(server, data); // before anybody is told that there is something to end
  process.stdout.write(`${ready}\n`);
}

/** What `keiro env` needs to be told, wherever it is called. */
function nameOf({ host, port }: Server, data: string): string {
  if (host !== '127.0.0.1' && host !== '0.0.0.0' && host !== 'localhost') return ` --data '${data.replaceAll("'", String.raw`'\''`)}'`;
  return port === defaultPort ? '' : ` --port ${port}`;
}

function optionsOf({ listen: host, ...flags }: StartFlags): ServerOptions {
  try {
    const options = readOptions({ host, ...flags }, process.env);
    return { ...options, data: resolve(options.data), ...(options.geo === undefined ? {} : { geo: resolve(options.geo) }) };
  } catch (error) {
    if (error instanceof OptionError) throw new Complaint(error.message);
    throw error;
  }
}

/** Starts, or complains in words that say what to do. */
async function open(options: ServerOptions): Promise<Server> {
  try {
    return await startServer(options);
  } catch (error) {
    if (error instanceof StoreError || error instanceof PacketsError) throw new Complaint(error.message);
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const where = `${options.host}:${options.port}`;
    if (code === 'EADDRINUSE') {
      throw new Complaint(
        `port ${options.port} is taken on ${options.host}. Is another Keiro running ('keiro status')? Choose another port with --port.`,
      );
    }
    if (code === 'EACCES')
      throw new Complaint(`this user may not listen on ${where}. Ports below 1024 need root; choose another with --port.`);
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new Complaint(`${options.host} is no address of this machine. Choose another with --listen.`);
    throw error;
  }
}

/** For the other commands, which find the server by its data directory. */
function leaveNote(directory: string, note: ServerNote): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, noteName);
  writeFileSync(file, `${JSON.stringify(note)}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
}

function endOnSignals(server: Server, directory: string): void {
  let ending = false;
  const end = () => {
    // A second signal does not wait for requests under way.
    if (ending) process.exit(1);
    ending = true;
    rmSync(join(directory, noteName), { force: true });
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`keiro: ending failed: ${error instanceof Error ? error.message : String(error)}\n`);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
}
