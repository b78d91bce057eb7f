/** All names that a node knows, put together: private zones for networks, the internet from its root, name servers for both, and the health that they go by. */
import { anySource, publicNames, privateSource, Zones, type Seams } from '#dataplane/dns/authority/public.ts';
import { Checkers } from '#dataplane/checker/checkers.ts';
import { balancerNames } from '#dataplane/dns/balancer-names.ts';
import { RecordClass, RecordType, Rcode, type Question } from '#dataplane/dns/codec/message.ts';
import { exchange } from '#dataplane/dns/exchange.ts';
import { createForwarder } from '#dataplane/dns/forward.ts';
import { createLocate, type Locate } from '#dataplane/dns/geo/locate.ts';
import { type Answer, type Asker, type Later, type NameSource } from '#dataplane/dns/name-source.ts';
import type { ServiceAddresses } from '#dataplane/dns/platform-names.ts';
import { addressesIn, ADDRESS_TYPES, Recursion } from '#dataplane/dns/recursion.ts';
import { after, createResolver } from '#dataplane/dns/resolver.ts';
import { nameSources } from '#dataplane/dns/sources.ts';
import type { CheckStatus, Checker } from '#model/health-check.ts';
import { parseIp, type Ip } from '#model/ip.ts';
import { regionPlaces, type Place } from '#model/places.ts';
import type { Id } from '#model/topology.ts';
import type { HoldingKind, HoldingOf, Wanted, World } from '#model/world.ts';
import type { NodeHealth } from './public.ts';

export interface NamesOptions {
  readonly world: World;
  /** What the services' names mean. */
  readonly platform: ServiceAddresses;
  /** Where health checks are made from; the system chooses an address where there is none. */
  readonly checkers: readonly (Pick<Checker, 'region'> & Partial<Checker>)[];
  /** Addresses of our own resolvers, which are not asked for names of others. */
  readonly resolvers: readonly string[];
  /** Whether zones answer that nobody delegates to, as on the host's own port. */
  readonly answersAll: boolean;
  /** A resolver for names that nobody here knows; undefined: there are none. */
  readonly forwardTo?: string | undefined;
  /** A database of where addresses are. */
  readonly mmdb?: { lookup(address: Ip): Place | undefined } | undefined;
  /** Told of health checks' news. */
  readonly onChecks: (statuses: readonly CheckStatus[]) => void;
}

const DNS_PORT = 53;
/** Milliseconds that one server may take to answer. */
const TRY_MS = 1_500;
/** Who asks when it is the node itself. */
const NOBODY: Asker = { networkId: undefined, source: parseIp('127.0.0.1')! }; // a literal

export class Names {
  readonly zones = new Zones();
  readonly locate: Locate;
  readonly #world: World;
  readonly #checkers: Checkers;
  readonly #nodeHealth = new Map<string, boolean>();
  readonly #balancerNames: NameSource;
  readonly #resolve: (question: Question, asker: Asker) => Later<Answer>;

