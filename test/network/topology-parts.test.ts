/** Facts of what VPCs, subnets, routes and interfaces become in the topology, one line or a few each. */
import { describe, expect, test } from 'vitest';
import { formatCidr } from '#model/cidr.ts';
import { formatIp } from '#model/ip.ts';
import type { NetworkInterface, Route, RouteTable } from '#model/topology.ts';
import { securityGroupTable } from '#services/ec2/tables/firewalls.ts';
import { instanceTable } from '#services/ec2/tables/instances.ts';
import { networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';
import { followTopology } from '#reconcile/topology.ts';
import { blocks, network } from '#test/network/ec2-network.ts';
import { ec2World, home, linuxImage, part, partsOf, type Ec2World } from '#test/network/ec2-world.ts';

const ips = (addresses: readonly Parameters<typeof formatIp>[0][]): string => addresses.map(formatIp).join(' ');

function routeText({ destination, target, origin }: Route): string {
  const to = destination.kind === 'cidr' ? formatCidr(destination.cidr) : destination.id;
  return `${to} ${target.kind}${'id' in target ? ` ${target.id}` : ''}${origin === 'static' ? '' : ` ${origin}`}`;
}
const routes = ({ routes: all }: RouteTable): string[] => all.map(routeText);

async function internetGateway(world: Ec2World, VpcId: string): Promise<string> {
  const { InternetGateway } = await world.call('CreateInternetGateway', {});
  const id = InternetGateway?.InternetGatewayId ?? '';
  await world.call('AttachInternetGateway', { InternetGatewayId: id, VpcId });
  return id;
}

describe('a VPC', () => {
  test('is a network with the blocks that it has now', async () => {
    const world = await ec2World();
    const { vpcId, ipv6 } = await network(world);
    const [own] = ipv6.split('/');
    expect(blocks(part(world.topology, 'network', vpcId).cidrs)).toBe(`10.0.0.0/16 ${own}/56`);
    const { CidrBlockAssociation } = await world.call('AssociateVpcCidrBlock', { VpcId: vpcId, CidrBlock: '100.64.0.0/20' });
    expect(blocks(part(world.topology, 'network', vpcId).cidrs)).toBe(`10.0.0.0/16 100.64.0.0/20 ${own}/56`);
    await world.call('DisassociateVpcCidrBlock', { AssociationId: CidrBlockAssociation?.AssociationId ?? '' });
    expect(blocks(part(world.topology, 'network', vpcId).cidrs)).toBe(`10.0.0.0/16 ${own}/56`);
    expect(blocks(part(world.topology, 'network', vpcId).reserved)).toBe('169.254.168.0/22 fd00:ec2::/32');
  });

  test('has its resolver at the base plus two, unless DNS is off', async () => {
    const world = await ec2World();
    const { vpcId } = await network(world);
    const answering = () => ips(part(world.topology, 'network', vpcId).platformAddresses);
    expect(answering()).toBe(
      '10.0.0.2 169.254.169.253 fd00:ec2::253 169.254.169.254 169.254.169.123 169.254.169.250 169.254.170.2 fd00:ec2::254 fd00:ec2::123',
    );
    await world.call('ModifyVpcAttribute', { VpcId: vpcId, EnableDnsSupport: { Value: false } });
    expect(answering()).toBe('169.254.169.254 169.254.169.123 169.254.169.250 169.254.170.2 fd00:ec2::254 fd00:ec2::123');
  });

  test('leaves nothing behind when it is deleted', async () => {
    const world = await ec2World();
    await world.call('CreateDhcpOptions', { DhcpConfigurations: [{ Key: 'domain-name', Values: ['example.net'] }] });
    const before = [...partsOf(world.topology).keys()];
    const { vpcId, first, second } = await network(world);
    expect(partsOf(world.topology).size).toBe(before.length + 6);
    for (const SubnetId of [first, second]) await world.call('DeleteSubnet', { SubnetId });
    await world.call('DeleteVpc', { VpcId: vpcId });
    expect([...partsOf(world.topology).keys()]).toEqual(before);
  });
});

describe('a subnet', () => {
  test('is a segment with both families, its zone and its router', async () => {
    const world = await ec2World();
    const { vpcId, ipv6, first, second } = await network(world);
    const one = part(world.topology, 'segment', first);
    expect([one.networkId, blocks(one.cidrs), one.zone, ips(one.routerAddresses)]).toEqual([
      vpcId,
      `10.0.1.0/24 ${ipv6}`,
      'eu-west-1b',
      '10.0.1.1',
    ]);
    await world.call('AssociateSubnetCidrBlock', { SubnetId: second, Ipv6CidrBlock: ipv6.replace('00::/64', '01::/64') });
    expect(blocks(part(world.topology, 'segment', second).cidrs)).toBe(`10.0.2.0/24 ${ipv6.replace('00::/64', '01::/64')}`);
  });

  test('follows the main table until it is given one of its own, and again when that is taken away', async () => {
    const world = await ec2World();
    const { vpcId, first, second, mainTableId } = await network(world);
    const tables = () => [first, second].map((id) => part(world.topology, 'segment', id).routeTableId);
    const own = (await world.call('CreateRouteTable', { VpcId: vpcId })).RouteTable?.RouteTableId ?? '';
    const { AssociationId } = await world.call('AssociateRouteTable', { RouteTableId: own, SubnetId: second });
    expect(tables()).toEqual([mainTableId, own]);
    // Another main table: every subnet without one of its own moves.
    const { RouteTables } = await world.call('DescribeRouteTables', { RouteTableIds: [mainTableId] });
    const main = RouteTables?.[0]?.Associations?.[0]?.RouteTableAssociationId ?? '';
    const other = (await world.call('CreateRouteTable', { VpcId: vpcId })).RouteTable?.RouteTableId ?? '';
    await world.call('ReplaceRouteTableAssociation', { AssociationId: main, RouteTableId: other });
    expect(tables()).toEqual([other, own]);
    await world.call('DisassociateRouteTable', { AssociationId: AssociationId ?? '' });
    expect(tables()).toEqual([other, other]);
  });

  test('is under one network ACL', async () => {
    const world = await ec2World();
    const { vpcId, first } = await network(world);
    const { NetworkAcls } = await world.call('DescribeNetworkAcls', { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] });
    expect(part(world.topology, 'segment', first).accessListId).toBe(NetworkAcls?.[0]?.NetworkAclId);
    const association = NetworkAcls?.[0]?.Associations?.find(({ SubnetId }) => SubnetId === first)?.NetworkAclAssociationId ?? '';
    const own = (await world.call('CreateNetworkAcl', { VpcId: vpcId })).NetworkAcl?.NetworkAclId ?? '';
    await world.call('ReplaceNetworkAclAssociation', { AssociationId: association, NetworkAclId: own });
    expect(part(world.topology, 'segment', first).accessListId).toBe(own);
  });
});

