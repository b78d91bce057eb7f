/** A Topology that is kept up part by part: each change costs the part's own addresses and relations, never a rebuild. */
import { addressScope } from '#model/address-scope.ts';
import { cidrFamily } from '#model/cidr.ts';
import { isIpv4, type Ip } from '#model/ip.ts';
import { BlockRelation, Relation } from '#model/relation.ts';
import type {
  AccessList,
  EgressOnlyGateway,
  Group,
  Id,
  InternetGateway,
  NatGateway,
  Network,
  NetworkInterface,
  Part,
  PartKind,
  PrefixSet,
  PublicPool,
  RouteTable,
  Segment,
  Topology,
} from '#model/topology.ts';

/**
 * The one mutable Topology. Parts are immutable values: to change one, put another in its place. Parts may come in any
 * order, and may name parts that are not there. Where two parts claim the same thing, the lower id has it.
 */
export class LiveTopology implements Topology {
  #version = 0;
  readonly networks = new Map<Id, Network>();
  readonly segments = new Map<Id, Segment>();
  readonly interfaces = new Map<Id, NetworkInterface>();
  readonly routeTables = new Map<Id, RouteTable>();
  readonly groups = new Map<Id, Group>();
  readonly accessLists = new Map<Id, AccessList>();
  readonly internetGateways = new Map<Id, InternetGateway>();
  readonly egressOnlyGateways = new Map<Id, EgressOnlyGateway>();
  readonly natGateways = new Map<Id, NatGateway>();
  readonly prefixSets = new Map<Id, PrefixSet>();
  readonly publicPools = new Map<Id, PublicPool>();

  readonly #byAddress = new Map<Id, Relation<Ip>>(); // network id → address → interfaces
  readonly #byPrefix = new Map<Id, BlockRelation>(); // network id → delegated prefix → interfaces
  readonly #byPublic = new Relation<Ip>();
  readonly #byIpv6Block = new BlockRelation();
  readonly #pools = new BlockRelation();
  readonly #gateways = new Relation<Id>();
  readonly #natGateways = new Relation<Id>();
  readonly #segmentsOf = new Relation<Id>();
  readonly #interfacesOf = new Relation<Id>();
  readonly #interfacesIn = new Relation<Id>();
  readonly #members = new Relation<Id>();

  /** Starts with these parts; a later part replaces an earlier one of the same kind and id. */
  constructor(parts: Iterable<Part> = []) {
    for (const part of parts) this.put(part);
  }

  get version(): number {
    return this.#version;
  }

  /** Adds a part, or replaces the one of its kind and id. */
  put(part: Part): void {
    const parts = this.#partsOf(part.kind);
    const before = parts.get(part.id);
    if (before === part) return;
    if (before !== undefined) this.#relate(before, 'remove');
    parts.set(part.id, part);
    this.#relate(part, 'add');
    this.#version++;
  }

  /** Takes a part away; true when it was there. */
  remove(kind: PartKind, id: Id): boolean {
    const parts = this.#partsOf(kind);
    const before = parts.get(id);
    if (before === undefined) return false;
    parts.delete(id);
    this.#relate(before, 'remove');
    this.#version++;
    return true;
  }

  part(kind: PartKind, id: Id): Part | undefined {
    return this.#partsOf(kind).get(id);
  }

  interfaceAt(networkId: Id, ip: Ip): NetworkInterface | undefined {
    const id = this.#byAddress.get(networkId)?.first(ip) ?? this.#byPrefix.get(networkId)?.first(ip);
    return id === undefined ? undefined : this.interfaces.get(id);
  }

  interfaceOfPublic(publicAddress: Ip): NetworkInterface | undefined {
    const id = this.#byPublic.first(publicAddress);
    return id === undefined ? undefined : this.interfaces.get(id);
  }

  networkOfIpv6(ip: Ip): Network | undefined {
    if (isIpv4(ip) || addressScope(ip) !== 'global') return undefined;
    const id = this.#byIpv6Block.first(ip);
    return id === undefined ? undefined : this.networks.get(id);
  }

