import {
  AssociateVpcCidrBlockCommand,
  CreateDefaultSubnetCommand,
  CreateDefaultVpcCommand,
  CreateSubnetCommand,
  DeleteInternetGatewayCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeInternetGatewaysCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcsCommand,
  DetachInternetGatewayCommand,
  EC2Client,
  type Subnet,
  type Vpc,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro();

async function defaultVpcs(ec2: EC2Client): Promise<Vpc[]> {
  const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: 'is-default', Values: ['true'] }] }));
  return Vpcs;
}

async function subnetsOf(ec2: EC2Client, vpcId: string | undefined): Promise<Subnet[]> {
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpcId ?? ''] }] }));
  return Subnets;
}

async function deleteDefaultVpc(ec2: EC2Client): Promise<void> {
  for (const { VpcId } of await defaultVpcs(ec2)) {
    for (const { SubnetId } of await subnetsOf(ec2, VpcId)) await ec2.send(new DeleteSubnetCommand({ SubnetId }));
    const Filters = [{ Name: 'attachment.vpc-id', Values: [VpcId ?? ''] }];
    const { InternetGateways = [] } = await ec2.send(new DescribeInternetGatewaysCommand({ Filters }));
    for (const { InternetGatewayId } of InternetGateways) {
      await ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId, VpcId }));
      await ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId }));
    }
    await ec2.send(new DeleteVpcCommand({ VpcId }));
  }
}

describe('the default VPC', () => {
  test('is there before the first call, public, with a subnet per zone', async () => {
    const ec2 = keiro.client(EC2Client, { region: 'us-east-1' });
    const [vpc, ...others] = await defaultVpcs(ec2);
    expect(others).toEqual([]);
    expect(vpc).toMatchObject({ CidrBlock: '172.31.0.0/16', IsDefault: true, InstanceTenancy: 'default' });
    const subnets = await subnetsOf(ec2, vpc?.VpcId);
    expect(subnets.map((subnet) => [subnet.AvailabilityZone, subnet.CidrBlock, subnet.AvailableIpAddressCount])).toEqual([
      ['us-east-1a', '172.31.0.0/20', 4091],
      ['us-east-1b', '172.31.16.0/20', 4091],
      ['us-east-1c', '172.31.32.0/20', 4091],
      ['us-east-1d', '172.31.48.0/20', 4091],
      ['us-east-1e', '172.31.64.0/20', 4091],
      ['us-east-1f', '172.31.80.0/20', 4091],
    ]);
    expect(subnets.every((subnet) => subnet.DefaultForAz && subnet.MapPublicIpOnLaunch)).toBe(true);
    const { InternetGateways } = await ec2.send(new DescribeInternetGatewaysCommand({}));
    expect(InternetGateways).toMatchObject([{ Attachments: [{ VpcId: vpc?.VpcId }] }]);
    const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand({}));
    expect(RouteTables).toMatchObject([
      {
        Associations: [{ Main: true }],
        Routes: [
          { DestinationCidrBlock: '172.31.0.0/16', GatewayId: 'local' },
          { DestinationCidrBlock: '0.0.0.0/0', GatewayId: InternetGateways?.[0]?.InternetGatewayId, State: 'active' },
        ],
      },
    ]);
    const hostnames = await ec2.send(new DescribeVpcAttributeCommand({ VpcId: vpc?.VpcId, Attribute: 'enableDnsHostnames' }));
    expect(hostnames.EnableDnsHostnames?.Value).toBe(true);
  });

  test('stays deleted until it is made again, once', async () => {
    const ec2 = keiro.client(EC2Client);
    expect(await refusal(ec2.send(new CreateDefaultVpcCommand({})))).toEqual({
      code: 'DefaultVpcAlreadyExists',
      message: 'A Default VPC already exists for this account in this region.',
    });
    await deleteDefaultVpc(ec2);
    expect(await defaultVpcs(ec2)).toEqual([]);
    expect(await refusal(ec2.send(new CreateDefaultSubnetCommand({ AvailabilityZone: 'eu-west-1a' })))).toEqual({
      code: 'DefaultVpcDoesNotExist',
      message: 'No default VPC exists for this account in this region.',
    });
    const { Vpc } = await ec2.send(new CreateDefaultVpcCommand({}));
    expect(Vpc).toMatchObject({ IsDefault: true, CidrBlock: '172.31.0.0/16', State: 'pending' });
    expect(await subnetsOf(ec2, Vpc?.VpcId)).toHaveLength(3);
  });
});

describe('default subnets', () => {
  test('are one per zone, in the next free /20', async () => {
    const ec2 = keiro.client(EC2Client);
    const [vpc] = await defaultVpcs(ec2);
    const [first] = await subnetsOf(ec2, vpc?.VpcId);
    expect(await refusal(ec2.send(new CreateDefaultSubnetCommand({ AvailabilityZone: 'eu-west-1a' })))).toEqual({
      code: 'DefaultSubnetAlreadyExistsInAvailabilityZone',
      message: `'${first?.SubnetId}' is already the default subnet in eu-west-1a.`,
    });
    await ec2.send(new DeleteSubnetCommand({ SubnetId: first?.SubnetId }));
    await ec2.send(new CreateSubnetCommand({ VpcId: vpc?.VpcId, CidrBlock: '172.31.8.0/24' }));
    const { Subnet } = await ec2.send(new CreateDefaultSubnetCommand({ AvailabilityZoneId: 'euw1-az1' }));
    expect(Subnet).toMatchObject({
      AvailabilityZone: 'eu-west-1a',
      CidrBlock: '172.31.48.0/20',
      DefaultForAz: true,
      MapPublicIpOnLaunch: true,
      VpcId: vpc?.VpcId,
    });
  });

  test('may be IPv6-only once the default VPC has an IPv6 block', async () => {
    const ec2 = keiro.client(EC2Client);
    const [vpc] = await defaultVpcs(ec2);
    const [first] = await subnetsOf(ec2, vpc?.VpcId);
    await ec2.send(new DeleteSubnetCommand({ SubnetId: first?.SubnetId }));
    const create = () => ec2.send(new CreateDefaultSubnetCommand({ AvailabilityZone: 'eu-west-1a', Ipv6Native: true }));
    expect(await refusal(create())).toEqual({
      code: 'InsufficientCidrBlocks',
      message: `The default VPC '${vpc?.VpcId}' has no free /64 CIDR block for a default subnet.`,
    });
    const { Ipv6CidrBlockAssociation } = await ec2.send(
      new AssociateVpcCidrBlockCommand({ VpcId: vpc?.VpcId, AmazonProvidedIpv6CidrBlock: true }),
    );
    const { Subnet } = await create();
    expect(Subnet).toMatchObject({
      Ipv6Native: true,
      DefaultForAz: true,
      MapPublicIpOnLaunch: false,
      Ipv6CidrBlockAssociationSet: [{ Ipv6CidrBlock: Ipv6CidrBlockAssociation?.Ipv6CidrBlock?.replace('/56', '/64') }],
    });
  });

  test('name exactly one zone', async () => {
    const ec2 = keiro.client(EC2Client);
    expect(await refusal(ec2.send(new CreateDefaultSubnetCommand({})))).toEqual({
      code: 'MissingParameter',
      message: 'The request must contain the parameter availabilityZone',
    });
    expect(
      await refusal(ec2.send(new CreateDefaultSubnetCommand({ AvailabilityZone: 'eu-west-1a', AvailabilityZoneId: 'euw1-az1' }))),
    ).toEqual({
      code: 'InvalidParameterCombination',
      message: 'You can specify either availabilityZone or availabilityZoneId, but not both.',
    });
  });
});
