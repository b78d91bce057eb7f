/** Records of VPCs, subnets and what belongs to them. */
import type { Eventual } from '#aws/eventual.ts';
import type { Tagged } from '#aws/tags.ts';
import { defineTable, type StoreRecord } from '#store/table.ts';

export type CidrState = 'associating' | 'associated' | 'disassociating' | 'disassociated';

export interface CidrAssociation {
  /** `vpc-cidr-assoc-…` */
  readonly associationId: string;
  readonly cidrBlock: string;
  readonly state: Eventual<CidrState>;
}

export interface Ipv6CidrAssociation {
  /** `vpc-cidr-assoc-…` or `subnet-cidr-assoc-…` */
  readonly associationId: string;
  readonly ipv6CidrBlock: string;
  readonly state: Eventual<CidrState>;
}

/** An association that has ended, still shown for a while. */
export interface Ended {
  readonly endedMs: number;
}

export interface VpcRecord extends StoreRecord, Tagged {
  /** The primary block, canonical. */
  readonly cidrBlock: string;
  /** The IPv4 blocks that the VPC has, the primary first. */
  readonly cidrAssociations: readonly CidrAssociation[];
  /** The IPv6 blocks that the VPC has. */
  readonly ipv6CidrAssociations: readonly Ipv6CidrAssociation[];
  /** Blocks that were taken off: part of descriptions for a while, of nothing else. */
  readonly endedCidrAssociations: readonly (CidrAssociation & Ended)[];
  readonly endedIpv6CidrAssociations: readonly (Ipv6CidrAssociation & Ended)[];
  /** `default` stands for an options set that is no record: none. */
  readonly dhcpOptionsId: string;
  readonly tenancy: 'default' | 'dedicated';
  readonly isDefault: boolean;
  readonly state: Eventual<'pending' | 'available'>;
  readonly dnsSupport: boolean;
  readonly dnsHostnames: boolean;
  readonly networkAddressUsageMetrics: boolean;
}

export const vpcTable = defineTable<VpcRecord>()('ec2.vpc', {
  dhcpOptions: (vpc) => vpc.dhcpOptionsId,
  /** The primary block. */
  cidr: (vpc) => vpc.cidrBlock,
  default: (vpc) => (vpc.isDefault ? 'true' : undefined),
  /** `vpc-cidr-assoc-…` of the blocks that the VPC has. */
  cidrAssociation: (vpc) => [...vpc.cidrAssociations, ...vpc.ipv6CidrAssociations].map((association) => association.associationId),
});

export interface SubnetRecord extends StoreRecord, Tagged {
  readonly vpcId: string;
  /** E.g. `eu-west-1a`. */
  readonly availabilityZone: string;
  /** E.g. `euw1-az1`. */
  readonly availabilityZoneId: string;
  /** Undefined for an IPv6-only subnet. */
  readonly cidrBlock?: string;
  /** None or one. */
  readonly ipv6CidrAssociations: readonly Ipv6CidrAssociation[];
  /** Blocks that were taken off: part of descriptions for a while, of nothing else. */
  readonly endedIpv6CidrAssociations: readonly (Ipv6CidrAssociation & Ended)[];
  readonly state: Eventual<'pending' | 'available'>;
  readonly defaultForAz: boolean;
  readonly mapPublicIpOnLaunch: boolean;
  readonly assignIpv6AddressOnCreation: boolean;
  readonly dns64: boolean;
  readonly ipv6Native: boolean;
  readonly hostnameType: 'ip-name' | 'resource-name';
  readonly resourceNameDnsARecord: boolean;
  readonly resourceNameDnsAaaaRecord: boolean;
  /** How many IPv4 addresses interfaces hold, prefixes counted whole; upkeep by address-allocation.ts. */
  readonly usedAddresses: number;
  /** Offset in the block from which the next free address is sought; a hint only. */
  readonly nextOffset: number;
}

export const subnetTable = defineTable<SubnetRecord>()('ec2.subnet', {
  vpc: (subnet) => subnet.vpcId,
  cidr: (subnet) => subnet.cidrBlock,
  /** `subnet-cidr-assoc-…` */
  cidrAssociation: (subnet) => subnet.ipv6CidrAssociations.map((association) => association.associationId),
});

export interface SubnetCidrReservationRecord extends StoreRecord, Tagged {
  readonly subnetId: string;
  readonly cidr: string;
  readonly type: 'prefix' | 'explicit';
  readonly description?: string;
}

export const subnetCidrReservationTable = defineTable<SubnetCidrReservationRecord>()('ec2.subnet-cidr-reservation', {
  subnet: (reservation) => reservation.subnetId,
});

export interface DhcpOptionsRecord extends StoreRecord, Tagged {
  readonly configurations: readonly { readonly key: string; readonly values: readonly string[] }[];
  /** The set that AWS makes in each Region and that new VPCs get. */
  readonly isDefault: boolean;
}

export const dhcpOptionsTable = defineTable<DhcpOptionsRecord>()('ec2.dhcp-options', {
  default: (options) => (options.isDefault ? 'true' : undefined),
});

/** In the partition { account: 'keiro', region: 'global' }: an IPv6 block that some VPC has; the id is the block. */
export interface Ipv6BlockRecord extends StoreRecord {
  readonly vpcId: string;
}

export const ipv6BlockTable = defineTable<Ipv6BlockRecord>()('ec2.ipv6-block');

/** In the same partition, one record: where the search for the next free block starts. */
export interface Ipv6PoolRecord extends StoreRecord {
  readonly nextIndex: number;
}

export const ipv6PoolTable = defineTable<Ipv6PoolRecord>()('ec2.ipv6-pool');

/** One record per account and Region: that AWS's part of a new account was made, so that it is made once. */
export interface AccountSetupRecord extends StoreRecord {
  readonly doneMs: number;
}

export const accountSetupTable = defineTable<AccountSetupRecord>()('ec2.account-setup');