  isPooled(ip: Ip): boolean {
    return this.#pools.first(ip) !== undefined;
  }

  internetGatewayOf(networkId: Id): InternetGateway | undefined {
    const id = this.#gateways.first(networkId);
    return id === undefined ? undefined : this.internetGateways.get(id);
  }

  natGatewayOn(interfaceId: Id): NatGateway | undefined {
    const id = this.#natGateways.first(interfaceId);
    return id === undefined ? undefined : this.natGateways.get(id);
  }

  segmentsOf(networkId: Id): readonly Id[] {
    return this.#segmentsOf.all(networkId);
  }

  interfacesOf(networkId: Id): readonly Id[] {
    return this.#interfacesOf.all(networkId);
  }

  interfacesIn(segmentId: Id): readonly Id[] {
    return this.#interfacesIn.all(segmentId);
  }

  membersOf(groupId: Id): readonly Id[] {
    return this.#members.all(groupId);
  }

  *parts(): Generator<Part, void, undefined> {
    for (const kind of KINDS) yield* this.#partsOf(kind).values();
  }

  #partsOf(kind: PartKind): Map<Id, Part> {
    return this.#maps[kind]; // put and remove keep each map to parts of its own kind
  }

  readonly #maps: { readonly [K in PartKind]: Map<Id, Extract<Part, { kind: K }>> } = {
    network: this.networks,
    segment: this.segments,
    interface: this.interfaces,
    routeTable: this.routeTables,
    group: this.groups,
    accessList: this.accessLists,
    internetGateway: this.internetGateways,
    egressOnlyGateway: this.egressOnlyGateways,
    natGateway: this.natGateways,
    prefixSet: this.prefixSets,
    publicPool: this.publicPools,
  };

  #relate(part: Part, edit: 'add' | 'remove'): void {
    switch (part.kind) {
      case 'network':
        for (const cidr of part.cidrs) if (cidrFamily(cidr) === 6) this.#byIpv6Block[edit](cidr, part.id);
        return;
      case 'segment':
        return this.#segmentsOf[edit](part.networkId, part.id);
      case 'interface':
        return this.#relateInterface(part, edit);
      case 'internetGateway':
        if (part.networkId !== undefined) this.#gateways[edit](part.networkId, part.id);
        return;
      case 'natGateway':
        return this.#natGateways[edit](part.interfaceId, part.id);
      case 'publicPool':
        for (const cidr of part.cidrs) this.#pools[edit](cidr, part.id);
        return;
      case 'routeTable':
      case 'group':
      case 'accessList':
      case 'egressOnlyGateway':
      case 'prefixSet': // found by id alone
        return;
    }
  }

  #relateInterface(part: NetworkInterface, edit: 'add' | 'remove'): void {
    const { id, networkId, segmentId, addresses, prefixes, publicAddresses, groupIds } = part;
    if (addresses.length > 0) {
      const byAddress = entry(this.#byAddress, networkId, () => new Relation<Ip>());
      for (const ip of addresses) byAddress[edit](ip, id);
      if (byAddress.isEmpty) this.#byAddress.delete(networkId);
    }
    if (prefixes.length > 0) {
      const byPrefix = entry(this.#byPrefix, networkId, () => new BlockRelation());
      for (const cidr of prefixes) byPrefix[edit](cidr, id);
      if (byPrefix.isEmpty) this.#byPrefix.delete(networkId);
    }
    for (const { publicAddress } of publicAddresses) this.#byPublic[edit](publicAddress, id);
    for (const groupId of groupIds) this.#members[edit](groupId, id);
    this.#interfacesOf[edit](networkId, id);
    this.#interfacesIn[edit](segmentId, id);
  }
}

const KINDS: readonly PartKind[] = [
  'network',
  'segment',
  'interface',
  'routeTable',
  'group',
  'accessList',
  'internetGateway',
  'egressOnlyGateway',
  'natGateway',
  'prefixSet',
  'publicPool',
];

function entry<V>(map: Map<Id, V>, key: Id, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
