/** One zone asked by itself, without sockets: what its name servers would say to somebody at some address. */
import type { Balancer } from '#model/balancer.ts';
import type { HostedZone, ZoneName } from '#model/hosted-zone.ts';
import { parseIp } from '#model/ip.ts';
import { nameServerSet } from '#model/name-servers.ts';
import type { Id } from '#model/topology.ts';
import { RecordClass, RecordType, Rcode, typeOf } from '#dataplane/dns/codec/message.ts';
import { presentData, typeNumber } from '#dataplane/dns/codec/present.ts';
import { balancerNames } from '#dataplane/dns/balancer-names.ts';
import { createLocate } from '#dataplane/dns/geo/locate.ts';
import { ZoneReader } from '#dataplane/dns/authority/answer-values.ts';
import { Zones } from '#dataplane/dns/authority/zones.ts';

/** All that an answer depends on. */
export interface AskedZone {
  readonly zone: HostedZone;
  readonly names: Iterable<ZoneName>;
  /** Those that aliases may name. */
  readonly balancers: ReadonlyMap<Id, Balancer>;
  /** What is seen of health checks; undefined: nothing yet. */
  readonly isHealthy: (checkId: Id) => boolean | undefined;
}

export interface ZoneQuestion {
  readonly name: string;
  readonly type: string;
  /** Where the question is from: the client, else its resolver. */
  readonly address: string;
}

export interface ZoneAnswer {
  readonly nameserver: string;
  readonly responseCode: string;
  readonly recordData: readonly string[];
}

const codes = new Map<number, string>(Object.entries(Rcode).map(([name, code]) => [code, name]));

export function answerInZone({ zone, names, balancers, isHealthy }: AskedZone, { name, type, address }: ZoneQuestion): ZoneAnswer {
  const zones = new Zones();
  const held = [...names];
  zones.take({ isWhole: true, zones: [zone], goneZones: [], names: held, goneNames: [], domains: [], goneDomains: [] });
  for (const { healthCheckId } of held.flatMap(({ sets }) => sets)) if (healthCheckId !== undefined) zones.setHealth(healthCheckId, isHealthy(healthCheckId) ?? true); // prettier-ignore
  const source = parseIp(address) ?? parseIp('127.0.0.1')!; // a literal
  const named = balancerNames(balancers);
  const locate = createLocate();
  const reader = new ZoneReader({
    locate,
    random: Math.random,
    resolveAlias: (target, kind) => {
      const answer = named.lookup({ name: target, type: RecordType[kind], class: RecordClass.IN }, { networkId: undefined, source });
      if (answer === undefined || answer instanceof Promise || answer.rcode !== Rcode.NOERROR) return undefined;
      return answer.records.flatMap(({ data }) => (data.kind === kind ? [data.address] : []));
    },
  });
  const wanted = typeNumber(type) ?? RecordType.A;
  reader.ask({ name, type: wanted, class: RecordClass.IN });
  reader.client.comesFrom(undefined, source, locate(source));
  const one = zones.zone(zone.id);
  const message = one && reader.read(one);
  const answers = message?.answers ?? [];
  const found = answers.filter(({ data }) => typeOf(data) === wanted);
  return {
    nameserver: nameServerSet(zone.serverSet ?? 0)[0]?.name ?? '',
    responseCode: codes.get(message?.rcode ?? Rcode.SERVFAIL) ?? 'SERVFAIL',
    recordData: (found.length > 0 ? found : answers).map(({ data }) => presentData(data)),
  };
}
