/** Invariants of route tables, NAT gateways and prefix lists. */
import { stateAt } from '#aws/eventual.ts';
import { awsPrefixLists } from '#services/ec2/prefix-lists/aws-prefix-lists.ts';
import { addressTable, networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';
import {
  internetGatewayTable,
  type NatGatewayRecord,
  natGatewayTable,
  prefixListTable,
  type RouteTableRecord,
  routeTableTable,
} from '#services/ec2/tables/routing.ts';
import { subnetTable, vpcTable } from '#services/ec2/tables/vpcs.ts';
import type { Reader } from '#store/store.ts';
import { repeated } from '#test/fuzz/repeated.ts';

export function* routingViolations(records: Reader, nowMs: number): Generator<string> {
  const tables = [...records.list(routeTableTable)];
  for (const table of tables) yield* routeTableViolations(records, table);
  const associated = tables.flatMap((table) => table.associations.flatMap((one) => one.subnetId ?? one.gatewayId ?? []));
  for (const id of repeated(associated)) yield `${id} is associated with two route tables`;
  for (const id of repeated(tables.flatMap((table) => table.associations.map((one) => one.id)))) yield `${id} is used twice`;
  for (const gateway of records.list(natGatewayTable)) yield* natGatewayViolations(records, gateway, nowMs);
  for (const eni of records.list(networkInterfaceTable)) {
    if (eni.interfaceType !== 'nat_gateway') continue;
    const owners = records.find(natGatewayTable, 'networkInterface', eni.id).filter((gateway) => isThere(gateway, nowMs));
    if (owners.length !== 1) yield `${eni.id} belongs to ${owners.length} NAT gateways, not one`;
  }
  for (const list of records.list(prefixListTable)) {
    if (list.entries.length > list.maxEntries) yield `${list.id} has more than its ${list.maxEntries} entries`;
    for (const cidr of repeated(list.entries.map((entry) => entry.cidr))) yield `${list.id} has ${cidr} twice`;
  }
}

function* routeTableViolations(records: Reader, table: RouteTableRecord): Generator<string> {
  if (!records.get(vpcTable, table.vpcId)) yield `${table.id} is in ${table.vpcId}, which is gone`;
  for (const destination of repeated(table.routes.map((route) => route.destination))) yield `${table.id} has two routes to ${destination}`;
  for (const { destination } of table.routes) {
    if (!destination.startsWith('pl-') || records.get(prefixListTable, destination)) continue;
    if (!awsPrefixLists(records.partition.region).some((list) => list.id === destination)) {
      yield `${table.id} routes to ${destination}, which is gone`;
    }
  }
  for (const { id, main, subnetId, gatewayId } of table.associations) {
    if ([main || undefined, subnetId, gatewayId].filter((one) => one !== undefined).length !== 1) yield `${id} is of no kind or several`;
    if (subnetId !== undefined && records.get(subnetTable, subnetId)?.vpcId !== table.vpcId)
      yield `${id}: no ${subnetId} in ${table.vpcId}`;
    if (gatewayId !== undefined && records.get(internetGatewayTable, gatewayId)?.vpcId !== table.vpcId) {
      yield `${id}: no ${gatewayId} at ${table.vpcId}`;
    }
  }
}

function isThere(gateway: NatGatewayRecord, nowMs: number): boolean {
  return ['pending', 'available'].includes(stateAt(gateway.state, nowMs)) && !gateway.failure;
}

function* natGatewayViolations(records: Reader, gateway: NatGatewayRecord, nowMs: number): Generator<string> {
  if (!isThere(gateway, nowMs)) {
    const left = gateway.addresses.find((address) => records.get(networkInterfaceTable, address.networkInterfaceId));
    if (left) yield `${gateway.id} is gone, but its ${left.networkInterfaceId} is there`;
    return;
  }
  if (records.get(subnetTable, gateway.subnetId)?.vpcId !== gateway.vpcId)
    yield `${gateway.id}: no ${gateway.subnetId} in ${gateway.vpcId}`;
  if (gateway.addresses.filter((address) => address.isPrimary).length !== 1) yield `${gateway.id} has not one primary address`;
  for (const { networkInterfaceId, privateIp, allocationId, associationId, publicIp } of gateway.addresses) {
    const eni = records.get(networkInterfaceTable, networkInterfaceId);
    if (!eni?.privateAddresses.some((one) => one.address === privateIp))
      yield `${gateway.id}: ${privateIp} is not on ${networkInterfaceId}`;
    if ((gateway.connectivityType === 'public') !== (allocationId !== undefined))
      yield `${gateway.id}: ${privateIp} has the wrong publicity`;
    if (allocationId === undefined) continue;
    const address = records.get(addressTable, allocationId);
    const { association } = address ?? {};
    const isHere = association?.id === associationId && association?.networkInterfaceId === networkInterfaceId;
    if (!isHere || association?.privateIp !== privateIp || address?.publicIp !== publicIp) {
      yield `${gateway.id}: ${allocationId} is not associated with ${privateIp} as ${associationId}`;
    }
  }
  const [first] = gateway.addresses;
  const onInterface = records.get(networkInterfaceTable, first?.networkInterfaceId ?? '')?.privateAddresses.length;
  if (onInterface !== gateway.addresses.length)
    yield `${gateway.id} has ${gateway.addresses.length} addresses, its interface ${onInterface}`;
}
