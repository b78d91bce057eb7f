/** The process of load balancers on the host as control sees it: started or found again, told what is wanted, ended. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { converse, type Conversation } from '#dataplane/process/conversation.ts';
import { leaveWhenReady, spawnDetached } from '#dataplane/process/detached-program.ts';
import { HOST_PROTOCOL, type BalancerHostEvent, type BalancerHostSettings, type HostPortList, type WantedBalancers } from './messages.ts'; // prettier-ignore

/** One connection to it. It goes on when that ends. */
export interface FoundBalancerHost {
  readonly pid: number;
  /** Gives the ports of all listeners that are open then; rejects when it refuses or is gone. */
  want(wanted: WantedBalancers): Promise<HostPortList>;
  /** One listener. */
  listen(listener: (event: BalancerHostEvent) => void): void;
  readonly closed: Promise<void>;
  /** Leaves it to itself. */
  disconnect(): void;
  /** Ends it. */
  stop(): Promise<void>;
}

/** Finds the process at the socket, or starts one that outlives its starter. @param program arguments for Node that start `main.ts` of this room */
export async function startBalancerHost(settings: BalancerHostSettings, program: readonly string[]): Promise<FoundBalancerHost> {
  const { socketPath } = settings;
  const found = await findBalancerHost(socketPath);
  if (found !== undefined) return found;
  mkdirSync(dirname(socketPath), { recursive: true, mode: 0o700 });
  await leaveWhenReady(spawnDetached(process.execPath, [...program, JSON.stringify(settings)], process.env));
  const started = await findBalancerHost(socketPath);
  if (started === undefined) throw new Error('it started and ended at once');
  return started;
}

/** The process that answers at this socket, if any. One of another version of Keiro is ended. */
export async function findBalancerHost(socketPath: string): Promise<FoundBalancerHost | undefined> {
  const conversation = await converse(socketPath, (words) => new Error(words ?? 'the load balancers on the host have ended'));
  if (conversation === undefined) return undefined;
  const status = await conversation.ask({ do: 'status' }).then(
    (answer) => answer['status'] as { readonly protocol: number; readonly pid: number }, // as messages.ts says
    () => undefined, // it is ending
  );
  if (status?.protocol === HOST_PROTOCOL) return hostOf(conversation, status.pid);
  await stop(conversation);
  return undefined;
}

function hostOf(conversation: Conversation, pid: number): FoundBalancerHost {
  return {
    pid,
    want: async (wanted) => (await conversation.ask({ do: 'want', wanted }))['ports'] as HostPortList, // as above
    listen: (listener) => conversation.listen((event) => listener(event as unknown as BalancerHostEvent)), // all that it tells
    closed: conversation.closed,
    disconnect: () => conversation.end(),
    stop: async () => stop(conversation),
  };
}

async function stop(conversation: Conversation): Promise<void> {
  await conversation.ask({ do: 'stop' }).catch(() => undefined); // it may be gone before it answers
  await conversation.closed;
}
