/** Walkthroughs 1 and 2 with the SDK, its waiters and paginators. */
import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateKeyPairCommand,
  CreateNatGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteInternetGatewayCommand,
  DeleteNatGatewayCommand,
  DeleteRouteTableCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeNatGatewaysCommand,
  DescribeRouteTablesCommand,
  DescribeVpcAttributeCommand,
  DetachInternetGatewayCommand,
  DisassociateRouteTableCommand,
  EC2Client,
  ModifyVpcAttributeCommand,
  paginateDescribeInstances,
  paginateDescribeNatGateways,
  paginateDescribeRouteTables,
  paginateDescribeSubnets,
  ReleaseAddressCommand,
  type ResourceType,
  RunInstancesCommand,
  TerminateInstancesCommand,
  type TagSpecification,
  waitUntilInstanceRunning,
  waitUntilInstanceStatusOk,
  waitUntilInstanceTerminated,
  waitUntilNatGatewayAvailable,
  waitUntilNatGatewayDeleted,
  waitUntilSubnetAvailable,
  waitUntilVpcAvailable,
  waitUntilVpcExists,
} from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro({ quotas: 'off' });
const linux = 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';

const named = (type: ResourceType, name: string): { TagSpecifications: TagSpecification[] } => ({
  TagSpecifications: [{ ResourceType: type, Tags: [{ Key: 'Name', Value: name }] }],
});

/** All items of all pages; there must be several pages. */
async function all<P, T>(pages: AsyncIterable<P>, itemsOf: (page: P) => readonly T[] | undefined): Promise<T[]> {
  const items: T[] = [];
  let count = 0;
  for await (const page of pages) {
    count++;
    items.push(...(itemsOf(page) ?? []));
  }
  expect(count).toBeGreaterThan(1);
  return items;
}

/** Whether a packet arrives, by the server's own engine. */
async function outcome(ec2: EC2Client, from: string, to: string, port: number): Promise<unknown> {
  const { accessKeyId } = await ec2.config.credentials();
  const query = new URLSearchParams({ from, to, port: `${port}`, account: accessKeyId, region: await ec2.config.region() });
  const answer: unknown = await (await fetch(`${keiro.endpoint}/_keiro/trace?${query.toString()}`)).json();
  return (answer as { outcome?: unknown }).outcome; // a verdict has one
}

