/** Private zones as a network's resolver sees them (Route 53 guide, "Considerations when working with a private hosted zone"). */
import type { Place } from '#model/places.ts';
import type { Id } from '#model/topology.ts';
import type { NameSource } from '#dataplane/dns/name-source.ts';
import { answerOf, ZoneReader } from '#dataplane/dns/authority/answer-values.ts';
import type { Seams } from '#dataplane/dns/authority/client.ts';
import type { Zones } from '#dataplane/dns/authority/zones.ts';

export interface PrivateSourceOptions extends Omit<Seams, 'locate'> {
  /** Where a network is: its Region's place, which private zones go by instead of the client's address. */
  readonly placeOf: (networkId: Id) => Place | undefined;
}

/** The slot of a network's own index. */
const ONLY_SLOT = 0;

/**
 * Answers askers in networks from the zones that are associated with their network, the longest name first; a name of such a zone that
 * is not there does not exist, whatever the internet says of it. Undefined for other names, and for other askers.
 */
export function privateSource(zones: Zones, options: PrivateSourceOptions): NameSource {
  const reader = new ZoneReader({ ...options, locate: () => undefined });
  return {
    lookup: (question, { networkId, source }) => {
      const index = networkId === undefined ? undefined : zones.privateIndex(networkId);
      if (index === undefined || networkId === undefined) return undefined;
      if (!index.find(reader.ask(question), ONLY_SLOT, 0) || index.found === undefined) return undefined;
      reader.client.comesFrom(networkId, source, options.placeOf(networkId));
      return { ...answerOf(reader.read(index.found)), authoritative: false };
    },
  };
}
