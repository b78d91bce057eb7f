import {
  AssociateVpcCidrBlockCommand,
  AttachInternetGatewayCommand,
  CreateEgressOnlyInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateNetworkAclCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  type CreateVpcCommandInput,
  DeleteEgressOnlyInternetGatewayCommand,
  DeleteNetworkAclCommand,
  DeleteRouteTableCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeNetworkAclsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcsCommand,
  DetachInternetGatewayCommand,
  DisassociateVpcCidrBlockCommand,
  EC2Client,
  type Filter,
  ModifyVpcAttributeCommand,
  ModifyVpcTenancyCommand,
  paginateDescribeVpcs,
  type Vpc,
  waitUntilVpcAvailable,
  waitUntilVpcExists,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro();
const keiroWithoutQuotas = await useKeiro({ quotas: 'off' });
const wait = { maxWaitTime: 10, minDelay: 0.05, maxDelay: 0.1 };

async function createVpc(ec2: EC2Client, input: Partial<CreateVpcCommandInput> = {}): Promise<Vpc & { VpcId: string }> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16', ...input }));
  if (!Vpc?.VpcId) throw new Error('no VPC in the answer');
  return { ...Vpc, VpcId: Vpc.VpcId };
}

async function describeVpc(ec2: EC2Client, id: string): Promise<Vpc> {
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ VpcIds: [id] }));
  return Vpcs?.[0] ?? {};
}

async function idsBy(ec2: EC2Client, ...Filters: Filter[]): Promise<(string | undefined)[]> {
  const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand({ Filters }));
  return Vpcs.map((vpc) => vpc.VpcId);
}

