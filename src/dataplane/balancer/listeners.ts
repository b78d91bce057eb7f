/** What a node's listeners of either kind have in common. */
import type { Balancer, BalancerListener, BalancerNode, TargetHealth } from '#model/balancer.ts';
import type { Id } from '#model/topology.ts';
import type { AccessLogs } from './access-logs.ts';

export interface NodeOptions {
  readonly interfaceId: Id;
  readonly tellHealth: (targets: readonly TargetHealth[]) => void;
  readonly fault: (error: unknown) => void;
  readonly logs: AccessLogs;
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

/** What tells whether a listener that is open is the one that is wanted: another place, or another kind of door. */
export const doorOf = ({ port, protocol }: BalancerListener, addresses: readonly string[]): string =>
  `${port} ${protocol} ${addresses.join(' ')}`;
