/** What a load balancer's node is told by whoever starts it, and what it tells; and the process of those on the host. */
import type { LifeWord, ReplacedMessage } from '#dataplane/process/supervised-program.ts';
import type { Balancer, TargetHealth } from '#model/balancer.ts';
import type { Id } from '#model/topology.ts';

export { findBalancerHost, startBalancerHost, type FoundBalancerHost } from './host/found-host.ts';
export type { BalancerHostEvent, BalancerHostSettings, HostPortList, WantedBalancers } from './host/messages.ts';

/** Its only argument, as JSON. */
export interface BalancerSettings {
  /** The node's interface: which of the balancer's nodes it is. */
  readonly interfaceId: Id;
  /** Folder of the files that take the place of buckets, by the bucket's name; undefined: access logs are not kept. */
  readonly bucketFolder?: string;
}

/** Over its channel. */
export type BalancerMessage =
  | { readonly balancer: Balancer }
  /** Another process listens beside it: it may stop listening, and end when what is under way is over. */
  | ReplacedMessage;

/**
 * What it says: `ready` when its listeners are open for the first time, its targets' health whenever that changes, and `leaving` when it
 * was asked to end: it goes on until another one has begun beside it, and finishes what is under way.
 */
export type BalancerWord =
  | LifeWord
  | { readonly say: 'fault'; readonly words: string }
  | { readonly say: 'health'; readonly targets: readonly TargetHealth[] };
