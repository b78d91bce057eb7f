/** Records of network interfaces, their permissions, and public addresses. */
import type { Tagged } from '#aws/tags.ts';
import { formatCidr, prefixOf } from '#model/cidr.ts';
import { isIpv4, parseIp } from '#model/ip.ts';
import { defineTable, type StoreRecord } from '#store/table.ts';

export interface PrivateAddress {
  readonly address: string;
  readonly primary: boolean;
}

export interface InterfaceAttachment {
  /** `eni-attach-…` */
  readonly id: string;
  /** The instance; undefined for what AWS attaches itself, e.g. to a NAT gateway. */
  readonly instanceId?: string;
  /** The account number, or `amazon-aws` for AWS's own. */
  readonly instanceOwnerId: string;
  readonly deviceIndex: number;
  readonly networkCardIndex: number;
  readonly deleteOnTermination: boolean;
  readonly attachedMs: number;
}

export type InterfaceType =
  | 'interface'
  | 'nat_gateway'
  | 'efa'
  | 'efa-only'
  | 'trunk'
  | 'branch'
  | 'network_load_balancer'
  | 'load_balancer'
  | 'vpc_endpoint'
  | 'api_gateway_managed'
  | 'lambda'
  | 'transit_gateway';

export interface NetworkInterfaceRecord extends StoreRecord, Tagged {
  readonly vpcId: string;
  readonly subnetId: string;
  readonly availabilityZone: string;
  readonly description: string;
  readonly interfaceType: InterfaceType;
  /** `02:…`, unique in the VPC. */
  readonly macAddress: string;
  /** IPv4, the primary first; empty in an IPv6-only subnet. */
  readonly privateAddresses: readonly PrivateAddress[];
  readonly ipv6Addresses: readonly string[];
  /** Blocks of /28 that are delegated to the interface. */
  readonly ipv4Prefixes: readonly string[];
  /** Blocks of /80 that are delegated to the interface. */
  readonly ipv6Prefixes: readonly string[];
  readonly groupIds: readonly string[];
  readonly sourceDestCheck: boolean;
  readonly attachment?: InterfaceAttachment;
  /** True for interfaces that a service made (NAT gateway, load balancer…): the owner's calls may not change them. */
  readonly requesterManaged: boolean;
  readonly requesterId?: string;
  /** The dynamic public address, given at start and lost at stop; Elastic IPs are in the address table. */
  readonly dynamicPublicIp?: string;
  /** Whether the interface is to have a dynamic public address while it runs and its primary address has no Elastic IP. */
  readonly wantsPublicIp?: boolean;
  /** The first IPv6 address is the primary one, for as long as the interface lives. */
  readonly primaryIpv6?: boolean;
  readonly connectionTracking?: ConnectionTracking;
}

/** Idle time-outs of tracked connections in seconds. */
export interface ConnectionTracking {
  readonly tcpEstablishedTimeout?: number;
  readonly udpStreamTimeout?: number;
  readonly udpTimeout?: number;
}

/** Prefix lengths of the blocks that EC2 delegates to an interface. */
export const ipv4PrefixLength = 28;
export const ipv6PrefixLength = 80;

/** The block of a delegated prefix's size that an address lies in, e.g. `10.0.0.16/28`. */
export function delegationBlock(address: string): string {
  const ip = parseIp(address);
  if (ip === undefined) return address; // never: records hold parsed addresses
  const prefixLength = isIpv4(ip) ? ipv4PrefixLength : ipv6PrefixLength;
  return formatCidr({ address: prefixOf(ip, prefixLength), prefixLength });
}

/** Who has made the interfaces of load balancers' nodes, in `requesterId` and as owner of the attachment. */
export const balancerRequester = 'amazon-elb';

