/** Route tables as others need them: found by id, and what a VPC's life does to them (the main table, `local` routes, subnets that go). */
import type { OperationContext } from '#aws/context.ts';
import { newId } from '#aws/ids.ts';
import { routeTableNotFound } from '#services/ec2/errors.ts';
import { type RouteRecord, type RouteTableRecord, routeTableTable } from '#services/ec2/tables/routing.ts';
import type { VpcRecord } from '#services/ec2/tables/vpcs.ts';

/** @throws AwsError InvalidRouteTableID.NotFound */
export function requireRouteTable(context: OperationContext, id: string): RouteTableRecord {
  const table = context.tx.get(routeTableTable, id);
  if (!table) throw routeTableNotFound(id);
  return table;
}

/** The route that every table of a VPC has for each block of the VPC. */
export function localRoute(cidr: string): RouteRecord {
  return { destination: cidr, target: { kind: 'local', id: 'local' }, origin: 'CreateRouteTable' };
}

/** One `local` route for each block that the VPC has. */
export function localRoutes(vpc: VpcRecord): readonly RouteRecord[] {
  const blocks = [
    ...vpc.cidrAssociations.map((association) => association.cidrBlock),
    ...vpc.ipv6CidrAssociations.map((association) => association.ipv6CidrBlock),
  ];
  return blocks.map(localRoute);
}

/** The main route table that comes with a VPC. */
export function createMainRouteTable(context: OperationContext, vpc: VpcRecord): RouteTableRecord {
  const table: RouteTableRecord = {
    id: newId(context, 'rtb'),
    vpcId: vpc.id,
    routes: localRoutes(vpc),
    associations: [{ id: newId(context, 'rtbassoc'), main: true }],
    propagatingGatewayIds: [],
    tags: [],
  };
  context.tx.put(routeTableTable, table);
  return table;
}

/** The main table of a VPC; every VPC has one. */
export function mainRouteTable(context: OperationContext, vpcId: string): RouteTableRecord {
  const table = context.tx.find(routeTableTable, 'main', vpcId)[0];
  if (!table) throw new Error(`VPC ${vpcId} has no main route table`);
  return table;
}

export function deleteMainRouteTable(context: OperationContext, vpcId: string): void {
  context.tx.delete(routeTableTable, mainRouteTable(context, vpcId).id);
}

/** Called when a block is added to a VPC: every table of the VPC routes it locally. */
export function addLocalRoute(context: OperationContext, vpcId: string, cidr: string): void {
  for (const table of [...context.tx.find(routeTableTable, 'vpc', vpcId)]) {
    context.tx.put(routeTableTable, { ...table, routes: [...table.routes, localRoute(cidr)] });
  }
}

export function removeLocalRoute(context: OperationContext, vpcId: string, cidr: string): void {
  for (const table of [...context.tx.find(routeTableTable, 'vpc', vpcId)]) {
    context.tx.put(routeTableTable, {
      ...table,
      routes: table.routes.filter((route) => route.destination !== cidr || route.target.kind !== 'local'),
    });
  }
}

/** Called when a subnet (or a gateway with an edge association) goes. */
export function disassociateSubnet(context: OperationContext, subnetId: string): void {
  for (const table of [...context.tx.find(routeTableTable, 'associated', subnetId)]) {
    context.tx.put(routeTableTable, {
      ...table,
      associations: table.associations.filter((association) => (association.subnetId ?? association.gatewayId) !== subnetId),
    });
  }
}
