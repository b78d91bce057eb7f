/** Records of route tables, gateways and prefix lists. */
import type { Eventual } from '#aws/eventual.ts';
import type { Tagged } from '#aws/tags.ts';
import { defineTable, type StoreRecord } from '#store/table.ts';

export type RouteTargetKind =
  | 'local'
  | 'internet-gateway'
  | 'egress-only-internet-gateway'
  | 'nat-gateway'
  | 'network-interface'
  | 'virtual-private-gateway';

export interface RouteRecord {
  /** Canonical IPv4 or IPv6 block, or a `pl-…` id. */
  readonly destination: string;
  readonly target: { readonly kind: RouteTargetKind; readonly id: string };
  /** Given when the caller named an instance: its primary interface is the target. */
  readonly instanceId?: string;
  readonly origin: 'CreateRouteTable' | 'CreateRoute' | 'EnableVgwRoutePropagation';
}

export interface RouteTableAssociation {
  /** `rtbassoc-…` */
  readonly id: string;
  readonly main: boolean;
  readonly subnetId?: string;
  /** An internet gateway's edge association. */
  readonly gatewayId?: string;
}

export interface RouteTableRecord extends StoreRecord, Tagged {
  readonly vpcId: string;
  readonly routes: readonly RouteRecord[];
  readonly associations: readonly RouteTableAssociation[];
  readonly propagatingGatewayIds: readonly string[];
}

export const routeTableTable = defineTable<RouteTableRecord>()('ec2.route-table', {
  vpc: (table) => table.vpcId,
  /** The main table of a VPC, by the VPC's id. */
  main: (table) => (table.associations.some((association) => association.main) ? table.vpcId : undefined),
  /** Explicit associations, by the subnet's or gateway's id. */
  associated: (table) => table.associations.flatMap((association) => association.subnetId ?? association.gatewayId ?? []),
  association: (table) => table.associations.map((association) => association.id),
  target: (table) => [...new Set(table.routes.map((route) => route.target.id))],
  prefixList: (table) => table.routes.map((route) => route.destination).filter((destination) => destination.startsWith('pl-')),
});

export interface InternetGatewayRecord extends StoreRecord, Tagged {
  readonly vpcId?: string;
}

export const internetGatewayTable = defineTable<InternetGatewayRecord>()('ec2.internet-gateway', {
  vpc: (gateway) => gateway.vpcId,
});

export interface EgressOnlyInternetGatewayRecord extends StoreRecord, Tagged {
  readonly vpcId: string;
}

export const egressOnlyInternetGatewayTable = defineTable<EgressOnlyInternetGatewayRecord>()('ec2.egress-only-internet-gateway', {
  vpc: (gateway) => gateway.vpcId,
});

export interface NatGatewayAddress {
  readonly networkInterfaceId: string;
  readonly privateIp: string;
  readonly isPrimary: boolean;
  readonly allocationId?: string;
  readonly associationId?: string;
  readonly publicIp?: string;
}

export interface NatGatewayRecord extends StoreRecord, Tagged {
  readonly vpcId: string;
  readonly subnetId: string;
  readonly availabilityZone: string;
  readonly connectivityType: 'public' | 'private';
  readonly state: Eventual<'pending' | 'available' | 'deleting' | 'deleted' | 'failed'>;
  readonly addresses: readonly NatGatewayAddress[];
  readonly createdMs: number;
  readonly deletedMs?: number;
  readonly failure?: { readonly code: string; readonly message: string };
}

export const natGatewayTable = defineTable<NatGatewayRecord>()('ec2.nat-gateway', {
  vpc: (gateway) => gateway.vpcId,
  subnet: (gateway) => gateway.subnetId,
  networkInterface: (gateway) => [...new Set(gateway.addresses.map((address) => address.networkInterfaceId))],
  /** Those that hold addresses, by their zone; for the quota. */
  zone: (gateway) => (gateway.deletedMs === undefined && !gateway.failure ? gateway.availabilityZone : undefined),
});

export interface PrefixListEntry {
  readonly cidr: string;
  readonly description?: string;
}

export interface PrefixListRecord extends StoreRecord, Tagged {
  readonly name: string;
  readonly addressFamily: 'IPv4' | 'IPv6';
  readonly maxEntries: number;
  readonly version: number;
  readonly entries: readonly PrefixListEntry[];
  /** Entries of earlier versions, the newest last; for GetManagedPrefixListEntries and Restore. */
  readonly history: readonly { readonly version: number; readonly entries: readonly PrefixListEntry[] }[];
  readonly state: Eventual<
    'create-complete' | 'create-in-progress' | 'modify-complete' | 'modify-in-progress' | 'restore-in-progress' | 'restore-complete'
  >;
  /** AWS's own list, e.g. S3's: read-only. */
  readonly ownedByAws: boolean;
}

export const prefixListTable = defineTable<PrefixListRecord>()('ec2.prefix-list', {
  name: (list) => list.name,
});
