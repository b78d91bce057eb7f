/** The fabric as control sees it: started or found again, told what is wanted, ended. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import type { Id } from '#model/topology.ts';
import type { Wanted } from '#model/world.ts';
import type { Report } from './apply.ts';
import type { Conversation } from '#dataplane/process/conversation.ts';
import { converseAt, FabricError } from './conversation.ts';
import { launch } from './launch.ts';
import { PROTOCOL, type FabricEvent, type Found, type Status } from './messages.ts';
import { programPath } from './programs.ts';
import type { FabricSettings } from './settings.ts';

/** One connection to a fabric. The fabric goes on when it ends. */
export interface Fabric {
  /** The fabric's process as this host counts: `nsenter --target PID --user --net --mount --preserve-credentials`. */
  readonly pid: number;
  /** Makes the kernel so; rejects with FabricError when the kernel refuses or the fabric is gone. */
  want(wanted: Wanted): Promise<Report>;
  status(): Promise<Status>;
  /** Undefined when it does not run. */
  instance(id: Id): Promise<Found | undefined>;
  /** One listener. */
  listen(listener: (event: FabricEvent) => void): void;
  readonly closed: Promise<void>;
  /** Leaves it to itself. */
  disconnect(): void;
  /** Ends it: nothing of it is left on the host. */
  stop(): Promise<void>;
}

/** Finds the fabric at this socket, or starts one that outlives its starter. @throws FabricError */
export async function startFabric(socketPath: string, settings: FabricSettings = {}): Promise<Fabric> {
  const found = await findFabric(socketPath);
  if (found !== undefined) {
    if ((await found.status()).protocol === PROTOCOL) return found;
    await found.stop(); // of another version of Keiro: what it holds is built anew
  }
  mkdirSync(dirname(socketPath), { recursive: true, mode: 0o700 });
  await launch([process.execPath, ...programPath('fabric'), socketPath, JSON.stringify(settings)]);
  const fabric = await findFabric(socketPath);
  if (fabric === undefined) throw new FabricError('the fabric started and ended at once');
  return fabric;
}

/** The fabric that answers at this socket, if any. */
export async function findFabric(socketPath: string): Promise<Fabric | undefined> {
  const conversation = await converseAt(socketPath);
  return conversation && fabricOf(conversation);
}

/** Undefined for one that ends instead of answering: its socket is there a moment longer than it is. */
async function fabricOf(conversation: Conversation): Promise<Fabric | undefined> {
  const status = async () => (await conversation.ask({ do: 'status' }))['status'] as Status; // what `status` is answered with
  const pid = await status().then(
    (said) => said.pid,
    () => undefined,
  );
  if (pid === undefined) return undefined;
  return {
    pid,
    status,
    want: async (wanted) => (await conversation.ask({ do: 'want', wanted }))['report'] as Report, // as above
    instance: async (instance) => (await conversation.ask({ do: 'find', instance }))['found'] as Found | undefined, // as above
    listen: (listener) => conversation.listen((event) => listener(event as unknown as FabricEvent)), // all that a fabric tells
    closed: conversation.closed,
    disconnect: () => conversation.end(),
    stop: async () => {
      await conversation.ask({ do: 'stop' }).catch(() => undefined); // it may be gone before it answers
      await conversation.closed;
    },
  };
}
