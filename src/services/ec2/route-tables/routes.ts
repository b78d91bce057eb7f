/** Routes of a table: created, replaced, deleted. */
import type { Route } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterCombination, invalidParameterValue, missingParameter } from '#aws/errors.ts';
import { canonicalCidr, type Cidr, cidrContains, cidrFamily, cidrsEqual, formatCidr, parseCidr } from '#model/cidr.ts';
import { limitExceeded } from '#services/ec2/errors.ts';
import { requirePrefixList } from '#services/ec2/prefix-lists/prefix-lists.ts';
import { routeAlreadyExists, routeNotFound } from '#services/ec2/route-tables/route-errors.ts';
import { requireRouteTable } from '#services/ec2/vpcs/vpc-routing.ts';
import { resolveTarget, routeState, type RouteTarget } from '#services/ec2/route-tables/route-targets.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { type RouteRecord, type RouteTableRecord, routeTableTable } from '#services/ec2/tables/routing.ts';
import { subnetTable } from '#services/ec2/tables/vpcs.ts';
import { quota } from '#services/service-quotas/public.ts';

export const routes = {
  CreateRoute(context, input) {
    const table = requireRouteTable(context, input.RouteTableId);
    const { destination, cidr } = readDestination(context, input);
    const target = resolveTarget(context, table, input, cidr !== undefined && cidrFamily(cidr) === 6);
    if (table.routes.some((route) => route.destination === destination)) throw routeAlreadyExists(destination);
    if (cidr) checkInsideVpc(context, table, cidr, target);
    checkRouteQuota(context, table, destination);
    putRoutes(context, table, [...table.routes, { destination, ...target, origin: 'CreateRoute' }]);
    return { Return: true };
  },

  ReplaceRoute(context, input) {
    const table = requireRouteTable(context, input.RouteTableId);
    const { destination, cidr } = readDestination(context, input);
    const existing = table.routes.find((route) => route.destination === destination);
    if (!existing) {
      throw invalidParameterValue(`There is no route defined for '${destination}' in the route table. Use CreateRoute instead.`);
    }
    const target = resolveTarget(context, table, input, cidr !== undefined && cidrFamily(cidr) === 6);
    const isLocal = existing.origin === 'CreateRouteTable';
    if (target.target.kind === 'local' ? !isLocal : isLocal && !insideTargets.has(target.target.kind)) {
      throw invalidParameterValue(`The target ${target.target.id} is not valid for the route with destination ${destination}`);
    }
    const replaced = { destination, ...target, origin: existing.origin };
    putRoutes(
      context,
      table,
      table.routes.map((route) => (route === existing ? replaced : route)),
    );
    return {};
  },

  DeleteRoute(context, input) {
    const table = requireRouteTable(context, input.RouteTableId);
    const { destination } = readDestination(context, input);
    const existing = table.routes.find((route) => route.destination === destination);
    if (!existing) throw routeNotFound(destination, table.id);
    if (existing.origin === 'CreateRouteTable') {
      throw invalidParameterValue(`cannot remove local route ${destination} in route table ${table.id}`);
    }
    putRoutes(
      context,
      table,
      table.routes.filter((route) => route !== existing),
    );
    return {};
  },
} satisfies Ec2Operations;

interface DestinationInput {
  readonly DestinationCidrBlock?: string | undefined;
  readonly DestinationIpv6CidrBlock?: string | undefined;
  readonly DestinationPrefixListId?: string | undefined;
}

/** The one destination that a call names. AWS clears host bits: 100.68.0.18/18 is 100.68.0.0/18. */
function readDestination(context: OperationContext, input: DestinationInput): { destination: string; cidr: Cidr | undefined } {
  const named = [input.DestinationCidrBlock, input.DestinationIpv6CidrBlock, input.DestinationPrefixListId].filter(
    (one) => one !== undefined,
  );
  const [text] = named;
  if (text === undefined) throw missingParameter('destinationCidrBlock');
  if (named.length > 1) {
    throw invalidParameterCombination(
      'Only one of destinationCidrBlock, destinationIpv6CidrBlock and destinationPrefixListId may be specified in the same request',
    );
  }
  if (input.DestinationPrefixListId !== undefined) {
    return { destination: requirePrefixList(context, input.DestinationPrefixListId).id, cidr: undefined };
  }
  const parsed = parseCidr(text);
  const family = input.DestinationIpv6CidrBlock === undefined ? 4 : 6;
  if (!parsed || cidrFamily(parsed) !== family) {
    const parameter = family === 4 ? 'destinationCidrBlock' : 'destinationIpv6CidrBlock';
    throw invalidParameterValue(`Value (${text}) for parameter ${parameter} is invalid. This is not a valid CIDR block.`);
  }
  const cidr = canonicalCidr(parsed);
  return { destination: formatCidr(cidr), cidr };
}

