/** A running Keiro whose packets move, for one test file: started by root or by an ordinary user, entered from instances and from its internet. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { EC2 } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { entrance, type Entrance } from '#cli/inside.ts';
import { loginProgram } from '#cli/exec.ts';
import type { TraceView } from '#services/ec2/public.ts';
import {
  type Ended,
  keiro,
  type KeiroProcess,
  nodeBinary,
  plainEnvironment,
  root,
  run,
  startKeiro,
  temporaryDirectory,
} from '#test/cli/keiro-process.ts';
import { toolEnvironment } from '#dataplane/fabric/capability.ts';
import { fabricSocket, findFabric } from '#dataplane/fabric/public.ts';

/** How long anything may take to come about on a busy machine. */
export const patience = { timeout: 30_000, interval: 50 } as const;

/** Asks until the answer is as expected; when time is up the test fails with the last answer. */
export async function eventually(ask: () => unknown, expected: unknown): Promise<void> {
  await vi.waitFor(async () => expect(await ask()).toEqual(expected), patience);
}

export const region = 'us-east-1';
const main = `${root}/src/cli/main.ts`;

/**
 * Who runs Keiro, and where. `root-alone` is root in a network namespace that stands for the host: only one Keiro at a
 * time may have the host's route to public addresses.
 */
export type Owner = 'root' | 'root-alone' | 'ordinary-user';

export const NOBODY = 65_534;
const asNobody = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
const hostOfItsOwn = ['unshare', '--net', 'sh', '-c', 'ip link set lo up; exec "$@"', 'keiro'];

