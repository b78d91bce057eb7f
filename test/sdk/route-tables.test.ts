import {
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  CreateEgressOnlyInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteEgressOnlyInternetGatewayCommand,
  DeleteRouteCommand,
  DeleteRouteTableCommand,
  DescribeRouteTablesCommand,
  DetachInternetGatewayCommand,
  DisassociateRouteTableCommand,
  EC2Client,
  EnableVgwRoutePropagationCommand,
  type Filter,
  ReplaceRouteCommand,
  ReplaceRouteTableAssociationCommand,
  type RouteTable,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro();

async function network() {
  const ec2 = keiro.client(EC2Client);
  const vpcId = (await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))).Vpc?.VpcId ?? '';
  const subnetId = (await ec2.send(new CreateSubnetCommand({ VpcId: vpcId, CidrBlock: '10.0.1.0/24' }))).Subnet?.SubnetId ?? '';
  const gatewayId = (await ec2.send(new CreateInternetGatewayCommand({}))).InternetGateway?.InternetGatewayId ?? '';
  await ec2.send(new AttachInternetGatewayCommand({ VpcId: vpcId, InternetGatewayId: gatewayId }));
  const tableId = (await ec2.send(new CreateRouteTableCommand({ VpcId: vpcId }))).RouteTable?.RouteTableId ?? '';
  const table = async (): Promise<RouteTable | undefined> =>
    (await ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [tableId] }))).RouteTables?.[0];
  const found = async (...filters: Filter[]): Promise<(string | undefined)[] | undefined> =>
    (await ec2.send(new DescribeRouteTablesCommand({ Filters: filters }))).RouteTables?.map((one) => one.RouteTableId);
  const main = async (): Promise<string> =>
    (await found({ Name: 'vpc-id', Values: [vpcId] }, { Name: 'association.main', Values: ['true'] }))?.[0] ?? '';
  return { ec2, vpcId, subnetId, gatewayId, tableId, table, found, main };
}