export const networkInterfaceTable = defineTable<NetworkInterfaceRecord>()('ec2.network-interface', {
  vpc: (eni) => eni.vpcId,
  subnet: (eni) => eni.subnetId,
  group: (eni) => eni.groupIds,
  instance: (eni) => eni.attachment?.instanceId,
  attachment: (eni) => eni.attachment?.id,
  mac: (eni) => eni.macAddress,
  privateIp: (eni) => eni.privateAddresses.map(({ address }) => address),
  /** `subnet-…|10.0.0.4`, IPv4 and IPv6 addresses, and `subnet-…|10.0.0.16/28`, delegated prefixes. */
  address: (eni) => [
    ...eni.privateAddresses.map(({ address }) => `${eni.subnetId}|${address}`),
    ...eni.ipv6Addresses.map((address) => `${eni.subnetId}|${address}`),
    ...eni.ipv4Prefixes.map((prefix) => `${eni.subnetId}|${prefix}`),
    ...eni.ipv6Prefixes.map((prefix) => `${eni.subnetId}|${prefix}`),
  ],
  /** `subnet-…|10.0.0.16/28`: blocks that single addresses lie in. */
  block: (eni) => [
    ...new Set(
      [...eni.privateAddresses.map(({ address }) => address), ...eni.ipv6Addresses].map(
        (address) => `${eni.subnetId}|${delegationBlock(address)}`,
      ),
    ),
  ],
  publicIp: (eni) => eni.dynamicPublicIp,
});

export interface AddressAssociation {
  /** `eipassoc-…` */
  readonly id: string;
  readonly networkInterfaceId: string;
  readonly privateIp: string;
  readonly instanceId?: string;
}

/** An offer of an Elastic IP to another account (https://docs.aws.amazon.com/vpc/latest/userguide/WorkWithEIPs.html#transfer-EIPs-intro). */
export interface AddressTransfer {
  readonly account: string;
  readonly offeredMs: number;
  readonly expiresMs: number;
}

export interface AddressRecord extends StoreRecord, Tagged {
  /** From Keiro's public range, 198.18.0.0/15. */
  readonly publicIp: string;
  readonly networkBorderGroup: string;
  readonly association?: AddressAssociation;
  /** Reverse DNS name set by ModifyAddressAttribute. */
  readonly domainName?: string;
  readonly transfer?: AddressTransfer;
  /** The service that manages the address itself, e.g. `alb`; its owner may not release it. */
  readonly serviceManaged?: 'alb' | 'nlb' | 'rnat' | 'rds';
}

export const addressTable = defineTable<AddressRecord>()('ec2.address', {
  publicIp: (address) => address.publicIp,
  networkInterface: (address) => address.association?.networkInterfaceId,
  instance: (address) => address.association?.instanceId,
  association: (address) => address.association?.id,
});

/** A transfer that was accepted: shown for 14 days to the account that gave the address away. The id is the allocation's. */
export interface AcceptedTransferRecord extends StoreRecord {
  readonly publicIp: string;
  readonly account: string;
  readonly acceptedMs: number;
}

export const acceptedTransferTable = defineTable<AcceptedTransferRecord>()('ec2.accepted-address-transfer');

/** A public address of Keiro's range that somebody holds or lately held; the id is the address. Kept in the store's global partition. */
export interface PublicAddressRecord extends StoreRecord {
  readonly account: string;
  readonly region: string;
  /** Released addresses stay until the pool comes round to them: their last owner may recover them. */
  readonly state: 'elastic' | 'dynamic' | 'released';
}

export const publicAddressTable = defineTable<PublicAddressRecord>()('ec2.public-address');

/** The one record of the pool: from which offset the next address is sought, and how many are held. */
export interface PublicPoolRecord extends StoreRecord {
  readonly nextOffset: number;
  readonly held: number;
}

export const publicPoolTable = defineTable<PublicPoolRecord>()('ec2.public-pool');

export interface NetworkInterfacePermissionRecord extends StoreRecord {
  readonly networkInterfaceId: string;
  readonly account?: string;
  readonly service?: string;
  readonly permission: 'INSTANCE-ATTACH' | 'EIP-ASSOCIATE';
}

export const networkInterfacePermissionTable = defineTable<NetworkInterfacePermissionRecord>()('ec2.network-interface-permission', {
  networkInterface: (permission) => permission.networkInterfaceId,
});
