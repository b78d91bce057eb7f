/** Making and deleting network interfaces, for callers and for the services that make their own. */
import type { OperationContext } from '#aws/context.ts';
import { newId } from '#aws/ids.ts';
import type { Tag } from '#aws/tags.ts';
import { closeSubnet, openSubnet, type OpenSubnet, releasePrivateAddresses } from '#services/ec2/addresses/address-allocation.ts';
import { addressesOn, disassociateAddress, releaseDynamicPublicIp } from '#services/ec2/addresses/address-associations.ts';
import { takeIpv4, takeIpv4Prefix, takeNextIpv4, takeNextIpv4Prefix } from '#services/ec2/addresses/address-ipv4.ts';
import { takeAnyIpv6, takeAnyIpv6Prefix, takeIpv6, takeIpv6Prefix } from '#services/ec2/addresses/address-ipv6.ts';
import { limitExceeded } from '#services/ec2/errors.ts';
import { groupsForInterface } from '#services/ec2/security-groups/security-group-lookup.ts';
import {
  type ConnectionTracking,
  type InterfaceAttachment,
  type InterfaceType,
  type NetworkInterfaceRecord,
  networkInterfacePermissionTable,
  networkInterfaceTable,
} from '#services/ec2/tables/interfaces.ts';
import type { SubnetRecord } from '#services/ec2/tables/vpcs.ts';
import { quota } from '#services/service-quotas/public.ts';

export interface InterfaceRequest {
  readonly subnet: SubnetRecord;
  readonly description?: string | undefined;
  /** Validated already (`groupsForInterface`); the VPC's default group when undefined. */
  readonly groupIds?: readonly string[] | undefined;
  /** The primary address; the next free one when undefined. */
  readonly privateIp?: string | undefined;
  readonly secondaryCount?: number | undefined;
  readonly secondaryIps?: readonly string[] | undefined;
  readonly ipv4Prefixes?: readonly string[] | undefined;
  readonly ipv4PrefixCount?: number | undefined;
  /** When no IPv6 member is given, the subnet's `assignIpv6AddressOnCreation` decides. */
  readonly ipv6Count?: number | undefined;
  readonly ipv6Addresses?: readonly string[] | undefined;
  readonly ipv6Prefixes?: readonly string[] | undefined;
  readonly ipv6PrefixCount?: number | undefined;
  readonly primaryIpv6?: boolean | undefined;
  readonly interfaceType?: InterfaceType | undefined;
  readonly requesterManaged?: boolean | undefined;
  readonly requesterId?: string | undefined;
  readonly attachment?: InterfaceAttachment | undefined;
  readonly sourceDestCheck?: boolean | undefined;
  readonly connectionTracking?: ConnectionTracking | undefined;
  readonly tags?: readonly Tag[] | undefined;
}

/**
 * Makes an interface with its addresses.
 * @throws AwsError NetworkInterfaceLimitExceeded, and what taking addresses throws: InvalidIPAddress.InUse,
 *   InvalidParameterValue, InsufficientFreeAddressesInSubnet, InsufficientCidrBlocks.
 */
export function createInterface(context: OperationContext, request: InterfaceRequest): NetworkInterfaceRecord {
  if (context.tx.count(networkInterfaceTable) >= quota(context, 'vpc', 'L-DF5E4CA3')) {
    throw limitExceeded('NetworkInterfaceLimitExceeded', 'The maximum number of network interfaces has been reached.');
  }
  const { subnet, attachment, requesterId, connectionTracking } = request;
  const interfaceType = request.interfaceType ?? 'interface';
  const open = openSubnet(context, subnet.id);
  const addresses = interfaceType === 'efa-only' ? noAddresses : takeAddresses(open, request, subnet);
  closeSubnet(open);
  const eni: NetworkInterfaceRecord = {
    id: newId(context, 'eni'),
    vpcId: subnet.vpcId,
    subnetId: subnet.id,
    availabilityZone: subnet.availabilityZone,
    description: request.description ?? '',
    interfaceType,
    macAddress: newMacAddress(context, subnet.vpcId),
    ...addresses,
    groupIds: request.groupIds ?? groupsForInterface(context, subnet.vpcId, undefined),
    sourceDestCheck: request.sourceDestCheck ?? true,
    requesterManaged: request.requesterManaged ?? false,
    tags: request.tags ?? [],
    ...(attachment ? { attachment } : {}),
    ...(requesterId === undefined ? {} : { requesterId }),
    ...(request.primaryIpv6 ? { primaryIpv6: true } : {}),
    ...(connectionTracking ? { connectionTracking } : {}),
  };
  context.tx.put(networkInterfaceTable, eni);
  return eni;
}

