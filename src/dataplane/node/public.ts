/** What a node is told by the fabric that starts it. */
import type { CheckStatus } from '#model/health-check.ts';
import type { Id } from '#model/topology.ts';
import type { Wanted } from '#model/world.ts';

export { endHostNames, startHostNames, type FoundHostNames } from './found-host.ts';
export type { HostNamesEvent } from './host-messages.ts';

/** Where one network's questions come to. */
export interface Desk {
  readonly networkId: Id;
  /** Of 240.0.0.0/4, which no network may use. */
  readonly ipv4: string;
  readonly ipv6: string;
}

/** Whether a load balancer's node has somebody to send requests to, in each group. */
export interface NodeHealth {
  readonly balancerId: Id;
  readonly zone: string;
  readonly isHealthy: boolean;
}

/** Over its channel: what has changed. */
export interface NodeMessage {
  /** Rises; said again when all of the message is in force. */
  readonly sequence: number;
  readonly wanted?: Wanted;
  readonly desks?: readonly Desk[];
  readonly health?: readonly NodeHealth[];
}

export type NodeWord =
  | { readonly say: 'ready' }
  /** All that was told until this number is in force. */
  | { readonly say: 'has'; readonly sequence: number }
  /** What is seen of health checks' endpoints. */
  | { readonly say: 'checks'; readonly statuses: readonly CheckStatus[] }
  | { readonly say: 'fault'; readonly words: string };

/** Its only argument, as JSON. */
export interface NodeSettings {
  /** Addresses at which it answers the internet's questions for names. */
  readonly resolver: readonly string[];
  /** Addresses at which it passes calls on to the API. */
  readonly services: readonly string[];
  /** What the services' names mean. */
  readonly serviceAddresses: { readonly ipv4: string; readonly ipv6: string };
  /** Unix socket of the API's front door; undefined: nobody is there. */
  readonly apiSocket?: string;
  /** A resolver for names that nobody here knows; undefined: there are none. */
  readonly forwardTo?: string;
  /** Unix socket at which it takes connections of the host into the internet. */
  readonly dialSocket?: string;
  /** Unix socket at which it takes questions for names from the host's port. */
  readonly namesSocket?: string;
  /** A MaxMind database of where addresses are. */
  readonly geoFile?: string;
}

/** The only argument of the one on the host, as JSON. */
export interface HostNamesSettings {
  /** Unix socket at which control tells it what is wanted. */
  readonly hostSocket: string;
  readonly address: string;
  /** The first of these that is free; 0 is any. */
  readonly ports: readonly number[];
  /** Where questions are answered, with a fabric; without it they are answered here. */
  readonly namesSocket?: string;
  readonly geoFile?: string;
}