describe('VPCs', () => {
  test('are pending, then available, with all that AWS says of them', async () => {
    const account = keiro.freshAccount();
    const ec2 = keiro.client(EC2Client, { account });
    const created = await createVpc(ec2, {
      CidrBlock: '10.1.0.0/20',
      TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: 'Name', Value: 'shop' }] }],
    });
    expect(created.State).toBe('pending');
    expect(created.VpcId).toMatch(/^vpc-[0-9a-f]{17}$/);
    await waitUntilVpcExists({ client: ec2, ...wait }, { VpcIds: [created.VpcId] });
    await waitUntilVpcAvailable({ client: ec2, ...wait }, { VpcIds: [created.VpcId] });
    expect(await describeVpc(ec2, created.VpcId)).toEqual({
      VpcId: created.VpcId,
      OwnerId: account,
      State: 'available',
      CidrBlock: '10.1.0.0/20',
      CidrBlockAssociationSet: [
        { AssociationId: expect.stringMatching(/^vpc-cidr-assoc-/), CidrBlock: '10.1.0.0/20', CidrBlockState: { State: 'associated' } },
      ],
      Ipv6CidrBlockAssociationSet: [],
      DhcpOptionsId: expect.stringMatching(/^dopt-/),
      InstanceTenancy: 'default',
      IsDefault: false,
      BlockPublicAccessStates: { InternetGatewayBlockMode: 'off' },
      Tags: [{ Key: 'Name', Value: 'shop' }],
    });
  });

  test('come with a main table, a default group and a default ACL, which go with them', async () => {
    const ec2 = keiro.client(EC2Client);
    const { VpcId } = await createVpc(ec2);
    const Filters = [{ Name: 'vpc-id', Values: [VpcId] }];
    const companions = async () => {
      const { RouteTables = [] } = await ec2.send(new DescribeRouteTablesCommand({ Filters }));
      const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
      const { NetworkAcls = [] } = await ec2.send(new DescribeNetworkAclsCommand({ Filters }));
      return { RouteTables, SecurityGroups, NetworkAcls };
    };
    expect(await companions()).toMatchObject({
      RouteTables: [{ Associations: [{ Main: true }], Routes: [{ DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local' }] }],
      SecurityGroups: [{ GroupName: 'default' }],
      NetworkAcls: [{ IsDefault: true }],
    });
    await ec2.send(new DeleteVpcCommand({ VpcId }));
    expect(await companions()).toEqual({ RouteTables: [], SecurityGroups: [], NetworkAcls: [] });
    expect(await refusal(ec2.send(new DescribeVpcsCommand({ VpcIds: [VpcId] })))).toEqual({
      code: 'InvalidVpcID.NotFound',
      message: `The vpc ID '${VpcId}' does not exist`,
    });
    expect(await refusal(ec2.send(new DescribeVpcsCommand({ VpcIds: [VpcId, 'vpc-1'] })))).toEqual({
      code: 'InvalidVpcID.NotFound',
      message: `The vpc IDs '${VpcId}, vpc-1' do not exist`,
    });
  });

  test('have their block in canonical form, and any number of them the same', async () => {
    const ec2 = keiro.client(EC2Client);
    const [first, second] = [await createVpc(ec2, { CidrBlock: '100.68.0.18/18' }), await createVpc(ec2, { CidrBlock: '100.68.0.0/18' })];
    expect(first.CidrBlock).toBe('100.68.0.0/18');
    expect(second.CidrBlock).toBe('100.68.0.0/18');
    expect(second.VpcId).not.toBe(first.VpcId);
  });

  test.each(['10.0.0.0/15', '10.0.0.0/29', '0.0.0.0/0', '169.254.0.0/16', '127.0.0.0/16', '224.0.0.0/16'])(
    'of %s are refused',
    async (CidrBlock) => {
      const ec2 = keiro.client(EC2Client);
      expect(await refusal(createVpc(ec2, { CidrBlock }))).toEqual({
        code: 'InvalidVpc.Range',
        message: `The CIDR '${CidrBlock}' is invalid.`,
      });
    },
  );

  test.each(['10.0.0.0', '10.0.0.0/33', '10.0.0/16', '010.0.0.0/16', 'fd00::/56', ''])(
    "of '%s' are refused as no block",
    async (CidrBlock) => {
      const ec2 = keiro.client(EC2Client);
      expect(await refusal(createVpc(ec2, { CidrBlock }))).toEqual({
        code: 'InvalidParameterValue',
        message: `Value (${CidrBlock}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`,
      });
    },
  );

  test('need a block', async () => {
    const ec2 = keiro.client(EC2Client);
    expect(await refusal(ec2.send(new CreateVpcCommand({})))).toEqual({
      code: 'MissingParameter',
      message: "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.",
    });
  });

  test('are five per Region, the default VPC one of them', async () => {
    const ec2 = keiro.client(EC2Client);
    for (let count = 0; count < 4; count++) await createVpc(ec2);
    expect(await refusal(createVpc(ec2))).toEqual({
      code: 'VpcLimitExceeded',
      message: 'The maximum number of VPCs has been reached.',
    });
  });

  test('are of one account and Region', async () => {
    const account = keiro.freshAccount();
    const { VpcId } = await createVpc(keiro.client(EC2Client, { account, region: 'eu-west-1' }));
    const notThere = { code: 'InvalidVpcID.NotFound', message: `The vpc ID '${VpcId}' does not exist` };
    for (const elsewhere of [{ account, region: 'us-east-1' }, { region: 'eu-west-1' }]) {
      const other = keiro.client(EC2Client, elsewhere);
      expect(await refusal(other.send(new DescribeVpcsCommand({ VpcIds: [VpcId] })))).toEqual(notThere);
      expect(await refusal(other.send(new DeleteVpcCommand({ VpcId })))).toEqual(notThere);
    }
  });

  test('may be dedicated, and from that default, never back', async () => {
    const ec2 = keiro.client(EC2Client);
    const { VpcId, InstanceTenancy } = await createVpc(ec2, { InstanceTenancy: 'dedicated' });
    expect(InstanceTenancy).toBe('dedicated');
    const tenancy = 'dedicated' as 'default'; // what the SDK's type forbids, the server must refuse
    const { ReturnValue } = await ec2.send(new ModifyVpcTenancyCommand({ VpcId, InstanceTenancy: 'default' }));
    expect(ReturnValue).toBe(true);
    expect((await describeVpc(ec2, VpcId)).InstanceTenancy).toBe('default');
    expect(await refusal(ec2.send(new ModifyVpcTenancyCommand({ VpcId, InstanceTenancy: tenancy })))).toEqual({
      code: 'InvalidParameterValue',
      message: 'Value (dedicated) for parameter instanceTenancy is invalid. The value is not one of those allowed.',
    });
    expect(await refusal(createVpc(ec2, { InstanceTenancy: 'host' }))).toEqual({
      code: 'InvalidParameterValue',
      message: 'Value (host) for parameter instanceTenancy is invalid. Use default or dedicated.',
    });
  });

  test.each([
    [{ Ipv4IpamPoolId: 'ipam-pool-1' }, 'IPAM: Ipv4IpamPoolId'],
    [{ Ipv4NetmaskLength: 20 }, 'IPAM: Ipv4NetmaskLength'],
    [{ Ipv6IpamPoolId: 'ipam-pool-1' }, 'IPAM: Ipv6IpamPoolId'],
    [{ Ipv6NetmaskLength: 56 }, 'IPAM: Ipv6NetmaskLength'],
    [{ Ipv6Pool: 'ipv6pool-ec2-1' }, 'IPv6 address pools: Ipv6Pool'],
    [{ Ipv6CidrBlock: '2001:db8::/56' }, 'IPv6 address pools: Ipv6CidrBlock'],
    [{ VpcEncryptionControl: { Mode: 'monitor' as const } }, 'VPC encryption control: VpcEncryptionControl'],
  ])('say what is not modelled: %j', async (input, what) => {
    const ec2 = keiro.client(EC2Client);
    expect(await refusal(createVpc(ec2, input))).toEqual({ code: 'UnsupportedOperation', message: `Keiro does not model ${what}.` });
  });

  test('are found by every filter', async () => {
    const account = keiro.freshAccount();
    const ec2 = keiro.client(EC2Client, { account });
    const plain = await createVpc(ec2, { CidrBlock: '10.9.0.0/24' });
    const dual = await createVpc(ec2, {
      CidrBlock: '10.8.0.0/16',
      AmazonProvidedIpv6CidrBlock: true,
      TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: 'Stage', Value: 'test' }] }],
    });
    const [ipv4] = dual.CidrBlockAssociationSet ?? [];
    const [ipv6] = dual.Ipv6CidrBlockAssociationSet ?? [];
    const facts: readonly (readonly [name: string, value: string | undefined, ids: readonly string[]])[] = [
      ['cidr', '10.9.0.0/24', [plain.VpcId]],
      ['cidr', '10.*', [plain.VpcId, dual.VpcId]],
      ['cidr-block-association.cidr-block', '10.8.0.0/16', [dual.VpcId]],
      ['cidr-block-association.association-id', ipv4?.AssociationId, [dual.VpcId]],
      ['ipv6-cidr-block-association.ipv6-cidr-block', ipv6?.Ipv6CidrBlock, [dual.VpcId]],
      ['ipv6-cidr-block-association.association-id', ipv6?.AssociationId, [dual.VpcId]],
      ['ipv6-cidr-block-association.ipv6-pool', 'Amazon', [dual.VpcId]],
      ['is-default', 'false', [plain.VpcId, dual.VpcId]],
      ['isDefault', 'false', [plain.VpcId, dual.VpcId]],
      ['vpc-id', plain.VpcId, [plain.VpcId]],
      ['vpc-id', 'vpc-none', []],
      ['tag:Stage', 'test', [dual.VpcId]],
      ['tag-key', 'Stage', [dual.VpcId]],
    ];
    for (const [Name, value = '', ids] of facts) expect([Name, await idsBy(ec2, { Name, Values: [value] })]).toEqual([Name, ids]);
    const notDefault = { Name: 'is-default', Values: ['false'] };
    for (const [Name, value] of [
      ['cidr-block-association.state', 'associated'],
      ['dhcp-options-id', plain.DhcpOptionsId ?? ''],
      ['owner-id', account],
    ] as const) {
      expect([Name, await idsBy(ec2, notDefault, { Name, Values: [value] })]).toEqual([Name, [plain.VpcId, dual.VpcId]]);
    }
    await waitUntilVpcAvailable({ client: ec2, ...wait }, { VpcIds: [plain.VpcId, dual.VpcId] });
    expect(await idsBy(ec2, notDefault, { Name: 'state', Values: ['available'] })).toEqual([plain.VpcId, dual.VpcId]);
    expect(await idsBy(ec2, { Name: 'ipv6-cidr-block-association.state', Values: ['associated'] })).toEqual([dual.VpcId]);
    expect(await refusal(idsBy(ec2, { Name: 'colour', Values: ['red'] }))).toEqual({
      code: 'InvalidParameterValue',
      message: "The filter 'colour' is invalid",
    });
  });

  test('are paged', async () => {
    const ec2 = keiroWithoutQuotas.client(EC2Client);
    for (let count = 0; count < 6; count++) await createVpc(ec2);
    const sizes: number[] = [];
    for await (const { Vpcs = [] } of paginateDescribeVpcs({ client: ec2, pageSize: 5 }, {})) sizes.push(Vpcs.length);
    expect(sizes).toEqual([5, 2]);
  });
});

