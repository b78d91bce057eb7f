/** What control and the process of names on the host say to each other over its socket: each request answered once, by its id. */
import type { CheckStatus } from '#model/health-check.ts';
import type { Wanted } from '#model/world.ts';

/** Rises when an old control and a new process would misunderstand each other. */
export const HOST_NAMES_PROTOCOL = 1;

export type HostNamesRequest =
  /** Answered when names are answered so. */
  | { readonly id: number; readonly do: 'want'; readonly wanted: Wanted }
  | { readonly id: number; readonly do: 'status' }
  | { readonly id: number; readonly do: 'stop' };

export interface HostNamesStatus {
  readonly protocol: number;
  readonly pid: number;
  /** What it was started with. */
  readonly settings: string;
  readonly address: string;
  readonly port: number;
}

export interface HostNamesAnswer {
  readonly id: number;
  readonly status: HostNamesStatus;
}

/** Told to whoever is connected; a newcomer is told the last of each check. */
export type HostNamesEvent =
  | { readonly event: 'checks'; readonly statuses: readonly CheckStatus[] }
  | { readonly event: 'fault'; readonly words: string };
