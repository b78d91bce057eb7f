/** Where a route may point: the target that a call names, checked, and whether it still carries traffic. */
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterCombination, invalidParameterValue, missingParameter } from '#aws/errors.ts';
import { stateAt } from '#aws/eventual.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { egressOnlyInternetGatewayNotFound } from '#services/ec2/gateways/egress-only-internet-gateways.ts';
import { instanceNotFound, networkInterfaceNotFound } from '#services/ec2/errors.ts';
import { belongToDifferentNetworks, gatewayNotFound } from '#services/ec2/route-tables/route-errors.ts';
import { instanceTable } from '#services/ec2/tables/instances.ts';
import { networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';
import {
  egressOnlyInternetGatewayTable,
  internetGatewayTable,
  natGatewayTable,
  type RouteRecord,
  type RouteTableRecord,
} from '#services/ec2/tables/routing.ts';

/** The members of CreateRoute and ReplaceRoute that name a target. */
export interface RouteTargetInput {
  readonly GatewayId?: string | undefined;
  readonly EgressOnlyInternetGatewayId?: string | undefined;
  readonly NatGatewayId?: string | undefined;
  readonly NetworkInterfaceId?: string | undefined;
  readonly InstanceId?: string | undefined;
  readonly TransitGatewayId?: string | undefined;
  readonly LocalGatewayId?: string | undefined;
  readonly CarrierGatewayId?: string | undefined;
  readonly VpcPeeringConnectionId?: string | undefined;
  readonly VpcEndpointId?: string | undefined;
  readonly CoreNetworkArn?: string | undefined;
  readonly OdbNetworkArn?: string | undefined;
  readonly LocalTarget?: boolean | undefined;
}

export type RouteTarget = Pick<RouteRecord, 'target' | 'instanceId'>;

/** Targets that AWS has and Keiro does not yet: nothing of the kind can exist, so AWS's NotFound is the true answer. */
const absentKinds = {
  TransitGatewayId: ['InvalidTransitGatewayID.NotFound', 'transitGateway'],
  LocalGatewayId: ['InvalidLocalGatewayID.NotFound', 'localGateway'],
  CarrierGatewayId: ['InvalidCarrierGatewayID.NotFound', 'carrierGateway'],
  VpcPeeringConnectionId: ['InvalidVpcPeeringConnectionID.NotFound', 'vpcPeeringConnection'],
  VpcEndpointId: ['InvalidVpcEndpointId.NotFound', 'vpcEndpoint'],
  CoreNetworkArn: ['InvalidCoreNetworkArn.NotFound', 'coreNetwork'],
  OdbNetworkArn: ['InvalidOdbNetworkArn.NotFound', 'odbNetwork'],
} as const;

const memberNames = [
  'GatewayId',
  'EgressOnlyInternetGatewayId',
  'NatGatewayId',
  'NetworkInterfaceId',
  'InstanceId',
  ...(Object.keys(absentKinds) as (keyof typeof absentKinds)[]), // keys of a constant
] as const;

/**
 * The target that a call names, which must be exactly one, exist, and belong to the table's VPC.
 * @param isIpv6 whether the destination is IPv6: an egress-only gateway takes nothing else
 */
export function resolveTarget(context: OperationContext, table: RouteTableRecord, input: RouteTargetInput, isIpv6: boolean): RouteTarget {
  const named = memberNames.filter((name) => input[name] !== undefined);
  if (input.LocalTarget && named.length === 0) return { target: { kind: 'local', id: 'local' } };
  const [name, second] = named;
  if (name === undefined) throw missingParameter('gatewayId');
  if (second !== undefined || input.LocalTarget) {
    throw invalidParameterCombination('Only one of the route target parameters may be specified in the same request');
  }
  const id = input[name] ?? '';
  switch (name) {
    case 'GatewayId':
      return gatewayTarget(context, table, id);
    case 'EgressOnlyInternetGatewayId':
      return egressOnlyTarget(context, table, id, isIpv6);
    case 'NatGatewayId':
      return natTarget(context, table, id);
    case 'NetworkInterfaceId':
      return interfaceTarget(context, table, id);
    case 'InstanceId':
      return instanceTarget(context, table, id);
    default: {
      const [code, noun] = absentKinds[name];
      throw new AwsError(code, `The ${noun} ID '${id}' does not exist`);
    }
  }
}

function gatewayTarget(context: OperationContext, table: RouteTableRecord, id: string): RouteTarget {
  if (id === 'local') return { target: { kind: 'local', id: 'local' } };
  const gateway = context.tx.get(internetGatewayTable, id);
  if (!gateway) throw gatewayNotFound(id);
  if (gateway.vpcId !== table.vpcId) throw belongToDifferentNetworks(table.id, 'network gateway', id);
  return { target: { kind: 'internet-gateway', id } };
}

function egressOnlyTarget(context: OperationContext, table: RouteTableRecord, id: string, isIpv6: boolean): RouteTarget {
  const gateway = context.tx.get(egressOnlyInternetGatewayTable, id);
  if (!gateway) throw egressOnlyInternetGatewayNotFound(id);
  if (gateway.vpcId !== table.vpcId) throw belongToDifferentNetworks(table.id, 'egress-only internet gateway', id);
  if (!isIpv6) throw invalidParameterValue(`The egress-only internet gateway ${id} can only be the target of an IPv6 route`);
  return { target: { kind: 'egress-only-internet-gateway', id } };
}

function natTarget(context: OperationContext, table: RouteTableRecord, id: string): RouteTarget {
  const gateway = context.tx.get(natGatewayTable, id);
  if (!gateway || stateAt(gateway.state, context.nowMs) === 'deleted') {
    throw new AwsError('InvalidNatGatewayID.NotFound', `The natGateway ID '${id}' does not exist`);
  }
  if (gateway.vpcId !== table.vpcId) throw belongToDifferentNetworks(table.id, 'NAT gateway', id);
  return { target: { kind: 'nat-gateway', id } };
}

function interfaceTarget(context: OperationContext, table: RouteTableRecord, id: string): RouteTarget {
  const eni = context.tx.get(networkInterfaceTable, id);
  if (!eni) throw networkInterfaceNotFound(id);
  if (eni.vpcId !== table.vpcId) throw belongToDifferentNetworks(table.id, 'interface', id);
  return { target: { kind: 'network-interface', id } };
}

function instanceTarget(context: OperationContext, table: RouteTableRecord, id: string): RouteTarget {
  if (!context.tx.get(instanceTable, id)) throw instanceNotFound(id);
  const attached = context.tx.find(networkInterfaceTable, 'instance', id);
  const [eni, another] = attached;
  if (!eni) throw instanceNotFound(id);
  if (another) {
    throw new AwsError(
      'InvalidInstanceID',
      `There are multiple interfaces attached to instance '${id}'. Please specify an interface ID for the operation instead.`,
    );
  }
  if (eni.vpcId !== table.vpcId) throw belongToDifferentNetworks(table.id, 'instance', id);
  return { target: { kind: 'network-interface', id: eni.id }, instanceId: id };
}

/** `blackhole` when the target is gone, detached or stopped. */
export function routeState(context: OperationContext, table: RouteTableRecord, route: RouteRecord): 'active' | 'blackhole' {
  return isUsable(context, table, route) ? 'active' : 'blackhole';
}

function isUsable({ tx, nowMs }: OperationContext, table: RouteTableRecord, { target }: RouteRecord): boolean {
  switch (target.kind) {
    case 'local':
      return true;
    case 'internet-gateway':
      return tx.get(internetGatewayTable, target.id)?.vpcId === table.vpcId;
    case 'egress-only-internet-gateway':
      return tx.get(egressOnlyInternetGatewayTable, target.id) !== undefined;
    case 'nat-gateway': {
      const gateway = tx.get(natGatewayTable, target.id);
      return gateway !== undefined && ['pending', 'available'].includes(stateAt(gateway.state, nowMs));
    }
    case 'network-interface': {
      const attachment = tx.get(networkInterfaceTable, target.id)?.attachment;
      if (!attachment) return false;
      if (attachment.instanceId === undefined) return true;
      const instance = tx.get(instanceTable, attachment.instanceId);
      return instance !== undefined && ['pending', 'running'].includes(stateAt(instance.state, nowMs));
    }
    case 'virtual-private-gateway':
      return false;
  }
}
