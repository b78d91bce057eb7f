import {
  AssociateVpcCidrBlockCommand,
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateSubnetCommand,
  DeleteSubnetCommand,
  DescribeNetworkAclsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DisassociateVpcCidrBlockCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { createVpc, describeVpc } from '#test/sdk/vpc.fixture.ts';

const keiro = await useKeiro();

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
