/** The process of names on the host as control sees it: started or found again, told what is wanted, ended. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { converse, type Conversation } from '#dataplane/process/conversation.ts';
import { leaveWhenReady, spawnDetached } from '#dataplane/process/detached-program.ts';
import type { Wanted } from '#model/world.ts';
import { HOST_NAMES_PROTOCOL, type HostNamesEvent, type HostNamesStatus } from './host-messages.ts';
import type { HostNamesSettings } from './public.ts';

/** One connection to it. It goes on when that ends. */
export interface FoundHostNames {
  /** Where it answers. */
  readonly address: string;
  readonly port: number;
  /** Resolves when names are answered so; rejects when it is gone. */
  want(wanted: Wanted): Promise<void>;
  /** One listener. */
  listen(listener: (event: HostNamesEvent) => void): void;
  readonly closed: Promise<void>;
  /** Ends it. */
  stop(): Promise<void>;
}

/**
 * Finds the process that was started with these settings, or starts one that outlives its starter; one with others is ended.
 * @param program arguments for Node that start `main.ts` of this room
 * @throws Error when no port can be had
 */
export async function startHostNames(settings: HostNamesSettings, program: readonly string[]): Promise<FoundHostNames> {
  const { hostSocket } = settings;
  const found = await find(hostSocket);
  if (found?.status.settings === JSON.stringify(settings)) return hostOf(found);
  if (found !== undefined) await stop(found.conversation);
  mkdirSync(dirname(hostSocket), { recursive: true, mode: 0o700 });
  await leaveWhenReady(spawnDetached(process.execPath, [...program, JSON.stringify(settings)], process.env));
  const started = await find(hostSocket);
  if (started === undefined) throw new Error('it started and ended at once');
  return hostOf(started);
}

/** Ends the process at this socket, if any. */
export async function endHostNames(hostSocket: string): Promise<void> {
  const found = await find(hostSocket);
  if (found !== undefined) await stop(found.conversation);
}

interface Found {
  readonly conversation: Conversation;
  readonly status: HostNamesStatus;
}

async function find(hostSocket: string): Promise<Found | undefined> {
  const conversation = await converse(hostSocket, (words) => new Error(words ?? 'the names on the host have ended'));
  if (conversation === undefined) return undefined;
  const status = await conversation.ask({ do: 'status' }).then(
    (answer) => answer['status'] as HostNamesStatus, // as host-messages.ts says
    () => undefined, // it is ending
  );
  if (status?.protocol === HOST_NAMES_PROTOCOL) return { conversation, status };
  await stop(conversation);
  return undefined;
}

function hostOf({ conversation, status: { address, port } }: Found): FoundHostNames {
  return {
    address,
    port,
    want: async (wanted) => void (await conversation.ask({ do: 'want', wanted })),
    listen: (listener) => conversation.listen((event) => listener(event as unknown as HostNamesEvent)), // all that it tells
    closed: conversation.closed,
    stop: async () => stop(conversation),
  };
}

async function stop(conversation: Conversation): Promise<void> {
  await conversation.ask({ do: 'stop' }).catch(() => undefined); // it may be gone before it answers
  await conversation.closed;
}
