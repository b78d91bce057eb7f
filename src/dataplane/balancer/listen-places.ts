/** Where a node's listeners listen: at their own ports and the node's addresses, unless it shares its network with others. */
import type { BalancerListener } from '#model/balancer.ts';

export interface ListenPlace {
  readonly port: number;
  readonly addresses: readonly string[];
  /** Whether a successor's process may listen there as well, before this one ends. */
  readonly reusePort: boolean;
}

/** What listens, at a port for each address. */
export interface Listening {
  readonly ports: readonly number[];
}

export interface ListenPlaces {
  /** Opens a listener where it is to be. Rejects with what listening rejects with, e.g. EADDRINUSE. */
  open<T extends Listening>(listener: BalancerListener, addresses: readonly string[], open: (place: ListenPlace) => Promise<T>): Promise<T>;
}

/** In a network of the node's own. */
export const OWN_PLACES: ListenPlaces = {
  open: async ({ port }, addresses, open) => open({ port, addresses, reusePort: true }),
};
