/** A fabric for tests: told kernel states as they are, instead of what is wanted. */
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Report } from '../../src/dataplane/fabric/apply.ts';
import { converseAt } from '../../src/dataplane/fabric/conversation.ts';
import type { KernelState } from '../../src/dataplane/fabric/kernel-state.ts';
import { launch } from '../../src/dataplane/fabric/launch.ts';
import type { Status } from '../../src/dataplane/fabric/messages.ts';

export interface StateFabric {
  /** As the host counts. */
  readonly pid: number;
  apply(state: KernelState): Promise<Report>;
  status(): Promise<Status>;
  disconnect(): void;
  stop(): Promise<void>;
}

/** Finds the one at this socket, or starts one. */
export async function startStateFabric(socketPath: string): Promise<StateFabric> {
  const found = await findStateFabric(socketPath);
  if (found !== undefined) return found;
  await launch([process.execPath, fileURLToPath(new URL('state-program.ts', import.meta.url)), socketPath]);
  const fabric = await findStateFabric(socketPath);
  if (fabric === undefined) throw new Error('the fabric started and ended at once');
  return fabric;
}

export async function findStateFabric(socketPath: string): Promise<StateFabric | undefined> {
  const conversation = await converseAt(socketPath);
  if (conversation === undefined) return undefined;
  const status = async () => (await conversation.ask({ do: 'status' }))['status'] as Status; // as state-program.ts answers
  const { pid } = await status();
  return {
    pid,
    status,
    apply: async (state) => (await conversation.ask({ do: 'apply', state }))['report'] as Report, // as above
    disconnect: () => conversation.end(),
    stop: async () => {
      await conversation.ask({ do: 'stop' }).catch(() => undefined);
      await conversation.closed;
    },
  };
}
