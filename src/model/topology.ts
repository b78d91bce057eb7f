/** The neutral model of routed networks that the engine walks and the kernel compiler reads: parts tied together by opaque ids. */
import { type Cidr } from '#model/cidr.ts';
import { type Ip } from '#model/ip.ts';
import { type Traffic } from '#model/traffic.ts';

/** An id is opaque: unique within its kind, compared and shown, never parsed. Dangling ids are allowed: what they name is not there. */
export type Id = string;

export type Direction = 'in' | 'out';

/** An isolated address space with a router of its own. Any number of networks may use the same blocks. */
export interface Network {
  readonly kind: 'network';
  readonly id: Id;
  /** Canonical, both families, none overlapping another of the same network. */
  readonly cidrs: readonly Cidr[];
  /**
   * Where the platform itself answers inside this network (resolver, instance metadata, time): every interface reaches
   * them directly, past filters and route tables.
   */
  readonly platformAddresses: readonly Ip[];
  /** Blocks kept for the platform: no route, however wide, forwards to them. */
  readonly reserved: readonly Cidr[];
}

/** A part of a network in one zone, on one link: its interfaces reach each other without the router's tables and lists. */
export interface Segment {
  readonly kind: 'segment';
  readonly id: Id;
  readonly networkId: Id;
  /** Canonical, inside the network's blocks, no overlap with other segments of the network. */
  readonly cidrs: readonly Cidr[];
  readonly zone: string;
  readonly routeTableId: Id;
  readonly accessListId: Id;
  /** The router's own addresses on this link; never filtered. */
  readonly routerAddresses: readonly Ip[];
}

/** A one-to-one translation between an interface's address and one on the internet, done at the internet gateway. */
export interface PublicAssociation {
  /** One of the interface's `addresses`, IPv4. */
  readonly privateAddress: Ip;
  readonly publicAddress: Ip;
}

/** What an interface belongs to. Grows: endpoints, transit gateway attachments. */
export type Attachment =
  /** `index`: the place among the instance's interfaces, 0 for the primary one. */
  | { readonly kind: 'instance'; readonly id: Id; readonly index: number }
  | { readonly kind: 'natGateway'; readonly id: Id }
  /** A load balancer's node in one zone; `id` is the interface's own, so that each node is alone. */
  | { readonly kind: 'balancerNode'; readonly id: Id };

export interface NetworkInterface {
  readonly kind: 'interface';
  readonly id: Id;
  readonly networkId: Id;
  readonly segmentId: Id;
  /** Its own addresses of both families inside the segment; the first IPv4 one is the primary. */
  readonly addresses: readonly Ip[];
  /** Canonical blocks handed to it whole: every address in them is its own. */
  readonly prefixes: readonly Cidr[];
  readonly publicAddresses: readonly PublicAssociation[];
  /** The groups that filter it, as a union of their rules; with none it is not filtered (NAT gateways are so). */
  readonly groupIds: readonly Id[];
  /** Whether it refuses to send from, and to receive for, addresses that are not its own. */
  readonly sourceDestinationCheck: boolean;
  readonly attachment?: Attachment;
  /** `02:00:0a:00:00:04`, unique in the network; undefined: one is made from the id. */
  readonly macAddress?: string;
  /** Whether something that runs is attached. A route to an interface that is not up is a blackhole. */
  readonly up: boolean;
  /**
   * What its holder does with packets for others, when known: `plain` routes them on unchanged, `masquerade` puts its own
   * primary address in as their source. Absent: nobody knows, and a walk ends there as `handedOver`.
   */
  readonly forwards?: 'plain' | 'masquerade';
}

/** Blocks named in a rule or route: one, or a prefix set's. */
export type Blocks = { readonly kind: 'cidr'; readonly cidr: Cidr } | { readonly kind: 'prefixSet'; readonly id: Id };

/**
 * Where a route leads. Grows: peering connections, virtual private gateways, transit gateways, gateway endpoints.
 * A target that is missing, detached, down or in another network makes the route a blackhole, without a mark of its own.
 */
export type RouteTarget =
  | { readonly kind: 'local' }
  | { readonly kind: 'blackhole' }
  | { readonly kind: 'internetGateway' | 'egressOnlyGateway' | 'natGateway' | 'interface'; readonly id: Id };

export interface Route {
  readonly destination: Blocks;
  readonly target: RouteTarget;
  /** `propagated`: learnt from a gateway; of two equal destinations a static route wins, whatever their order. */
  readonly origin: 'static' | 'propagated';
}

export interface RouteTable {
  readonly kind: 'routeTable';
  readonly id: Id;
  readonly networkId: Id;
  /** `local` routes are listed too; of equal ones (overlapping prefix sets) the first wins. */
  readonly routes: readonly Route[];
}

/** Who is at the other end, in a group's rule. A group means the members' own addresses, sent from or to their own interface. */
export type Peer = Blocks | { readonly kind: 'group'; readonly id: Id };

