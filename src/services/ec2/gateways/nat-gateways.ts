/** NAT gateways: public ones with Elastic IPs, private ones; zonal (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html). */
import type { NatGateway, NatGatewayAddress as AddressView } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { describe } from '#aws/describe.ts';
import { invalidParameterCombination, invalidParameterValue, missingParameter } from '#aws/errors.ts';
import { becoming, settled, stateAt } from '#aws/eventual.ts';
import type { FilterSpec } from '#aws/filters.ts';
import { newId } from '#aws/ids.ts';
import { tagsFor } from '#aws/tags.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { hasInternetGateway } from '#services/ec2/addresses/address-associations.ts';
import { createInterface, deleteInterface } from '#services/ec2/interfaces/interface-lifecycle.ts';
import { requireInterface } from '#services/ec2/interfaces/interface-lookup.ts';
import {
  addPrivateAddresses,
  checkAddressCount,
  checkCountRange,
  requireElasticIps,
  withElasticIp,
} from '#services/ec2/gateways/nat-gateway-addresses.ts';
import { natGatewayLimitExceeded, natGatewayNotFound } from '#services/ec2/gateways/nat-gateway-errors.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { requireSubnet } from '#services/ec2/subnets/subnets.ts';
import type { AddressRecord } from '#services/ec2/tables/interfaces.ts';
import { type NatGatewayAddress, type NatGatewayRecord, natGatewayTable } from '#services/ec2/tables/routing.ts';
import type { SubnetRecord } from '#services/ec2/tables/vpcs.ts';
import { quota } from '#services/service-quotas/public.ts';

/** AWS shows deleted and failed gateways for about an hour. */
const shownMs = 60 * 60 * 1000;

const filters: FilterSpec<NatGatewayRecord> = {
  'nat-gateway-id': (gateway) => gateway.id,
  state: (gateway, context) => stateAt(gateway.state, context.nowMs),
  'subnet-id': (gateway) => gateway.subnetId,
  'vpc-id': (gateway) => gateway.vpcId,
};

interface CreateInput {
  readonly AllocationId?: string | undefined;
  readonly PrivateIpAddress?: string | undefined;
  readonly SecondaryAllocationIds?: readonly string[] | undefined;
  readonly SecondaryPrivateIpAddresses?: readonly string[] | undefined;
  readonly SecondaryPrivateIpAddressCount?: number | undefined;
}

export const natGateways = {
  CreateNatGateway(context, input) {
    if (input.AvailabilityMode === 'regional' || input.AvailabilityZoneAddresses) {
      throw new AwsError('UnsupportedOperation', 'Keiro has zonal NAT gateways only: name a SubnetId.');
    }
    if (input.SubnetId === undefined) throw missingParameter('SubnetId');
    const subnet = requireSubnet(context, input.SubnetId);
    const tags = tagsFor(input.TagSpecifications, 'natgateway', ['elastic-ip', 'network-interface']);
    const connectivityType = input.ConnectivityType ?? 'public';
    checkCombination(connectivityType, input);
    checkCountRange('secondaryPrivateIpAddressCount', input.SecondaryPrivateIpAddressCount);
    checkQuota(context, subnet);
    const elastic = requireElasticIps(context, [input.AllocationId ?? [], input.SecondaryAllocationIds ?? []].flat());
    const secondary = input.SecondaryPrivateIpAddressCount ?? input.SecondaryPrivateIpAddresses?.length ?? 0;
    checkAddressCount(context, connectivityType, connectivityType === 'public' ? elastic.length : 1 + secondary);
    const made = {
      id: newId(context, 'nat'),
      vpcId: subnet.vpcId,
      subnetId: subnet.id,
      availabilityZone: subnet.availabilityZone,
      connectivityType,
      createdMs: context.nowMs,
      tags,
    };
    const failure = findFailure(context, subnet, connectivityType, elastic);
    const gateway: NatGatewayRecord = failure
      ? { ...made, state: becoming('pending', 'failed', context.nowMs), failure, addresses: [] }
      : {
          ...made,
          state: becoming('pending', 'available', context.nowMs),
          addresses: giveAddresses(context, made.id, subnet, input, elastic),
        };
    context.tx.put(natGatewayTable, gateway);
    return { NatGateway: natGatewayView(gateway, context), ClientToken: input.ClientToken };
  },

  DescribeNatGateways(context, input) {
    const { items, nextToken } = describe(
      context,
      { Filters: input.Filter, MaxResults: input.MaxResults, NextToken: input.NextToken },
      {
        table: natGatewayTable,
        ids: input.NatGatewayIds,
        filters,
        indexed: { 'vpc-id': 'vpc', 'subnet-id': 'subnet', 'nat-gateway-id': 'id' },
        missing: natGatewayNotFound,
        visible: isShown,
        view: natGatewayView,
      },
    );
    return { NatGateways: items, NextToken: nextToken };
  },

  DeleteNatGateway(context, input) {
    const gateway = requireNatGateway(context, input.NatGatewayId);
    const state = stateAt(gateway.state, context.nowMs);
    // Deleting again is no error; a failed gateway goes as well.
    if (state === 'deleting' || state === 'deleted') return { NatGatewayId: gateway.id };
    for (const interfaceId of new Set(gateway.addresses.map((address) => address.networkInterfaceId))) {
      deleteInterface(context, requireInterface(context, interfaceId));
    }
    context.tx.put(natGatewayTable, {
      ...gateway,
      state: becoming('deleting', 'deleted', context.nowMs),
      deletedMs: context.nowMs,
    });
    forgetOld(context);
    return { NatGatewayId: gateway.id };
  },
} satisfies Ec2Operations;