/** A program that goes on until it is ended. */
export interface Held {
  readonly child: ChildProcess;
  /** Its next line. */
  line(): Promise<string>;
  /** All lines until now. */
  lines(): readonly string[];
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Runs a shell's script somewhere. */
export type Shell = (script: string) => Promise<Ended>;

export interface Site {
  readonly owner: Owner;
  /** The server that answers now. */
  server(): KeiroProcess;
  /** Starts a server again over the same records. */
  restart(): Promise<void>;
  /** A client for an account of its own, in `region` unless told another. */
  client(options?: { readonly account?: string; readonly region?: string }): EC2;
  /** What clients of other services are made with. */
  access(account: string): { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  freshAccount(): string;
  /** `keiro COMMAND --data … WORDS`, as the owner. */
  keiro(command: readonly string[], ...words: readonly string[]): Promise<Ended>;
  /** A program of the host, as the owner, where he is. */
  host(command: string, ...args: readonly string[]): Promise<Ended>;
  /** The fabric's process, as the host counts. */
  fabricPid(): Promise<number | undefined>;
  inside(instance: string): Shell;
  readonly outside: Shell;
  holdInside(instance: string, ...program: readonly string[]): Promise<Held>;
  holdOutside(...program: readonly string[]): Promise<Held>;
  trace(from: string, to: string, ...args: readonly string[]): Promise<TraceView>;
}

let accounts = 0;

/** For the tests of the file or group that calls it. */
export function useSite(owner: Owner = 'root', args: readonly string[] = []): Site {
  let server: KeiroProcess;
  let folder: string;
  const held: ChildProcess[] = [];
  const through = (): readonly string[] => {
    if (owner === 'ordinary-user') return asNobody;
    return owner === 'root-alone' ? ['nsenter', `--net=/proc/${server.pid}/ns/net`] : [];
  };
  const env = owner === 'ordinary-user' ? { HOME: '/nonexistent', PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' } : {};
  const start = async (): Promise<KeiroProcess> =>
    startKeiro({
      through: owner === 'root-alone' ? hostOfItsOwn : owner === 'ordinary-user' ? asNobody : [],
      env,
      args: ['--packets', 'on', '--quotas', 'off', '--region', region, ...args],
      data: folder,
    });
  beforeAll(async () => {
    folder = temporaryDirectory();
    if (owner === 'ordinary-user') chownSync(folder, NOBODY, NOBODY);
    server = await start();
    await eventually(fabricPid, expect.any(Number));
  });
  afterAll(async () => {
    for (const child of held) child.kill('SIGTERM'); // it passes that on
    const ended = await server?.kill('SIGTERM');
    if (ended?.stderr) process.stderr.write(ended.stderr); // warnings: they tell why tests fail
  });

  const fabricPid = async (): Promise<number | undefined> => {
    const found = await findFabric(fabricSocket(folder));
    found?.disconnect();
    return found?.pid;
  };
  const fabric = async () => {
    const found = await findFabric(fabricSocket(folder));
    if (found === undefined) throw new Error('there is no fabric');
    return found;
  };
  const enter = async (instance: string | undefined, program: readonly string[]): Promise<Entrance> => {
    const found = await fabric();
    try {
      if (instance === undefined) return entrance(found.pid, { kind: 'internet' }, program);
      const { pid } = (await found.instance(instance)) ?? {};
      if (pid === undefined) throw new Error(`${instance} does not run`);
      return entrance(found.pid, { kind: 'instance', pid }, loginProgram('root', program, {}));
    } finally {
      found.disconnect();
    }
  };
  const shellOf =
    (instance?: string): Shell =>
    async (script) => {
      const { command, args: words } = await enter(instance, ['sh', '-c', script]);
      return run(command, words, { through: through(), env: toolEnvironment({ ...process.env, ...env }) });
    };
  const hold = async (instance: string | undefined, program: readonly string[]): Promise<Held> => {
    const where = instance === undefined ? ['internet', 'run'] : ['exec'];
    const words = [...through(), nodeBinary, main, ...where, '--data', folder, ...(instance === undefined ? [] : [instance])];
    const [command = '', ...rest] = [...words, '--', ...program];
    const child = spawn(command, rest, { env: plainEnvironment(env), cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
    held.push(child);
    const lines: string[] = [];
    let read = 0;
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
    const closed = once(child, 'close');
    return {
      child,
      lines: () => lines,
      line: async () => {
        await eventually(() => lines.length > read, true);
        return lines[read++] ?? '';
      },
      end: async (signal = 'SIGTERM') => {
        child.kill(signal);
        return (await closed)[0] as number | null; // what 'close' gives
      },
    };
  };

  const freshAccount = (): string => `8${String(process.pid % 100_000).padStart(5, '0')}${String(accounts++).padStart(6, '0')}`;
  return {
    owner,
    server: () => server,
    restart: async () => {
      server = await start();
    },
    freshAccount,
    access: (account) => ({ endpoint: server.endpoint, region, credentials: { accessKeyId: account, secretAccessKey: 'secret' } }),
    client: ({ account = freshAccount(), region: where = region } = {}) =>
      new EC2({
        endpoint: server.endpoint,
        region: where,
        credentials: { accessKeyId: account, secretAccessKey: 'secret' },
        maxAttempts: 3,
      }),
    keiro: (command, ...words) => keiro([...command, '--data', folder, ...words], { through: through(), env }),
    host: (command, ...words) => run(command, words, { through: through(), env }),
    fabricPid,
    inside: (instance) => shellOf(instance),
    outside: shellOf(),
    holdInside: (instance, ...program) => hold(instance, program),
    holdOutside: (...program) => hold(undefined, program),
    trace: async (from, to, ...words) => {
      const { code, stdout, stderr } = await keiro(['trace', from, to, '--data', folder, '--json', ...words], { through: through(), env });
      expect(stderr).toBe('');
      const view = JSON.parse(stdout) as TraceView; // what --json prints
      expect(code).toBe(view.isDelivered ? 0 : 1);
      return view;
    },
  };
}

/** What an HTTP server says, or how `curl` fails: `curl 7` where the connection is refused, `curl 28` where no answer comes. */
export async function fetchFrom(shell: Shell, url: string, seconds = 1): Promise<string> {
  const { code, stdout } = await shell(`exec curl -sS -m ${seconds} '${url}'`);
  return code === 0 ? stdout.trim() : `curl ${code}`;
}

export const SILENCE = 'curl 28';

/** Whether an answer to an echo request comes within a second. */
export async function pings(shell: Shell, address: string, ...options: readonly string[]): Promise<boolean> {
  return (await shell(`exec ping -c 1 -W 1 ${options.join(' ')} ${address}`)).code === 0;
}