export interface GroupRule {
  readonly id: Id;
  readonly direction: Direction;
  readonly traffic: Traffic;
  /** The source of incoming traffic, the destination of outgoing traffic. */
  readonly peer: Peer;
}

/** A stateful filter on interfaces: it only allows; answers to what it allowed pass. */
export interface Group {
  readonly kind: 'group';
  readonly id: Id;
  readonly networkId: Id;
  readonly rules: readonly GroupRule[];
}

export interface AccessEntry {
  /** Entries of a direction apply from the lowest number up; unique per direction. */
  readonly number: number;
  readonly direction: Direction;
  readonly action: 'allow' | 'deny';
  readonly traffic: Traffic;
  /** The source of incoming traffic, the destination of outgoing traffic; it matches its own family only. */
  readonly cidr: Cidr;
}

/** A stateless, ordered filter on the edge of segments; the first entry that matches decides, and none means deny. */
export interface AccessList {
  readonly kind: 'accessList';
  readonly id: Id;
  readonly networkId: Id;
  /** In any order. */
  readonly entries: readonly AccessEntry[];
}

/** A network's way to and from the internet; translates IPv4 one-to-one. */
export interface InternetGateway {
  readonly kind: 'internetGateway';
  readonly id: Id;
  /** The network that it is attached to, if any. One gateway per network; of several the lowest id counts. */
  readonly networkId?: Id;
  /** A table for what comes in from the internet; only `local` and interface targets make sense there. */
  readonly routeTableId?: Id;
}

/** A network's way out to the IPv6 internet that lets only answers in. */
export interface EgressOnlyGateway {
  readonly kind: 'egressOnlyGateway';
  readonly id: Id;
  readonly networkId?: Id;
}

/** Rewrites IPv4 sources to its own interface's primary address. Its public addresses are its interface's. */
export interface NatGateway {
  readonly kind: 'natGateway';
  readonly id: Id;
  readonly interfaceId: Id;
  readonly up: boolean;
}

/** A named list of blocks. */
export interface PrefixSet {
  readonly kind: 'prefixSet';
  readonly id: Id;
  /** Canonical; both families may be mixed. */
  readonly cidrs: readonly Cidr[];
}

/** Internet addresses that these networks hand out: one that is on nothing belongs to nobody, rather than to some host out there. */
export interface PublicPool {
  readonly kind: 'publicPool';
  readonly id: Id;
  readonly cidrs: readonly Cidr[];
}

export type Part =
  | Network
  | Segment
  | NetworkInterface
  | RouteTable
  | Group
  | AccessList
  | InternetGateway
  | EgressOnlyGateway
  | NatGateway
  | PrefixSet
  | PublicPool;

export type PartKind = Part['kind'];

/** All networks of one world, read by id and by the relations a walk needs. Every answer is current and costs no scan. */
export interface Topology {
  /** Rises with every change. */
  readonly version: number;
  readonly networks: ReadonlyMap<Id, Network>;
  readonly segments: ReadonlyMap<Id, Segment>;
  readonly interfaces: ReadonlyMap<Id, NetworkInterface>;
  readonly routeTables: ReadonlyMap<Id, RouteTable>;
  readonly groups: ReadonlyMap<Id, Group>;
  readonly accessLists: ReadonlyMap<Id, AccessList>;
  readonly internetGateways: ReadonlyMap<Id, InternetGateway>;
  readonly egressOnlyGateways: ReadonlyMap<Id, EgressOnlyGateway>;
  readonly natGateways: ReadonlyMap<Id, NatGateway>;
  readonly prefixSets: ReadonlyMap<Id, PrefixSet>;
  readonly publicPools: ReadonlyMap<Id, PublicPool>;

  /** The part of a kind and id, if there is one. */
  part(kind: PartKind, id: Id): Part | undefined;
  /** The interface that has this address, or a prefix over it, inside a network. */
  interfaceAt(networkId: Id, ip: Ip): NetworkInterface | undefined;
  /** The interface that a public IPv4 address is associated with. */
  interfaceOfPublic(publicAddress: Ip): NetworkInterface | undefined;
  /** The network whose blocks hold this internet-wide IPv6 address; none for private ones, which many may use. */
  networkOfIpv6(ip: Ip): Network | undefined;
  /** Whether a public pool holds the address. */
  isPooled(ip: Ip): boolean;
  /** The internet gateway attached to a network. */
  internetGatewayOf(networkId: Id): InternetGateway | undefined;
  /** The NAT gateway that an interface belongs to. */
  natGatewayOn(interfaceId: Id): NatGateway | undefined;
  /** Ids in order; so are the next three. */
  segmentsOf(networkId: Id): readonly Id[];
  interfacesOf(networkId: Id): readonly Id[];
  interfacesIn(segmentId: Id): readonly Id[];
  membersOf(groupId: Id): readonly Id[];
  /** Every part, kind by kind, in the order of first insertion. */
  parts(): Iterable<Part>;
}
