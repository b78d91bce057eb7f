import {
  AllocateAddressCommand,
  AssignPrivateNatGatewayAddressCommand,
  AssociateNatGatewayAddressCommand,
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteNatGatewayCommand,
  DescribeAddressesCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  DisassociateNatGatewayAddressCommand,
  EC2Client,
  UnassignPrivateNatGatewayAddressCommand,
  waitUntilNatGatewayAvailable,
  waitUntilNatGatewayDeleted,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro();

async function network({ attached = true } = {}) {
  const ec2 = keiro.client(EC2Client);
  const vpcId = (await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))).Vpc?.VpcId ?? '';
  const subnetId = (await ec2.send(new CreateSubnetCommand({ VpcId: vpcId, CidrBlock: '10.0.1.0/24' }))).Subnet?.SubnetId ?? '';
  if (attached) {
    const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
    await ec2.send(new AttachInternetGatewayCommand({ VpcId: vpcId, InternetGatewayId: InternetGateway?.InternetGatewayId }));
  }
  const allocate = async (): Promise<{ id: string; ip: string | undefined }> => {
    const address = await ec2.send(new AllocateAddressCommand({}));
    return { id: address.AllocationId ?? '', ip: address.PublicIp };
  };
  const one = async (id: string) => (await ec2.send(new DescribeNatGatewaysCommand({ NatGatewayIds: [id] }))).NatGateways?.[0];
  return { ec2, vpcId, subnetId, allocate, one };
}

