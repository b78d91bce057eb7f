/** Names as the internet sees them: from the root to the registered domain to whoever it is delegated to. */
import type { Ip } from '#model/ip.ts';
import type { Place } from '#model/places.ts';
import type { DelegatedServer } from '#model/registered-domain.ts';
import { formatIp } from '#model/ip.ts';
import { Rcode, type Message, type Question } from '#dataplane/dns/codec/message.ts';
import { failed, isWithin, type Answer } from '#dataplane/dns/name-source.ts';
import { answerOf, isForParent, isReferral, ZoneReader } from '#dataplane/dns/authority/answer-values.ts';
import type { Seams } from '#dataplane/dns/authority/client.ts';
import { zoneFor } from '#dataplane/dns/authority/responder.ts';
import { setOf, type Zones } from '#dataplane/dns/authority/zones.ts';

/**
 * What is known here of a name of the internet. A referral is to servers that are not ours: they are to be asked, and what is below
 * `zone` is theirs. A CNAME that leaves its zone is the end of an answer; who resolves goes on from there.
 */
export type PublicAnswer =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'referral'; readonly zone: string; readonly servers: readonly DelegatedServer[] };

export interface PublicAsker {
  readonly source: Ip;
  /** Where the asker is, when that is known without looking at the address. */
  readonly place?: Place | undefined;
}

/** How many delegations to sets of ours are followed for one question. */
const DELEGATIONS_MAX = 16;

export type AnswerPublicly = (question: Question, asker: PublicAsker) => PublicAnswer;

/** Questions of class IN, for records. Names that nobody registered do not exist: other names of Keiro's internet are to be asked for before. */
export function publicNames(zones: Zones, seams: Seams): AnswerPublicly {
  const reader = new ZoneReader(seams);
  return (question, { source, place }) => {
    const name = reader.ask(question);
    if (place === undefined) reader.client.comes(formatIp(source), undefined);
    else reader.client.comesFrom(undefined, source, place);
    const domain = domainOf(zones, question.name);
    if (domain === undefined || isForParent(question, domain.id)) {
      const zone = zoneFor(zones.registry.view, name, question.type) ?? zoneFor(zones.registry.rootView, name, question.type);
      return answered(zone && reader.read(zone));
    }
    let servers = domain.nameServers;
    let from = domain.id;
    for (let step = 0; step < DELEGATIONS_MAX; step++) {
      const sets = servers.map((server) => setOf(server.name)).filter((set) => set !== undefined);
      if (sets.length === 0) return { kind: 'referral', zone: from, servers };
      const zone = sets.map((slot) => zoneFor({ index: zones.publicIndex, slot }, name, question.type)).find((one) => one !== undefined && isWithin(one.about.name, from)); // prettier-ignore
      const message = zone && reader.read(zone);
      if (message === undefined || !isReferral(message)) return answered(message);
      const next = delegationIn(message);
      from = next.zone;
      servers = next.servers;
    }
    return { kind: 'answer', answer: failed(Rcode.SERVFAIL) };
  };
}

/** The registered domain that a name is in. */
function domainOf(zones: Zones, name: string) {
  for (let rest = name; rest !== '';) {
    const domain = zones.domain(rest);
    if (domain !== undefined && domain.nameServers.length > 0) return domain;
    const dot = rest.indexOf('.');
    rest = dot < 0 ? '' : rest.slice(dot + 1);
  }
  return undefined;
}

/** Of a zone that its servers do not have, nobody knows anything: SERVFAIL, as resolvers say of lame delegations. */
function answered(message: Message | undefined): PublicAnswer {
  return { kind: 'answer', answer: message === undefined ? failed(Rcode.SERVFAIL) : answerOf(message) };
}

function delegationIn({ authorities, additionals }: Message): { zone: string; servers: readonly DelegatedServer[] } {
  const zone = authorities[0]?.name ?? '';
  const servers = authorities.flatMap(({ data }) => (data.kind === 'NS' ? [data.target] : []));
  const addressesOf = (server: string): readonly string[] =>
    additionals.flatMap(({ name, data }) =>
      name === server && (data.kind === 'A' || data.kind === 'AAAA') ? [formatIp(data.address)] : [],
    );
  return { zone, servers: servers.map((name) => ({ name, addresses: addressesOf(name) })) };
}
