/** The root of Keiro's internet and its top-level domains, as zones made of the domains that are registered. */
import type { HostedZone, RecordSet, RecordTypeName, ZoneName } from '#model/hosted-zone.ts';
import { nameServers, registryServer, rootServer } from '#model/name-servers.ts';
import type { DelegatedServer, RegisteredDomain } from '#model/registered-domain.ts';
import { secondLevelDomains, topLevelDomains } from '#dataplane/dns/authority/top-level-domains.ts';
import type { View } from '#dataplane/dns/authority/responder.ts';
import { ZoneIndex } from '#dataplane/dns/authority/zone-index.ts';
import { Zone } from '#dataplane/dns/authority/zone.ts';

/** There is one root server and one of the registries: each answers from the first slot of its index. */
const SLOT = 0;

/** Much less than the two days of the real ones: who moves a domain wants to see it. */
const DELEGATION_TTL_SECONDS = 300;
const ADDRESS_TTL_SECONDS = 3_600;
/** How long it is remembered that a domain is not registered. */
const NEGATIVE_TTL_SECONDS = 60;

const healthless = { isHealthy: true };
const noHealths = { check: () => healthless, target: () => healthless };

export class Registry {
  readonly #root = new ZoneIndex();
  readonly #index = new ZoneIndex();
  /** What the root server answers from. */
  readonly rootView: View = { index: this.#root, slot: SLOT };
  /** What the registries' server answers from: top-level domains, and the zones of the servers' own names. */
  readonly view: View = { index: this.#index, slot: SLOT, sharesGlue: true };
  readonly #rootZone: Zone;
  readonly #parents = new Map<string, Zone>();
  /** Hosts with glue that a domain brought along. */
  readonly #hosts = new Map<string, readonly string[]>();
  /** Zones of our own servers' names: nobody else's to register. */
  readonly #own = new Set<string>();

  constructor() {
    this.#rootZone = zoneOf('', rootServer.name);
    putZone(this.#root, this.#rootZone);
    putHost(this.#rootZone, rootServer.name, rootServer.ipv4, rootServer.ipv6);
    putHost(this.#rootZone, registryServer.name, registryServer.ipv4, registryServer.ipv6);
    for (const name of [...topLevelDomains, ...secondLevelDomains]) this.#parent(name);
    this.#addHost(rootServer.name, rootServer.ipv4, rootServer.ipv6);
    this.#addHost(registryServer.name, registryServer.ipv4, registryServer.ipv6);
    for (const { name, ipv4, ipv6 } of nameServers) this.#addHost(name, ipv4, ipv6);
  }

  /** Whether a name can be somebody's: no top-level domain, and not one of our own servers' zones. */
  isForSale(name: string): boolean {
    return name.includes('.') && !this.#parents.has(name) && !this.#own.has(name);
  }

  /** Delegates a domain that is for sale, in the place of what was said of it before. */
  put(domain: RegisteredDomain): void {
    this.remove(domain.id);
    const parent = this.#parentOf(domain.id);
    if (parent === undefined || domain.nameServers.length === 0) return;
    parent.put(delegation(parent, domain.id, domain.nameServers));
    const hosts = domain.nameServers.filter(({ name, addresses }) => addresses.length > 0 && name.endsWith(`.${domain.id}`));
    for (const host of hosts) parent.put(hostName(parent, host));
    this.#hosts.set(domain.id, hosts.map(({ name }) => name)); // prettier-ignore
  }

  remove(name: string): void {
    const parent = this.#parentOf(name);
    for (const host of this.#hosts.get(name) ?? []) parent?.remove(host);
    this.#hosts.delete(name);
    parent?.remove(name);
  }

  /** The zone that a domain is registered in: the longest that there is, or the top-level domain, which then comes to be. */
  #parentOf(name: string): Zone | undefined {
    if (this.#parents.has(name)) return undefined;
    let parent = name;
    for (let dot = parent.indexOf('.'); dot >= 0; dot = parent.indexOf('.')) {
      parent = parent.slice(dot + 1);
      const zone = this.#parents.get(parent);
      if (zone !== undefined) return zone;
    }
    return parent === name ? undefined : this.#parent(parent);
  }

  /** Makes a zone that domains are registered in, and delegates it to the registries' server. */
  #parent(name: string): Zone {
    const known = this.#parents.get(name);
    if (known) return known;
    const zone = zoneOf(name, registryServer.name);
    putZone(this.#index, zone);
    const above = this.#parentOf(name) ?? this.#rootZone;
    above.put(delegation(above, name, [{ name: registryServer.name, addresses: [] }]));
    this.#parents.set(name, zone);
    return zone;
  }

  /** Gives one of our servers an address, in a zone of its own. */
  #addHost(host: string, ipv4: string, ipv6: string): void {
    const name = host.slice(host.indexOf('.') + 1);
    let zone = this.#index.named(name)?.zones[0];
    if (zone === undefined) {
      zone = zoneOf(name, registryServer.name);
      putZone(this.#index, zone);
      this.#own.add(name);
      const parent = this.#parentOf(name);
      parent?.put(delegation(parent, name, [{ name: registryServer.name, addresses: [] }]));
    }
    putHost(zone, host, ipv4, ipv6);
  }
}

function zoneOf(name: string, server: string): Zone {
  const about: HostedZone = { kind: 'hostedZone', id: `registry ${name}`, name, isPrivate: false, networkIds: [], createdMs: 0 };
  const zone = new Zone(about, noHealths);
  const soa = `${server}. hostmaster.${server}. 1 1800 900 604800 ${NEGATIVE_TTL_SECONDS}`;
  zone.put(nameOf(zone, name, [records('SOA', NEGATIVE_TTL_SECONDS, [soa]), records('NS', DELEGATION_TTL_SECONDS, [`${server}.`])]));
  return zone;
}

function putZone(index: ZoneIndex, zone: Zone): void {
  index.assign(index.add(zone), [zone]);
}

function nameOf(zone: Zone, name: string, sets: readonly RecordSet[]): ZoneName {
  return { kind: 'zoneName', id: `${zone.about.id} ${name}`, zoneId: zone.about.id, name, sets };
}

function records(type: RecordTypeName, ttl: number, values: readonly string[]): RecordSet {
  return { type, ttl, values, routing: { policy: 'simple' } };
}

function delegation(zone: Zone, name: string, servers: readonly DelegatedServer[]): ZoneName {
  return nameOf(zone, name, [records('NS', DELEGATION_TTL_SECONDS, servers.map((server) => `${server.name}.`))]); // prettier-ignore
}

function hostName(zone: Zone, { name, addresses }: DelegatedServer): ZoneName {
  const ofFamily = (isIpv6: boolean): readonly string[] => addresses.filter((address) => address.includes(':') === isIpv6);
  return nameOf(
    zone,
    name,
    [records('A', ADDRESS_TTL_SECONDS, ofFamily(false)), records('AAAA', ADDRESS_TTL_SECONDS, ofFamily(true))].filter(
      ({ values }) => values.length > 0,
    ),
  );
}

function putHost(zone: Zone, name: string, ipv4: string, ipv6: string): void {
  zone.put(hostName(zone, { name, addresses: [ipv4, ipv6] }));
}
