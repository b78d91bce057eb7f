/** What runs on an instance, from calls; and which instances a change touches. */
import { describe, expect, test } from 'vitest';
import { publicImages } from '#services/ec2/instances/image-catalog.ts';
import { touchedInstances } from '#services/ec2/instances/instance-workloads.ts';
import { below, find, launch, must } from '#services/ec2/instances/instance-workloads.fixture.ts';
import { type InstanceRecord, instanceTable } from '#services/ec2/tables/instances.ts';
import { network } from '#test/network/ec2-network.ts';
import { type Ec2World, ec2World, home } from '#test/network/ec2-world.ts';

const image = (prefix: string): string =>
  [...publicImages(home.region).values()].find(({ name, architecture }) => name.startsWith(prefix) && architecture === 'x86_64')?.id ?? '';

async function publicKey(world: Ec2World, name: string): Promise<string> {
  await world.call('CreateKeyPair', { KeyName: name, KeyType: 'ed25519' });
  return (await world.call('DescribeKeyPairs', { KeyNames: [name], IncludePublicKey: true })).KeyPairs?.[0]?.PublicKey ?? '';
}

describe('a workload', () => {
  test('is there while its instance runs or is about to, and counts its boots', async () => {
    const world = await ec2World();
    const { first } = await network(world);
    const id = await launch(world, { SubnetId: first });
    const InstanceIds = [id];
    const boots: (number | undefined)[] = [find(world, id)?.boot];
    for (const call of [
      'RebootInstances',
      'StopInstances',
      'StartInstances',
      'StartInstances',
      'RebootInstances',
      'TerminateInstances',
    ] as const) {
      await world.call(call, { InstanceIds });
      boots.push(find(world, id)?.boot);
    }
    expect(boots).toEqual([1, 2, undefined, 3, 3, 4, undefined]);
    expect(find(world, 'i-0123456789abcdef0')).toBeUndefined();
  });

  test('of an older record is at its first boot, and has the key that its name finds', async () => {
    const world = await ec2World();
    const { first } = await network(world);
    const key = await publicKey(world, 'old');
    const id = await launch(world, { SubnetId: first, KeyName: 'old' });
    await world.store.transact(home, (tx) => {
      const { boot: _boot, publicKey: _key, ...old } = tx.get(instanceTable, id) as InstanceRecord; // just launched
      tx.put(instanceTable, old);
    });
    expect([must(world, id).boot, must(world, id).authorizedKeys]).toEqual([1, [key]]);
    await world.call('RebootInstances', { InstanceIds: [id] });
    expect(must(world, id).boot).toBe(2);
  });

  test('has the key that it was launched with, whatever becomes of the pair', async () => {
    const world = await ec2World();
    const { first } = await network(world);
    const key = await publicKey(world, 'mine');
    const id = await launch(world, { SubnetId: first, KeyName: 'mine' });
    await world.call('DeleteKeyPair', { KeyName: 'mine' });
    expect(await publicKey(world, 'mine')).not.toBe(key);
    const workload = must(world, id);
    expect(key).toMatch(/^ssh-ed25519 AAAA\S+ mine$/);
    expect(workload.authorizedKeys).toEqual([key]);
    expect(below(workload, 'meta-data/public-keys')).toEqual({ '/': '0=mine', '/0/openssh-key': key });
    const bare = must(world, await launch(world, { SubnetId: first }));
    expect([bare.authorizedKeys, below(bare, 'meta-data/public-keys')]).toEqual([[], {}]);
  });

  test('is logged in to as its image says', async () => {
    const world = await ec2World();
    const { first } = await network(world);
    const login = async (ImageId: string) => must(world, await launch(world, { SubnetId: first, ImageId })).loginName;
    expect([
      await login(image('ubuntu/')),
      await login(image('debian-')),
      await login(image('al2023-')),
      await login(image('amzn2-')),
    ]).toEqual(['ubuntu', 'admin', 'ec2-user', 'ec2-user']);
    const id = await launch(world, { SubnetId: first });
    await world.store.transact(home, (tx) => {
      const record = tx.get(instanceTable, id) as InstanceRecord; // just launched
      tx.put(instanceTable, { ...record, imageId: 'ami-00000000000000000' });
    });
    expect(must(world, id).loginName).toBe('ec2-user');
  });

  test('has its host name, its user data and its metadata options', async () => {
    const world = await ec2World();
    const { first } = await network(world);
    const UserData = Buffer.from('#!/bin/sh\n').toString('base64');
    const plain = must(world, await launch(world, { SubnetId: first, PrivateIpAddress: '10.0.1.9' }));
    expect([plain.kind, plain.hostName, 'userData' in plain, 'userData' in plain.metadata]).toEqual([
      'workload',
      'ip-10-0-1-9.eu-west-1.compute.internal',
      false,
      false,
    ]);
    expect(plain.metadata).toMatchObject({ isEnabled: true, needsToken: true, hopLimit: 2, isIpv6Enabled: false });
    const id = await launch(world, { SubnetId: first, UserData, MetadataOptions: { HttpTokens: 'optional', HttpProtocolIpv6: 'enabled' } });
    expect(must(world, id)).toMatchObject({ userData: UserData, metadata: { userData: UserData, needsToken: false, isIpv6Enabled: true } });
    await world.call('ModifyInstanceMetadataOptions', { InstanceId: id, HttpEndpoint: 'disabled', HttpPutResponseHopLimit: 7 });
    expect(must(world, id).metadata).toMatchObject({ isEnabled: false, hopLimit: 7, isIpv6Enabled: true });
  });
});

