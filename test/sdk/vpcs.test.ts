import {
  AttachInternetGatewayCommand,
  CreateEgressOnlyInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateNetworkAclCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
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
  EC2Client,
  type Filter,
  ModifyVpcAttributeCommand,
  ModifyVpcTenancyCommand,
  paginateDescribeVpcs,
  waitUntilVpcAvailable,
  waitUntilVpcExists,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { createVpc, describeVpc } from '#test/sdk/vpc.fixture.ts';

const keiro = await useKeiro();
const keiroWithoutQuotas = await useKeiro({ quotas: 'off' });
const wait = { maxWaitTime: 10, minDelay: 0.05, maxDelay: 0.1 };

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
