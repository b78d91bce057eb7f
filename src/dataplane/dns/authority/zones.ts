/** All zones that are known, kept as they are told: the public ones by sets of name servers, the private ones by networks, and the internet's own tree above them. */
import type { HostedZone, ZoneName } from '#model/hosted-zone.ts';
import { nameServerCalled, SETS } from '#model/name-servers.ts';
import type { RegisteredDomain } from '#model/registered-domain.ts';
import type { Id } from '#model/topology.ts';
import type { Health, Healths } from '#dataplane/dns/authority/record-groups.ts';
import { Registry } from '#dataplane/dns/authority/registry.ts';
import { ANY_SLOT, ZoneIndex, type Namesakes } from '#dataplane/dns/authority/zone-index.ts';
import { Zone } from '#dataplane/dns/authority/zone.ts';

/** What is to be, in whole parts. With `isWhole`, what is not named is not wanted any more. */
export interface ZoneParts {
  readonly isWhole: boolean;
  readonly zones: readonly HostedZone[];
  readonly goneZones: readonly Id[];
  /** Of zones that are told here or were before; others are not taken. */
  readonly names: Iterable<ZoneName>;
  readonly goneNames: readonly Id[];
  readonly domains: readonly RegisteredDomain[];
  readonly goneDomains: readonly Id[];
}

const SERVERS_PER_SET = 4;

export class Zones {
  /** Those that the internet sees. */
  readonly publicIndex = new ZoneIndex();
  /** One index for each network that private zones are associated with. */
  readonly #privateIndexes = new Map<Id, ZoneIndex>();
  readonly #zones = new Map<Id, Zone>();
  readonly #domains = new Map<string, RegisteredDomain>();
  readonly registry = new Registry();
  readonly #checks = new Map<Id, Health>();
  readonly #targets = new Map<string, Health>();
  readonly #healths: Healths = {
    check: (id) => healthOf(this.#checks, id),
    target: (name) => healthOf(this.#targets, name),
  };

  /** Takes parts, each for all that was said of it before. Costs what is told, not what is there. */
  take(parts: ZoneParts): void {
    if (parts.isWhole) this.#clear(parts);
    for (const id of parts.goneZones) this.#removeZone(id);
    for (const zone of parts.zones) this.#putZone(zone);
    for (const id of parts.goneNames) this.#removeName(id);
    for (const name of parts.names) this.#zones.get(name.zoneId)?.put(name);
    for (const id of parts.goneDomains) this.#removeDomain(id);
    for (const domain of parts.domains) this.#putDomain(domain);
  }

  /** What the name servers go by from now on; a check that nothing was said of is healthy. */
  setHealth(checkId: Id, isHealthy: boolean): void {
    healthOf(this.#checks, checkId).isHealthy = isHealthy;
  }

  /** As `setHealth`, of what an alias names outside of its zone: a load balancer. */
  setTargetHealth(dnsName: string, isHealthy: boolean): void {
    healthOf(this.#targets, dnsName).isHealthy = isHealthy;
  }

  /** Private zones of a network; undefined when it has none. */
  privateIndex(networkId: Id): ZoneIndex | undefined {
    return this.#privateIndexes.get(networkId);
  }

  domain(name: string): RegisteredDomain | undefined {
    return this.#domains.get(name);
  }

  zone(id: Id): Zone | undefined {
    return this.#zones.get(id);
  }

  /** Bytes that names and their records take, without those sets that need a choice. */
  get heldBytes(): number {
    let sum = 0;
    for (const zone of this.#zones.values()) sum += zone.names.heldBytes;
    return sum;
  }

  #clear({ zones, domains }: ZoneParts): void {
    const named = new Set(zones.map(({ id }) => id));
    for (const id of [...this.#zones.keys()]) if (!named.has(id)) this.#removeZone(id);
    for (const zone of this.#zones.values()) zone.clear();
    const kept = new Set(domains.map(({ id }) => id));
    for (const id of [...this.#domains.keys()]) if (!kept.has(id)) this.#removeDomain(id);
  }

  #putZone(about: HostedZone): void {
    let zone = this.#zones.get(about.id);
    if (zone?.about.name !== about.name) {
      this.#removeZone(about.id);
      zone = undefined;
    }
    if (zone === undefined) this.#zones.set(about.id, (zone = new Zone(about, this.#healths)));
    else this.#leave(zone);
    zone.about = about;
    if (!about.isPrivate) return this.#settle(this.publicIndex.add(zone));
    for (const networkId of new Set(about.networkIds)) {
      const index = this.#privateIndexes.get(networkId) ?? new ZoneIndex();
      this.#privateIndexes.set(networkId, index);
      settlePrivate(index, index.add(zone));
    }
  }

  #removeZone(id: Id): void {
    const zone = this.#zones.get(id);
    if (zone === undefined) return;
    this.#leave(zone);
    this.#zones.delete(id);
  }

  #leave(zone: Zone): void {
    const { isPrivate, networkIds } = zone.about;
    if (!isPrivate) return this.#settle(this.publicIndex.remove(zone));
    for (const networkId of new Set(networkIds)) {
      const index = this.#privateIndexes.get(networkId);
      const left = index?.remove(zone);
      if (index && left) settlePrivate(index, left);
      // An index without zones finds nothing; networks come and go seldom.
    }
  }

  #removeName(id: Id): void {
    const space = id.indexOf(' ');
    this.#zones.get(id.slice(0, space))?.remove(id.slice(space + 1));
  }

  #putDomain(domain: RegisteredDomain): void {
    if (!this.registry.isForSale(domain.id)) return;
    this.#domains.set(domain.id, domain);
    this.registry.put(domain);
    this.#settle(this.publicIndex.named(domain.id));
  }

  #removeDomain(name: string): void {
    if (!this.#domains.delete(name)) return;
    this.registry.remove(name);
    this.#settle(this.publicIndex.named(name));
  }

  /** Decides which of several zones of a name answers where: each set's own; and where all are asked, the delegated one, or else the oldest. */
  #settle(all: Namesakes | undefined): void {
    if (all === undefined) return;
    all.zones.sort((a, b) => a.about.createdMs - b.about.createdMs);
    const slots: (Zone | undefined)[] = Array.from({ length: SETS }, (_, set) => all.zones.find(({ about }) => about.serverSet === set));
    const delegated = this.#domains.get(all.name)?.nameServers.map(({ name }) => setOf(name)) ?? [];
    const first = delegated.find((set) => set !== undefined && slots[set] !== undefined);
    slots[ANY_SLOT] = first === undefined ? all.zones[0] : slots[first];
    this.publicIndex.assign(all, slots);
  }
}

/** Which set a name server of ours is in; undefined for others'. */
export function setOf(nameServer: string): number | undefined {
  const server = nameServerCalled(nameServer);
  return server && Math.floor(server.index / SERVERS_PER_SET);
}

/** A network has but one private zone of a name; were there two, the older one answers. */
function settlePrivate(index: ZoneIndex, all: Namesakes): void {
  all.zones.sort((a, b) => a.about.createdMs - b.about.createdMs);
  index.assign(all, [all.zones[0]]);
}

function healthOf(healths: Map<string, Health>, id: string): Health {
  let health = healths.get(id);
  if (health === undefined) healths.set(id, (health = { isHealthy: true }));
  return health;
}
