/** What a node is told by the fabric that starts it. */
import type { Id } from '#model/topology.ts';
import type { Wanted } from '#model/world.ts';

/** Where one network's questions come to. */
export interface Desk {
  readonly networkId: Id;
  /** Of 240.0.0.0/4, which no network may use. */
  readonly ipv4: string;
  readonly ipv6: string;
}

/** Over its channel. */
export interface NodeMessage {
  readonly wanted: Wanted;
  readonly desks: readonly Desk[];
}

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
}