/** What a route that is more specific than `local` may point at. */
const insideTargets: ReadonlySet<string> = new Set(['network-interface', 'nat-gateway']);

/** A more specific route inside the VPC must be a whole subnet's block, and lead to a middlebox (VPC guide, "Route tables", middlebox routing). */
function checkInsideVpc(context: OperationContext, table: RouteTableRecord, cidr: Cidr, { target }: RouteTarget): void {
  const isInside = table.routes.some((route) => {
    const block = route.origin === 'CreateRouteTable' ? parseCidr(route.destination) : undefined;
    return block !== undefined && cidrContains(block, cidr);
  });
  if (!isInside) {
    if (target.kind === 'local') throw invalidParameterValue(`The destination CIDR block ${formatCidr(cidr)} is not in the VPC`);
    return;
  }
  const text = formatCidr(cidr);
  if (!insideTargets.has(target.kind)) {
    throw invalidParameterValue(
      `The destination CIDR block ${text} is equal to or more specific than one of this VPC's CIDR blocks. This route can target only an interface or an instance.`,
    );
  }
  const isSubnet = context.tx.find(subnetTable, 'vpc', table.vpcId).some((subnet) => {
    const blocks = [subnet.cidrBlock, ...subnet.ipv6CidrAssociations.map((association) => association.ipv6CidrBlock)];
    return blocks.some((block) => {
      const parsed = block === undefined ? undefined : parseCidr(block);
      return parsed !== undefined && cidrsEqual(parsed, cidr);
    });
  });
  if (!isSubnet) {
    throw invalidParameterValue(`The destination CIDR block ${text} does not match the CIDR block of a subnet in the VPC`);
  }
}

/** The quota counts the two families apart, and a prefix list by its size; propagated and local routes are free. */
function checkRouteQuota(context: OperationContext, table: RouteTableRecord, destination: string): void {
  const limit = quota(context, 'vpc', 'L-93826ACB');
  const familyOf = (one: string): number =>
    one.startsWith('pl-') ? (requirePrefixList(context, one).addressFamily === 'IPv6' ? 6 : 4) : one.includes(':') ? 6 : 4;
  const weight = (one: string): number => (one.startsWith('pl-') ? requirePrefixList(context, one).maxEntries : 1);
  const family = familyOf(destination);
  const used = table.routes
    .filter((route) => route.origin === 'CreateRoute' && familyOf(route.destination) === family)
    .reduce((sum, route) => sum + weight(route.destination), 0);
  if (used + weight(destination) > limit) throw limitExceeded('RouteLimitExceeded', 'The maximum number of routes has been reached.');
}

function putRoutes(context: OperationContext, table: RouteTableRecord, changed: readonly RouteRecord[]): void {
  context.tx.put(routeTableTable, { ...table, routes: changed });
}

export function routeView(context: OperationContext, table: RouteTableRecord, route: RouteRecord): Route {
  return {
    ...destinationView(route.destination),
    ...targetView(context, route),
    Origin: route.origin,
    State: routeState(context, table, route),
  };
}

function destinationView(destination: string): Route {
  if (destination.startsWith('pl-')) return { DestinationPrefixListId: destination };
  return destination.includes(':') ? { DestinationIpv6CidrBlock: destination } : { DestinationCidrBlock: destination };
}

function targetView(context: OperationContext, { target, instanceId }: RouteRecord): Route {
  switch (target.kind) {
    case 'local':
    case 'internet-gateway':
    case 'virtual-private-gateway':
      return { GatewayId: target.id };
    case 'egress-only-internet-gateway':
      return { EgressOnlyInternetGatewayId: target.id };
    case 'nat-gateway':
      return { NatGatewayId: target.id };
    case 'network-interface':
      return { NetworkInterfaceId: target.id, ...(instanceId ? { InstanceId: instanceId, InstanceOwnerId: context.account } : {}) };
  }
}