describe('the names that a workload is told', () => {
  const names = (world: Ec2World, id: string) => [must(world, id).nameServers, must(world, id).searchDomains];

  test('are Amazon’s, those of the option set, or none, and a change of set touches it', async () => {
    const world = await ec2World();
    const { first, vpcId } = await network(world);
    const id = await launch(world, { SubnetId: first });
    expect(names(world, id)).toEqual([['10.0.0.2'], ['eu-west-1.compute.internal']]);
    const use = async (...options: [Key: string, ...Values: string[]][]) => {
      const DhcpConfigurations = options.map(([Key, ...Values]) => ({ Key, Values }));
      const { DhcpOptions } = await world.call('CreateDhcpOptions', { DhcpConfigurations });
      const touched: string[] = [];
      const stop = world.store.subscribe(({ changes }) => {
        for (const change of changes) touched.push(...touchedInstances(change, world.store.reader(change.partition)));
      });
      await world.call('AssociateDhcpOptions', { VpcId: vpcId, DhcpOptionsId: DhcpOptions?.DhcpOptionsId ?? '' });
      stop();
      expect(touched).toEqual([id]);
    };
    await use(['domain-name', 'eu-west-1.compute.internal'], ['domain-name-servers', 'AmazonProvidedDNS']);
    expect(names(world, id)).toEqual([['10.0.0.2'], ['eu-west-1.compute.internal']]);
    await use(['domain-name', 'a.example b.example'], ['domain-name-servers', '192.0.2.1', '2001:db8::53']);
    expect(names(world, id)).toEqual([
      ['192.0.2.1', '2001:db8::53'],
      ['a.example', 'b.example'],
    ]);
    await use(['ntp-servers', '192.0.2.1']);
    expect(names(world, id)).toEqual([[], []]);
  });
});

