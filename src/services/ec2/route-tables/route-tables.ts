/** Route tables: of a VPC, associated with its subnets and gateways. */
import type { RouteTable, RouteTableAssociation as AssociationView } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { describe } from '#aws/describe.ts';
import { invalidParameterCombination, invalidParameterValue, missingParameter } from '#aws/errors.ts';
import type { FilterSpec } from '#aws/filters.ts';
import { newId } from '#aws/ids.ts';
import { tagsFor } from '#aws/tags.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { alreadyAttached, dependencyViolation, limitExceeded, routeTableNotFound } from '#services/ec2/errors.ts';
import { associationNotFound, belongToDifferentNetworks, gatewayNotFound } from '#services/ec2/route-tables/route-errors.ts';
import { routeState } from '#services/ec2/route-tables/route-targets.ts';
import { routeView } from '#services/ec2/route-tables/routes.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { requireSubnet } from '#services/ec2/subnets/subnets.ts';
import { internetGatewayTable, type RouteTableAssociation, type RouteTableRecord, routeTableTable } from '#services/ec2/tables/routing.ts';
import { localRoutes, requireRouteTable } from '#services/ec2/vpcs/vpc-routing.ts';
import { requireVpc } from '#services/ec2/vpcs/vpcs.ts';
import { quota } from '#services/service-quotas/public.ts';

const byDestination = (table: RouteTableRecord, of: (destination: string) => boolean): readonly string[] =>
  table.routes.map((route) => route.destination).filter(of);
const byTarget = (table: RouteTableRecord, ...kinds: readonly string[]): readonly string[] =>
  table.routes.filter((route) => kinds.includes(route.target.kind)).map((route) => route.target.id);

const filters: FilterSpec<RouteTableRecord> = {
  'association.gateway-id': (table) => table.associations.map((association) => association.gatewayId),
  'association.main': (table) => table.associations.map((association) => association.main),
  'association.route-table-association-id': (table) => table.associations.map((association) => association.id),
  'association.route-table-id': (table) => (table.associations.length > 0 ? table.id : undefined),
  'association.subnet-id': (table) => table.associations.map((association) => association.subnetId),
  'owner-id': (_table, context) => context.account,
  'route-table-id': (table) => table.id,
  'route.destination-cidr-block': (table) => byDestination(table, (one) => !one.includes(':') && !one.startsWith('pl-')),
  'route.destination-ipv6-cidr-block': (table) => byDestination(table, (one) => one.includes(':')),
  'route.destination-prefix-list-id': (table) => byDestination(table, (one) => one.startsWith('pl-')),
  'route.egress-only-internet-gateway-id': (table) => byTarget(table, 'egress-only-internet-gateway'),
  'route.gateway-id': (table) => byTarget(table, 'local', 'internet-gateway', 'virtual-private-gateway'),
  'route.instance-id': (table) => table.routes.map((route) => route.instanceId),
  'route.nat-gateway-id': (table) => byTarget(table, 'nat-gateway'),
  'route.transit-gateway-id': () => undefined,
  'route.vpc-peering-connection-id': () => undefined,
  'route.origin': (table) => table.routes.map((route) => route.origin),
  'route.state': (table, context) => table.routes.map((route) => routeState(context, table, route)),
  'vpc-id': (table) => table.vpcId,
};

