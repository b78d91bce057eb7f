/** Real `keiro` processes for tests: servers on free ports with data directories of their own, and commands run to their end. */
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { fabricSocket, findFabric } from '#dataplane/fabric/public.ts';
import { endBalancersOnHost } from '#server/balancers-on-host.ts';
import { endNamesOnHost } from '#server/names-on-host.ts';

export const root = join(import.meta.dirname, '..', '..');
export const nodeBinary = join(root, 'node_modules', 'node', 'bin', 'node');
const main = join(root, 'src', 'cli', 'main.ts');
/** Halves what each of the many commands costs. */
const compileCache = join(root, 'node_modules', '.cache', 'compiled');
/** How long anything may take on a busy machine. */
const patienceMs = 20_000;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const cleanups: (() => unknown)[] = [];
afterAll(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

/** The environment of a person who has set nothing that Keiro or AWS's tools look at. */
export function plainEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(AWS|KEIRO)_/.test(name));
  const quiet = { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null', AWS_PAGER: '' };
  return { ...Object.fromEntries(kept), ...quiet, NODE_COMPILE_CACHE: compileCache, ...more };
}

/** A new directory that is removed after the file's tests. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'keiro-cli-'));
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export interface RunOptions {
  /** A command that becomes the program, e.g. as another user. */
  readonly through?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly input?: string;
}

/** Runs a program to its end. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const child = start([command, ...args], options, {
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    timeout: patienceMs,
    killSignal: 'SIGKILL',
  });
  child.stdin?.end(options.input);
  return endOf(child);
}

/** Runs `keiro ARGS` to its end. */
export function keiro(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return run(nodeBinary, [main, ...args], options);
}

function start(words: readonly string[], { through = [], cwd = root, env }: RunOptions, options: SpawnOptions): ChildProcess {
  const [command = '', ...args] = [...through, ...words];
  return spawn(command, args, { ...options, cwd, env: plainEnvironment(env) });
}

function endOf(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

export interface KeiroProcess {
  readonly pid: number;
  readonly port: number;
  readonly endpoint: string;
  readonly data: string;
  /** What the ready line said. */
  readonly ready: Readonly<Record<string, unknown>>;
  readonly ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): Promise<Ended>;
}

export interface StartOptions extends RunOptions {
  readonly args?: readonly string[];
  /** A new one when left out. */
  readonly data?: string;
}

/** Starts a server on a free port and waits for its ready line; it is killed after the file's tests. */
export async function startKeiro({ args = [], data = temporaryDirectory(), ...options }: StartOptions = {}): Promise<KeiroProcess> {
  const packets = args.includes('--packets') ? [] : ['--packets', 'off']; // most are not about packets, and need not wait for them
  const names = args.includes('--dns') ? [] : ['--dns', 'off']; // there is one port for names, and many servers at a time
  const given = ['start', '--port', '0', '--data', data, '--json', '--log-level', 'warn', ...packets, ...names, ...args];
  const child = start([nodeBinary, main, ...given], options, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = endOf(child);
  const kill = (signal: NodeJS.Signals): Promise<Ended> => {
    child.kill(signal);
    return ended;
  };
  cleanups.push(async () => {
    await kill('SIGKILL');
    await (await findFabric(fabricSocket(data)))?.stop(); // it outlives control
    await Promise.all([endBalancersOnHost(data), endNamesOnHost(data)]); // so do they
  });
  const ready = await readyLine(child, ended);
  const port = Number(ready['port']);
  return { pid: child.pid ?? 0, port, endpoint: `http://127.0.0.1:${port}`, data, ready, ended, kill };
}

async function readyLine(child: ChildProcess, ended: Promise<Ended>): Promise<Record<string, unknown>> {
  let output = '';
  const line = new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (text: string) => {
      output += text;
      const end = output.indexOf('\n');
      if (end >= 0) resolve(output.slice(0, end));
    });
    setTimeout(() => reject(new Error(`no ready line within ${patienceMs} ms`)), patienceMs).unref();
  });
  const early = ended.then(({ code, stderr }) => Promise.reject(new Error(`keiro ended with ${code} before it was ready: ${stderr}`)));
  return JSON.parse(await Promise.race([line, early])) as Record<string, unknown>; // a ready line is an object
}

/** The variables that point AWS's tools at a server, in an account and a Region of their own. */
export function awsEnvironment(server: Pick<KeiroProcess, 'endpoint'>, account = '123456789012', region = 'eu-west-1'): NodeJS.ProcessEnv {
  return {
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_DEFAULT_REGION: region,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: account,
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_DEFAULT_OUTPUT: 'json',
  };
}
