/** Records of Route 53, all in the account's global partition. */
import type { Tagged } from '#aws/tags.ts';
import { parentName } from '#model/domain-name.ts';
import type { RecordTypeName, Routing } from '#model/hosted-zone.ts';
import { defineTable, type StoreRecord } from '#store/table.ts';

export interface ZoneVpc {
  readonly id: string;
  readonly region: string;
  /** Whose VPC it is. */
  readonly account: string;
}

/** The id is AWS's, `Z…`. */
export interface HostedZoneRecord extends StoreRecord, Tagged {
  /** As the model has names. */
  readonly name: string;
  /** At least one for a private zone, none for a public one: that is what makes it the one or the other. */
  readonly vpcs: readonly ZoneVpc[];
  readonly comment?: string;
  readonly callerReference: string;
  /** Of a reusable one. */
  readonly delegationSetId?: string;
  /** Public zones: which four name servers, 0 to 7. */
  readonly serverSet?: number;
  readonly createdMs: number;
}

export const zoneTable = defineTable<HostedZoneRecord>()('route53.zone', {
  name: (zone) => zone.name,
  /** Public zones by the names above theirs. */
  below: (zone) => (isPrivate(zone) ? undefined : namesAbove(zone.name)),
  vpc: (zone) => zone.vpcs.map(({ id }) => id),
  delegationSet: (zone) => zone.delegationSetId,
});

export const isPrivate = ({ vpcs }: Pick<HostedZoneRecord, 'vpcs'>): boolean => vpcs.length > 0;

/** `a.example.com`: `example.com`, `com`. */
export function namesAbove(name: string): readonly string[] {
  const all: string[] = [];
  for (let above = parentName(name); above !== undefined && above !== ''; above = parentName(above)) all.push(above);
  return all;
}

/** How many record sets a zone has. Apart from the zone, which stays as it is when its records change. The id is the zone's. */
export interface SetCountRecord extends StoreRecord {
  readonly sets: number;
}

export const setCountTable = defineTable<SetCountRecord>()('route53.set-count');

export interface AliasRecord {
  readonly zoneId: string;
  /** As the model has names. */
  readonly name: string;
  readonly evaluatesTargetHealth: boolean;
}

/** A record set, with a value for each of its members that was given. */
export interface SetRecord {
  readonly type: RecordTypeName;
  readonly ttl?: number;
  readonly values: readonly string[];
  readonly alias?: AliasRecord;
  readonly routing: Routing;
  readonly setIdentifier?: string;
  readonly healthCheckId?: string;
}

/** All that a zone has at one name; the id is `nameId`. */
export interface NameRecord extends StoreRecord {
  readonly zoneId: string;
  /** As the model has names. */
  readonly name: string;
  /** By this names are listed: `com.example.www.`. */
  readonly order: string;
  /** At least one, by type and identifier. */
  readonly sets: readonly SetRecord[];
}

export const nameTable = defineTable<NameRecord>()('route53.name', { zone: ({ zoneId }) => zoneId });

export const nameId = (zoneId: string, name: string): string => `${zoneId} ${name}`;

/** A change of a zone's records on its way to the name servers. The id is AWS's, `C…`. */
export interface ChangeRecord extends StoreRecord {
  readonly zoneId: string;
  readonly comment?: string;
  readonly submittedMs: number;
  readonly isInSync: boolean;
}

export const changeTable = defineTable<ChangeRecord>()('route53.change', {
  /** Under `pending`, those that are. */
  state: ({ isInSync }) => (isInSync ? undefined : 'pending'),
});

/** A reusable delegation set; the id is AWS's, `N…`. */
export interface DelegationSetRecord extends StoreRecord {
  readonly serverSet: number;
  readonly callerReference: string;
}

export const delegationSetTable = defineTable<DelegationSetRecord>()('route53.delegation-set', { reference: ({ callerReference }) => callerReference }); // prettier-ignore

/** Another account may associate a VPC of its own with a zone; the id is the zone's and the VPC's. */
export interface AuthorizationRecord extends StoreRecord {
  readonly zoneId: string;
  readonly vpcId: string;
  readonly region: string;
}

export const authorizationTable = defineTable<AuthorizationRecord>()('route53.vpc-authorization', { zone: ({ zoneId }) => zoneId });

/** A caller reference that was used, also when what it made is gone. The id is `zone` or `check` and the reference. */
export interface ReferenceRecord extends StoreRecord {
  /** What it made. */
  readonly madeId: string;
}

export const referenceTable = defineTable<ReferenceRecord>()('route53.caller-reference');

/** The id is a UUID. */
export interface HealthCheckRecord extends StoreRecord, Tagged {
  readonly callerReference: string;
  readonly version: number;
  readonly createdMs: number;
  readonly type: 'HTTP' | 'HTTPS' | 'HTTP_STR_MATCH' | 'HTTPS_STR_MATCH' | 'TCP' | 'CALCULATED';
  readonly address?: string;
  readonly port?: number;
  readonly path?: string;
  readonly hostName?: string;
  readonly searchString?: string;
  readonly intervalSeconds?: number;
  readonly failureThreshold?: number;
  readonly measuresLatency: boolean;
  readonly isInverted: boolean;
  readonly isDisabled: boolean;
  readonly sendsServerName?: boolean;
  /** Absent: all. */
  readonly regions?: readonly string[];
  readonly healthThreshold?: number;
  readonly children?: readonly string[];
}

export const healthCheckTable = defineTable<HealthCheckRecord>()('route53.health-check');