describe('deleting a VPC', () => {
  test('is refused while anything but its own default group, default ACL and main table is in it', async () => {
    const ec2 = keiro.client(EC2Client);
    const { VpcId } = await createVpc(ec2);
    const inUse = { code: 'DependencyViolation', message: `The vpc '${VpcId}' has dependencies and cannot be deleted.` };
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.0.0.0/24' }));
    expect(await refusal(ec2.send(new DeleteVpcCommand({ VpcId })))).toEqual(inUse);
    await ec2.send(new DeleteSubnetCommand({ SubnetId: Subnet?.SubnetId }));

    const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
    const attachment = { VpcId, InternetGatewayId: InternetGateway?.InternetGatewayId };
    await ec2.send(new AttachInternetGatewayCommand(attachment));
    expect(await refusal(ec2.send(new DeleteVpcCommand({ VpcId })))).toEqual(inUse);
    await ec2.send(new DetachInternetGatewayCommand(attachment));

    const { EgressOnlyInternetGateway } = await ec2.send(new CreateEgressOnlyInternetGatewayCommand({ VpcId }));
    expect(await refusal(ec2.send(new DeleteVpcCommand({ VpcId })))).toEqual(inUse);
    const EgressOnlyInternetGatewayId = EgressOnlyInternetGateway?.EgressOnlyInternetGatewayId;
    await ec2.send(new DeleteEgressOnlyInternetGatewayCommand({ EgressOnlyInternetGatewayId }));

    const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ VpcId, GroupName: 'web', Description: 'web servers' }));
    expect(await refusal(ec2.send(new DeleteVpcCommand({ VpcId })))).toEqual(inUse);
    await ec2.send(new DeleteSecurityGroupCommand({ GroupId }));

    const { NetworkAcl } = await ec2.send(new CreateNetworkAclCommand({ VpcId }));
    expect(await refusal(ec2.send(new DeleteVpcCommand({ VpcId })))).toEqual(inUse);
    await ec2.send(new DeleteNetworkAclCommand({ NetworkAclId: NetworkAcl?.NetworkAclId }));

    const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId }));
    expect(await refusal(ec2.send(new DeleteVpcCommand({ VpcId })))).toEqual(inUse);
    await ec2.send(new DeleteRouteTableCommand({ RouteTableId: RouteTable?.RouteTableId }));

    await ec2.send(new DeleteVpcCommand({ VpcId }));
    expect(await idsBy(ec2, { Name: 'vpc-id', Values: [VpcId] })).toEqual([]);
  });
});