/** Deletes an interface and gives back what it held; whether that may be, the caller has checked. */
export function deleteInterface(context: OperationContext, eni: NetworkInterfaceRecord): void {
  for (const address of addressesOn(context, eni)) disassociateAddress(context, address);
  releaseDynamicPublicIp(context, eni);
  for (const permission of context.tx.find(networkInterfacePermissionTable, 'networkInterface', eni.id)) {
    context.tx.delete(networkInterfacePermissionTable, permission.id);
  }
  releasePrivateAddresses(context, eni.subnetId, eni.privateAddresses.length, eni.ipv4Prefixes.length);
  context.tx.delete(networkInterfaceTable, eni.id);
}

type Addresses = Pick<NetworkInterfaceRecord, 'privateAddresses' | 'ipv6Addresses' | 'ipv4Prefixes' | 'ipv6Prefixes'>;

const noAddresses: Addresses = { privateAddresses: [], ipv6Addresses: [], ipv4Prefixes: [], ipv6Prefixes: [] };

/** Given addresses are taken first, so that no chosen one gets in their way. */
function takeAddresses(open: OpenSubnet, request: InterfaceRequest, subnet: SubnetRecord): Addresses {
  const { privateIp, secondaryIps = [] } = request;
  const given = privateIp === undefined ? undefined : takeIpv4(open, privateIp);
  const secondary = secondaryIps.map((address) => takeIpv4(open, address));
  const ipv4Prefixes = (request.ipv4Prefixes ?? []).map((prefix) => takeIpv4Prefix(open, prefix));
  const primary = given ?? (open.ipv4 ? takeNextIpv4(open) : undefined);
  repeat(request.secondaryCount, () => secondary.push(takeNextIpv4(open)));
  repeat(request.ipv4PrefixCount, () => ipv4Prefixes.push(takeNextIpv4Prefix(open)));
  const ipv6Prefixes = (request.ipv6Prefixes ?? []).map((prefix) => takeIpv6Prefix(open, prefix));
  const ipv6Addresses = (request.ipv6Addresses ?? []).map((address) => takeIpv6(open, address));
  repeat(ipv6CountOf(request, subnet), () => ipv6Addresses.push(takeAnyIpv6(open)));
  repeat(request.ipv6PrefixCount, () => ipv6Prefixes.push(takeAnyIpv6Prefix(open)));
  return {
    privateAddresses: [
      ...(primary === undefined ? [] : [{ address: primary, primary: true }]),
      ...secondary.map((address) => ({ address, primary: false })),
    ],
    ipv6Addresses,
    ipv4Prefixes,
    ipv6Prefixes,
  };
}

function ipv6CountOf(request: InterfaceRequest, subnet: SubnetRecord): number {
  if (request.ipv6Count !== undefined) return request.ipv6Count;
  const isAsked = request.ipv6Addresses ?? request.ipv6Prefixes ?? request.ipv6PrefixCount;
  return isAsked === undefined && subnet.assignIpv6AddressOnCreation && !request.requesterManaged ? 1 : 0;
}

function repeat(count: number | undefined, take: () => void): void {
  for (let index = 0; index < (count ?? 0); index++) take();
}

/** A locally administered address (IEEE 802 bit), as EC2 gives them, that no interface of the VPC has. */
function newMacAddress(context: OperationContext, vpcId: string): string {
  for (;;) {
    const macAddress = ['02', ...context.randomBytes(5).toString('hex').match(/../g)!].join(':'); // ten digits are five pairs
    if (!context.tx.find(networkInterfaceTable, 'mac', macAddress).some((eni) => eni.vpcId === vpcId)) return macAddress;
  }
}