describe('walkthrough 1: a VPC with a public subnet', () => {
  it('is built, reached from the internet, and taken away again', async () => {
    const ec2 = keiro.client(EC2Client);
    const wait = { client: ec2, maxWaitTime: 60 };
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/24', InstanceTenancy: 'default', ...named('vpc', 'w1') }));
    const VpcId = Vpc?.VpcId ?? '';
    await waitUntilVpcExists(wait, { VpcIds: [VpcId] });
    await waitUntilVpcAvailable(wait, { VpcIds: [VpcId] });
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({ VpcId, AvailabilityZone: 'eu-west-1a', CidrBlock: '10.0.0.0/28', ...named('subnet', 'w1 public') }),
    );
    const SubnetId = Subnet?.SubnetId ?? '';
    await waitUntilSubnetAvailable(wait, { SubnetIds: [SubnetId] });
    const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand(named('internet-gateway', 'w1')));
    const InternetGatewayId = InternetGateway?.InternetGatewayId;
    await ec2.send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId }));
    const { RouteTables } = await ec2.send(
      new DescribeRouteTablesCommand({
        Filters: [
          { Name: 'vpc-id', Values: [VpcId] },
          { Name: 'association.main', Values: ['true'] },
        ],
      }),
    );
    const RouteTableId = RouteTables?.[0]?.RouteTableId;
    await ec2.send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId: InternetGatewayId }));
    const { KeyMaterial } = await ec2.send(new CreateKeyPairCommand({ KeyName: 'w1', KeyType: 'ed25519' }));
    expect(KeyMaterial).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n/);
    const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'ssh', Description: 'ssh', VpcId }));
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIp: '0.0.0.0/0' }));
    const { Instances } = await ec2.send(
      new RunInstancesCommand({
        ImageId: linux,
        InstanceType: 't3.micro',
        KeyName: 'w1',
        MinCount: 1,
        MaxCount: 1,
        SubnetId,
        SecurityGroupIds: [GroupId ?? ''],
        ...named('instance', 'w1 web'),
      }),
    );
    const InstanceId = Instances?.[0]?.InstanceId ?? '';
    await waitUntilInstanceRunning(wait, { InstanceIds: [InstanceId] });
    await waitUntilInstanceStatusOk(wait, { InstanceIds: [InstanceId] });
    const { AllocationId, PublicIp = '' } = await ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
    await ec2.send(new AssociateAddressCommand({ AllocationId, InstanceId }));

    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [InstanceId] }));
    expect(Reservations?.[0]?.Instances?.[0]).toMatchObject({
      InstanceId,
      PublicIpAddress: PublicIp,
      State: { Name: 'running' },
      VpcId,
      SubnetId,
    });
    const { Addresses } = await ec2.send(new DescribeAddressesCommand({ PublicIps: [PublicIp] }));
    expect(Addresses?.[0]).toMatchObject({ AllocationId, InstanceId });
    expect(await outcome(ec2, 'internet', PublicIp, 22)).toBe('delivered');
    expect(await outcome(ec2, 'internet', PublicIp, 80)).toBe('groupDeniedIn');
    expect(await outcome(ec2, InstanceId, 'internet', 443)).toBe('delivered');

    // In use, nothing can be taken away; in the right order everything can.
    expect((await refusal(ec2.send(new DeleteVpcCommand({ VpcId })))).code).toBe('DependencyViolation');
    expect((await refusal(ec2.send(new DetachInternetGatewayCommand({ VpcId, InternetGatewayId })))).code).toBe('DependencyViolation');
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }));
    await waitUntilInstanceTerminated(wait, { InstanceIds: [InstanceId] });
    await ec2.send(new ReleaseAddressCommand({ AllocationId }));
    await ec2.send(new DetachInternetGatewayCommand({ VpcId, InternetGatewayId }));
    await ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId }));
    await ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
    await ec2.send(new DeleteSubnetCommand({ SubnetId }));
    await ec2.send(new DeleteVpcCommand({ VpcId }));
  });
});

describe('walkthrough 2: public and private subnets', () => {
  it('lets the private instance out by the NAT gateway, and nobody in', async () => {
    const ec2 = keiro.client(EC2Client);
    const wait = { client: ec2, maxWaitTime: 60 };
    const { AllocationId, PublicIp = '' } = await ec2.send(new AllocateAddressCommand({ Domain: 'vpc', ...named('elastic-ip', 'w2') }));
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16', ...named('vpc', 'w2') }));
    const VpcId = Vpc?.VpcId ?? '';
    await waitUntilVpcAvailable(wait, { VpcIds: [VpcId] });
    await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
    const { EnableDnsHostnames } = await ec2.send(new DescribeVpcAttributeCommand({ VpcId, Attribute: 'enableDnsHostnames' }));
    expect(EnableDnsHostnames).toEqual({ Value: true });
    const subnet = async (AvailabilityZone: string, CidrBlock: string): Promise<string> =>
      (await ec2.send(new CreateSubnetCommand({ VpcId, AvailabilityZone, CidrBlock }))).Subnet?.SubnetId ?? '';
    const [open, closed] = [await subnet('eu-west-1a', '10.0.0.0/24'), await subnet('eu-west-1b', '10.0.1.0/24')];
    await waitUntilSubnetAvailable(wait, { SubnetIds: [open, closed] });
    const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
    const InternetGatewayId = InternetGateway?.InternetGatewayId;
    await ec2.send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId }));
    const { NatGateway } = await ec2.send(new CreateNatGatewayCommand({ SubnetId: open, AllocationId, ...named('natgateway', 'w2') }));
    const NatGatewayId = NatGateway?.NatGatewayId ?? '';
    expect(NatGateway?.State).toBe('pending');
    await waitUntilNatGatewayAvailable(wait, { NatGatewayIds: [NatGatewayId] });
    const { NatGateways } = await ec2.send(new DescribeNatGatewaysCommand({ NatGatewayIds: [NatGatewayId] }));
    expect(NatGateways?.[0]).toMatchObject({ State: 'available', SubnetId: open, NatGatewayAddresses: [{ AllocationId, PublicIp }] });

    const table = async (SubnetId: string, target: { GatewayId?: string | undefined; NatGatewayId?: string }) => {
      const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId }));
      const RouteTableId = RouteTable?.RouteTableId ?? '';
      await ec2.send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0', ...target }));
      const { AssociationId } = await ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId }));
      return { RouteTableId, AssociationId };
    };
    const tables = [await table(open, { GatewayId: InternetGatewayId }), await table(closed, { NatGatewayId })];
    const { Instances } = await ec2.send(new RunInstancesCommand({ ImageId: linux, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, SubnetId: closed })); // prettier-ignore
    const InstanceId = Instances?.[0]?.InstanceId ?? '';
    await waitUntilInstanceRunning(wait, { InstanceIds: [InstanceId] });
    expect(await outcome(ec2, InstanceId, 'internet', 443)).toBe('delivered');
    expect(await outcome(ec2, 'internet', PublicIp, 443)).toBe('natGatewayRefused');
    expect(await outcome(ec2, 'internet', InstanceId, 443)).toBe('unroutableDestination');

    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }));
    await waitUntilInstanceTerminated(wait, { InstanceIds: [InstanceId] });
    await ec2.send(new DeleteNatGatewayCommand({ NatGatewayId }));
    await waitUntilNatGatewayDeleted(wait, { NatGatewayIds: [NatGatewayId] });
    await ec2.send(new ReleaseAddressCommand({ AllocationId }));
    for (const { RouteTableId, AssociationId } of tables) {
      await ec2.send(new DisassociateRouteTableCommand({ AssociationId }));
      await ec2.send(new DeleteRouteTableCommand({ RouteTableId }));
    }
    for (const SubnetId of [open, closed]) await ec2.send(new DeleteSubnetCommand({ SubnetId }));
    await ec2.send(new DetachInternetGatewayCommand({ VpcId, InternetGatewayId }));
    await ec2.send(new DeleteVpcCommand({ VpcId }));
  });
});

