/** Every public zone as a source of names, delegated to or not: as the host's own port answers. */
import { formatIp } from '#model/ip.ts';
import type { NameSource } from '#dataplane/dns/name-source.ts';
import { answerOf, ZoneReader } from '#dataplane/dns/authority/answer-values.ts';
import type { Seams } from '#dataplane/dns/authority/client.ts';
import { zoneFor } from '#dataplane/dns/authority/responder.ts';
import { ANY_SLOT } from '#dataplane/dns/authority/zone-index.ts';
import type { Zones } from '#dataplane/dns/authority/zones.ts';

/** Undefined for names in no zone. Of several zones of a name the delegated one answers, or else the oldest. */
export function anySource(zones: Zones, seams: Seams): NameSource {
  const reader = new ZoneReader(seams);
  return {
    lookup: (question, { source }) => {
      const zone = zoneFor({ index: zones.publicIndex, slot: ANY_SLOT }, reader.ask(question), question.type);
      if (zone === undefined) return undefined;
      reader.client.comes(formatIp(source), undefined);
      return { ...answerOf(reader.read(zone)), authoritative: false };
    },
  };
}