describe('NAT gateways', () => {
  test('stand in their subnet with an Elastic IP, and give all back when deleted', async () => {
    const { ec2, vpcId, subnetId, allocate, one } = await network();
    const elastic = await allocate();
    const made = await ec2.send(new CreateNatGatewayCommand({ SubnetId: subnetId, AllocationId: elastic.id }));
    expect(made.NatGateway).toMatchObject({ State: 'pending', VpcId: vpcId, SubnetId: subnetId, ConnectivityType: 'public' });
    const id = made.NatGateway?.NatGatewayId ?? '';
    await waitUntilNatGatewayAvailable({ client: ec2, maxWaitTime: 20 }, { NatGatewayIds: [id] });
    const [address] = (await one(id))?.NatGatewayAddresses ?? [];
    expect(address).toMatchObject({ AllocationId: elastic.id, PublicIp: elastic.ip, PrivateIp: '10.0.1.4', IsPrimary: true });

    const { NetworkInterfaces } = await ec2.send(
      new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [address?.NetworkInterfaceId ?? ''] }),
    );
    expect(NetworkInterfaces).toMatchObject([
      {
        InterfaceType: 'nat_gateway',
        Description: `Interface for NAT Gateway ${id}`,
        RequesterManaged: true,
        SourceDestCheck: false,
        Groups: [],
      },
    ]);

    const tableId = (await ec2.send(new CreateRouteTableCommand({ VpcId: vpcId }))).RouteTable?.RouteTableId ?? '';
    await ec2.send(new CreateRouteCommand({ RouteTableId: tableId, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: id }));
    const route = async () => (await ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [tableId] }))).RouteTables?.[0]?.Routes?.[1];
    expect(await route()).toMatchObject({ NatGatewayId: id, State: 'active' });

    expect(await ec2.send(new DeleteNatGatewayCommand({ NatGatewayId: id }))).toMatchObject({ NatGatewayId: id });
    await waitUntilNatGatewayDeleted({ client: ec2, maxWaitTime: 20 }, { NatGatewayIds: [id] });
    expect(await one(id)).toMatchObject({ State: 'deleted' });
    expect(await route()).toMatchObject({ State: 'blackhole' });
    const { Addresses } = await ec2.send(new DescribeAddressesCommand({ AllocationIds: [elastic.id] }));
    expect(Addresses?.[0]?.AssociationId).toBeUndefined();
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [subnetId] }));
    expect(Subnets?.[0]?.AvailableIpAddressCount).toBe(251);
  });

  test('fail, seen in their state, without an internet gateway or with an address in use', async () => {
    const deadline = { timeout: 2_000 };
    const apart = await network({ attached: false });
    const elastic = await apart.allocate();
    const made = await apart.ec2.send(new CreateNatGatewayCommand({ SubnetId: apart.subnetId, AllocationId: elastic.id }));
    await expect
      .poll(() => apart.one(made.NatGateway?.NatGatewayId ?? ''), deadline)
      .toMatchObject({
        State: 'failed',
        FailureCode: 'Gateway.NotAttached',
        FailureMessage: `Network ${apart.vpcId} has no Internet gateway attached`,
      });

    const { ec2, subnetId, allocate, one } = await network();
    const used = await allocate();
    await ec2.send(new CreateNatGatewayCommand({ SubnetId: subnetId, AllocationId: used.id }));
    const second = await ec2.send(new CreateNatGatewayCommand({ SubnetId: subnetId, AllocationId: used.id }));
    await expect
      .poll(() => one(second.NatGateway?.NatGatewayId ?? ''), deadline)
      .toMatchObject({
        State: 'failed',
        FailureCode: 'Resource.AlreadyAssociated',
        FailureMessage: `Elastic IP address [${used.id}] is already associated`,
      });
  });

  test('refuse what cannot be', async () => {
    const { ec2, subnetId, allocate } = await network();
    expect(await refusal(ec2.send(new CreateNatGatewayCommand({ SubnetId: subnetId })))).toEqual({
      code: 'MissingParameter',
      message: 'The request must contain the parameter AllocationId',
    });
    expect(await refusal(ec2.send(new CreateNatGatewayCommand({ SubnetId: subnetId, AllocationId: 'eipalloc-0123' })))).toMatchObject({
      code: 'InvalidAllocationID.NotFound',
    });
    const elastic = await allocate();
    expect(
      await refusal(ec2.send(new CreateNatGatewayCommand({ SubnetId: subnetId, AllocationId: elastic.id, ConnectivityType: 'private' }))),
    ).toEqual({ code: 'InvalidParameterCombination', message: 'AllocationId cannot be specified for a private NAT gateway' });
    expect(await refusal(ec2.send(new CreateNatGatewayCommand({ SubnetId: 'subnet-0123', AllocationId: elastic.id })))).toEqual({
      code: 'InvalidSubnetID.NotFound',
      message: "The subnet ID 'subnet-0123' does not exist",
    });
    expect(await refusal(ec2.send(new DescribeNatGatewaysCommand({ NatGatewayIds: ['nat-0123'] })))).toEqual({
      code: 'NatGatewayNotFound',
      message: 'NAT gateway nat-0123 was not found',
    });
  });

  test('are five per zone', async () => {
    const { ec2, subnetId } = await network();
    const create = () => ec2.send(new CreateNatGatewayCommand({ SubnetId: subnetId, ConnectivityType: 'private' }));
    for (let count = 0; count < 5; count++) await create();
    expect(await refusal(create())).toEqual({
      code: 'NatGatewayLimitExceeded',
      message: 'Performing this operation would exceed the limit of 5 NAT gateways',
    });
  });

  test('give the same answer to the same client token', async () => {
    const { ec2, subnetId } = await network();
    const create = (count?: number) =>
      ec2.send(
        new CreateNatGatewayCommand({
          SubnetId: subnetId,
          ConnectivityType: 'private',
          ClientToken: 'once',
          SecondaryPrivateIpAddressCount: count,
        }),
      );
    const [first, second] = [await create(), await create()];
    expect(second.NatGateway).toEqual(first.NatGateway);
    expect((await ec2.send(new DescribeNatGatewaysCommand({}))).NatGateways).toHaveLength(1);
    expect(await refusal(create(2))).toMatchObject({ code: 'IdempotentParameterMismatch' });
  });

  test('take further addresses and give them back', async () => {
    const { ec2, subnetId, allocate, one } = await network();
    const [primary, secondary, third] = [await allocate(), await allocate(), await allocate()];
    const made = await ec2.send(new CreateNatGatewayCommand({ SubnetId: subnetId, AllocationId: primary.id }));
    const id = made.NatGateway?.NatGatewayId ?? '';
    const added = await ec2.send(new AssociateNatGatewayAddressCommand({ NatGatewayId: id, AllocationIds: [secondary.id] }));
    expect((await one(id))?.NatGatewayAddresses?.map((address) => address.PublicIp)).toEqual([primary.ip, secondary.ip]);
    expect(await refusal(ec2.send(new AssociateNatGatewayAddressCommand({ NatGatewayId: id, AllocationIds: [third.id] })))).toMatchObject({
      code: 'NatGatewayAddressLimitExceeded',
    });
    const AssociationIds = [added.NatGatewayAddresses?.[0]?.AssociationId ?? ''];
    await ec2.send(new DisassociateNatGatewayAddressCommand({ NatGatewayId: id, AssociationIds }));
    expect((await one(id))?.NatGatewayAddresses).toHaveLength(1);

    const inner = await ec2.send(
      new CreateNatGatewayCommand({ SubnetId: subnetId, ConnectivityType: 'private', SecondaryPrivateIpAddressCount: 1 }),
    );
    const innerId = inner.NatGateway?.NatGatewayId ?? '';
    await ec2.send(new AssignPrivateNatGatewayAddressCommand({ NatGatewayId: innerId, PrivateIpAddresses: ['10.0.1.200'] }));
    const addresses = (await one(innerId))?.NatGatewayAddresses?.map((address) => address.PrivateIp);
    expect(addresses).toHaveLength(3);
    expect(addresses).toContain('10.0.1.200');
    await ec2.send(new UnassignPrivateNatGatewayAddressCommand({ NatGatewayId: innerId, PrivateIpAddresses: ['10.0.1.200'] }));
    expect((await one(innerId))?.NatGatewayAddresses).toHaveLength(2);
  });
});
