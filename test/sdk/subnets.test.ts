import {
  AssociateRouteTableCommand,
  CreateNetworkInterfaceCommand,
  CreateRouteTableCommand,
  CreateSubnetCommand,
  type CreateSubnetCommandInput,
  CreateVpcCommand,
  DeleteNetworkInterfaceCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  ModifySubnetAttributeCommand,
  type ModifySubnetAttributeCommandInput,
  paginateDescribeSubnets,
  waitUntilSubnetAvailable,
} from '@aws-sdk/client-ec2';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { createSubnet, describeSubnet, network } from '#test/sdk/subnet.fixture.ts';

const keiro = await useKeiro();
const wait = { maxWaitTime: 10, minDelay: 0.05, maxDelay: 0.1 };

describe('subnets', () => {
  test('are in a zone of the VPC, with all that AWS says of them', async () => {
    const net = await network(keiro);
    const created = await createSubnet(net, {
      CidrBlock: '10.0.1.7/24',
      AvailabilityZone: 'eu-west-1b',
      TagSpecifications: [{ ResourceType: 'subnet', Tags: [{ Key: 'Name', Value: 'public' }] }],
    });
    await waitUntilSubnetAvailable({ client: net.ec2, ...wait }, { SubnetIds: [created.SubnetId] });
    const described = await describeSubnet(net, created.SubnetId);
    expect(described).toEqual(created);
    expect(described).toEqual({
      SubnetId: expect.stringMatching(/^subnet-[0-9a-f]{17}$/),
      SubnetArn: `arn:aws:ec2:eu-west-1:${net.account}:subnet/${created.SubnetId}`,
      OwnerId: net.account,
      VpcId: net.vpcId,
      State: 'available',
      AvailabilityZone: 'eu-west-1b',
      AvailabilityZoneId: 'euw1-az2',
      CidrBlock: '10.0.1.0/24',
      Ipv6CidrBlockAssociationSet: [],
      AvailableIpAddressCount: 251,
      DefaultForAz: false,
      MapPublicIpOnLaunch: false,
      MapCustomerOwnedIpOnLaunch: false,
      AssignIpv6AddressOnCreation: false,
      EnableDns64: false,
      Ipv6Native: false,
      PrivateDnsNameOptionsOnLaunch: {
        HostnameType: 'ip-name',
        EnableResourceNameDnsARecord: false,
        EnableResourceNameDnsAAAARecord: false,
      },
      BlockPublicAccessStates: { InternetGatewayBlockMode: 'off' },
      Tags: [{ Key: 'Name', Value: 'public' }],
    });
  });

  test('have five addresses fewer than their block', async () => {
    const net = await network(keiro);
    const counts = [];
    for (const CidrBlock of ['10.0.0.0/28', '10.0.16.0/20']) counts.push((await createSubnet(net, { CidrBlock })).AvailableIpAddressCount);
    expect(counts).toEqual([11, 4091]);
  });

  test('take the zone by name or id, or the emptiest of the VPC', async () => {
    const net = await network(keiro);
    const zones = [];
    for (const [index, input] of [
      { AvailabilityZoneId: 'euw1-az3' },
      {},
      {},
      { AvailabilityZone: 'eu-west-1a', AvailabilityZoneId: 'euw1-az1' },
    ].entries()) {
      zones.push((await createSubnet(net, { CidrBlock: `10.0.${index}.0/24`, ...input })).AvailabilityZone);
    }
    expect(zones).toEqual(['eu-west-1c', 'eu-west-1a', 'eu-west-1b', 'eu-west-1a']);
    const inZone = (input: Partial<CreateSubnetCommandInput>) => refusal(createSubnet(net, { CidrBlock: '10.0.9.0/24', ...input }));
    expect(await inZone({ AvailabilityZone: 'us-east-1a' })).toEqual({
      code: 'InvalidParameterValue',
      message:
        'Value (us-east-1a) for parameter availabilityZone is invalid. ' +
        'Subnets can currently only be created in the following availability zones: eu-west-1a, eu-west-1b, eu-west-1c.',
    });
    expect(await inZone({ AvailabilityZoneId: 'euw1-az9' })).toEqual({
      code: 'InvalidParameterValue',
      message:
        'Value (euw1-az9) for parameter availabilityZoneId is invalid. ' +
        'Subnets can currently only be created in the following availability zones: euw1-az1, euw1-az2, euw1-az3.',
    });
    expect(await inZone({ AvailabilityZone: 'eu-west-1a', AvailabilityZoneId: 'euw1-az2' })).toEqual({
      code: 'InvalidParameterCombination',
      message: 'The availability zone eu-west-1a does not have the availability zone ID euw1-az2',
    });
  });

  test.each(['10.0.0.0/15', '10.0.0.0/29', '10.1.0.0/24', '192.168.0.0/24', '10.0.0.0/8'])(
    'of %s are refused in 10.0.0.0/16',
    async (CidrBlock) => {
      const net = await network(keiro);
      expect(await refusal(createSubnet(net, { CidrBlock }))).toEqual({
        code: 'InvalidSubnet.Range',
        message: `The CIDR '${CidrBlock}' is invalid.`,
      });
    },
  );

  test('do not overlap in a VPC, and may in two', async () => {
    const net = await network(keiro);
    await createSubnet(net, { CidrBlock: '10.0.16.0/20' });
    for (const CidrBlock of ['10.0.16.0/20', '10.0.17.0/24', '10.0.0.0/16']) {
      expect(await refusal(createSubnet(net, { CidrBlock }))).toEqual({
        code: 'InvalidSubnet.Conflict',
        message: `The CIDR '${CidrBlock}' conflicts with another subnet`,
      });
    }
    await createSubnet(net, { CidrBlock: '10.0.0.0/20' });
    const { Vpc } = await net.ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
    const twin = { ...net, vpcId: Vpc?.VpcId ?? '' };
    expect((await createSubnet(twin, { CidrBlock: '10.0.16.0/20' })).CidrBlock).toBe('10.0.16.0/20');
  });

  test('are taken exactly when they fit in and overlap none', async () => {
    const ec2 = keiro.client(EC2Client);
    /** A block as the numbers of its first address and of the one behind its last, counted in 10.0.0.0/8. */
    const block = fc.record({ at: fc.nat(2 ** 17 - 1), prefixLength: fc.integer({ min: 15, max: 29 }) }).map(({ at, prefixLength }) => {
      const size = 2 ** (32 - prefixLength);
      const first = at - (at % size);
      return { first, end: first + size, prefixLength, text: `10.${first >> 16}.${(first >> 8) & 255}.${first & 255}/${prefixLength}` };
    });
    await fc.assert(
      fc.asyncProperty(fc.array(block, { minLength: 2, maxLength: 12 }), async (blocks) => {
        const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
        const taken: (typeof blocks)[number][] = [];
        const subnetIds: string[] = [];
        for (const one of blocks) {
          const fits = one.prefixLength >= 16 && one.prefixLength <= 28 && one.end <= 2 ** 16;
          const overlaps = taken.some((other) => one.first < other.end && other.first < one.end);
          const outcome = await ec2.send(new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock: one.text })).then(
            ({ Subnet }) => ({ id: Subnet?.SubnetId ?? '', words: Subnet?.CidrBlock }),
            (error: Error) => ({ id: undefined, words: error.name }),
          );
          const refused = fits ? 'InvalidSubnet.Conflict' : 'InvalidSubnet.Range';
          expect(outcome.words).toBe(fits && !overlaps ? one.text : refused);
          if (outcome.id === undefined) continue;
          subnetIds.push(outcome.id);
          taken.push(one);
        }
        for (const SubnetId of subnetIds) await ec2.send(new DeleteSubnetCommand({ SubnetId }));
        await ec2.send(new DeleteVpcCommand({ VpcId: Vpc?.VpcId }));
      }),
      { numRuns: 40 },
    );
  });

  test('need a VPC that exists and a block that is one', async () => {
    const net = await network(keiro);
    expect(await refusal(createSubnet({ ...net, vpcId: 'vpc-0123456789abcdef0' }, { CidrBlock: '10.0.0.0/24' }))).toEqual({
      code: 'InvalidVpcID.NotFound',
      message: "The vpc ID 'vpc-0123456789abcdef0' does not exist",
    });
    expect(await refusal(createSubnet(net, { CidrBlock: 'fd00::/64' }))).toEqual({
      code: 'InvalidParameterValue',
      message: 'Value (fd00::/64) for parameter cidrBlock is invalid. This is not a valid CIDR block.',
    });
    expect(await refusal(createSubnet(net, {}))).toEqual({
      code: 'MissingParameter',
      message: "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.",
    });
    expect(await refusal(createSubnet(net, { CidrBlock: '10.0.0.0/24', OutpostArn: 'arn:aws:outposts:eu-west-1:1:outpost/op-1' }))).toEqual(
      {
        code: 'UnsupportedOperation',
        message: 'Keiro does not model Outposts: OutpostArn.',
      },
    );
    expect(await refusal(createSubnet(net, { Ipv4IpamPoolId: 'ipam-pool-1', Ipv4NetmaskLength: 24 }))).toEqual({
      code: 'UnsupportedOperation',
      message: 'Keiro does not model IPAM: Ipv4IpamPoolId.',
    });
  });

  test('are 200 in a VPC, and paged', async () => {
    const net = await network(keiro);
    const create = (index: number) => createSubnet(net, { CidrBlock: `10.0.${index}.0/24` });
    for (let index = 0; index < 200; index++) await create(index);
    expect(await refusal(create(200))).toEqual({
      code: 'SubnetLimitExceeded',
      message: 'The maximum number of subnets has been reached.',
    });
    const sizes: number[] = [];
    const Filters = [{ Name: 'vpc-id', Values: [net.vpcId] }];
    for await (const { Subnets = [] } of paginateDescribeSubnets({ client: net.ec2, pageSize: 90 }, { Filters }))
      sizes.push(Subnets.length);
    expect(sizes).toEqual([90, 90, 20]);
  });

  test('are found by every filter', async () => {
    const net = await network(keiro);
    const plain = await createSubnet(net, { CidrBlock: '10.0.0.0/24', AvailabilityZone: 'eu-west-1a' });
    const dual = await createSubnet(net, {
      CidrBlock: '10.0.16.0/20',
      Ipv6CidrBlock: `${net.ipv6}/64`,
      AvailabilityZone: 'eu-west-1b',
      TagSpecifications: [{ ResourceType: 'subnet', Tags: [{ Key: 'Tier', Value: 'web' }] }],
    });
    const change = (input: Omit<ModifySubnetAttributeCommandInput, 'SubnetId'>) =>
      net.ec2.send(new ModifySubnetAttributeCommand({ SubnetId: dual.SubnetId, ...input }));
    await change({ MapPublicIpOnLaunch: { Value: true } });
    await change({ EnableDns64: { Value: true } });
    await change({ PrivateDnsHostnameTypeOnLaunch: 'resource-name' });
    await change({ EnableResourceNameDnsARecordOnLaunch: { Value: true } });
    await change({ EnableResourceNameDnsAAAARecordOnLaunch: { Value: true } });
    const idsBy = async (Name: string, value: string | undefined) => {
      const { Subnets = [] } = await net.ec2.send(
        new DescribeSubnetsCommand({
          Filters: [
            { Name: 'vpc-id', Values: [net.vpcId] },
            { Name, Values: [value ?? ''] },
          ],
        }),
      );
      return [Name, Subnets.map(({ SubnetId }) => SubnetId)];
    };
    const onlyPlain = [plain.SubnetId];
    const onlyDual = [dual.SubnetId];
    const both = [plain.SubnetId, dual.SubnetId];
    const facts: readonly (readonly [name: string, value: string | undefined, ids: readonly string[]])[] = [
      ['availability-zone', 'eu-west-1b', onlyDual],
      ['availabilityZone', 'eu-west-1b', onlyDual],
      ['availability-zone-id', 'euw1-az1', onlyPlain],
      ['availabilityZoneId', 'euw1-az1', onlyPlain],
      ['available-ip-address-count', '251', onlyPlain],
      ['cidr-block', '10.0.0.0/24', onlyPlain],
      ['cidr', '10.0.0.0/24', onlyPlain],
      ['cidrBlock', '10.0.0.0/*', onlyPlain],
      ['customer-owned-ipv4-pool', '*', []],
      ['default-for-az', 'false', both],
      ['defaultForAz', 'true', []],
      ['enable-dns64', 'true', onlyDual],
      ['enable-lni-at-device-index', '*', []],
      ['ipv6-cidr-block-association.association-id', dual.Ipv6CidrBlockAssociationSet?.[0]?.AssociationId, onlyDual],
      ['ipv6-cidr-block-association.ipv6-cidr-block', `${net.ipv6}/64`, onlyDual],
      ['ipv6-cidr-block-association.state', 'associat*', onlyDual],
      ['ipv6-native', 'false', both],
      ['map-customer-owned-ip-on-launch', 'false', both],
      ['map-public-ip-on-launch', 'true', onlyDual],
      ['outpost-arn', '*', []],
      ['owner-id', net.account, both],
      ['private-dns-name-options-on-launch.hostname-type', 'resource-name', onlyDual],
      ['private-dns-name-options-on-launch.enable-resource-name-dns-a-record', 'true', onlyDual],
      ['private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record', 'true', onlyDual],
      ['state', 'available', both],
      ['subnet-arn', plain.SubnetArn, onlyPlain],
      ['subnet-id', plain.SubnetId, onlyPlain],
      ['tag:Tier', 'web', onlyDual],
      ['tag-key', 'Tier', onlyDual],
    ];
    for (const [name, value, ids] of facts) expect(await idsBy(name, value)).toEqual([name, ids]);
    expect(await refusal(idsBy('tier', 'web'))).toEqual({ code: 'InvalidParameterValue', message: "The filter 'tier' is invalid" });
  });

  test('are deleted when no interface is in them, and leave their route table', async () => {
    const net = await network(keiro);
    const { SubnetId } = await createSubnet(net, { CidrBlock: '10.0.0.0/24' });
    const { RouteTable } = await net.ec2.send(new CreateRouteTableCommand({ VpcId: net.vpcId }));
    await net.ec2.send(new AssociateRouteTableCommand({ RouteTableId: RouteTable?.RouteTableId, SubnetId }));
    const { NetworkInterface } = await net.ec2.send(new CreateNetworkInterfaceCommand({ SubnetId }));
    expect((await describeSubnet(net, SubnetId)).AvailableIpAddressCount).toBe(250);
    expect(await refusal(net.ec2.send(new DeleteSubnetCommand({ SubnetId })))).toEqual({
      code: 'DependencyViolation',
      message: `The subnet '${SubnetId}' has dependencies and cannot be deleted.`,
    });
    await net.ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: NetworkInterface?.NetworkInterfaceId }));
    await net.ec2.send(new DeleteSubnetCommand({ SubnetId }));
    const { RouteTables } = await net.ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [RouteTable?.RouteTableId ?? ''] }));
    expect(RouteTables?.[0]?.Associations).toEqual([]);
    const gone = { code: 'InvalidSubnetID.NotFound', message: `The subnet ID '${SubnetId}' does not exist` };
    expect(await refusal(net.ec2.send(new DeleteSubnetCommand({ SubnetId })))).toEqual(gone);
    expect(await refusal(net.ec2.send(new ModifySubnetAttributeCommand({ SubnetId })))).toEqual(gone);
    expect(await refusal(describeSubnet(net, SubnetId))).toEqual(gone);
  });
});