describe('routes', () => {
  test('lead to what was named, in both families', async () => {
    const world = await ec2World();
    const { vpcId, ipv6, first, mainTableId } = await network(world);
    const igw = await internetGateway(world, vpcId);
    const eigw =
      (await world.call('CreateEgressOnlyInternetGateway', { VpcId: vpcId })).EgressOnlyInternetGateway?.EgressOnlyInternetGatewayId ?? '';
    const eni = (await world.call('CreateNetworkInterface', { SubnetId: first })).NetworkInterface?.NetworkInterfaceId ?? '';
    const nat = (await world.call('CreateNatGateway', { SubnetId: first, ConnectivityType: 'private' })).NatGateway?.NatGatewayId ?? '';
    const list = (await world.call('CreateManagedPrefixList', { PrefixListName: 'l', MaxEntries: 1, AddressFamily: 'IPv4', Entries: [{ Cidr: '192.0.2.0/24' }] })).PrefixList?.PrefixListId ?? ''; // prettier-ignore
    const route = { RouteTableId: mainTableId };
    await world.call('CreateRoute', { ...route, DestinationCidrBlock: '0.0.0.0/0', GatewayId: igw });
    await world.call('CreateRoute', { ...route, DestinationIpv6CidrBlock: '::/0', EgressOnlyInternetGatewayId: eigw });
    await world.call('CreateRoute', { ...route, DestinationCidrBlock: '192.168.0.0/16', NatGatewayId: nat });
    await world.call('CreateRoute', { ...route, DestinationCidrBlock: '10.0.2.0/24', NetworkInterfaceId: eni });
    await world.call('CreateRoute', { ...route, DestinationPrefixListId: list, NetworkInterfaceId: eni });
    expect(routes(part(world.topology, 'routeTable', mainTableId))).toEqual([
      '10.0.0.0/16 local',
      `${ipv6.replace('/64', '/56')} local`,
      `0.0.0.0/0 internetGateway ${igw}`,
      `::/0 egressOnlyGateway ${eigw}`,
      `192.168.0.0/16 natGateway ${nat}`,
      `10.0.2.0/24 interface ${eni}`,
      `${list} interface ${eni}`,
    ]);
  });

  test('to a gateway that was detached dangle', async () => {
    const world = await ec2World();
    const { vpcId, mainTableId } = await network(world);
    const igw = await internetGateway(world, vpcId);
    await world.call('CreateRoute', { RouteTableId: mainTableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId: igw });
    await world.call('DetachInternetGateway', { InternetGatewayId: igw, VpcId: vpcId });
    expect(part(world.topology, 'internetGateway', igw)).toEqual({ kind: 'internetGateway', id: igw });
    expect(routes(part(world.topology, 'routeTable', mainTableId))).toContain(`0.0.0.0/0 internetGateway ${igw}`);
  });

  test('of an edge table are on the internet gateway', async () => {
    const world = await ec2World();
    const { vpcId } = await network(world);
    const igw = await internetGateway(world, vpcId);
    const edge = (await world.call('CreateRouteTable', { VpcId: vpcId })).RouteTable?.RouteTableId ?? '';
    const { AssociationId } = await world.call('AssociateRouteTable', { RouteTableId: edge, GatewayId: igw });
    expect(part(world.topology, 'internetGateway', igw)).toEqual({
      kind: 'internetGateway',
      id: igw,
      networkId: vpcId,
      routeTableId: edge,
    });
    await world.call('DisassociateRouteTable', { AssociationId: AssociationId ?? '' });
    expect(part(world.topology, 'internetGateway', igw)).toEqual({ kind: 'internetGateway', id: igw, networkId: vpcId });
  });
});

