/** A zone of names as data planes are told of it: the zone, and each of its names whole, with every record set that it has. */
import type { Id } from '#model/topology.ts';

/** Names here: lower case, fully qualified, no dot at the end, other bytes as in RFC 1035 section 5.1 (`\052`; a wildcard's first label is `*`). */
export interface HostedZone {
  readonly kind: 'hostedZone';
  /** `Z…`. */
  readonly id: Id;
  readonly name: string;
  /** Whether only the networks below see it. */
  readonly isPrivate: boolean;
  /** Private zones: the networks whose resolvers answer from it. */
  readonly networkIds: readonly Id[];
  /** Public zones: which set of name servers answers (`nameServerSet`), 0 to 7. */
  readonly serverSet?: number;
  /** When it was made, in milliseconds since the epoch: of two public zones of one name, the older one is the host's. */
  readonly createdMs: number;
}

/** Types of records that a zone may hold (Route 53 guide, "Supported DNS record types"). */
export const recordTypes = ['A', 'AAAA', 'CAA', 'CNAME', 'DS', 'HTTPS', 'MX', 'NAPTR', 'NS', 'PTR', 'SOA', 'SPF', 'SRV', 'SSHFP', 'SVCB', 'TLSA', 'TXT'] as const; // prettier-ignore
export type RecordTypeName = (typeof recordTypes)[number];

/** All that a zone has at one name. */
export interface ZoneName {
  readonly kind: 'zoneName';
  /** `ZONE-ID NAME`. */
  readonly id: Id;
  readonly zoneId: Id;
  readonly name: string;
  /** At least one. */
  readonly sets: readonly RecordSet[];
}

/** Records of one type, or one of several sets of them among which a routing policy chooses. */
export interface RecordSet {
  readonly type: RecordTypeName;
  /** Seconds, 0 to 2,147,483,647; absent with an alias, which has its target's. */
  readonly ttl?: number;
  /** Values in presentation format, as `record-values.ts` reads them; empty with an alias. */
  readonly values: readonly string[];
  readonly alias?: Alias;
  readonly routing: Routing;
  /** Unique among the sets of one name and type; absent with simple routing. */
  readonly setIdentifier?: string;
  readonly healthCheckId?: Id;
}

/** Answers as another name does, without a CNAME. */
export interface Alias {
  /** In the same zone, or what a load balancer or another service is called. */
  readonly name: string;
  /** Whether the target is a record of the same zone. */
  readonly isInZone: boolean;
  readonly evaluatesTargetHealth: boolean;
}

/** How one of several sets is chosen (Route 53 guide, "Choosing a routing policy"). */
export type Routing =
  | { readonly policy: 'simple' }
  /** 0 to 255. */
  | { readonly policy: 'weighted'; readonly weight: number }
  /** An AWS Region. */
  | { readonly policy: 'latency'; readonly region: string }
  | { readonly policy: 'failover'; readonly role: 'PRIMARY' | 'SECONDARY' }
  /** A continent's code, a country's (`*`: everywhere else), or a country's and a subdivision's. */
  | { readonly policy: 'geolocation'; readonly continent?: string; readonly country?: string; readonly subdivision?: string }
  | { readonly policy: 'multivalue' };
