/** One part of the Topology out of the records that make it up. */
import type { Eventual } from '#aws/eventual.ts';
import { type Cidr, nthIp, parseCidr } from '#model/cidr.ts';
import { type Ip, parseIp } from '#model/ip.ts';
import { hasPorts, isIcmp, parseProtocol } from '#model/protocol-number.ts';
import type {
  AccessList,
  Attachment,
  Blocks,
  EgressOnlyGateway,
  Group,
  GroupRule,
  InternetGateway,
  NatGateway,
  Network,
  NetworkInterface,
  Part,
  PartKind,
  Peer,
  PrefixSet,
  PublicAssociation,
  RouteTable,
  RouteTarget,
  Segment,
} from '#model/topology.ts';
import { ANY_ICMP, type Traffic } from '#model/traffic.ts';
import {
  networkAclAssociationTable,
  networkAclTable,
  type SecurityGroupRuleRecord,
  securityGroupTable,
} from '#services/ec2/tables/firewalls.ts';
import { instanceTable } from '#services/ec2/tables/instances.ts';
import { addressTable, balancerRequester, type NetworkInterfaceRecord, networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';
import {
  egressOnlyInternetGatewayTable,
  internetGatewayTable,
  natGatewayTable,
  prefixListTable,
  type PrefixListRecord,
  type RouteRecord,
  routeTableTable,
} from '#services/ec2/tables/routing.ts';
import { subnetTable, vpcTable } from '#services/ec2/tables/vpcs.ts';
import type { Reader } from '#store/store.ts';

/** Where AWS itself answers in every VPC, beside VPC+2: metadata, time, licences, containers' credentials (EC2 guide, IMDS). */
const platform = ['169.254.169.254', '169.254.169.123', '169.254.169.250', '169.254.170.2', 'fd00:ec2::254', 'fd00:ec2::123'].map(ip);
/** The resolver's further addresses (VPC guide, "Amazon DNS server"). */
const resolvers = ['169.254.169.253', 'fd00:ec2::253'].map(ip);
/** What AWS keeps for such services: no route leads there. */
const reserved = ['169.254.168.0/22', 'fd00:ec2::/32'].map(block);
/** Offsets in a block: the router of a subnet, the resolver of a VPC. */
const routerOffset = 1;
const resolverOffset = 2;

/** How each kind of part is made; undefined when there is no such record. */
export const buildPart: { readonly [K in PartKind]: (reader: Reader, id: string) => Part | undefined } = {
  network: buildNetwork,
  segment: buildSegment,
  interface: buildInterface,
  routeTable: buildRouteTable,
  group: buildGroup,
  accessList: buildAccessList,
  internetGateway: buildInternetGateway,
  egressOnlyGateway: buildEgressOnlyGateway,
  natGateway: buildNatGateway,
  prefixSet: (reader, id) => {
    const list = reader.get(prefixListTable, id);
    return list && prefixSetOf(list);
  },
  publicPool: () => undefined,
};

function buildNetwork(reader: Reader, id: string): Network | undefined {
  const vpc = reader.get(vpcTable, id);
  if (!vpc) return undefined;
  const blocks = [...vpc.cidrAssociations.map((one) => one.cidrBlock), ...vpc.ipv6CidrAssociations.map((one) => one.ipv6CidrBlock)];
  const resolver = nthIp(block(vpc.cidrBlock), resolverOffset);
  const answering = vpc.dnsSupport ? [...(resolver === undefined ? [] : [resolver]), ...resolvers] : [];
  return { kind: 'network', id, cidrs: blocks.map(block), platformAddresses: [...answering, ...platform], reserved };
}

function buildSegment(reader: Reader, id: string): Segment | undefined {
  const subnet = reader.get(subnetTable, id);
  if (!subnet) return undefined;
  const ipv4 = subnet.cidrBlock === undefined ? [] : [block(subnet.cidrBlock)];
  const table = reader.find(routeTableTable, 'associated', id)[0] ?? reader.find(routeTableTable, 'main', subnet.vpcId)[0];
  return {
    kind: 'segment',
    id,
    networkId: subnet.vpcId,
    cidrs: [...ipv4, ...subnet.ipv6CidrAssociations.map((one) => block(one.ipv6CidrBlock))],
    zone: subnet.availabilityZone,
    routeTableId: table?.id ?? '',
    accessListId: reader.find(networkAclAssociationTable, 'subnet', id)[0]?.networkAclId ?? '',
    routerAddresses: ipv4.flatMap((cidr) => nthIp(cidr, routerOffset) ?? []),
  };
}

function buildInterface(reader: Reader, id: string): NetworkInterface | undefined {
  const eni = reader.get(networkInterfaceTable, id);
  if (!eni) return undefined;
  const attachment = attachmentOf(reader, eni);
  return {
    kind: 'interface',
    id,
    networkId: eni.vpcId,
    segmentId: eni.subnetId,
    addresses: [...eni.privateAddresses.map((one) => one.address), ...eni.ipv6Addresses].map(ip),
    prefixes: [...eni.ipv4Prefixes, ...eni.ipv6Prefixes].map(block),
    publicAddresses: publicAddressesOf(reader, eni),
    groupIds: eni.groupIds,
    sourceDestinationCheck: eni.sourceDestCheck,
    ...(attachment ? { attachment } : {}),
    macAddress: eni.macAddress,
    up: isUp(reader, eni),
  };
}

function attachmentOf(reader: Reader, eni: NetworkInterfaceRecord): Attachment | undefined {
  if (eni.attachment?.instanceId !== undefined)
    return { kind: 'instance', id: eni.attachment.instanceId, index: eni.attachment.deviceIndex };
  if (eni.requesterId === balancerRequester) return { kind: 'balancerNode', id: eni.id };
  const gateway = reader.find(natGatewayTable, 'networkInterface', eni.id)[0];
  return gateway && { kind: 'natGateway', id: gateway.id };
}

function publicAddressesOf(reader: Reader, eni: NetworkInterfaceRecord): readonly PublicAssociation[] {
  const elastic = reader
    .find(addressTable, 'networkInterface', eni.id)
    .flatMap((address): readonly PublicAssociation[] =>
      address.association ? [{ privateAddress: ip(address.association.privateIp), publicAddress: ip(address.publicIp) }] : [],
    );
  const primary = eni.privateAddresses.find((one) => one.primary)?.address;
  if (eni.dynamicPublicIp === undefined || primary === undefined) return elastic;
  return [...elastic, { privateAddress: ip(primary), publicAddress: ip(eni.dynamicPublicIp) }];
}

/** Whether something that runs is attached. A transition counts as done: the data plane is made for what is to be. */
function isUp(reader: Reader, eni: NetworkInterfaceRecord): boolean {
  if (!eni.attachment) return false;
  if (eni.attachment.instanceId === undefined) return true;
  const instance = reader.get(instanceTable, eni.attachment.instanceId);
  return instance !== undefined && settledState(instance.state) === 'running';
}

/** The state that a transition leads to. */
export function settledState<S extends string>(state: Eventual<S>): S {
  return state.then ?? state.now;
}

function buildRouteTable(reader: Reader, id: string): RouteTable | undefined {
  const table = reader.get(routeTableTable, id);
  if (!table) return undefined;
  return {
    kind: 'routeTable',
    id,
    networkId: table.vpcId,
    routes: table.routes.map((route) => ({
      destination: blocksOf(route.destination),
      target: targetOf(route),
      origin: route.origin === 'EnableVgwRoutePropagation' ? 'propagated' : 'static',
    })),
  };
}

function targetOf({ target }: RouteRecord): RouteTarget {
  switch (target.kind) {
    case 'local':
      return { kind: 'local' };
    case 'internet-gateway':
      return { kind: 'internetGateway', id: target.id };
    case 'egress-only-internet-gateway':
      return { kind: 'egressOnlyGateway', id: target.id };
    case 'nat-gateway':
      return { kind: 'natGateway', id: target.id };
    case 'network-interface':
      return { kind: 'interface', id: target.id };
    case 'virtual-private-gateway':
      return { kind: 'blackhole' };
  }
}

function buildGroup(reader: Reader, id: string): Group | undefined {
  const group = reader.get(securityGroupTable, id);
  if (!group) return undefined;
  return { kind: 'group', id, networkId: group.vpcId, rules: group.rules.map(groupRuleOf) };
}

function groupRuleOf(rule: SecurityGroupRuleRecord): GroupRule {
  return {
    id: rule.id,
    direction: rule.isEgress ? 'out' : 'in',
    traffic: trafficOf(rule.ipProtocol, { from: rule.fromPort, to: rule.toPort }, { type: rule.fromPort, code: rule.toPort }),
    peer: peerOf(rule),
  };
}

function peerOf(rule: SecurityGroupRuleRecord): Peer {
  if (rule.referencedGroup) return { kind: 'group', id: rule.referencedGroup.groupId };
  return blocksOf(rule.prefixListId ?? rule.cidrIpv4 ?? rule.cidrIpv6 ?? '');
}

/** −1 as a port or type stands for all. */
function trafficOf(
  protocolText: string,
  ports: { readonly from: number; readonly to: number } | undefined,
  icmp: { readonly type: number; readonly code: number } | undefined,
): Traffic {
  const protocol = parseProtocol(protocolText) ?? -1;
  if (hasPorts(protocol) && ports && ports.from >= 0) return { protocol, ports };
  if (isIcmp(protocol) && icmp && icmp.type !== ANY_ICMP) return { protocol, icmp };
  return { protocol };
}

function buildAccessList(reader: Reader, id: string): AccessList | undefined {
  const acl = reader.get(networkAclTable, id);
  if (!acl) return undefined;
  return {
    kind: 'accessList',
    id,
    networkId: acl.vpcId,
    entries: acl.entries.map((entry) => ({
      number: entry.ruleNumber,
      direction: entry.egress ? 'out' : 'in',
      action: entry.ruleAction,
      traffic: trafficOf(entry.protocol, entry.portRange, entry.icmp),
      cidr: block(entry.cidrBlock ?? entry.ipv6CidrBlock ?? ''),
    })),
  };
}

function buildInternetGateway(reader: Reader, id: string): InternetGateway | undefined {
  const gateway = reader.get(internetGatewayTable, id);
  if (!gateway) return undefined;
  const edgeTable = reader.find(routeTableTable, 'associated', id)[0];
  return {
    kind: 'internetGateway',
    id,
    ...(gateway.vpcId === undefined ? {} : { networkId: gateway.vpcId }),
    ...(edgeTable ? { routeTableId: edgeTable.id } : {}),
  };
}

function buildEgressOnlyGateway(reader: Reader, id: string): EgressOnlyGateway | undefined {
  const gateway = reader.get(egressOnlyInternetGatewayTable, id);
  return gateway && { kind: 'egressOnlyGateway', id, networkId: gateway.vpcId };
}

function buildNatGateway(reader: Reader, id: string): NatGateway | undefined {
  const gateway = reader.get(natGatewayTable, id);
  const primary = gateway?.addresses.find((address) => address.isPrimary);
  if (!gateway || !primary) return undefined;
  return { kind: 'natGateway', id, interfaceId: primary.networkInterfaceId, up: settledState(gateway.state) === 'available' };
}

export function prefixSetOf(list: PrefixListRecord): PrefixSet {
  return { kind: 'prefixSet', id: list.id, cidrs: list.entries.map((entry) => block(entry.cidr)) };
}

function blocksOf(text: string): Blocks {
  return text.startsWith('pl-') ? { kind: 'prefixSet', id: text } : { kind: 'cidr', cidr: block(text) };
}

/** A block of a record, which was checked before it was written. */
function block(text: string): Cidr {
  const cidr = parseCidr(text);
  if (!cidr) throw new Error(`'${text}' in a record is no CIDR block`);
  return cidr;
}

function ip(text: string): Ip {
  const address = parseIp(text);
  if (address === undefined) throw new Error(`'${text}' in a record is no IP address`);
  return address;
}
