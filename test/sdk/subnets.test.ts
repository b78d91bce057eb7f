import {
  AssociateRouteTableCommand,
  AssociateSubnetCidrBlockCommand,
  CreateNetworkInterfaceCommand,
  CreateRouteTableCommand,
  CreateSubnetCidrReservationCommand,
  CreateSubnetCommand,
  type CreateSubnetCommandInput,
  CreateVpcCommand,
  DeleteNetworkInterfaceCommand,
  DeleteSubnetCidrReservationCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  DisassociateSubnetCidrBlockCommand,
  EC2Client,
  GetSubnetCidrReservationsCommand,
  ModifySubnetAttributeCommand,
  type ModifySubnetAttributeCommandInput,
  paginateDescribeSubnets,
  type Subnet,
  waitUntilSubnetAvailable,
} from '@aws-sdk/client-ec2';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro();
const wait = { maxWaitTime: 10, minDelay: 0.05, maxDelay: 0.1 };

interface Network {
  readonly ec2: EC2Client;
  readonly account: string;
  readonly vpcId: string;
  /** The VPC's IPv6 block without `/56`, e.g. `2001:db8:0:100::`. */
  readonly ipv6: string;
}

async function network(block = '10.0.0.0/16', region = 'eu-west-1'): Promise<Network> {
  const account = keiro.freshAccount();
  const ec2 = keiro.client(EC2Client, { account, region });
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: block, AmazonProvidedIpv6CidrBlock: true }));
  const ipv6 = Vpc?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock?.replace('/56', '');
  if (!Vpc?.VpcId || !ipv6) throw new Error('no VPC in the answer');
  return { ec2, account, vpcId: Vpc.VpcId, ipv6 };
}

async function createSubnet({ ec2, vpcId }: Network, input: Partial<CreateSubnetCommandInput>): Promise<Subnet & { SubnetId: string }> {
  const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId: vpcId, ...input }));
  if (!Subnet?.SubnetId) throw new Error('no subnet in the answer');
  return { ...Subnet, SubnetId: Subnet.SubnetId };
}

async function describeSubnet({ ec2 }: Network, id: string): Promise<Subnet> {
  const { Subnets } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [id] }));
  return Subnets?.[0] ?? {};
}

