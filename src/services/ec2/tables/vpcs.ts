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

export interface VpcRecord extends StoreRecord, Tagged {
  /** The primary block, canonical. */
  readonly cidrBlock: string;
  /** All IPv4 blocks, the primary first. */
  readonly cidrAssociations: readonly CidrAssociation[];
  readonly ipv6CidrAssociations: readonly Ipv6CidrAssociation[];
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
  default: (vpc) => (vpc.isDefault ? 'true' : undefined),
});

export interface SubnetRecord extends StoreRecord, Tagged {
  readonly vpcId: string;
  /** E.g. `eu-west-1a`. */
  readonly availabilityZone: string;
  /** E.g. `euw1-az1`. */
  readonly availabilityZoneId: string;
  /** Undefined for an IPv6-only subnet. */
  readonly cidrBlock?: string;
  readonly ipv6CidrAssociations: readonly Ipv6CidrAssociation[];
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
}

export const dhcpOptionsTable = defineTable<DhcpOptionsRecord>()('ec2.dhcp-options');
