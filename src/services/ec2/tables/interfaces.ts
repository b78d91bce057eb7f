/** Records of network interfaces and Elastic IP addresses. */
import type { Tagged } from '#aws/tags.ts';
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

export interface NetworkInterfaceRecord extends StoreRecord, Tagged {
  readonly vpcId: string;
  readonly subnetId: string;
  readonly availabilityZone: string;
  readonly description: string;
  readonly interfaceType: 'interface' | 'nat_gateway' | 'efa' | 'efa-only' | 'trunk' | 'branch' | 'network_load_balancer' | 'load_balancer' | 'vpc_endpoint' | 'api_gateway_managed' | 'lambda' | 'transit_gateway';
  /** `02:…`, unique in the VPC. */
  readonly macAddress: string;
  /** IPv4, the primary first; empty in an IPv6-only subnet. */
  readonly privateAddresses: readonly PrivateAddress[];
  readonly ipv6Addresses: readonly string[];
  readonly ipv4Prefixes: readonly string[];
  readonly ipv6Prefixes: readonly string[];
  readonly groupIds: readonly string[];
  readonly sourceDestCheck: boolean;
  readonly attachment?: InterfaceAttachment;
  /** True for interfaces that a service made (NAT gateway, load balancer…): the owner's calls may not change them. */
  readonly requesterManaged: boolean;
  readonly requesterId?: string;
  /** The dynamic public address, given at start and lost at stop; Elastic IPs are in the address table. */
  readonly dynamicPublicIp?: string;
  readonly primaryIpv6?: boolean;
  readonly connectionTracking?: {
    readonly tcpEstablishedTimeout?: number;
    readonly udpStreamTimeout?: number;
    readonly udpTimeout?: number;
  };
}

export const networkInterfaceTable = defineTable<NetworkInterfaceRecord>()('ec2.network-interface', {
  vpc: (eni) => eni.vpcId,
  subnet: (eni) => eni.subnetId,
  group: (eni) => eni.groupIds,
  instance: (eni) => eni.attachment?.instanceId,
  attachment: (eni) => eni.attachment?.id,
  /** `subnet-…|10.0.0.4`, IPv4 and IPv6 addresses. */
  address: (eni) => [
    ...eni.privateAddresses.map(({ address }) => `${eni.subnetId}|${address}`),
    ...eni.ipv6Addresses.map((address) => `${eni.subnetId}|${address}`),
  ],
  publicIp: (eni) => eni.dynamicPublicIp,
});

export interface AddressRecord extends StoreRecord, Tagged {
  /** From Keiro's public range, 198.18.0.0/15. */
  readonly publicIp: string;
  readonly networkBorderGroup: string;
  /** Set together while associated. */
  readonly association?: {
    /** `eipassoc-…` */
    readonly id: string;
    readonly networkInterfaceId: string;
    readonly privateIp: string;
    readonly instanceId?: string;
  };
  /** Reverse DNS name set by ModifyAddressAttribute. */
  readonly domainName?: string;
  /** A pending transfer to another account. */
  readonly transfer?: { readonly account: string; readonly offeredMs: number; readonly expiresMs: number };
  /** True for the address of a service that manages it itself; it may not be released by its owner. */
  readonly serviceManaged?: string;
}

export const addressTable = defineTable<AddressRecord>()('ec2.address', {
  publicIp: (address) => address.publicIp,
  networkInterface: (address) => address.association?.networkInterfaceId,
  instance: (address) => address.association?.instanceId,
  association: (address) => address.association?.id,
});

export interface NetworkInterfacePermissionRecord extends StoreRecord {
  readonly networkInterfaceId: string;
  readonly account?: string;
  readonly service?: string;
  readonly permission: 'INSTANCE-ATTACH' | 'EIP-ASSOCIATE';
}

export const networkInterfacePermissionTable = defineTable<NetworkInterfacePermissionRecord>()('ec2.network-interface-permission', {
  networkInterface: (permission) => permission.networkInterfaceId,
});