describe('a change touches', () => {
  /** The instances that a call touches, by the order of their launch. */
  async function scene() {
    const world = await ec2World();
    const { first, second, vpcId } = await network(world);
    const ids = [await launch(world, { SubnetId: first }), await launch(world, { SubnetId: second })];
    const touchedBy = async (call: () => Promise<unknown>): Promise<readonly number[]> => {
      const touched = new Set<string>();
      const stop = world.store.subscribe(({ changes }) => {
        for (const change of changes) for (const id of touchedInstances(change, world.store.reader(change.partition))) touched.add(id);
      });
      await call();
      stop();
      return [...touched].map((id) => ids.indexOf(id)).sort((a, b) => a - b);
    };
    const eniOf = async (index: number) =>
      (await world.call('DescribeInstances', { InstanceIds: [ids[index] ?? ''] })).Reservations?.[0]?.Instances?.[0]?.NetworkInterfaces?.[0]
        ?.NetworkInterfaceId ?? '';
    return { world, first, second, vpcId, ids, touchedBy, eniOf };
  }

  test('the instance itself, and the one that its interface is on', async () => {
    const { world, ids, touchedBy, eniOf, second } = await scene();
    const [one = '', two = ''] = ids;
    expect(await touchedBy(() => world.call('StopInstances', { InstanceIds: [one] }))).toEqual([0]);
    expect(await touchedBy(() => world.call('CreateTags', { Resources: [two], Tags: [{ Key: 'a', Value: 'b' }] }))).toEqual([1]);
    const NetworkInterfaceId = await eniOf(1);
    expect(
      await touchedBy(() => world.call('AssignPrivateIpAddresses', { NetworkInterfaceId, SecondaryPrivateIpAddressCount: 1 })),
    ).toEqual([1]);
    const { NetworkInterface } = await world.call('CreateNetworkInterface', { SubnetId: second });
    const free = NetworkInterface?.NetworkInterfaceId ?? '';
    expect(
      await touchedBy(() => world.call('AttachNetworkInterface', { InstanceId: two, NetworkInterfaceId: free, DeviceIndex: 1 })),
    ).toEqual([1]);
    const AttachmentId = (await world.call('DescribeNetworkInterfaces', { NetworkInterfaceIds: [free] })).NetworkInterfaces?.[0]?.Attachment
      ?.AttachmentId;
    expect(await touchedBy(() => world.call('DetachNetworkInterface', { AttachmentId: AttachmentId ?? '' }))).toEqual([1]);
    expect(await touchedBy(() => world.call('DeleteNetworkInterface', { NetworkInterfaceId: free }))).toEqual([]);
    expect(await touchedBy(() => world.call('TerminateInstances', { InstanceIds: [one] }))).toEqual([0]);
  });

  test('both instances that an Elastic IP moves between', async () => {
    const { world, vpcId, touchedBy, eniOf } = await scene();
    const { InternetGateway } = await world.call('CreateInternetGateway', {});
    const attach = () => world.call('AttachInternetGateway', { VpcId: vpcId, InternetGatewayId: InternetGateway?.InternetGatewayId ?? '' });
    expect(await touchedBy(attach)).toEqual([]);
    const { AllocationId } = await world.call('AllocateAddress', {});
    const [one, two] = [await eniOf(0), await eniOf(1)];
    expect(await touchedBy(() => world.call('AssociateAddress', { AllocationId, NetworkInterfaceId: one }))).toEqual([0]);
    expect(await touchedBy(() => world.call('AssociateAddress', { AllocationId, NetworkInterfaceId: two }))).toEqual([0, 1]);
    const Filters = [{ Name: 'allocation-id', Values: [AllocationId ?? ''] }];
    const AssociationId = (await world.call('DescribeAddresses', { Filters })).Addresses?.[0]?.AssociationId ?? '';
    expect(await touchedBy(() => world.call('DisassociateAddress', { AssociationId }))).toEqual([1]);
  });

  test('those in a subnet or VPC whose blocks change, and nobody by other changes', async () => {
    const { world, first, second, vpcId, touchedBy } = await scene();
    expect(await touchedBy(() => world.call('AssociateVpcCidrBlock', { VpcId: vpcId, CidrBlock: '10.1.0.0/16' }))).toEqual([0, 1]);
    expect(await touchedBy(() => world.call('ModifyVpcAttribute', { VpcId: vpcId, EnableDnsHostnames: { Value: true } }))).toEqual([0, 1]);
    expect(await touchedBy(() => world.call('ModifyVpcAttribute', { VpcId: vpcId, EnableDnsSupport: { Value: false } }))).toEqual([]);
    const Subnet = (await world.call('DescribeSubnets', { SubnetIds: [first] })).Subnets?.[0];
    const AssociationId = Subnet?.Ipv6CidrBlockAssociationSet?.[0]?.AssociationId ?? '';
    expect(await touchedBy(() => world.call('DisassociateSubnetCidrBlock', { AssociationId }))).toEqual([0]);
    expect(await touchedBy(() => world.call('ModifySubnetAttribute', { SubnetId: first, MapPublicIpOnLaunch: { Value: true } }))).toEqual(
      [],
    );
    // A launch takes an address of the subnet: its record changes, its neighbours do not.
    expect(await touchedBy(() => launch(world, { SubnetId: second }))).toEqual([-1]);
    const { GroupId } = await world.call('CreateSecurityGroup', { VpcId: vpcId, GroupName: 'g', Description: 'g' });
    const rule = { GroupId, IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '10.0.0.0/8' }] }] };
    expect(await touchedBy(() => world.call('AuthorizeSecurityGroupIngress', rule))).toEqual([]);
    expect(await touchedBy(() => publicKey(world, 'k'))).toEqual([]);
  });

  test('none that it need not: what it leaves out stays the same', async () => {
    const { world, ids, vpcId, touchedBy, eniOf } = await scene();
    const all = () => ids.map((id) => JSON.stringify(find(world, id)));
    const { GroupId = '' } = await world.call('CreateSecurityGroup', { VpcId: vpcId, GroupName: 'other', Description: 'g' });
    const eni = await eniOf(0);
    const calls: (() => Promise<unknown>)[] = [
      () => world.call('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId: eni, Groups: [GroupId] }),
      () => world.call('AssociateVpcCidrBlock', { VpcId: vpcId, CidrBlock: '10.7.0.0/16' }),
      () => world.call('ModifyInstanceMetadataOptions', { InstanceId: ids[1] ?? '', HttpTokens: 'optional' }),
      () => world.call('RebootInstances', { InstanceIds: ids }),
      () => world.call('StopInstances', { InstanceIds: ids }),
      () => world.call('StartInstances', { InstanceIds: ids }),
    ];
    for (const call of calls) {
      const before = all();
      const touched = await touchedBy(call);
      const changed = all().flatMap((now, index) => (now === before[index] ? [] : [index]));
      expect(changed.length).toBeGreaterThan(0);
      expect(touched).toEqual(expect.arrayContaining(changed));
    }
  });
});
