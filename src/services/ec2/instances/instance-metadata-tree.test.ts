/** What an instance's metadata tells, leaf by leaf, against what the API says of the same instance. */
import { describe, expect, test } from 'vitest';
import { below, launch, must } from '#services/ec2/instances/instance-workloads.fixture.ts';
import { network } from '#test/network/ec2-network.ts';
import { ec2World, home } from '#test/network/ec2-world.ts';

describe('the metadata tree', () => {
  test('of a private instance', async () => {
    const world = await ec2World();
    const { first, vpcId, ipv6 } = await network(world);
    const id = await launch(world, { SubnetId: first, PrivateIpAddress: '10.0.1.9' });
    const { Instances } = (await world.call('DescribeInstances', { InstanceIds: [id] })).Reservations?.[0] ?? {};
    const [instance] = Instances ?? [];
    const eni = instance?.NetworkInterfaces?.[0];
    const tree = must(world, id).metadata.tree;
    const mac = eni?.MacAddress ?? '';
    const host = 'ip-10-0-1-9.eu-west-1.compute.internal';
    const of = (folder: string, leaves: Record<string, string | undefined>) =>
      Object.fromEntries(Object.entries(leaves).map(([path, text]) => [folder + path, text]));
    const reservation = (await world.call('DescribeInstances', { InstanceIds: [id] })).Reservations?.[0]?.ReservationId;
    expect(tree).toEqual({
      ...of('meta-data/', {
        'ami-id': instance?.ImageId,
        'ami-launch-index': '0',
        'ami-manifest-path': '(unknown)',
        'block-device-mapping/ami': '/dev/xvda',
        'block-device-mapping/root': '/dev/xvda',
        'events/maintenance/history': '[]',
        'events/maintenance/scheduled': '[]',
        'hibernation/configured': 'false',
        hostname: host,
        'instance-action': 'none',
        'instance-id': id,
        'instance-life-cycle': 'on-demand',
        'instance-type': 't3.micro',
        'local-hostname': host,
        'local-ipv4': '10.0.1.9',
        mac,
        'placement/availability-zone': 'eu-west-1b',
        'placement/availability-zone-id': 'euw1-az2',
        'placement/region': 'eu-west-1',
        profile: 'default-hvm',
        'reservation-id': reservation,
        'security-groups': 'default',
        'services/domain': 'amazonaws.com',
        'services/partition': 'aws',
        system: 'nitro',
      }),
      ...of(`meta-data/network/interfaces/macs/${mac}/`, {
        'device-number': '0',
        'interface-id': eni?.NetworkInterfaceId,
        'local-hostname': host,
        'local-ipv4s': '10.0.1.9',
        mac,
        'owner-id': home.account,
        'security-group-ids': eni?.Groups?.[0]?.GroupId,
        'security-groups': 'default',
        'subnet-id': first,
        'subnet-ipv4-cidr-block': '10.0.1.0/24',
        'subnet-ipv6-cidr-blocks': ipv6,
        'vpc-id': vpcId,
        'vpc-ipv4-cidr-block': '10.0.0.0/16',
        'vpc-ipv4-cidr-blocks': '10.0.0.0/16',
        'vpc-ipv6-cidr-blocks': ipv6.replace('/64', '/56'),
      }),
      'dynamic/fws/instance-monitoring': 'disabled',
      'dynamic/instance-identity/document': expect.any(String),
    });
    const document = tree['dynamic/instance-identity/document'] ?? '';
    expect(document).toMatch(/^\{\n {2}"accountId" : "111111111111",\n[^]*,\n {2}"version" : "2017-09-30"\n\}$/);
    expect(JSON.parse(document)).toEqual({
      accountId: home.account,
      architecture: 'x86_64',
      availabilityZone: 'eu-west-1b',
      billingProducts: null,
      devpayProductCodes: null,
      marketplaceProductCodes: null,
      imageId: instance?.ImageId,
      instanceId: id,
      instanceType: 't3.micro',
      kernelId: null,
      pendingTime: instance?.LaunchTime?.toISOString().replace('.000Z', 'Z'),
      privateIp: '10.0.1.9',
      ramdiskId: null,
      region: 'eu-west-1',
      version: '2017-09-30',
    });
  });

  test('tells public addresses, of both interfaces, and names when the VPC has them', async () => {
    const world = await ec2World();
    const { first, second, vpcId } = await network(world);
    const { InternetGateway } = await world.call('CreateInternetGateway', {});
    await world.call('AttachInternetGateway', { VpcId: vpcId, InternetGatewayId: InternetGateway?.InternetGatewayId ?? '' });
    const id = await launch(world, {
      SubnetId: undefined,
      NetworkInterfaces: [
        { DeviceIndex: 0, SubnetId: first, AssociatePublicIpAddress: true, Ipv6AddressCount: 2, SecondaryPrivateIpAddressCount: 1 },
      ],
    });
    const { NetworkInterface } = await world.call('CreateNetworkInterface', { SubnetId: second, PrivateIpAddress: '10.0.2.8' });
    const eniId = NetworkInterface?.NetworkInterfaceId ?? '';
    await world.call('AttachNetworkInterface', { InstanceId: id, NetworkInterfaceId: eniId, DeviceIndex: 1 });
    const { AllocationId, PublicIp = '' } = await world.call('AllocateAddress', {});
    await world.call('AssociateAddress', { AllocationId, NetworkInterfaceId: eniId });

    const { Reservations } = await world.call('DescribeInstances', { InstanceIds: [id] });
    const instance = Reservations?.[0]?.Instances?.[0];
    const [primary] = instance?.NetworkInterfaces ?? [];
    const dynamicIp = instance?.PublicIpAddress ?? '';
    const leaf = (path: string) => must(world, id).metadata.tree[`meta-data/${path}`];
    const macs = 'network/interfaces/macs';
    expect(dynamicIp).toMatch(/^198\.18\./);
    expect(leaf('public-ipv4')).toBe(dynamicIp);
    expect(leaf('public-hostname')).toBeUndefined();
    expect(leaf('ipv6')).toBe(primary?.Ipv6Addresses?.[0]?.Ipv6Address);
    expect(leaf(`${macs}/${primary?.MacAddress}/ipv6s`)?.split('\n')).toEqual(primary?.Ipv6Addresses?.map((one) => one.Ipv6Address));
    expect(leaf(`${macs}/${primary?.MacAddress}/local-ipv4s`)?.split('\n')).toHaveLength(2);
    expect(leaf(`${macs}/${primary?.MacAddress}/ipv4-associations/${dynamicIp}`)).toBe(primary?.PrivateIpAddress);
    expect(leaf(`${macs}/${NetworkInterface?.MacAddress}/ipv4-associations/${PublicIp}`)).toBe('10.0.2.8');
    expect(leaf(`${macs}/${NetworkInterface?.MacAddress}/device-number`)).toBe('1');
    expect(leaf(`${macs}/${NetworkInterface?.MacAddress}/local-hostname`)).toBe('ip-10-0-2-8.eu-west-1.compute.internal');
    expect(leaf(`${macs}/${NetworkInterface?.MacAddress}/public-hostname`)).toBeUndefined();
    await world.call('ModifyVpcAttribute', { VpcId: vpcId, EnableDnsHostnames: { Value: true } });
    expect(leaf('public-hostname')).toBe(`ec2-${dynamicIp.replaceAll('.', '-')}.eu-west-1.compute.amazonaws.com`);
    expect(leaf(`${macs}/${NetworkInterface?.MacAddress}/public-hostname`)).toBe(
      `ec2-${PublicIp.replaceAll('.', '-')}.eu-west-1.compute.amazonaws.com`,
    );
    expect(leaf(`${macs}/${NetworkInterface?.MacAddress}/public-ipv4s`)).toBe(PublicIp);
  });

  test('tells further volumes, the profile, monitoring, and tags only when it may', async () => {
    const world = await ec2World();
    const { first } = await network(world);
    const arn = 'arn:aws:iam::111111111111:instance-profile/web';
    const id = await launch(world, {
      SubnetId: first,
      InstanceType: 't2.micro',
      Monitoring: { Enabled: true },
      IamInstanceProfile: { Arn: arn },
      BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 1 } }],
      TagSpecifications: [
        {
          ResourceType: 'instance',
          Tags: [
            { Key: 'Name', Value: 'web 1' },
            { Key: 'a b', Value: '1' },
            { Key: 'c/d', Value: '2' },
            { Key: '_index', Value: '3' },
          ],
        },
      ],
    });
    const workload = must(world, id);
    expect(below(workload, 'meta-data/block-device-mapping/')).toEqual({ ami: '/dev/xvda', root: '/dev/xvda', ebs1: 'sdf' });
    expect(JSON.parse(workload.metadata.tree['meta-data/iam/info'] ?? '')).toEqual({
      Code: 'Success',
      LastUpdated: expect.stringMatching(/^2023-11-14T22:\d\d:\d\dZ$/),
      InstanceProfileArn: arn,
      InstanceProfileId: expect.stringMatching(/^AIPA/),
    });
    expect(workload.metadata.tree['meta-data/system']).toBe('xen');
    expect(workload.metadata.tree['dynamic/fws/instance-monitoring']).toBe('enabled');
    expect(below(workload, 'meta-data/tags/')).toEqual({});
    await world.call('ModifyInstanceMetadataOptions', { InstanceId: id, InstanceMetadataTags: 'enabled' });
    expect(below(must(world, id), 'meta-data/tags/')).toEqual({ 'instance/Name': 'web 1' });
  });
});
