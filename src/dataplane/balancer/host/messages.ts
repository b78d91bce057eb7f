/** What control and the process of load balancers on the host say to each other over its socket: each request answered once, by its id. */
import type { Balancer, TargetHealth } from '#model/balancer.ts';
import type { Id } from '#model/topology.ts';

/** Rises when an old control and a new process would misunderstand each other. */
export const HOST_PROTOCOL = 1;

/** Its only argument, as JSON. */
export interface BalancerHostSettings {
  readonly socketPath: string;
  /** File of the ports that listeners had. */
  readonly portsFile: string;
  /** As a node's. */
  readonly bucketFolder?: string;
}

/** `isWhole`: load balancers that are not named here are not wanted any more. Else `gone` says which are not. */
export interface WantedBalancers {
  readonly isWhole: boolean;
  readonly balancers: readonly Balancer[];
  readonly gone: readonly Id[];
}

/** The port of each listener that is open, by its ARN. */
export type HostPortList = readonly (readonly [Id, number])[];

export type HostRequest =
  /** Answered when listeners are as wanted, as far as they can be. */
  | { readonly id: number; readonly do: 'want'; readonly wanted: WantedBalancers }
  | { readonly id: number; readonly do: 'status' }
  /** Ends it: what is under way has a second. */
  | { readonly id: number; readonly do: 'stop' };

export type HostAnswer =
  | { readonly id: number; readonly ports: HostPortList }
  | { readonly id: number; readonly status: { readonly protocol: number; readonly pid: number } };

/** Told to whoever is connected; a newcomer is told the health of all first. */
export type BalancerHostEvent =
  /** All that is seen of a load balancer's targets; empty when it is gone. */
  | { readonly event: 'health'; readonly balancer: Id; readonly zone: string; readonly targets: readonly TargetHealth[] }
  | { readonly event: 'fault'; readonly where: string; readonly words: string };
