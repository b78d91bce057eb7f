import {
  AllocateAddressCommand,
  CreateSecurityGroupCommand,
  DeleteNetworkInterfaceCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DescribeAddressesCommand,
  DescribeNetworkInterfacesCommand,
  type NetworkInterface,
} from '@aws-sdk/client-ec2';
import {
  CreateLoadBalancerCommand,
  type CreateLoadBalancerCommandInput,
  DeleteLoadBalancerCommand,
  DescribeLoadBalancersCommand,
  paginateDescribeLoadBalancers,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from 'vitest';
import { type BalancerWorld, balancerWorld, createBalancer, createSubnet, refusal } from '#test/sdk/elbv2.ts';
import { useKeiro } from '#test/sdk/keiro.ts';
import { createVpc } from '#test/sdk/vpc-world.ts';

const keiro = await useKeiro();

/** The interfaces of the world's VPC in the order of their addresses. */
async function interfacesIn({ ec2, vpcId }: BalancerWorld): Promise<NetworkInterface[]> {
  const { NetworkInterfaces } = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'vpc-id', Values: [vpcId] }] }));
  return (NetworkInterfaces ?? []).toSorted((a, b) => (a.PrivateIpAddress ?? '').localeCompare(b.PrivateIpAddress ?? ''));
}

const refused = (world: BalancerWorld, input: Partial<CreateLoadBalancerCommandInput>) => refusal(createBalancer(world, input));