/** @throws AwsError NatGatewayNotFound, also for one that was deleted over an hour ago. */
export function requireNatGateway(context: OperationContext, id: string): NatGatewayRecord {
  const gateway = context.tx.get(natGatewayTable, id);
  if (!gateway || !isShown(gateway, context)) throw natGatewayNotFound(id);
  return gateway;
}

function isShown(gateway: NatGatewayRecord, { nowMs }: OperationContext): boolean {
  const endedMs = gateway.deletedMs ?? (gateway.failure ? gateway.createdMs : undefined);
  return endedMs === undefined || endedMs > nowMs - shownMs;
}

/** Drops the records that no call shows any more, among the oldest ones. */
function forgetOld(context: OperationContext): void {
  const old: string[] = [];
  let seen = 0;
  for (const gateway of context.tx.list(natGatewayTable)) {
    if (++seen > 100) break;
    if (!isShown(gateway, context)) old.push(gateway.id);
  }
  for (const id of old) context.tx.delete(natGatewayTable, id);
}

function checkCombination(connectivityType: 'public' | 'private', input: CreateInput): void {
  if (connectivityType === 'public') {
    if (input.AllocationId === undefined) throw missingParameter('AllocationId');
    if (input.SecondaryPrivateIpAddressCount !== undefined) {
      throw invalidParameterCombination('SecondaryPrivateIpAddressCount can only be specified for a private NAT gateway');
    }
    const given = input.SecondaryPrivateIpAddresses;
    if (given && given.length !== (input.SecondaryAllocationIds?.length ?? 0)) {
      throw invalidParameterCombination('SecondaryPrivateIpAddresses must have one address for each of SecondaryAllocationIds');
    }
    return;
  }
  if (input.AllocationId !== undefined || input.SecondaryAllocationIds) {
    throw invalidParameterCombination('AllocationId cannot be specified for a private NAT gateway');
  }
  if (input.SecondaryPrivateIpAddresses && input.SecondaryPrivateIpAddressCount !== undefined) {
    throw invalidParameterCombination(
      'SecondaryPrivateIpAddresses and SecondaryPrivateIpAddressCount cannot be specified at the same time',
    );
  }
}

function checkQuota(context: OperationContext, subnet: SubnetRecord): void {
  const limit = quota(context, 'vpc', 'L-FE5A380F');
  const inZone = context.tx.find(natGatewayTable, 'zone', subnet.availabilityZone).length;
  if (inZone >= limit) throw natGatewayLimitExceeded(limit);
}