describe('VPC attributes', () => {
  test('have AWS defaults and change one at a time', async () => {
    const ec2 = keiro.client(EC2Client);
    const { VpcId } = await createVpc(ec2);
    const read = async () => {
      const support = await ec2.send(new DescribeVpcAttributeCommand({ VpcId, Attribute: 'enableDnsSupport' }));
      const hostnames = await ec2.send(new DescribeVpcAttributeCommand({ VpcId, Attribute: 'enableDnsHostnames' }));
      const metrics = await ec2.send(new DescribeVpcAttributeCommand({ VpcId, Attribute: 'enableNetworkAddressUsageMetrics' }));
      expect(support.EnableDnsHostnames).toBeUndefined();
      return [support.EnableDnsSupport?.Value, hostnames.EnableDnsHostnames?.Value, metrics.EnableNetworkAddressUsageMetrics?.Value];
    };
    expect(await read()).toEqual([true, false, false]);
    await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
    await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableNetworkAddressUsageMetrics: { Value: true } }));
    expect(await read()).toEqual([true, true, true]);
    await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: false } }));
    await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsSupport: { Value: false } }));
    expect(await read()).toEqual([false, false, true]);
    expect(await refusal(ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } })))).toEqual({
      code: 'InvalidParameterCombination',
      message: 'DNS hostnames can be enabled only if DNS support is enabled.',
    });
    expect(
      await refusal(
        ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true }, EnableDnsSupport: { Value: true } })),
      ),
    ).toEqual({
      code: 'InvalidParameterCombination',
      message: 'Fields for multiple attribute types specified: enableDnsHostnames, enableDnsSupport',
    });
    expect(await refusal(ec2.send(new ModifyVpcAttributeCommand({ VpcId })))).toEqual({
      code: 'InvalidParameterCombination',
      message: 'No attributes specified.',
    });
  });
});