describe('application load balancers', () => {
  test('stand in each of their subnets with an interface that only they change', async () => {
    const world = await balancerWorld(keiro);
    const { elb, ec2, account, vpcId, subnetIds, defaultGroupId } = world;
    const made = await createBalancer(world);
    const hex = /^arn:aws:elasticloadbalancing:eu-west-1:(\d{12}):loadbalancer\/app\/web\/([0-9a-f]{16})$/.exec(made.LoadBalancerArn);
    expect(hex?.[1]).toBe(account);
    expect(made.DNSName).toMatch(/^web-\d+\.eu-west-1\.elb\.amazonaws\.com$/);
    expect(made).toMatchObject({
      LoadBalancerName: 'web',
      CanonicalHostedZoneId: 'Z32O12XQLNTSW2',
      Scheme: 'internet-facing',
      VpcId: vpcId,
      State: { Code: 'provisioning' },
      Type: 'application',
      IpAddressType: 'ipv4',
      SecurityGroups: [defaultGroupId],
      AvailabilityZones: [
        { ZoneName: 'eu-west-1a', SubnetId: subnetIds[0], LoadBalancerAddresses: [] },
        { ZoneName: 'eu-west-1b', SubnetId: subnetIds[1], LoadBalancerAddresses: [] },
      ],
    });
    expect((await elb.send(new DescribeLoadBalancersCommand({}))).LoadBalancers).toMatchObject([{ State: { Code: 'active' } }]);

    const [eni] = await interfacesIn(world);
    expect(eni).toMatchObject({
      Description: `ELB app/web/${hex?.[2]}`,
      InterfaceType: 'interface',
      RequesterId: 'amazon-elb',
      RequesterManaged: true,
      Status: 'in-use',
      SubnetId: subnetIds[0],
      Groups: [{ GroupId: defaultGroupId }],
      Attachment: { InstanceOwnerId: 'amazon-elb' },
      Association: { IpOwnerId: 'amazon-elb' },
    });
    expect(eni?.Association?.AllocationId).toBeUndefined();
    expect(await refusal(ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: eni?.NetworkInterfaceId })))).toMatchObject({
      code: 'InvalidParameterValue',
    });
    expect(await refusal(ec2.send(new DeleteSubnetCommand({ SubnetId: subnetIds[0] })))).toMatchObject({ code: 'DependencyViolation' });

    await elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: made.LoadBalancerArn }));
    await elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: made.LoadBalancerArn })); // again: no error
    expect(await interfacesIn(world)).toEqual([]);
    await ec2.send(new DeleteSubnetCommand({ SubnetId: subnetIds[0] }));
    expect(await refusal(elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [made.LoadBalancerArn] })))).toEqual({
      code: 'LoadBalancerNotFound',
      message: 'One or more load balancers not found',
    });
    expect(await refusal(elb.send(new DescribeLoadBalancersCommand({ Names: ['web'] })))).toEqual({
      code: 'LoadBalancerNotFound',
      message: "Load balancers '[web]' not found",
    });
  });

  test('keep a group from being deleted that is on their nodes', async () => {
    const world = await balancerWorld(keiro);
    const { ec2, vpcId } = world;
    const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'lb', Description: 'lb', VpcId: vpcId }));
    await createBalancer(world, { SecurityGroups: [GroupId ?? ''], Scheme: 'internal' });
    expect((await interfacesIn(world)).map((eni) => [eni.Groups?.[0]?.GroupId, eni.Association])).toEqual([
      [GroupId, undefined],
      [GroupId, undefined],
    ]);
    expect(await refusal(ec2.send(new DeleteSecurityGroupCommand({ GroupId })))).toMatchObject({ code: 'DependencyViolation' });
  });

  test('are made once by the same name and settings', async () => {
    const world = await balancerWorld(keiro, { hasGateway: false });
    const first = await createBalancer(world, { Scheme: 'internal' });
    expect(first.DNSName).toMatch(/^internal-web-\d+\.eu-west-1\.elb\.amazonaws\.com$/);
    expect((await createBalancer(world, { Scheme: 'internal' })).LoadBalancerArn).toBe(first.LoadBalancerArn);
    expect(await refused(world, { Scheme: 'internal', Subnets: [...world.subnetIds] })).toEqual({
      code: 'DuplicateLoadBalancerName',
      message: "A load balancer with the same name 'web' exists, but with different settings",
    });
    expect(await interfacesIn(world)).toHaveLength(2);
  });

  test.each([
    [{ Name: 'a'.repeat(33) }, `The load balancer name '${'a'.repeat(33)}' cannot be longer than '32' characters`],
    [{ Name: 'a_b' }, "The load balancer name 'a_b' can only contain characters that are alphanumeric characters or hyphens(-)"],
    [{ Name: '-a' }, "The load balancer name '-a' cannot begin or end with '-'"],
    [{ Name: 'internal-a' }, "The load balancer name 'internal-a' cannot begin with 'internal-'"],
  ])('are not called %o', async (input, message) => {
    const world = await balancerWorld(keiro);
    expect(await refused(world, input)).toEqual({ code: 'ValidationError', message });
  });

  test('need two subnets of one VPC in two zones, with room and a way to the internet', async () => {
    const world = await balancerWorld(keiro, { hasGateway: false });
    const { ec2, vpcId, subnetIds, defaultGroupId } = world;
    const [a, b] = subnetIds;
    const small = await createSubnet(ec2, vpcId, 9, 'b', 28);
    const otherVpc = await createVpc(ec2);
    const foreign = await createSubnet(ec2, otherVpc, 7, 'b');
    await createBalancer(world, { Name: 'fills', Scheme: 'internal', Subnets: [a, small] });
    await createBalancer(world, { Name: 'fills-too', Scheme: 'internal', Subnets: [a, small] });
    await createBalancer(world, { Name: 'fills-all', Scheme: 'internal', Subnets: [a, small] });
    await createBalancer(world, { Name: 'is-last', Scheme: 'internal', Subnets: [a, small] });
    const refusals: readonly (readonly [Partial<CreateLoadBalancerCommandInput>, string, string])[] = [
      [{ Subnets: [a] }, 'ValidationError', 'At least two subnets in two different Availability Zones must be specified'],
      [{ Subnets: [] }, 'ValidationError', 'At least two subnets in two different Availability Zones must be specified'],
      [{ Subnets: [a, 'subnet-00000000'] }, 'SubnetNotFound', "The subnet ID 'subnet-00000000' does not exist"],
      [
        { Subnets: [b, small] },
        'InvalidConfigurationRequest',
        'A load balancer cannot be attached to multiple subnets in the same Availability Zone',
      ],
      [{ Subnets: [a, foreign] }, 'InvalidConfigurationRequest', 'All subnets must belong to the same VPC'],
      [{ Subnets: [a, b] }, 'InvalidSubnet', `VPC ${vpcId} has no internet gateway`],
      [
        { Subnets: [a, small], Scheme: 'internal' },
        'InvalidSubnet',
        `Not enough IP space available in ${small}. ELB requires at least 8 free IP addresses in each subnet.`,
      ],
      [
        { Subnets: [a, b], SubnetMappings: [{ SubnetId: a }] },
        'ValidationError',
        'You must specify either subnets or subnet mappings, but not both',
      ],
      [
        { SubnetMappings: [{ SubnetId: a, AllocationId: 'eipalloc-1' }, { SubnetId: b }] },
        'InvalidConfigurationRequest',
        "Elastic IPs are not supported for load balancers with type 'application'",
      ],
      [{ IpAddressType: 'dualstack', Subnets: [a, b] }, 'ValidationError', 'You must specify subnets with an associated IPv6 CIDR block.'],
      [{ SecurityGroups: ['sg-00000000'], Scheme: 'internal' }, 'InvalidSecurityGroup', "Security group 'sg-00000000' does not exist"],
      [{ Type: 'gateway' }, 'NotImplemented', "Keiro's load balancers do not have the type gateway yet."],
      [
        {
          Tags: [
            { Key: 'a', Value: '1' },
            { Key: 'a', Value: '2' },
          ],
          Scheme: 'internal',
        },
        'DuplicateTagKeys',
        'Tag key was specified more than once: a',
      ],
    ];
    expect(defaultGroupId).not.toBe('');
    for (const [input, code, message] of refusals) expect({ input, ...(await refused(world, input)) }).toEqual({ input, code, message });
    const foreignWorld = { ...world, subnetIds: [a, b, small] as const };
    const { GroupId: foreignGroup } = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'x', Description: 'x', VpcId: otherVpc }));
    expect(await refused(foreignWorld, { SecurityGroups: [foreignGroup ?? ''], Scheme: 'internal' })).toEqual({
      code: 'InvalidConfigurationRequest',
      message: 'One or more security groups are invalid',
    });
  });

  test('are fifty per Region, and come in pages', async () => {
    const world = await balancerWorld(keiro, { hasGateway: false });
    for (let count = 0; count < 50; count++) await createBalancer(world, { Name: `lb-${count}`, Scheme: 'internal' });
    expect(await refused(world, { Name: 'one-more', Scheme: 'internal' })).toEqual({
      code: 'TooManyLoadBalancers',
      message: "You've reached the limit on the number of load balancers for your AWS account",
    });
    const { elb } = world;
    const names: (string | undefined)[] = [];
    const sizes: number[] = [];
    for await (const page of paginateDescribeLoadBalancers({ client: elb }, { PageSize: 20 })) {
      names.push(...(page.LoadBalancers ?? []).map((one) => one.LoadBalancerName));
      sizes.push(page.LoadBalancers?.length ?? 0);
    }
    expect(sizes).toEqual([20, 20, 10]);
    expect(names).toEqual(Array.from({ length: 50 }, (_, index) => `lb-${index}`));
    expect(await refusal(elb.send(new DescribeLoadBalancersCommand({ Marker: 'bm9uc2Vuc2U' })))).toEqual({
      code: 'ValidationError',
      message: 'Invalid marker',
    });
    expect(await refusal(elb.send(new DescribeLoadBalancersCommand({ PageSize: 401 })))).toEqual({
      code: 'ValidationError',
      message:
        "1 validation error detected: Value '401' at 'pageSize' failed to satisfy constraint: Member must have value less than or equal to 400",
    });
    expect(await refusal(elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: ['web'] })))).toEqual({
      code: 'ValidationError',
      message: "'web' is not a valid load balancer ARN",
    });
  });
});