describe('subnet attributes', () => {
  test('change one at a time', async () => {
    const net = await network(keiro);
    const { SubnetId } = await createSubnet(net, { CidrBlock: '10.0.0.0/24', Ipv6CidrBlock: `${net.ipv6}/64` });
    const change = (input: Omit<ModifySubnetAttributeCommandInput, 'SubnetId'>) =>
      net.ec2.send(new ModifySubnetAttributeCommand({ SubnetId, ...input }));
    await change({ AssignIpv6AddressOnCreation: { Value: true } });
    await change({ MapPublicIpOnLaunch: { Value: true } });
    expect(await describeSubnet(net, SubnetId)).toMatchObject({ AssignIpv6AddressOnCreation: true, MapPublicIpOnLaunch: true });
    await change({ MapPublicIpOnLaunch: { Value: false } });
    expect(await describeSubnet(net, SubnetId)).toMatchObject({ AssignIpv6AddressOnCreation: true, MapPublicIpOnLaunch: false });
    expect(await refusal(change({ MapPublicIpOnLaunch: { Value: true }, EnableDns64: { Value: true } }))).toEqual({
      code: 'InvalidParameterCombination',
      message: 'Fields for multiple attribute types specified: map-public-ip-on-launch, enable-dns64',
    });
    expect(await refusal(change({}))).toEqual({ code: 'InvalidParameterCombination', message: 'No attributes specified.' });
    expect(await refusal(change({ MapCustomerOwnedIpOnLaunch: { Value: true } }))).toEqual({
      code: 'UnsupportedOperation',
      message: 'Keiro does not model Outposts: MapCustomerOwnedIpOnLaunch.',
    });
  });

  test('of IPv6 need an IPv6 block', async () => {
    const net = await network(keiro);
    const { SubnetId } = await createSubnet(net, { CidrBlock: '10.0.0.0/24' });
    for (const [name, input] of [
      ['assign-ipv6-address-on-creation', { AssignIpv6AddressOnCreation: { Value: true } }],
      ['enable-dns64', { EnableDns64: { Value: true } }],
      ['enable-resource-name-dns-aaaa-record-on-launch', { EnableResourceNameDnsAAAARecordOnLaunch: { Value: true } }],
    ] as const) {
      expect(await refusal(net.ec2.send(new ModifySubnetAttributeCommand({ SubnetId, ...input })))).toEqual({
        code: 'InvalidParameterValue',
        message: `Invalid value 'true' for ${name}. Cannot set ${name} to true unless the subnet (${SubnetId}) has an IPv6 CIDR block associated with it.`,
      });
    }
  });
});
