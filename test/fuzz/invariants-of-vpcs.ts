/** Invariants of VPCs, their companions, their subnets and what is reserved in them. */
import { stateAt } from '#aws/eventual.ts';
import { type Cidr, cidrContains, cidrsOverlap, formatCidr, parseCidr } from '#model/cidr.ts';
import { networkAclAssociationTable, networkAclTable, securityGroupTable } from '#services/ec2/tables/firewalls.ts';
import { networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';
import { egressOnlyInternetGatewayTable, internetGatewayTable, routeTableTable } from '#services/ec2/tables/routing.ts';
import {
  dhcpOptionsTable,
  ipv6BlockTable,
  subnetCidrReservationTable,
  type SubnetRecord,
  subnetTable,
  type VpcRecord,
  vpcTable,
} from '#services/ec2/tables/vpcs.ts';
import type { Reader } from '#store/store.ts';
import { repeated } from '#test/fuzz/repeated.ts';

/** A delegated prefix is a /28. */
const prefixAddresses = 16;

export function* vpcViolations(records: Reader, nowMs: number): Generator<string> {
  const vpcs = [...records.list(vpcTable)];
  if (vpcs.filter((vpc) => vpc.isDefault).length > 1) yield 'there is more than one default VPC';
  for (const vpc of vpcs) {
    yield* companionViolations(records, vpc);
    yield* blockViolations(records, vpc);
  }
  for (const subnet of records.list(subnetTable)) yield* subnetViolations(records, subnet, nowMs);
  for (const reservation of records.list(subnetCidrReservationTable)) {
    if (!records.get(subnetTable, reservation.subnetId)) yield `${reservation.id} is in ${reservation.subnetId}, which is gone`;
  }
  for (const gateway of [...records.list(internetGatewayTable), ...records.list(egressOnlyInternetGatewayTable)]) {
    if (gateway.vpcId !== undefined && !records.get(vpcTable, gateway.vpcId)) yield `${gateway.id} is in ${gateway.vpcId}, which is gone`;
  }
}

function* companionViolations(records: Reader, vpc: VpcRecord): Generator<string> {
  const exactlyOne = {
    'main route table': records.find(routeTableTable, 'main', vpc.id),
    'default security group': records.find(securityGroupTable, 'name', `${vpc.id}|default`),
    'default network ACL': records.find(networkAclTable, 'default', vpc.id),
  };
  for (const [what, found] of Object.entries(exactlyOne)) {
    if (found.length !== 1) yield `${vpc.id} has ${found.length} of the one ${what}`;
  }
  if (records.find(internetGatewayTable, 'vpc', vpc.id).length > 1) yield `${vpc.id} has more than one internet gateway`;
  if (vpc.dhcpOptionsId !== 'default' && !records.get(dhcpOptionsTable, vpc.dhcpOptionsId)) {
    yield `${vpc.id} has ${vpc.dhcpOptionsId}, which is gone`;
  }
}

function* blockViolations(records: Reader, vpc: VpcRecord): Generator<string> {
  const blocks = blocksOf(vpc);
  yield* overlaps(vpc.id, blocks);
  if (vpc.cidrAssociations[0]?.cidrBlock !== vpc.cidrBlock) yield `${vpc.id}: the primary block is not the first`;
  const pool = records.in({ account: 'keiro', region: 'global' });
  for (const { ipv6CidrBlock } of vpc.ipv6CidrAssociations) {
    if (pool.get(ipv6BlockTable, ipv6CidrBlock)?.vpcId !== vpc.id) yield `${vpc.id}: the pool did not give it ${ipv6CidrBlock}`;
  }
  const locals = [...vpc.cidrAssociations.map((one) => one.cidrBlock), ...vpc.ipv6CidrAssociations.map((one) => one.ipv6CidrBlock)];
  for (const table of records.find(routeTableTable, 'vpc', vpc.id)) {
    const given = table.routes.filter((route) => route.origin === 'CreateRouteTable').map((route) => route.destination);
    if ([...given].sort().join() !== [...locals].sort().join()) yield `${table.id} routes ${given.join()} locally, not ${locals.join()}`;
  }
  const subnets = records.find(subnetTable, 'vpc', vpc.id);
  yield* overlaps(`subnets of ${vpc.id}`, subnets.flatMap(subnetBlocks));
  for (const subnet of subnets) {
    for (const block of subnetBlocks(subnet)) {
      if (!blocks.some((outer) => cidrContains(outer, block))) yield `${subnet.id} (${formatCidr(block)}) is outside of ${vpc.id}`;
    }
  }
  const defaultZones = subnets.filter((subnet) => subnet.defaultForAz).map((subnet) => subnet.availabilityZone);
  for (const zone of repeated(defaultZones)) yield `${vpc.id} has two default subnets in ${zone}`;
}

function* subnetViolations(records: Reader, subnet: SubnetRecord, nowMs: number): Generator<string> {
  if (!records.get(vpcTable, subnet.vpcId)) yield `${subnet.id} is in ${subnet.vpcId}, which is gone`;
  const associations = records.find(networkAclAssociationTable, 'subnet', subnet.id);
  if (associations.length !== 1) yield `${subnet.id} is under ${associations.length} network ACLs, not one`;
  const used = records
    .find(networkInterfaceTable, 'subnet', subnet.id)
    .reduce((sum, eni) => sum + eni.privateAddresses.length + eni.ipv4Prefixes.length * prefixAddresses, 0);
  if (used !== subnet.usedAddresses) yield `${subnet.id} counts ${subnet.usedAddresses} used addresses, but ${used} are`;
  if (subnet.cidrBlock === undefined && subnet.ipv6CidrAssociations.length === 0) yield `${subnet.id} has no block at all`;
  if (!['pending', 'available'].includes(stateAt(subnet.state, nowMs))) yield `${subnet.id} is in an unknown state`;
  const ranges = records.find(subnetCidrReservationTable, 'subnet', subnet.id).map(({ cidr }) => blockOf(cidr));
  yield* overlaps(`reservations of ${subnet.id}`, ranges);
  for (const range of ranges) {
    if (!subnetBlocks(subnet).some((block) => cidrContains(block, range))) yield `${subnet.id}: ${formatCidr(range)} is reserved outside`;
  }
}

function blocksOf(vpc: VpcRecord): readonly Cidr[] {
  return [
    ...vpc.cidrAssociations.map(({ cidrBlock }) => blockOf(cidrBlock)),
    ...vpc.ipv6CidrAssociations.map(({ ipv6CidrBlock }) => blockOf(ipv6CidrBlock)),
  ];
}

export function subnetBlocks(subnet: SubnetRecord): readonly Cidr[] {
  return [
    ...(subnet.cidrBlock === undefined ? [] : [subnet.cidrBlock]),
    ...subnet.ipv6CidrAssociations.map((one) => one.ipv6CidrBlock),
  ].map(blockOf);
}

function blockOf(text: string): Cidr {
  const block = parseCidr(text);
  if (!block) throw new Error(`${text} in a record is no block`);
  return block;
}

function* overlaps(where: string, blocks: readonly Cidr[]): Generator<string> {
  for (const [index, block] of blocks.entries()) {
    const other = blocks.slice(index + 1).find((one) => cidrsOverlap(one, block));
    if (other) yield `${where}: ${formatCidr(block)} and ${formatCidr(other)} overlap`;
  }
}