describe('route tables', () => {
  test('route the VPC locally and everything else where they are told', async () => {
    const { ec2, gatewayId, tableId, table } = await network();
    await ec2.send(new CreateRouteCommand({ RouteTableId: tableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId: gatewayId }));
    expect((await table())?.Routes).toEqual([
      { DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local', Origin: 'CreateRouteTable', State: 'active' },
      { DestinationCidrBlock: '0.0.0.0/0', GatewayId: gatewayId, Origin: 'CreateRoute', State: 'active' },
    ]);
    await ec2.send(new DeleteRouteCommand({ RouteTableId: tableId, DestinationCidrBlock: '0.0.0.0/0' }));
    expect((await table())?.Routes).toHaveLength(1);
  });

  test('a route becomes a blackhole when its gateway goes', async () => {
    const { ec2, vpcId, gatewayId, tableId, table, found } = await network();
    await ec2.send(new CreateRouteCommand({ RouteTableId: tableId, DestinationCidrBlock: '192.0.2.77/24', GatewayId: gatewayId }));
    await ec2.send(new DetachInternetGatewayCommand({ VpcId: vpcId, InternetGatewayId: gatewayId }));
    // Host bits are cleared, as AWS does.
    expect((await table())?.Routes?.[1]).toMatchObject({ DestinationCidrBlock: '192.0.2.0/24', State: 'blackhole' });
    expect(await found({ Name: 'route.state', Values: ['blackhole'] })).toEqual([tableId]);
  });

  test('an egress-only gateway takes IPv6 only', async () => {
    const { ec2, vpcId, tableId, table } = await network();
    const made = await ec2.send(new CreateEgressOnlyInternetGatewayCommand({ VpcId: vpcId }));
    const id = made.EgressOnlyInternetGateway?.EgressOnlyInternetGatewayId ?? '';
    expect(
      await refusal(
        ec2.send(new CreateRouteCommand({ RouteTableId: tableId, DestinationCidrBlock: '0.0.0.0/0', EgressOnlyInternetGatewayId: id })),
      ),
    ).toEqual({
      code: 'InvalidParameterValue',
      message: `The egress-only internet gateway ${id} can only be the target of an IPv6 route`,
    });
    await ec2.send(new CreateRouteCommand({ RouteTableId: tableId, DestinationIpv6CidrBlock: '::/0', EgressOnlyInternetGatewayId: id }));
    expect((await table())?.Routes?.[1]).toMatchObject({
      DestinationIpv6CidrBlock: '::/0',
      EgressOnlyInternetGatewayId: id,
      State: 'active',
    });
    await ec2.send(new DeleteEgressOnlyInternetGatewayCommand({ EgressOnlyInternetGatewayId: id }));
    expect((await table())?.Routes?.[1]).toMatchObject({ State: 'blackhole' });
  });

  test.each([
    [{}, 'MissingParameter', 'The request must contain the parameter gatewayId'],
    [{ GatewayId: 'igw-00000000000000000' }, 'InvalidGatewayID.NotFound', "The gateway ID 'igw-00000000000000000' does not exist"],
    [{ NatGatewayId: 'nat-0123' }, 'InvalidNatGatewayID.NotFound', "The natGateway ID 'nat-0123' does not exist"],
    [{ NetworkInterfaceId: 'eni-0123' }, 'InvalidNetworkInterfaceID.NotFound', "The networkInterface ID 'eni-0123' does not exist"],
    [{ InstanceId: 'i-0123' }, 'InvalidInstanceID.NotFound', "The instance ID 'i-0123' does not exist"],
    [
      { VpcPeeringConnectionId: 'pcx-0123' },
      'InvalidVpcPeeringConnectionID.NotFound',
      "The vpcPeeringConnection ID 'pcx-0123' does not exist",
    ],
    [
      { NatGatewayId: 'nat-0123', GatewayId: 'igw-0123' },
      'InvalidParameterCombination',
      'Only one of the route target parameters may be specified in the same request',
    ],
  ])('a route to %j is refused', async (target, code, message) => {
    const { ec2, tableId } = await network();
    const call = ec2.send(new CreateRouteCommand({ RouteTableId: tableId, DestinationCidrBlock: '0.0.0.0/0', ...target }));
    expect(await refusal(call)).toEqual({ code, message });
  });

  test('a route to a thing of another VPC is refused', async () => {
    const { ec2, gatewayId } = await network();
    const other = (await ec2.send(new CreateVpcCommand({ CidrBlock: '10.1.0.0/16' }))).Vpc?.VpcId ?? '';
    const otherTable = (await ec2.send(new CreateRouteTableCommand({ VpcId: other }))).RouteTable?.RouteTableId ?? '';
    const call = ec2.send(new CreateRouteCommand({ RouteTableId: otherTable, DestinationCidrBlock: '0.0.0.0/0', GatewayId: gatewayId }));
    expect(await refusal(call)).toEqual({
      code: 'InvalidParameterValue',
      message: `route table ${otherTable} and network gateway ${gatewayId} belong to different networks`,
    });
  });

  test('destinations are single, whole and not the VPC itself', async () => {
    const { ec2, gatewayId, tableId } = await network();
    const create = (destination: Partial<CreateRouteCommand['input']>): Promise<unknown> =>
      ec2.send(new CreateRouteCommand({ RouteTableId: tableId, GatewayId: gatewayId, ...destination }));
    await create({ DestinationCidrBlock: '0.0.0.0/0' });
    expect(await refusal(create({ DestinationCidrBlock: '0.0.0.0/0' }))).toEqual({
      code: 'RouteAlreadyExists',
      message: 'The route identified by 0.0.0.0/0 already exists.',
    });
    expect(await refusal(create({ DestinationCidrBlock: '10.0.0.0/16' }))).toEqual({
      code: 'RouteAlreadyExists',
      message: 'The route identified by 10.0.0.0/16 already exists.',
    });
    expect(await refusal(create({ DestinationCidrBlock: '10.0.1.0/24' }))).toEqual({
      code: 'InvalidParameterValue',
      message:
        "The destination CIDR block 10.0.1.0/24 is equal to or more specific than one of this VPC's CIDR blocks. This route can target only an interface or an instance.",
    });
    expect(await refusal(create({ DestinationCidrBlock: '300.0.0.0/8' }))).toEqual({
      code: 'InvalidParameterValue',
      message: 'Value (300.0.0.0/8) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.',
    });
    expect(await refusal(create({}))).toEqual({
      code: 'MissingParameter',
      message: 'The request must contain the parameter destinationCidrBlock',
    });
    expect(await refusal(create({ DestinationCidrBlock: '0.0.0.0/0', DestinationIpv6CidrBlock: '::/0' }))).toMatchObject({
      code: 'InvalidParameterCombination',
    });
  });

  test('routes are replaced and deleted only where they are', async () => {
    const { ec2, vpcId, gatewayId, tableId, table } = await network();
    expect(
      await refusal(ec2.send(new ReplaceRouteCommand({ RouteTableId: tableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId: gatewayId }))),
    ).toEqual({
      code: 'InvalidParameterValue',
      message: "There is no route defined for '0.0.0.0/0' in the route table. Use CreateRoute instead.",
    });
    expect(await refusal(ec2.send(new DeleteRouteCommand({ RouteTableId: tableId, DestinationCidrBlock: '0.0.0.0/0' })))).toEqual({
      code: 'InvalidRoute.NotFound',
      message: `no route with destination-cidr-block 0.0.0.0/0 in route table ${tableId}`,
    });
    expect(await refusal(ec2.send(new DeleteRouteCommand({ RouteTableId: tableId, DestinationCidrBlock: '10.0.0.0/16' })))).toEqual({
      code: 'InvalidParameterValue',
      message: `cannot remove local route 10.0.0.0/16 in route table ${tableId}`,
    });
    const egress = await ec2.send(new CreateEgressOnlyInternetGatewayCommand({ VpcId: vpcId }));
    const egressId = egress.EgressOnlyInternetGateway?.EgressOnlyInternetGatewayId ?? '';
    await ec2.send(new CreateRouteCommand({ RouteTableId: tableId, DestinationIpv6CidrBlock: '::/0', GatewayId: gatewayId }));
    await ec2.send(
      new ReplaceRouteCommand({ RouteTableId: tableId, DestinationIpv6CidrBlock: '::/0', EgressOnlyInternetGatewayId: egressId }),
    );
    expect((await table())?.Routes?.at(-1)).toMatchObject({ EgressOnlyInternetGatewayId: egressId });
    expect((await table())?.Routes?.at(-1)?.GatewayId).toBeUndefined();
  });

  test('a subnet has one table, a table many subnets', async () => {
    const { ec2, subnetId, tableId, found, main } = await network();
    const { AssociationId } = await ec2.send(new AssociateRouteTableCommand({ RouteTableId: tableId, SubnetId: subnetId }));
    expect(await found({ Name: 'association.subnet-id', Values: [subnetId] })).toEqual([tableId]);
    expect(await refusal(ec2.send(new AssociateRouteTableCommand({ RouteTableId: tableId, SubnetId: subnetId })))).toEqual({
      code: 'Resource.AlreadyAssociated',
      message: `the specified association for route table ${tableId} conflicts with an existing association`,
    });
    expect(await refusal(ec2.send(new DeleteRouteTableCommand({ RouteTableId: tableId })))).toEqual({
      code: 'DependencyViolation',
      message: `The routeTable '${tableId}' has dependencies and cannot be deleted.`,
    });
    const replaced = await ec2.send(new ReplaceRouteTableAssociationCommand({ AssociationId, RouteTableId: await main() }));
    expect(await found({ Name: 'association.subnet-id', Values: [subnetId] })).toEqual([await main()]);
    await ec2.send(new DisassociateRouteTableCommand({ AssociationId: replaced.NewAssociationId }));
    expect(await found({ Name: 'association.subnet-id', Values: [subnetId] })).toEqual([]);
    await ec2.send(new DeleteRouteTableCommand({ RouteTableId: tableId }));
    expect(await refusal(ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [tableId] })))).toEqual({
      code: 'InvalidRouteTableID.NotFound',
      message: `The routeTable ID '${tableId}' does not exist`,
    });
  });

  test('another table can become the main one, and the main one cannot go', async () => {
    const { ec2, tableId, main } = await network();
    const first = await main();
    const described = await ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [first] }));
    const AssociationId = described.RouteTables?.[0]?.Associations?.[0]?.RouteTableAssociationId;
    expect(await refusal(ec2.send(new DisassociateRouteTableCommand({ AssociationId })))).toEqual({
      code: 'InvalidParameterValue',
      message: `cannot disassociate the main route table association ${AssociationId}`,
    });
    await ec2.send(new ReplaceRouteTableAssociationCommand({ AssociationId, RouteTableId: tableId }));
    expect(await main()).toBe(tableId);
    await ec2.send(new DeleteRouteTableCommand({ RouteTableId: first }));
    expect(await refusal(ec2.send(new DeleteRouteTableCommand({ RouteTableId: tableId })))).toMatchObject({ code: 'DependencyViolation' });
  });

  test('an internet gateway takes a table on its edge', async () => {
    const { ec2, gatewayId, tableId, table } = await network();
    await ec2.send(new AssociateRouteTableCommand({ RouteTableId: tableId, GatewayId: gatewayId }));
    expect((await table())?.Associations).toMatchObject([{ GatewayId: gatewayId, Main: false }]);
  });

  test('propagation needs a virtual private gateway', async () => {
    const { ec2, tableId } = await network();
    expect(await refusal(ec2.send(new EnableVgwRoutePropagationCommand({ RouteTableId: tableId, GatewayId: 'vgw-0123' })))).toEqual({
      code: 'InvalidGatewayID.NotFound',
      message: "The gateway ID 'vgw-0123' does not exist",
    });
  });
});
