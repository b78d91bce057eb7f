/** Elastic IP addresses: allocated, described, released. */
import type { Address } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { describe } from '#aws/describe.ts';
import { invalidParameterCombination, invalidParameterValue, missingParameter } from '#aws/errors.ts';
import { compileFilters, type FilterSpec } from '#aws/filters.ts';
import { newId } from '#aws/ids.ts';
import { tagsFor } from '#aws/tags.ts';
import {
  addressLimitExceeded,
  addressNotFound,
  addressNotYours,
  allocationNotFound,
  poolNotFound,
  publicAddressInUse,
  reverseNameSet,
} from '#services/ec2/addresses/address-errors.ts';
import { disassociateAddress, requireAddress } from '#services/ec2/addresses/address-associations.ts';
import { recoverPublicAddress, releasePublicAddress, takePublicAddress } from '#services/ec2/addresses/public-addresses.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { type AddressRecord, addressTable, networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';
import { vpcTable } from '#services/ec2/tables/vpcs.ts';
import { quota } from '#services/service-quotas/public.ts';

const filters: FilterSpec<AddressRecord> = {
  'allocation-id': (address) => address.id,
  'association-id': (address) => address.association?.id,
  domain: () => 'vpc', // not in AWS's reference any more, but accepted, and older tools send it
  'instance-id': (address) => address.association?.instanceId,
  'network-border-group': (address) => address.networkBorderGroup,
  'network-interface-id': (address) => address.association?.networkInterfaceId,
  'network-interface-owner-id': (address, context) => address.association && context.account,
  'private-ip-address': (address) => address.association?.privateIp,
  'public-ip': (address) => address.publicIp,
};

export const addresses = {
  AllocateAddress(context, input) {
    if (input.Domain === 'standard') throw invalidParameterValue("The domain 'standard' is not supported: EC2-Classic has been retired.");
    for (const pool of [input.CustomerOwnedIpv4Pool, input.IpamPoolId]) if (pool !== undefined) throw poolNotFound(pool);
    if (input.PublicIpv4Pool !== undefined && input.PublicIpv4Pool !== 'amazon') throw poolNotFound(input.PublicIpv4Pool);
    const networkBorderGroup = input.NetworkBorderGroup ?? context.region;
    if (networkBorderGroup !== context.region) {
      throw invalidParameterValue(`Value (${networkBorderGroup}) for parameter networkBorderGroup is invalid.`);
    }
    const tags = tagsFor(input.TagSpecifications, 'elastic-ip');
    requireRoomForAddress(context);
    const publicIp = input.Address === undefined ? takePublicAddress(context, 'elastic') : recover(context, input.Address);
    const address: AddressRecord = { id: newId(context, 'eipalloc'), publicIp, networkBorderGroup, tags };
    context.tx.put(addressTable, address);
    return {
      AllocationId: address.id,
      PublicIp: publicIp,
      PublicIpv4Pool: 'amazon',
      NetworkBorderGroup: networkBorderGroup,
      Domain: 'vpc',
    };
  },

  DescribeAddresses(context, input) {
    if (input.PublicIps && input.PublicIps.length > 0) {
      const named = byPublicIp(context, input.PublicIps);
      const ids = input.AllocationIds && input.AllocationIds.length > 0 ? new Set(input.AllocationIds) : undefined;
      const matches = compileFilters(context, input.Filters, filters) ?? (() => true);
      const found = named.filter((address) => matches(address) && (!ids || ids.has(address.id)));
      return { Addresses: found.map((address) => view(address, context)) };
    }
    const { items } = describe(
      context,
      { Filters: input.Filters },
      {
        table: addressTable,
        ids: input.AllocationIds,
        filters,
        indexed: {
          'allocation-id': 'id',
          'association-id': 'association',
          'instance-id': 'instance',
          'network-interface-id': 'networkInterface',
          'public-ip': 'publicIp',
        },
        missing: allocationNotFound,
        view,
      },
    );
    return { Addresses: items };
  },

  ReleaseAddress(context, input) {
    const { AllocationId, PublicIp, NetworkBorderGroup } = input;
    if (AllocationId !== undefined && PublicIp !== undefined) {
      throw invalidParameterCombination('You may specify public IP or allocation id, but not both in the same call');
    }
    if (PublicIp !== undefined) {
      requireOwnPublicIp(context, PublicIp);
      throw invalidParameterValue('You must specify an allocation id when releasing a VPC elastic IP address');
    }
    if (AllocationId === undefined) throw missingParameter('allocationId');
    const address = requireAddress(context, AllocationId);
    if (NetworkBorderGroup !== undefined && NetworkBorderGroup !== address.networkBorderGroup) throw addressNotFound(address.publicIp);
    if (address.domainName !== undefined) throw reverseNameSet(address.id);
    if (address.serviceManaged !== undefined) throw publicAddressInUse(address.publicIp);
    if (address.association) {
      if (!isDroppedByRelease(context, address)) throw publicAddressInUse(address.publicIp);
      disassociateAddress(context, address);
    }
    releasePublicAddress(context, address.publicIp);
    context.tx.delete(addressTable, address.id);
    return {};
  },
} satisfies Ec2Operations;

/** @throws AwsError AddressLimitExceeded when the account has all the addresses that its quota allows */
export function requireRoomForAddress(context: OperationContext): void {
  if (context.tx.count(addressTable) >= quota(context, 'ec2', 'L-0263D0A3')) throw addressLimitExceeded();
}

/** @throws AwsError AuthFailure when the caller's account does not have the address */
export function requireOwnPublicIp(context: OperationContext, publicIp: string): AddressRecord {
  const [address] = context.tx.find(addressTable, 'publicIp', publicIp);
  if (!address) throw addressNotYours(publicIp);
  return address;
}

function recover(context: OperationContext, publicIp: string): string {
  if (!recoverPublicAddress(context, publicIp)) throw addressNotFound(publicIp);
  return publicIp;
}

function byPublicIp(context: OperationContext, publicIps: readonly string[]): readonly AddressRecord[] {
  const found: AddressRecord[] = [];
  const missing: string[] = [];
  for (const publicIp of new Set(publicIps)) {
    const [address] = context.tx.find(addressTable, 'publicIp', publicIp);
    if (address) found.push(address);
    else missing.push(publicIp);
  }
  if (missing.length > 0) throw addressNotFound(missing);
  return found;
}

/** Releasing takes an address off an instance in the default VPC, and off nothing else (AWS's reference of ReleaseAddress). */
function isDroppedByRelease(context: OperationContext, { association }: AddressRecord): boolean {
  if (association?.instanceId === undefined) return false;
  const eni = context.tx.get(networkInterfaceTable, association.networkInterfaceId);
  return eni !== undefined && context.tx.get(vpcTable, eni.vpcId)?.isDefault === true;
}

function view(address: AddressRecord, context: OperationContext): Address {
  const { association } = address;
  return {
    AllocationId: address.id,
    PublicIp: address.publicIp,
    PublicIpv4Pool: 'amazon',
    NetworkBorderGroup: address.networkBorderGroup,
    Domain: 'vpc',
    AssociationId: association?.id,
    InstanceId: association?.instanceId,
    NetworkInterfaceId: association?.networkInterfaceId,
    NetworkInterfaceOwnerId: association && context.account,
    PrivateIpAddress: association?.privateIp,
    ServiceManaged: address.serviceManaged,
    Tags: [...address.tags],
  };
}
