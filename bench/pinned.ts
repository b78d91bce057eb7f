/** Starts the servers and the load each on a core of its own, so that one does not slow the other; measures what they use. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { LoadConnection } from './http-client.ts';
import type { LoadJob, LoadReport } from './load.ts';

export const root = join(import.meta.dirname, '..');

const canPin = availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0;
export const pinningNote = canPin
  ? 'servers on core 0, load on core 1'
  : 'servers and load share cores (one core, or no taskset): figures are low';
const serverCore = '0';
const loadCore = '1';

const pinned = (core: string, command: readonly string[]): readonly [string, readonly string[]] =>
  canPin ? ['taskset', ['-c', core, ...command]] : [command[0] ?? '', command.slice(1)];

/** A command so that it runs where servers, or the load, do: the program, and its arguments. */
export const pinnedToServerCore = (command: readonly string[]): readonly [string, readonly string[]] => pinned(serverCore, command);
export const pinnedToLoadCore = (command: readonly string[]): readonly [string, readonly string[]] => pinned(loadCore, command);

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on TCP
  server.close();
  await once(server, 'close');
  return port;
}

export const isOnPath = (command: string): boolean =>
  (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, command)));

export interface Server {
  readonly port: number;
  /** From the start of the command to its first answer. */
  readonly readyMs: number;
  readonly child: ChildProcess;
}

const longestStartMs = 60_000;

/**
 * Starts a server and waits for the first answer to `GET path` with the status 200.
 * @param isFree on any core, as one that starts others that are to be measured themselves
 */
export async function startServer(command: readonly string[], port: number, path: string, isFree = false): Promise<Server> {
  const [file = '', ...free] = command;
  const [program, args] = isFree ? [file, free] : pinned(serverCore, command);
  const request = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  const started = performance.now();
  // A file, not a pipe: whoever read a pipe would take time from what is measured.
  const logFile = join(tmpdir(), `keiro-bench-${process.pid}-${port}.log`);
  const log = openSync(logFile, 'w+');
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'ignore', log] });
  closeSync(log);
  const said = (): string => (existsSync(logFile) ? readFileSync(logFile, 'utf8').slice(-2_000) : 'it said nothing');
  while (performance.now() - started < longestStartMs) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${command.join(' ')} ended: ${said()}`);
    const connection = new LoadConnection(port);
    const answer = await connection.send(request).catch(() => undefined);
    connection.close();
    if (answer?.status === 200) {
      const readyMs = performance.now() - started;
      rmSync(logFile, { force: true }); // read only when the start fails
      return { port, readyMs, child };
    }
    await pause(2);
  }
  child.kill('SIGKILL');
  throw new Error(`${command.join(' ')} did not answer within ${longestStartMs} ms: ${said()}`);
}

export async function stopServer(server: Server, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (server.child.exitCode !== null || server.child.signalCode !== null) return;
  const gone = once(server.child, 'exit');
  server.child.kill(signal);
  const deadline = setTimeout(() => server.child.kill('SIGKILL'), 20_000);
  await gone;
  clearTimeout(deadline);
}

function memoryOf(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1000;
  } catch {
    return 0;
  }
}

/** Linux counts in hundredths of a second (USER_HZ). */
const usPerTick = 10_000;

function processorTicks(pid: number): number {
  try {
    // The name in brackets may hold anything; after it come state, …, utime and stime as the 12th and 13th.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => {
      try {
        return new RegExp(`^PPid:\\s+${pid}$`, 'm').test(readFileSync(`/proc/${candidate}/status`, 'utf8'));
      } catch {
        return false;
      }
    });
}

/** Sums something over a server's process and all below it. */
function sumOfTree(server: Server, of: (pid: number) => number): number {
  if (!existsSync('/proc/self/status')) return Number.NaN;
  const open = [server.child.pid ?? 0];
  let sum = 0;
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    sum += of(pid);
    open.push(...childrenOf(pid));
  }
  return sum;
}

/** Resident memory of a process and all below it, in MB (10⁶ bytes). NaN where there is no /proc. */
export const residentMegabytes = (server: Server): number => sumOfTree(server, memoryOf);

/** Processor time that a server has used so far, in microseconds, to a hundredth of a second: neighbours on the machine do not count. */
export const processorUs = (server: Server): number => sumOfTree(server, processorTicks) * usPerTick;

/** The load process. */
export class Load {
  readonly #child: ChildProcess;

  constructor() {
    const [file, args] = pinned(loadCore, [process.execPath, join(import.meta.dirname, 'load.ts')]);
    this.#child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  }

  /** Runs one job to its end. Throws when an answer was not what the job expects. */
  async run(job: LoadJob): Promise<LoadReport> {
    const answered = once(this.#child, 'message');
    this.#child.send(job);
    const [message] = (await answered) as [{ report?: LoadReport; failure?: string }]; // load.ts sends just this
    if (!message.report) throw new Error(message.failure ?? 'the load said nothing');
    return message.report;
  }

  close(): void {
    this.#child.disconnect();
  }
}
