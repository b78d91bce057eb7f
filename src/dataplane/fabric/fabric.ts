/** The fabric as control sees it: started or found again, told whole states, ended. */
import { spawn, type ChildProcess } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Report } from './apply.ts';
import { toolEnvironment, UNSHARE } from './capability.ts';
import type { KernelState } from './kernel-state.ts';
import { lineReader, PROTOCOL, type Answer, type Request, type Status } from './messages.ts';

/** The fabric could not be started, does not answer, or refused; the message says which and why. */
export class FabricError extends Error {
  override readonly name = 'FabricError';
}

/** One connection to a fabric. The fabric goes on when it ends. */
export interface Fabric {
  /** The fabric's process as this host counts: `nsenter --target PID --user --net --mount --preserve-credentials`. */
  readonly pid: number;
  /** Makes the kernel equal to the state; rejects with FabricError when the kernel refuses or the fabric is gone. */
  apply(state: KernelState): Promise<Report>;
  status(): Promise<Status>;
  /** Leaves it to itself. */
  disconnect(): void;
  /** Ends it: nothing of it is left on the host. */
  stop(): Promise<void>;
}

/** A limit on how long a start may take: a loaded machine needs a second. */
const START_TIMEOUT_MS = 15_000;

/** Finds the fabric at this socket, or starts one that outlives its starter. */
export async function startFabric(socketPath: string): Promise<Fabric> {
  const found = await findFabric(socketPath);
  if (found === undefined) return launch(socketPath);
  if ((await found.status()).protocol === PROTOCOL) return found;
  await found.stop(); // of another version of Keiro: what it holds is built anew
  return launch(socketPath);
}

/** The fabric that answers at this socket, if any. */
export async function findFabric(socketPath: string): Promise<Fabric | undefined> {
  const socket = await open(socketPath);
  return socket === undefined ? undefined : converse(socket);
}

async function launch(socketPath: string): Promise<Fabric> {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const child = spawn('unshare', [...UNSHARE, process.execPath, main, socketPath], {
    detached: true,
    env: toolEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = await firstWords(child);
  if (!said.startsWith('ready')) throw new FabricError(`the fabric did not start: ${said.trim()}`);
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
  const fabric = await findFabric(socketPath);
  if (fabric === undefined) throw new FabricError('the fabric started and ended at once');
  return fabric;
}

/** The first line of what it prints, or all that it said when it ends before. */
async function firstWords(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    const timer = setTimeout(() => finish(`${said} no word within ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
    const finish = (words: string): void => {
      clearTimeout(timer);
      resolve(words);
    };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('\n')) finish(said);
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.on('error', (error) => finish(error.message)).on('close', () => finish(said));
  });
}

async function open(socketPath: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => resolve(socket.removeAllListeners('error'))).once('error', () => resolve(undefined));
  });
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

type Asked = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never;

async function converse(socket: Socket): Promise<Fabric> {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  const onLine = lineReader((line) => {
    const answer = JSON.parse(line) as Answer; // from our own main.ts
    waiting.get(answer.id)?.resolve(answer);
    waiting.delete(answer.id);
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  void closed.then(() => {
    for (const { reject } of waiting.values()) reject(new FabricError('the fabric has ended'));
    waiting.clear();
  });
  socket
    .setEncoding('utf8')
    .on('data', onLine)
    .on('error', () => socket.destroy());
  const ask = async (asked: Asked): Promise<Answer> =>
    new Promise((resolve, reject) => {
      if (socket.destroyed) return reject(new FabricError('the fabric has ended'));
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      socket.write(`${JSON.stringify({ ...asked, id })}\n`);
    });
  const status = async (): Promise<Status> => {
    const answer = await ask({ do: 'status' });
    if (!('status' in answer)) throw new FabricError(errorOf(answer));
    return answer.status;
  };
  const { pid } = await status();
  return {
    pid,
    status,
    apply: async (state) => {
      const answer = await ask({ do: 'apply', state });
      if (!('report' in answer)) throw new FabricError(errorOf(answer));
      return answer.report;
    },
    disconnect: () => socket.end(),
    stop: async () => {
      await ask({ do: 'stop' }).catch(() => undefined); // it may be gone before it answers
      await closed;
    },
  };
}

function errorOf(answer: Answer): string {
  return 'error' in answer ? answer.error : 'the fabric gave the answer to another question';
}