it('every list is paged', async () => {
  const ec2 = keiro.client(EC2Client);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const VpcId = Vpc?.VpcId ?? '';
  const Filters = [{ Name: 'vpc-id', Values: [VpcId] }];
  const subnets: string[] = [];
  for (let at = 0; at < 12; at++)
    subnets.push((await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: `10.0.${at}.0/24` }))).Subnet?.SubnetId ?? '');
  const tables: string[] = [];
  for (let at = 0; at < 11; at++) tables.push((await ec2.send(new CreateRouteTableCommand({ VpcId }))).RouteTable?.RouteTableId ?? '');
  const launched: string[] = [];
  for (let at = 0; at < 6; at++) {
    const { Instances } = await ec2.send(new RunInstancesCommand({ ImageId: linux, InstanceType: 't3.nano', MinCount: 2, MaxCount: 2, SubnetId: subnets[at] ?? '' })); // prettier-ignore
    launched.push(...(Instances ?? []).map(({ InstanceId }) => InstanceId ?? ''));
  }
  const nats: string[] = [];
  for (let at = 0; at < 6; at++) {
    const { NatGateway } = await ec2.send(new CreateNatGatewayCommand({ SubnetId: subnets[at % 2], ConnectivityType: 'private' }));
    nats.push(NatGateway?.NatGatewayId ?? '');
  }

  const pages = { client: ec2, pageSize: 5 };
  expect(await all(paginateDescribeSubnets(pages, { Filters }), (page) => page.Subnets?.map(({ SubnetId }) => SubnetId))).toEqual(subnets);
  const shownTables = await all(paginateDescribeRouteTables(pages, { Filters }), (page) =>
    page.RouteTables?.map(({ RouteTableId }) => RouteTableId),
  );
  expect(shownTables.slice(1)).toEqual(tables);
  const shown = await all(paginateDescribeInstances(pages, {}), (page) =>
    page.Reservations?.flatMap(({ Instances }) => (Instances ?? []).map(({ InstanceId }) => InstanceId)),
  );
  expect(shown).toEqual(launched);
  expect(await all(paginateDescribeNatGateways(pages, {}), (page) => page.NatGateways?.map((one) => one.NatGatewayId))).toEqual(nats);
});