describe('network load balancers', () => {
  test('take Elastic IPs, and have no group that nobody named', async () => {
    const world = await balancerWorld(keiro);
    const { ec2, elb, subnetIds } = world;
    const { AllocationId, PublicIp } = await ec2.send(new AllocateAddressCommand({}));
    const made = await createBalancer(world, {
      Name: 'net',
      Type: 'network',
      SubnetMappings: [{ SubnetId: subnetIds[0], AllocationId }, { SubnetId: subnetIds[1] }],
    });
    const hex = made.LoadBalancerArn.slice(-16);
    expect(made).toMatchObject({
      DNSName: `net-${hex}.elb.eu-west-1.amazonaws.com`,
      CanonicalHostedZoneId: 'Z2IFOLAFXWLO4F',
      Type: 'network',
      AvailabilityZones: [
        { SubnetId: subnetIds[0], LoadBalancerAddresses: [{ IpAddress: PublicIp, AllocationId }] },
        { SubnetId: subnetIds[1], LoadBalancerAddresses: [] },
      ],
    });
    expect(made.SecurityGroups).toBeUndefined();
    const [fixed, dynamic] = await interfacesIn(world);
    expect(fixed).toMatchObject({
      Description: `ELB net/net/${hex}`,
      InterfaceType: 'network_load_balancer',
      Groups: [],
      Association: { AllocationId, PublicIp },
    });
    expect(dynamic?.Association).toMatchObject({ IpOwnerId: 'amazon-elb' });
    expect(await refused(world, { Name: 'other', Type: 'network', SubnetMappings: [{ SubnetId: subnetIds[0], AllocationId }] })).toEqual({
      code: 'ResourceInUse',
      message: 'The allocation IDs are not available for use',
    });
    expect(
      await refused(world, {
        Name: 'other',
        Type: 'network',
        SubnetMappings: [{ SubnetId: subnetIds[0], AllocationId: 'eipalloc-00000000' }],
      }),
    ).toEqual({ code: 'AllocationIdNotFound', message: "The allocation IDs 'eipalloc-00000000' do not exist" });
    await elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: made.LoadBalancerArn }));
    const { Addresses } = await ec2.send(new DescribeAddressesCommand({ AllocationIds: [AllocationId ?? ''] }));
    expect(Addresses?.[0]?.AssociationId).toBeUndefined();
  });

  test('have private addresses chosen when they are internal', async () => {
    const world = await balancerWorld(keiro);
    const [subnetId] = world.subnetIds;
    const mapping = { SubnetId: subnetId, PrivateIPv4Address: '10.0.0.50' };
    const made = await createBalancer(world, { Name: 'net', Type: 'network', Scheme: 'internal', SubnetMappings: [mapping] });
    expect(made.AvailabilityZones).toEqual([
      { ZoneName: 'eu-west-1a', SubnetId: subnetId, LoadBalancerAddresses: [{ PrivateIPv4Address: '10.0.0.50' }] },
    ]);
    expect((await interfacesIn(world)).map((eni) => eni.PrivateIpAddress)).toEqual(['10.0.0.50']);
    expect(await refused(world, { Name: 'other', Type: 'network', Scheme: 'internal', SubnetMappings: [mapping] })).toMatchObject({
      code: 'InvalidConfigurationRequest',
    });
    expect(await refused(world, { Name: 'other', Type: 'network', SubnetMappings: [mapping] })).toEqual({
      code: 'InvalidConfigurationRequest',
      message: "You can only specify private IPv4 addresses for Network Load Balancers with scheme 'internal'.",
    });
    expect(await refused(world, { Name: 'other', Type: 'network', IpAddressType: 'dualstack-without-public-ipv4' })).toEqual({
      code: 'ValidationError',
      message: "The specified IP address type is not supported on load balancers with type 'network'.",
    });
    expect(await refusal(world.elb.send(new CreateLoadBalancerCommand({ Name: 'other', Type: 'network' })))).toEqual({
      code: 'ValidationError',
      message: 'At least one subnet must be specified',
    });
  });
});