  constructor(options: NamesOptions) {
    const { world, platform, mmdb, forwardTo } = options;
    const { topology, nameServices: services, balancers } = world;
    this.#world = world;
    const isHealthy = (balancerId: Id, zone: string): boolean => this.#nodeHealth.get(`${balancerId} ${zone}`) ?? true;
    this.#balancerNames = balancerNames(balancers, isHealthy);
    this.locate = createLocate({ ...(mmdb === undefined ? {} : { mmdb }), regionOf: (address) => this.#regionOf(address) });
    const resolve = createResolver(
      nameSources({
        ...{ topology, services, balancers, isHealthy, platform },
        privateZones: [privateSource(this.zones, { ...this.seams, placeOf: (networkId) => this.#placeOf(networkId) })],
        publicZones: [...(options.answersAll ? [anySource(this.zones, this.seams)] : []), this.#publicZones(options.resolvers)],
      }),
    );
    const forward = forwardTo === undefined ? undefined : createForwarder({ address: forwardTo, port: DNS_PORT, tryMs: 2_000 });
    this.#resolve = (question, asker) =>
      after(resolve(question, asker), (own) => (forward !== undefined && isNobodys(own) ? forward(question) : own));
    this.#checkers = new Checkers({ checkers: options.checkers, resolve: async (name) => this.#addressFor(name) });
    this.#checkers.onChange((status) => {
      this.zones.setHealth(status.id, status.isHealthy);
      options.onChecks([status]);
    });
  }

  /** What the zones' answers depend on beside zones. */
  get seams(): Seams {
    return { locate: (address) => this.locate(address), resolveAlias: (name, type) => this.#aliasOf(name, type), random: Math.random };
  }

  /** After the world has taken it. */
  take(wanted: Wanted): void {
    const { isWhole } = wanted;
    const told = <K extends HoldingKind>(kind: K) => wanted.holdings.filter((one) => one.kind === kind) as HoldingOf<K>[]; // of that kind
    const gone = (kind: HoldingKind): Id[] => wanted.goneHoldings.flatMap(([one, id]) => (one === kind ? [id] : []));
    this.zones.take({
      isWhole,
      ...{ zones: told('hostedZone'), goneZones: gone('hostedZone'), names: told('zoneName'), goneNames: gone('zoneName') },
      ...{ domains: told('registeredDomain'), goneDomains: gone('registeredDomain') },
    });
    const [checks, goneChecks] = [told('healthCheck'), gone('healthCheck')];
    if (isWhole || checks.length + goneChecks.length > 0) this.#checkers.take({ isWhole, checks, gone: goneChecks });
    for (const id of goneChecks) this.zones.setHealth(id, true); // a record that names a check that is gone is healthy
  }

  /** What load balancers' nodes see of their targets. */
  takeHealth(health: readonly NodeHealth[]): void {
    for (const { balancerId, zone, isHealthy } of health) {
      this.#nodeHealth.set(`${balancerId} ${zone}`, isHealthy);
      const balancer = this.#world.balancers.get(balancerId);
      if (balancer === undefined) continue;
      const serves = balancer.nodes.some((node) => this.#nodeHealth.get(`${balancerId} ${node.zone}`) ?? true);
      for (const name of [balancer.dnsName, `dualstack.${balancer.dnsName}`]) this.zones.setTargetHealth(name, serves);
    }
  }

  /** As a resolver: for networks and for the internet. */
  resolve(question: Question, asker: Asker): Later<Answer> {
    return this.#resolve(question, asker);
  }

  /** Names of registered domains and of the tree above them; of what nobody registered, others may know. */
  #publicZones(resolvers: readonly string[]): NameSource {
    const own = new Set(resolvers);
    const answer = publicNames(this.zones, this.seams);
    const recursion = new Recursion({
      ask: async (address, question) => exchange({ address, port: DNS_PORT, tryMs: TRY_MS, recursionDesired: false }, question),
      addressesOf: async (name) => this.#addressesOf(name),
      isOwn: (address) => own.has(address),
      nowMs: Date.now,
    });
    return {
      lookup: (question, { networkId, source }) => {
        const known = answer(question, { source, place: networkId === undefined ? undefined : this.#placeOf(networkId) });
        if (known.kind === 'referral') return recursion.follow(question, known);
        const { rcode } = known.answer;
        if (rcode === Rcode.NXDOMAIN && !this.#isRegistered(question.name)) return undefined;
        return { ...known.answer, authoritative: false };
      },
    };
  }

  #isRegistered(name: string): boolean {
    for (let rest = name; rest !== ''; rest = rest.slice(rest.indexOf('.') + 1)) {
      if (this.zones.domain(rest) !== undefined) return true;
      if (!rest.includes('.')) return false;
    }
    return false;
  }

  /** What an alias that leaves its zone names: a load balancer. */
  #aliasOf(name: string, type: 'A' | 'AAAA'): readonly Ip[] | undefined {
    if (!name.includes('.elb.')) return undefined;
    const answer = this.#balancerNames.lookup({ name, type: RecordType[type], class: RecordClass.IN }, NOBODY);
    if (answer === undefined || answer instanceof Promise || answer.rcode !== Rcode.NOERROR) return undefined;
    return answer.records.flatMap(({ data }) => (data.kind === type ? [data.address] : []));
  }

  #regionOf(address: Ip): string | undefined {
    const { topology, nameServices } = this.#world;
    const networkId = topology.interfaceOfPublic(address)?.networkId ?? (typeof address === 'bigint' ? topology.networkOfIpv6(address)?.id : undefined); // prettier-ignore
    return networkId === undefined ? undefined : nameServices.get(networkId)?.region;
  }

  #placeOf(networkId: Id): Place | undefined {
    const region = this.#world.nameServices.get(networkId)?.region;
    return region === undefined ? undefined : regionPlaces.get(region);
  }

  async #addressesOf(name: string): Promise<readonly string[]> {
    const answers = ADDRESS_TYPES.map(async (type) => addressesIn(await this.#resolve({ name, type, class: RecordClass.IN }, NOBODY)));
    return (await Promise.all(answers)).flat();
  }

  /** Health checks by name are made over IPv4 (Route 53 API reference, "FullyQualifiedDomainName"). */
  async #addressFor(name: string): Promise<{ readonly address: string } | { readonly rcode: number }> {
    const answer = await this.#resolve({ name: name.toLowerCase(), type: RecordType.A, class: RecordClass.IN }, NOBODY);
    const [address] = addressesIn(answer);
    return address === undefined ? { rcode: answer.rcode } : { address };
  }
}

/** Whether no source knew the name: the root itself says that there is none. */
function isNobodys({ rcode, authority }: Answer): boolean {
  return rcode === Rcode.NXDOMAIN && authority[0]?.name === '';
}