describe('secondary IPv4 blocks', () => {
  const associate = async (ec2: EC2Client, VpcId: string, CidrBlock: string) => {
    const { CidrBlockAssociation } = await ec2.send(new AssociateVpcCidrBlockCommand({ VpcId, CidrBlock }));
    return CidrBlockAssociation;
  };

  test('are associated with local routes, hold subnets, and go when empty', async () => {
    const ec2 = keiro.client(EC2Client);
    const { VpcId } = await createVpc(ec2);
    const association = await associate(ec2, VpcId, '10.2.0.9/16');
    expect(association).toEqual({
      AssociationId: expect.stringMatching(/^vpc-cidr-assoc-/),
      CidrBlock: '10.2.0.0/16',
      CidrBlockState: { State: 'associating' },
    });
    const AssociationId = association?.AssociationId;
    const routes = async () => {
      const { RouteTables = [] } = await ec2.send(new DescribeRouteTablesCommand({ Filters: [{ Name: 'vpc-id', Values: [VpcId] }] }));
      return RouteTables[0]?.Routes?.map((route) => route.DestinationCidrBlock);
    };
    const states = async () => {
      const vpc = await describeVpc(ec2, VpcId);
      return vpc.CidrBlockAssociationSet?.map((one) => [one.CidrBlock, one.CidrBlockState?.State]);
    };
    expect(await routes()).toEqual(['10.0.0.0/16', '10.2.0.0/16']);
    await expect.poll(states).toEqual([
      ['10.0.0.0/16', 'associated'],
      ['10.2.0.0/16', 'associated'],
    ]);
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.2.3.0/24' }));
    expect(await refusal(ec2.send(new DisassociateVpcCidrBlockCommand({ AssociationId })))).toEqual({
      code: 'InvalidCidrBlock.InUse',
      message: `The vpc ${VpcId} currently has a subnet within CIDR block 10.2.0.0/16`,
    });
    await ec2.send(new DeleteSubnetCommand({ SubnetId: Subnet?.SubnetId }));
    const gone = await ec2.send(new DisassociateVpcCidrBlockCommand({ AssociationId }));
    expect(gone.CidrBlockAssociation?.CidrBlockState?.State).toBe('disassociating');
    expect(await routes()).toEqual(['10.0.0.0/16']);
    await expect.poll(states).toEqual([
      ['10.0.0.0/16', 'associated'],
      ['10.2.0.0/16', 'disassociated'],
    ]);
    expect(await refusal(ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.2.3.0/24' })))).toEqual({
      code: 'InvalidSubnet.Range',
      message: "The CIDR '10.2.3.0/24' is invalid.",
    });
    expect(await refusal(ec2.send(new DisassociateVpcCidrBlockCommand({ AssociationId })))).toEqual({
      code: 'InvalidVpcCidrBlockAssociationID.NotFound',
      message: `The vpc CIDR block with association ID '${AssociationId}' does not exist`,
    });
    expect((await associate(ec2, VpcId, '10.2.0.0/16'))?.CidrBlock).toBe('10.2.0.0/16');
  });

  test('are five with the primary, which stays', async () => {
    const ec2 = keiro.client(EC2Client);
    const { VpcId, CidrBlockAssociationSet } = await createVpc(ec2);
    for (const block of ['10.2.0.0/16', '10.3.0.0/16', '10.4.0.0/16', '100.64.0.0/16']) await associate(ec2, VpcId, block);
    expect(await refusal(associate(ec2, VpcId, '10.5.0.0/16'))).toEqual({
      code: 'CidrLimitExceeded',
      message: `This network '${VpcId}' has met its maximum number of allowed CIDRs: 5`,
    });
    const AssociationId = CidrBlockAssociationSet?.[0]?.AssociationId;
    expect(await refusal(ec2.send(new DisassociateVpcCidrBlockCommand({ AssociationId })))).toEqual({
      code: 'OperationNotPermitted',
      message: `The vpc CIDR block with association ID ${AssociationId} may not be disassociated. It is the primary IPv4 CIDR block of the VPC`,
    });
  });

  test('are refused in ranges that AWS restricts, of wrong size, overlapping, or over a route', async () => {
    const ec2 = keiro.client(EC2Client);
    const { VpcId } = await createVpc(ec2);
    for (const block of ['172.16.0.0/16', '192.168.0.0/24', '198.19.0.0/20']) {
      expect(await refusal(associate(ec2, VpcId, block))).toEqual({
        code: 'InvalidVpc.Range',
        message:
          `The CIDR '${block}' is restricted. Use a CIDR from the same private address range as the current VPC CIDR, or use a publicly-routable CIDR. ` +
          'For additional restrictions, see https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html',
      });
    }
    for (const block of ['10.64.0.0/12', '10.2.0.0/29', '169.254.1.0/24']) {
      expect(await refusal(associate(ec2, VpcId, block))).toEqual({ code: 'InvalidVpc.Range', message: `The CIDR '${block}' is invalid.` });
    }
    expect(await refusal(associate(ec2, VpcId, '10.0.128.0/20'))).toEqual({
      code: 'InvalidVpc.Range',
      message: "The CIDR '10.0.128.0/20' conflicts with the CIDR '10.0.0.0/16' of the same network.",
    });
    expect(await refusal(associate(ec2, VpcId, 'ten'))).toEqual({
      code: 'InvalidParameterValue',
      message: 'Value (ten) for parameter cidrBlock is invalid. This is not a valid CIDR block.',
    });

    const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
    const GatewayId = InternetGateway?.InternetGatewayId;
    await ec2.send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId: GatewayId }));
    const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand({ Filters: [{ Name: 'vpc-id', Values: [VpcId] }] }));
    const RouteTableId = RouteTables?.[0]?.RouteTableId;
    await ec2.send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: '10.7.0.0/24', GatewayId }));
    expect(await refusal(associate(ec2, VpcId, '10.7.0.0/16'))).toEqual({
      code: 'InvalidVpc.Range',
      message: `The CIDR '10.7.0.0/16' is the same as or larger than the destination '10.7.0.0/24' of a route in the route table ${RouteTableId}.`,
    });
    expect((await associate(ec2, VpcId, '10.7.0.0/25'))?.CidrBlock).toBe('10.7.0.0/25');
  });

  test('need a VPC and exactly one block', async () => {
    const ec2 = keiro.client(EC2Client);
    const { VpcId } = await createVpc(ec2);
    expect(await refusal(ec2.send(new AssociateVpcCidrBlockCommand({ VpcId })))).toEqual({
      code: 'MissingParameter',
      message: "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.",
    });
    const both = { VpcId, CidrBlock: '10.2.0.0/16', AmazonProvidedIpv6CidrBlock: true };
    expect(await refusal(ec2.send(new AssociateVpcCidrBlockCommand(both)))).toEqual({
      code: 'InvalidParameterCombination',
      message: 'Only one of cidrBlock and amazonProvidedIpv6CidrBlock can be specified.',
    });
    expect(await refusal(associate(ec2, 'vpc-0123456789abcdef0', '10.2.0.0/16'))).toEqual({
      code: 'InvalidVpcID.NotFound',
      message: "The vpc ID 'vpc-0123456789abcdef0' does not exist",
    });
  });
});