/** What AWS finds out only after it has answered: the gateway goes to `failed` (guide, "Troubleshoot NAT gateways"). */
function findFailure(
  context: OperationContext,
  subnet: SubnetRecord,
  connectivityType: 'public' | 'private',
  elastic: readonly AddressRecord[],
): NatGatewayRecord['failure'] | undefined {
  if (connectivityType === 'private') return undefined;
  if (!hasInternetGateway(context, subnet.vpcId)) {
    return { code: 'Gateway.NotAttached', message: `Network ${subnet.vpcId} has no Internet gateway attached` };
  }
  const taken = elastic.find((address) => address.association);
  if (taken) return { code: 'Resource.AlreadyAssociated', message: `Elastic IP address [${taken.id}] is already associated` };
  return undefined;
}

/** Makes the gateway's interface and puts its addresses on it. */
function giveAddresses(
  context: OperationContext,
  id: string,
  subnet: SubnetRecord,
  input: CreateInput,
  elastic: readonly AddressRecord[],
): readonly NatGatewayAddress[] {
  const eni = createInterface(context, {
    subnet,
    description: `Interface for NAT Gateway ${id}`,
    groupIds: [],
    privateIp: input.PrivateIpAddress,
    interfaceType: 'nat_gateway',
    requesterManaged: true,
    sourceDestCheck: false,
    attachment: {
      id: newId(context, 'ela-attach'),
      instanceOwnerId: 'amazon-aws',
      deviceIndex: 1,
      networkCardIndex: 0,
      deleteOnTermination: false,
      attachedMs: context.nowMs,
    },
  });
  const primary: NatGatewayAddress = { networkInterfaceId: eni.id, privateIp: eni.privateAddresses[0]?.address ?? '', isPrimary: true };
  const given = input.SecondaryPrivateIpAddresses ?? [];
  const count = input.SecondaryPrivateIpAddressCount ?? Math.max(0, elastic.length - 1 - given.length);
  const secondary = addPrivateAddresses(context, eni.id, given, count);
  return [primary, ...secondary].map((address, index) => {
    const own = elastic[index];
    return own ? withElasticIp(context, address, own) : address;
  });
}

export function natGatewayView(gateway: NatGatewayRecord, context: OperationContext): NatGateway {
  const state = stateAt(gateway.state, context.nowMs);
  return {
    NatGatewayId: gateway.id,
    VpcId: gateway.vpcId,
    SubnetId: gateway.subnetId,
    ConnectivityType: gateway.connectivityType,
    AvailabilityMode: 'zonal',
    State: state,
    CreateTime: new Date(gateway.createdMs),
    DeleteTime: gateway.deletedMs === undefined ? undefined : new Date(gateway.deletedMs),
    FailureCode: state === 'failed' ? gateway.failure?.code : undefined,
    FailureMessage: state === 'failed' ? gateway.failure?.message : undefined,
    NatGatewayAddresses: gateway.addresses.map(addressView),
    Tags: [...gateway.tags],
  };
}

export function addressView(address: NatGatewayAddress): AddressView {
  return {
    AllocationId: address.allocationId,
    AssociationId: address.associationId,
    NetworkInterfaceId: address.networkInterfaceId,
    PrivateIp: address.privateIp,
    PublicIp: address.publicIp,
    IsPrimary: address.isPrimary,
    Status: 'succeeded',
  };
}

/** A gateway that addresses can be put on and taken off. */
export function requireAvailable(context: OperationContext, id: string, connectivityType: 'public' | 'private'): NatGatewayRecord {
  const gateway = requireNatGateway(context, id);
  if (stateAt(gateway.state, context.nowMs) !== 'available') {
    throw new AwsError('IncorrectState', `NAT gateway ${id} is not in the available state`);
  }
  if (gateway.connectivityType !== connectivityType) {
    throw invalidParameterValue(`NAT gateway ${id} is not a ${connectivityType} NAT gateway`);
  }
  return { ...gateway, state: settled('available') };
}
