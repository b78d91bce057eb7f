/** A domain that is registered on Keiro's internet: what its top-level domain's servers say of it. */
import type { Id } from '#model/topology.ts';

export interface RegisteredDomain {
  readonly kind: 'registeredDomain';
  /** Its name: lower case, no dot at the end. */
  readonly id: Id;
  /** Where it is delegated to, at least two as a rule. */
  readonly nameServers: readonly DelegatedServer[];
}

export interface DelegatedServer {
  /** Lower case, no dot at the end. */
  readonly name: string;
  /** Glue: addresses as text, for servers below the domain itself. */
  readonly addresses: readonly string[];
}