describe('a network interface', () => {
  const eniOf = async (world: Ec2World, SubnetId: string, input = {}): Promise<string> =>
    (await world.call('CreateNetworkInterface', { SubnetId, ...input })).NetworkInterface?.NetworkInterfaceId ?? '';
  const told = ({ addresses, prefixes, up, sourceDestinationCheck }: NetworkInterface) => ({
    addresses: ips(addresses),
    prefixes: blocks(prefixes),
    up,
    sourceDestinationCheck,
  });

  test('has its addresses, the primary first, its prefixes and its groups; alone it is down', async () => {
    const world = await ec2World();
    const { vpcId, ipv6, first } = await network(world);
    const [prefix] = ipv6.split('/');
    const id = await eniOf(world, first, {
      PrivateIpAddress: '10.0.1.50',
      Ipv6Addresses: [{ Ipv6Address: `${prefix}7` }],
      Ipv4Prefixes: [{ Ipv4Prefix: '10.0.1.64/28' }],
    });
    await world.call('AssignPrivateIpAddresses', { NetworkInterfaceId: id, PrivateIpAddresses: ['10.0.1.20'] });
    const one = part(world.topology, 'interface', id);
    expect(told(one)).toEqual({
      addresses: `10.0.1.50 10.0.1.20 ${prefix}7`,
      prefixes: '10.0.1.64/28',
      up: false,
      sourceDestinationCheck: true,
    });
    expect([one.networkId, one.segmentId, one.groupIds.length, one.attachment]).toEqual([vpcId, first, 1, undefined]);
    await world.call('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId: id, SourceDestCheck: { Value: false } });
    expect(part(world.topology, 'interface', id).sourceDestinationCheck).toBe(false);
  });

  test('has the Elastic IPs of its private addresses', async () => {
    const world = await ec2World();
    const { vpcId, first } = await network(world);
    await internetGateway(world, vpcId);
    const id = await eniOf(world, first, { PrivateIpAddress: '10.0.1.50' });
    const { AllocationId, PublicIp = '' } = await world.call('AllocateAddress', {});
    const { AssociationId } = await world.call('AssociateAddress', { AllocationId, NetworkInterfaceId: id });
    const shown = () =>
      part(world.topology, 'interface', id).publicAddresses.map((one) => `${formatIp(one.privateAddress)} ${formatIp(one.publicAddress)}`);
    expect(shown()).toEqual([`10.0.1.50 ${PublicIp}`]);
    const other = await eniOf(world, first);
    await world.call('AssociateAddress', { AllocationId, NetworkInterfaceId: other, AllowReassociation: true });
    expect(shown()).toEqual([]);
    expect(part(world.topology, 'interface', other).publicAddresses).toHaveLength(1);
    expect(AssociationId).toMatch(/^eipassoc-/);
  });

  test('of a NAT gateway is up, unfiltered, and has the public addresses', async () => {
    const world = await ec2World();
    const { vpcId, first } = await network(world);
    await internetGateway(world, vpcId);
    const { AllocationId } = await world.call('AllocateAddress', {});
    const { NatGateway } = await world.call('CreateNatGateway', { SubnetId: first, AllocationId });
    const id = NatGateway?.NatGatewayId ?? '';
    const interfaceId = NatGateway?.NatGatewayAddresses?.[0]?.NetworkInterfaceId ?? '';
    expect(part(world.topology, 'natGateway', id)).toEqual({ kind: 'natGateway', id, interfaceId, up: true });
    const one = part(world.topology, 'interface', interfaceId);
    expect(one).toMatchObject({ up: true, groupIds: [], sourceDestinationCheck: false, attachment: { kind: 'natGateway', id } });
    expect(one.publicAddresses).toHaveLength(1);
    await world.call('DeleteNatGateway', { NatGatewayId: id });
    expect(part(world.topology, 'natGateway', id).up).toBe(false);
    expect(() => part(world.topology, 'interface', interfaceId)).toThrow('there is no interface');
  });

  test('of an instance is up while the instance runs', async () => {
    const world = await ec2World();
    const { first } = await network(world);
    const { Instances } = await world.call('RunInstances', { ImageId: linuxImage, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, SubnetId: first }); // prettier-ignore
    const [instance] = Instances ?? [];
    const id = instance?.InstanceId ?? '';
    const eni = instance?.NetworkInterfaces?.[0]?.NetworkInterfaceId ?? '';
    const isUp = () => part(world.topology, 'interface', eni).up;
    expect([isUp(), part(world.topology, 'interface', eni).attachment]).toEqual([true, { kind: 'instance', id, index: 0 }]);
    await world.call('StopInstances', { InstanceIds: [id] });
    expect(isUp()).toBe(false);
    await world.call('StartInstances', { InstanceIds: [id] });
    expect(isUp()).toBe(true);
    const second = await eniOf(world, first);
    await world.call('AttachNetworkInterface', { InstanceId: id, NetworkInterfaceId: second, DeviceIndex: 1 });
    expect(part(world.topology, 'interface', second).up).toBe(true);
    await world.call('TerminateInstances', { InstanceIds: [id] });
    expect(() => part(world.topology, 'interface', eni)).toThrow('there is no interface');
    expect(part(world.topology, 'interface', second)).toMatchObject({ up: false });
  });
});

describe('records that no call would have written', () => {
  test('cost the part that they make up, and no other', async () => {
    const world = await ec2World();
    const { vpcId, first } = await network(world);
    const GroupId = (await world.call('CreateSecurityGroup', { GroupName: 'g', Description: 'd', VpcId: vpcId })).GroupId ?? '';
    const eni =
      (await world.call('CreateNetworkInterface', { SubnetId: first, Groups: [GroupId] })).NetworkInterface?.NetworkInterfaceId ?? '';
    await world.store.transact(home, (tx) => {
      const group = tx.get(securityGroupTable, GroupId);
      const one = tx.get(networkInterfaceTable, eni);
      if (!group || !one) throw new Error('both were made');
      tx.put(securityGroupTable, { ...group, rules: [{ ...group.rules[0]!, cidrIpv4: 'not a block' }] }); // it has two
      tx.put(networkInterfaceTable, { ...one, sourceDestCheck: false });
    });
    expect(world.failures).toEqual([`group ${GroupId}: Error: 'not a block' in a record is no CIDR block`]);
    expect(() => part(world.topology, 'group', GroupId)).toThrow('there is no group');
    expect(part(world.topology, 'interface', eni).sourceDestinationCheck).toBe(false);
    const failures: string[] = [];
    const fresh = followTopology(world.store, (_error, which) => failures.push(which));
    expect(failures).toEqual([`group ${GroupId}`]);
    expect(partsOf(fresh.topology)).toEqual(partsOf(world.topology));
    fresh.stop();
    await world.call('CreateVpc', { CidrBlock: '10.9.0.0/16' });
    expect([...world.topology.networks.keys()]).toHaveLength(2);
  });

  test('are gone with everything else after a reset', async () => {
    const world = await ec2World();
    await network(world);
    await world.store.reset();
    expect([...partsOf(world.topology).values()].map(({ kind }) => kind).filter((kind) => kind !== 'prefixSet')).toEqual([
      'publicPool',
      'publicPool',
    ]);
    expect(world.store.reader(home).count(instanceTable)).toBe(0);
  });
});
