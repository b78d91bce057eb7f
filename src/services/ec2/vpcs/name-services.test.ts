/** Facts of what VPCs and instances become as names. */
import { describe, expect, test } from 'vitest';
import { nameServiceOf } from '#services/ec2/vpcs/name-services.ts';
import { network } from '#test/network/ec2-network.ts';
import { ec2World, home, linuxImage, type Ec2World } from '#test/network/ec2-world.ts';

const names = (world: Ec2World, vpcId: string) => nameServiceOf(world.store.reader(home), vpcId, home.region);

async function run(world: Ec2World, SubnetId: string, options: object, more: object = {}): Promise<string> {
  const { Instances } = await world.call('RunInstances', {
    ImageId: linuxImage,
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
    SubnetId,
    PrivateDnsNameOptions: options,
    ...more,
  });
  return Instances?.[0]?.InstanceId ?? '';
}

describe('a VPC', () => {
  test('has the domains of its Region', async () => {
    const world = await ec2World();
    const { vpcId } = await network(world);
    const reader = world.store.reader(home);
    expect(nameServiceOf(reader, vpcId, 'eu-west-1')).toEqual({
      kind: 'nameService',
      id: vpcId,
      region: 'eu-west-1',
      privateDomain: 'eu-west-1.compute.internal',
      publicDomain: 'eu-west-1.compute.amazonaws.com',
      hasPublicNames: false,
      hosts: [],
    });
    const virginia = nameServiceOf(reader, vpcId, 'us-east-1');
    expect([virginia?.privateDomain, virginia?.publicDomain]).toEqual(['ec2.internal', 'compute-1.amazonaws.com']);
    expect(nameServiceOf(reader, vpcId, 'cn-north-1')?.publicDomain).toBe('cn-north-1.compute.amazonaws.com.cn');
    expect(nameServiceOf(reader, 'vpc-0123456789abcdef0', 'eu-west-1')).toBeUndefined();
  });

  test('has host names when both of its DNS attributes are on', async () => {
    const world = await ec2World();
    const { vpcId: VpcId } = await network(world);
    expect(names(world, VpcId)?.hasPublicNames).toBe(false);
    await world.call('ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: true } });
    expect(names(world, VpcId)?.hasPublicNames).toBe(true);
    await world.call('ModifyVpcAttribute', { VpcId, EnableDnsSupport: { Value: false } });
    expect(names(world, VpcId)?.hasPublicNames).toBe(false);
  });
});

describe('an instance', () => {
  test.each([
    ['nothing by its id unless it is asked for', {}, []],
    ['its IPv4 address', { HostnameType: 'resource-name', EnableResourceNameDnsARecord: true }, ['10.0.1.10']],
    ['its IPv6 address', { HostnameType: 'resource-name', EnableResourceNameDnsAAAARecord: true }, ['::a']],
    [
      'both, also beside a name by address',
      { HostnameType: 'ip-name', EnableResourceNameDnsARecord: true, EnableResourceNameDnsAAAARecord: true },
      ['10.0.1.10', '::a'],
    ],
    ['no record of its kind of name alone', { HostnameType: 'resource-name' }, []],
  ])('has %s', async (_, options, expected) => {
    const world = await ec2World();
    const { vpcId, first, ipv6 } = await network(world);
    const own = ipv6.replace('::/64', '::a');
    const id = await run(world, first, options, { PrivateIpAddress: '10.0.1.10', Ipv6Addresses: [{ Ipv6Address: own }] });
    const addresses = expected.map((address) => (address === '::a' ? own : address));
    expect(names(world, vpcId)?.hosts).toEqual(addresses.length === 0 ? [] : [{ name: `${id}.eu-west-1.compute.internal`, addresses }]);
  });

  test('without an IPv6 address has none by its id, and loses the name when it is terminated', async () => {
    const world = await ec2World();
    const { vpcId, first, second } = await network(world);
    await run(world, second, { EnableResourceNameDnsAAAARecord: true }).catch(() => undefined); // refused outside of IPv6
    const id = await run(world, first, { EnableResourceNameDnsARecord: true });
    expect(names(world, vpcId)?.hosts.map(({ name }) => name)).toEqual([`${id}.eu-west-1.compute.internal`]);
    await world.call('TerminateInstances', { InstanceIds: [id] });
    expect(names(world, vpcId)?.hosts).toEqual([]);
  });
});
