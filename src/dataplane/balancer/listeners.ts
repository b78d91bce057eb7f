/** What a node's listeners of either kind have in common. */
import type { Balancer, BalancerNode, TargetHealth } from '#model/balancer.ts';
import type { Id } from '#model/topology.ts';
import type { AccessLogs } from './access-logs.ts';
import type { ListenPlaces } from './listen-places.ts';

export interface NodeOptions {
  readonly interfaceId: Id;
  readonly tellHealth: (targets: readonly TargetHealth[]) => void;
  readonly fault: (error: unknown) => void;
  readonly logs: AccessLogs;
  /** Where listeners are, for a node that shares the host's network with everybody: there the kernel passes nothing on. Else it has its own. */
  readonly hostPlaces?: ListenPlaces;
}

/** What opens listeners of one kind, and keeps them as they are wanted. */
export interface Listeners {
  update(balancer: Balancer, node: BalancerNode): Promise<void>;
  /** A target's health has changed. */
  noteHealth(): void;
  /** Ends what is under way with a target whose deregistration delay is over. */
  cutTarget(address: string, port: number): void;
  close(graceMs: number): Promise<void>;
}