describe('IPv6 blocks', () => {
  const isBlock = /^2001:db8:[0-9a-f:]*::\/56$/;

  test('are /56 of their own for each VPC, at creation and later', async () => {
    const ec2 = keiro.client(EC2Client);
    const elsewhere = keiro.client(EC2Client, { region: 'us-west-2' });
    const vpcs = [
      await createVpc(ec2, { AmazonProvidedIpv6CidrBlock: true }),
      await createVpc(elsewhere, { AmazonProvidedIpv6CidrBlock: true, Ipv6CidrBlockNetworkBorderGroup: 'us-west-2' }),
    ];
    const blocks = vpcs.map((vpc) => vpc.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock ?? '');
    for (const block of blocks) expect(block).toMatch(isBlock);
    expect(new Set(blocks).size).toBe(2);
    expect(vpcs[1]?.Ipv6CidrBlockAssociationSet).toEqual([
      {
        AssociationId: expect.stringMatching(/^vpc-cidr-assoc-/),
        Ipv6CidrBlock: blocks[1],
        Ipv6CidrBlockState: { State: 'associating' },
        NetworkBorderGroup: 'us-west-2',
        Ipv6Pool: 'Amazon',
        Ipv6AddressAttribute: 'public',
        IpSource: 'amazon',
      },
    ]);
  });

  test('open the default group and ACL for IPv6 and route locally, and go when no subnet uses them', async () => {
    const ec2 = keiro.client(EC2Client);
    const { VpcId } = await createVpc(ec2);
    const { Ipv6CidrBlockAssociation } = await ec2.send(new AssociateVpcCidrBlockCommand({ VpcId, AmazonProvidedIpv6CidrBlock: true }));
    const { AssociationId, Ipv6CidrBlock = '' } = Ipv6CidrBlockAssociation ?? {};
    expect(Ipv6CidrBlock).toMatch(isBlock);
    const Filters = [{ Name: 'vpc-id', Values: [VpcId] }];
    const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand({ Filters }));
    expect(RouteTables?.[0]?.Routes).toMatchObject([{}, { DestinationIpv6CidrBlock: Ipv6CidrBlock, GatewayId: 'local' }]);
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
    expect(SecurityGroups?.[0]?.IpPermissionsEgress?.flatMap((rule) => rule.Ipv6Ranges)).toMatchObject([{ CidrIpv6: '::/0' }]);
    const { NetworkAcls } = await ec2.send(new DescribeNetworkAclsCommand({ Filters }));
    expect(NetworkAcls?.[0]?.Entries?.filter((entry) => entry.Ipv6CidrBlock === '::/0' && entry.RuleAction === 'allow')).toHaveLength(2);

    const subnetBlock = Ipv6CidrBlock.replace('/56', '/64');
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.0.0.0/24', Ipv6CidrBlock: subnetBlock }));
    expect(await refusal(ec2.send(new DisassociateVpcCidrBlockCommand({ AssociationId })))).toEqual({
      code: 'InvalidCidrBlock.InUse',
      message: `The vpc ${VpcId} currently has a subnet within CIDR block ${Ipv6CidrBlock}`,
    });
    await ec2.send(new DeleteSubnetCommand({ SubnetId: Subnet?.SubnetId }));
    const gone = await ec2.send(new DisassociateVpcCidrBlockCommand({ AssociationId }));
    expect(gone.Ipv6CidrBlockAssociation).toMatchObject({ Ipv6CidrBlock, Ipv6CidrBlockState: { State: 'disassociating' } });
    const again = await ec2.send(new AssociateVpcCidrBlockCommand({ VpcId, AmazonProvidedIpv6CidrBlock: true }));
    expect(again.Ipv6CidrBlockAssociation?.Ipv6CidrBlock).not.toBe(Ipv6CidrBlock);
  });

  test('are five, and of a border group that the Region has', async () => {
    const ec2 = keiro.client(EC2Client);
    const { VpcId } = await createVpc(ec2, { AmazonProvidedIpv6CidrBlock: true });
    const associate = () => ec2.send(new AssociateVpcCidrBlockCommand({ VpcId, AmazonProvidedIpv6CidrBlock: true }));
    for (let count = 0; count < 4; count++) await associate();
    expect(await refusal(associate())).toEqual({
      code: 'CidrLimitExceeded',
      message: `This network '${VpcId}' has met its maximum number of allowed CIDRs: 5`,
    });
    const Ipv6CidrBlockNetworkBorderGroup = 'us-east-1-wl1-bos-wlz-1';
    expect(await refusal(createVpc(ec2, { AmazonProvidedIpv6CidrBlock: true, Ipv6CidrBlockNetworkBorderGroup }))).toEqual({
      code: 'InvalidParameterValue',
      message: 'Value (us-east-1-wl1-bos-wlz-1) for parameter ipv6CidrBlockNetworkBorderGroup is invalid.',
    });
    expect(await refusal(createVpc(ec2, { Ipv6CidrBlockNetworkBorderGroup }))).toEqual({
      code: 'InvalidParameterCombination',
      message: 'The parameter Ipv6CidrBlockNetworkBorderGroup requires AmazonProvidedIpv6CidrBlock to be true.',
    });
  });
});
