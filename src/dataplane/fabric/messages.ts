/** What control and fabric say to each other over their socket: each request answered once, by its id; events come in between. */
import type { TargetHealth } from '#model/balancer.ts';
import type { CheckStatus } from '#model/health-check.ts';
import type { Id } from '#model/topology.ts';
import type { Wanted } from '#model/world.ts';
import type { Report } from './apply.ts';

/** Rises when an old control and a new fabric would misunderstand each other. */
export const PROTOCOL = 4;

export type Request =
  /** Answered when the kernel is so. */
  | { readonly id: number; readonly do: 'want'; readonly wanted: Wanted }
  | { readonly id: number; readonly do: 'status' }
  | { readonly id: number; readonly do: 'find'; readonly instance: Id }
  /** Ends the fabric, and with it everything in it. */
  | { readonly id: number; readonly do: 'stop' };

export interface Status {
  readonly protocol: number;
  /** The fabric's process, as the host counts. */
  readonly pid: number;
  /** Of the topology that is in force. */
  readonly version: number;
  readonly namespaces: number;
  readonly links: number;
}

/** An instance that runs. */
export interface Found {
  /** The sandbox's first process, as the fabric counts. */
  readonly pid: number;
  readonly loginName: string;
}

export type Answer =
  | { readonly id: number; readonly report: Report }
  | { readonly id: number; readonly status: Status }
  | { readonly id: number; readonly found: Found | undefined }
  | { readonly id: number; readonly error: string };

/** Told to whoever is connected; a newcomer is told the last of each kind. */
export type FabricEvent = InstanceEvent | HealthEvent | ChecksEvent | FaultEvent;

/** What is seen of health checks' endpoints, each whole; those that are not named are as they were. */
export interface ChecksEvent {
  readonly event: 'checks';
  readonly statuses: readonly CheckStatus[];
}

/** Something went wrong in a part that goes on all the same; nobody is told twice. */
export interface FaultEvent {
  readonly event: 'fault';
  /** E.g. `load balancer arn:…`. */
  readonly where: string;
  readonly words: string;
}

/** All that a load balancer's node sees of its targets. */
export interface HealthEvent {
  readonly event: 'health';
  readonly balancer: Id;
  readonly zone: string;
  /** Empty when the node is gone. */
  readonly targets: readonly TargetHealth[];
}

export type InstanceEvent =
  /** The instance's sandbox is up, with its network, and its first process begins. */
  | { readonly event: 'begun'; readonly instance: Id; readonly boot: number; readonly atMs: number }
  /** Its first process has ended by itself; `how`: what it wants, by what it called; `unmade`: it could not be started. */
  | { readonly event: 'ended'; readonly instance: Id; readonly boot: number; readonly atMs: number; readonly how: 'halt' | 'reboot' | 'failed' | 'unmade'; readonly words?: string } // prettier-ignore
  /** The last 64 KB of its console. */
  | { readonly event: 'console'; readonly instance: Id; readonly atMs: number; readonly text: Uint8Array };

export type Told = Answer | FabricEvent;