export const routeTables = {
  CreateRouteTable(context, input) {
    const vpc = requireVpc(context, input.VpcId);
    const tags = tagsFor(input.TagSpecifications, 'route-table');
    if (context.tx.find(routeTableTable, 'vpc', vpc.id).length >= quota(context, 'vpc', 'L-589F43AA')) {
      throw limitExceeded('RouteTableLimitExceeded', 'The maximum number of route tables has been reached.');
    }
    const table: RouteTableRecord = {
      id: newId(context, 'rtb'),
      vpcId: vpc.id,
      routes: localRoutes(vpc),
      associations: [],
      propagatingGatewayIds: [],
      tags,
    };
    context.tx.put(routeTableTable, table);
    return { RouteTable: view(table, context), ClientToken: input.ClientToken };
  },

  DescribeRouteTables(context, input) {
    const { items, nextToken } = describe(context, input, {
      table: routeTableTable,
      ids: input.RouteTableIds,
      filters,
      indexed: {
        'vpc-id': 'vpc',
        'association.subnet-id': 'associated',
        'association.route-table-association-id': 'association',
        'route-table-id': 'id',
      },
      missing: routeTableNotFound,
      view,
      limits: { min: 5, max: 100 },
    });
    return { RouteTables: items, NextToken: nextToken };
  },

  DeleteRouteTable(context, input) {
    const table = requireRouteTable(context, input.RouteTableId);
    if (table.associations.length > 0) {
      throw dependencyViolation(`The routeTable '${table.id}' has dependencies and cannot be deleted.`);
    }
    context.tx.delete(routeTableTable, table.id);
    return {};
  },

  AssociateRouteTable(context, input) {
    const table = requireRouteTable(context, input.RouteTableId);
    if (input.PublicIpv4Pool !== undefined) throw new AwsError('UnsupportedOperation', 'Keiro has no public IPv4 pools to associate.');
    const to = associate(context, table, input.SubnetId, input.GatewayId);
    const existing = context.tx.find(routeTableTable, 'associated', to.subnetId ?? to.gatewayId ?? '')[0];
    if (existing) {
      throw alreadyAttached(`the specified association for route table ${table.id} conflicts with an existing association`);
    }
    const association: RouteTableAssociation = { id: newId(context, 'rtbassoc'), main: false, ...to };
    context.tx.put(routeTableTable, { ...table, associations: [...table.associations, association] });
    return { AssociationId: association.id, AssociationState: { State: 'associated' } };
  },

  DisassociateRouteTable(context, input) {
    const { table, association } = requireAssociation(context, input.AssociationId);
    if (association.main) throw invalidParameterValue(`cannot disassociate the main route table association ${association.id}`);
    context.tx.put(routeTableTable, without(table, association));
    return {};
  },

  ReplaceRouteTableAssociation(context, input) {
    const { table, association } = requireAssociation(context, input.AssociationId);
    const target = requireRouteTable(context, input.RouteTableId);
    if (target.vpcId !== table.vpcId) throw belongToDifferentNetworks(target.id, 'route table', table.id);
    const moved = { ...association, id: newId(context, 'rtbassoc') };
    context.tx.put(routeTableTable, without(table, association));
    const current = requireRouteTable(context, target.id);
    context.tx.put(routeTableTable, { ...current, associations: [...current.associations, moved] });
    return { NewAssociationId: moved.id, AssociationState: { State: 'associated' } };
  },

  EnableVgwRoutePropagation(context, input) {
    requireRouteTable(context, input.RouteTableId);
    // Virtual private gateways come with VPN: none exists, so AWS's answer to an unknown one is the true one.
    throw gatewayNotFound(input.GatewayId);
  },

  DisableVgwRoutePropagation(context, input) {
    requireRouteTable(context, input.RouteTableId);
    throw gatewayNotFound(input.GatewayId);
  },
} satisfies Ec2Operations;

/** Checks what a table is to be associated with: one subnet or one gateway of its VPC. */
function associate(
  context: OperationContext,
  table: RouteTableRecord,
  subnetId: string | undefined,
  gatewayId: string | undefined,
): Pick<RouteTableAssociation, 'subnetId' | 'gatewayId'> {
  if (subnetId !== undefined && gatewayId !== undefined) {
    throw invalidParameterCombination('The parameters subnetId and gatewayId cannot be used in the same request');
  }
  if (subnetId !== undefined) {
    const subnet = requireSubnet(context, subnetId);
    if (subnet.vpcId !== table.vpcId) throw belongToDifferentNetworks(table.id, 'subnet', subnet.id);
    return { subnetId };
  }
  if (gatewayId === undefined) throw missingParameter('subnetId');
  const gateway = context.tx.get(internetGatewayTable, gatewayId);
  if (!gateway) throw gatewayNotFound(gatewayId);
  if (gateway.vpcId !== table.vpcId) throw belongToDifferentNetworks(table.id, 'network gateway', gatewayId);
  return { gatewayId };
}

function requireAssociation(context: OperationContext, id: string): { table: RouteTableRecord; association: RouteTableAssociation } {
  const table = context.tx.find(routeTableTable, 'association', id)[0];
  const association = table?.associations.find((one) => one.id === id);
  if (!table || !association) throw associationNotFound(id);
  return { table, association };
}

function without(table: RouteTableRecord, association: RouteTableAssociation): RouteTableRecord {
  return { ...table, associations: table.associations.filter((one) => one.id !== association.id) };
}

function view(table: RouteTableRecord, context: OperationContext): RouteTable {
  return {
    RouteTableId: table.id,
    VpcId: table.vpcId,
    OwnerId: context.account,
    Associations: table.associations.map((association) => associationView(table, association)),
    Routes: table.routes.map((route) => routeView(context, table, route)),
    PropagatingVgws: table.propagatingGatewayIds.map((id) => ({ GatewayId: id })),
    Tags: [...table.tags],
  };
}

function associationView(table: RouteTableRecord, association: RouteTableAssociation): AssociationView {
  return {
    RouteTableAssociationId: association.id,
    RouteTableId: table.id,
    Main: association.main,
    SubnetId: association.subnetId,
    GatewayId: association.gatewayId,
    AssociationState: { State: 'associated' },
  };
}
