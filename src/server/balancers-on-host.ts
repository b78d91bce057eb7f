/** Load balancers where no packets move: in a process on this host that outlives control, reached at ports of the loopback address. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { findBalancerHost, startBalancerHost } from '#dataplane/balancer/public.ts';
import { programPath, socketFolder } from '#dataplane/fabric/public.ts';
import { HostBalancers } from '#reconcile/host-balancers.ts';
import type { ObservedInstances } from '#reconcile/observed-instances.ts';
import type { Log } from '#server/log.ts';
import type { Store } from '#store/store.ts';

export interface BalancersOnHostOptions {
  readonly store: Store;
  /** Data directory. */
  readonly directory: string;
  readonly log: Log;
}

/** Where the process is asked; no longer than the fabric's. */
const socketOf = (directory: string): string => join(socketFolder(directory), 'hosted.sock');

/** From now on load balancers listen here, and what they see of their targets is told to `observed`. */
export function openBalancersOnHost({ store, directory, log }: BalancersOnHostOptions, observed: ObservedInstances): HostBalancers {
  observed.balanceOnHost();
  const socketPath = socketOf(directory);
  return new HostBalancers({
    store,
    find: async () => findBalancerHost(socketPath),
    open: async () => {
      const settings = { socketPath, portsFile: join(directory, 'balancer-ports.json'), bucketFolder: join(directory, 'buckets') };
      return startBalancerHost(settings, programPath('balancer'));
    },
    see: (event) => observed.see(event),
    onTrouble: (error, doing) => log.warn({ err: error }, doing),
  });
}

/** Ends the process that an earlier start left, if any; and what is left of it in the file system. */
export async function endBalancersOnHost(directory: string): Promise<void> {
  const socketPath = socketOf(directory);
  await (await findBalancerHost(socketPath))?.stop();
  rmSync(socketPath, { force: true });
}