describe('subnets', () => {
  test('are in a zone of the VPC, with all that AWS says of them', async () => {
    const net = await network();
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
    const net = await network();
    const counts = [];
    for (const CidrBlock of ['10.0.0.0/28', '10.0.16.0/20']) counts.push((await createSubnet(net, { CidrBlock })).AvailableIpAddressCount);
    expect(counts).toEqual([11, 4091]);
  });

  test('take the zone by name or id, or the emptiest of the VPC', async () => {
    const net = await network();
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
      const net = await network();
      expect(await refusal(createSubnet(net, { CidrBlock }))).toEqual({
        code: 'InvalidSubnet.Range',
        message: `The CIDR '${CidrBlock}' is invalid.`,
      });
    },
  );

  test('do not overlap in a VPC, and may in two', async () => {
    const net = await network();
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
    const net = await network();
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
    const net = await network();
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
    const net = await network();
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
    const net = await network();
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
    const net = await network();
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
    const net = await network();
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

describe('IPv6 blocks of subnets', () => {
  test('are put on and taken off', async () => {
    const net = await network();
    const { SubnetId } = await createSubnet(net, { CidrBlock: '10.0.0.0/24' });
    const associate = (Ipv6CidrBlock: string) => net.ec2.send(new AssociateSubnetCidrBlockCommand({ SubnetId, Ipv6CidrBlock }));
    const { Ipv6CidrBlockAssociation } = await associate(`${net.ipv6}/64`);
    expect(Ipv6CidrBlockAssociation).toEqual({
      AssociationId: expect.stringMatching(/^subnet-cidr-assoc-/),
      Ipv6CidrBlock: `${net.ipv6}/64`,
      Ipv6CidrBlockState: { State: 'associating' },
      Ipv6AddressAttribute: 'public',
      IpSource: 'amazon',
    });
    const AssociationId = Ipv6CidrBlockAssociation?.AssociationId;
    const state = async () =>
      (await describeSubnet(net, SubnetId)).Ipv6CidrBlockAssociationSet?.map((one) => one.Ipv6CidrBlockState?.State);
    await expect.poll(state).toEqual(['associated']);
    const second = net.ipv6.replace(/00::$/, '01::');
    expect(await refusal(associate(`${second}/64`))).toEqual({
      code: 'SubnetCidrBlockAssociationLimitExceeded',
      message: `The subnet '${SubnetId}' has met its maximum number of associated IPv6 CIDR blocks: 1`,
    });
    await net.ec2.send(new ModifySubnetAttributeCommand({ SubnetId, AssignIpv6AddressOnCreation: { Value: true } }));
    const disassociate = () => net.ec2.send(new DisassociateSubnetCidrBlockCommand({ AssociationId }));
    expect(await refusal(disassociate())).toEqual({
      code: 'InvalidCidrBlock.InUse',
      message: `The subnet IPv6 CIDR block with association ID ${AssociationId} may not be disassociated, because its subnet has assign-ipv6-address-on-creation set to true.`,
    });
    await net.ec2.send(new ModifySubnetAttributeCommand({ SubnetId, AssignIpv6AddressOnCreation: { Value: false } }));
    const { NetworkInterface } = await net.ec2.send(new CreateNetworkInterfaceCommand({ SubnetId, Ipv6AddressCount: 1 }));
    expect(await refusal(disassociate())).toEqual({
      code: 'InvalidCidrBlock.InUse',
      message: `The subnet IPv6 CIDR block with association ID ${AssociationId} may not be disassociated, because it is in use by a network interface.`,
    });
    await net.ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: NetworkInterface?.NetworkInterfaceId }));
    expect((await disassociate()).Ipv6CidrBlockAssociation?.Ipv6CidrBlockState?.State).toBe('disassociating');
    await expect.poll(state).toEqual(['disassociated']);
    expect(await refusal(disassociate())).toEqual({
      code: 'InvalidSubnetCidrBlockAssociationID.NotFound',
      message: `The subnet CIDR block with association ID '${AssociationId}' does not exist`,
    });
    await associate(`${second}/64`);
    await expect.poll(state).toEqual(['associated', 'disassociated']);
  });

  test('are /44 to /64 in steps of four, inside the VPC and apart', async () => {
    const net = await network();
    const create = (index: number, Ipv6CidrBlock: string) => createSubnet(net, { CidrBlock: `10.0.${index}.0/24`, Ipv6CidrBlock });
    const sizes = [];
    for (const [index, block] of [`${net.ipv6}/60`, net.ipv6.replace(/00::$/, '10::/64')].entries()) {
      sizes.push((await create(index, block)).Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock);
    }
    expect(sizes).toEqual([`${net.ipv6}/60`, net.ipv6.replace(/00::$/, '10::/64')]);
    for (const block of [`${net.ipv6}/62`, `${net.ipv6}/40`, `${net.ipv6}/65`, `${net.ipv6}1/64`, 'nonsense', '10.0.0.0/24']) {
      expect(await refusal(create(9, block))).toEqual({
        code: 'InvalidParameterValue',
        message: `invalid value for parameter ipv6-cidr-block: ${block}`,
      });
    }
    expect(await refusal(create(9, '2001:db8:ffff::/64'))).toEqual({
      code: 'InvalidSubnet.Range',
      message: "The IPv6 CIDR '2001:db8:ffff::/64' is invalid.",
    });
    expect(await refusal(create(9, `${net.ipv6}/64`))).toEqual({
      code: 'InvalidSubnet.Conflict',
      message: `The IPv6 CIDR '${net.ipv6}/64' conflicts with another subnet`,
    });
  });

  test('are all that an IPv6-only subnet has', async () => {
    const net = await network();
    const only = await createSubnet(net, { Ipv6Native: true, Ipv6CidrBlock: `${net.ipv6}/64` });
    expect(only).toMatchObject({
      Ipv6Native: true,
      AssignIpv6AddressOnCreation: true,
      AvailableIpAddressCount: 0,
      PrivateDnsNameOptionsOnLaunch: { HostnameType: 'resource-name' },
    });
    expect(only.CidrBlock).toBeUndefined();
    expect(await refusal(createSubnet(net, { Ipv6Native: true }))).toEqual({
      code: 'MissingParameter',
      message: "Either 'ipv6CidrBlock' or 'ipv6IpamPoolId' should be provided.",
    });
    expect(await refusal(createSubnet(net, { Ipv6Native: true, CidrBlock: '10.0.0.0/24', Ipv6CidrBlock: `${net.ipv6}/64` }))).toEqual({
      code: 'InvalidParameterCombination',
      message: 'When specifying ipv4 parameters, cidrBlock or ipv4IpamPoolId, you cannot set ipv6Native to true.',
    });
    const change = (input: Omit<ModifySubnetAttributeCommandInput, 'SubnetId'>) =>
      refusal(net.ec2.send(new ModifySubnetAttributeCommand({ SubnetId: only.SubnetId, ...input })));
    expect(await change({ MapPublicIpOnLaunch: { Value: true } })).toEqual({
      code: 'InvalidParameterValue',
      message: `Invalid value 'true' for map-public-ip-on-launch. Cannot set map-public-ip-on-launch to true for the IPv6-only subnet (${only.SubnetId}).`,
    });
    expect(await change({ PrivateDnsHostnameTypeOnLaunch: 'ip-name' })).toEqual({
      code: 'InvalidParameterValue',
      message: `Invalid value 'ip-name' for private-dns-hostname-type-on-launch. The IPv6-only subnet (${only.SubnetId}) must use resource-name.`,
    });
    const AssociationId = only.Ipv6CidrBlockAssociationSet?.[0]?.AssociationId;
    expect(await refusal(net.ec2.send(new DisassociateSubnetCidrBlockCommand({ AssociationId })))).toEqual({
      code: 'OperationNotPermitted',
      message: `The subnet IPv6 CIDR block with association ID ${AssociationId} may not be disassociated, because its subnet is IPv6-only.`,
    });
  });
});

describe('subnet CIDR reservations', () => {
  test('are made, listed by family, filtered and deleted', async () => {
    const net = await network();
    const { SubnetId } = await createSubnet(net, { CidrBlock: '10.0.0.0/24', Ipv6CidrBlock: `${net.ipv6}/64` });
    const reserve = async (Cidr: string, ReservationType: 'prefix' | 'explicit') => {
      const { SubnetCidrReservation } = await net.ec2.send(
        new CreateSubnetCidrReservationCommand({ SubnetId, Cidr, ReservationType, Description: 'for containers' }),
      );
      return SubnetCidrReservation;
    };
    const ipv4 = await reserve('10.0.0.70/27', 'explicit');
    expect(ipv4).toEqual({
      SubnetCidrReservationId: expect.stringMatching(/^scr-[0-9a-f]{17}$/),
      SubnetId,
      Cidr: '10.0.0.64/27',
      ReservationType: 'explicit',
      OwnerId: net.account,
      Description: 'for containers',
      Tags: [],
    });
    const ipv6 = await reserve(`${net.ipv6}/80`, 'prefix');
    const get = (Filters: { Name: string; Values: string[] }[] = []) =>
      net.ec2.send(new GetSubnetCidrReservationsCommand({ SubnetId, Filters }));
    expect(await get()).toMatchObject({ SubnetIpv4CidrReservations: [ipv4], SubnetIpv6CidrReservations: [ipv6] });
    expect(await get([{ Name: 'reservationType', Values: ['prefix'] }])).toMatchObject({
      SubnetIpv4CidrReservations: [],
      SubnetIpv6CidrReservations: [ipv6],
    });
    expect(await refusal(reserve('10.0.0.80/28', 'prefix'))).toEqual({
      code: 'InvalidParameterValue',
      message: 'Reservation CIDR 10.0.0.80/28 has overlap with existing reserved CIDR block',
    });
    expect(await refusal(reserve('10.0.1.0/28', 'prefix'))).toEqual({
      code: 'InvalidParameterValue',
      message: 'Reservation CIDR should be within subnet CIDR block (10.0.0.0/24)',
    });
    expect(await refusal(reserve('block', 'prefix'))).toEqual({
      code: 'InvalidParameterValue',
      message: 'Value (block) for parameter cidr is invalid. This is not a valid CIDR block.',
    });
    const remove = () => net.ec2.send(new DeleteSubnetCidrReservationCommand({ SubnetCidrReservationId: ipv4?.SubnetCidrReservationId }));
    expect((await remove()).DeletedSubnetCidrReservation).toEqual(ipv4);
    expect(await refusal(remove())).toEqual({
      code: 'InvalidSubnetCidrReservationID.NotFound',
      message: `The subnet-cidr-reservation ID '${ipv4?.SubnetCidrReservationId}' does not exist`,
    });
  });
});
