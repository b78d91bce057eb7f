import {
  AssociateSubnetCidrBlockCommand,
  CreateNetworkInterfaceCommand,
  CreateSubnetCidrReservationCommand,
  DeleteNetworkInterfaceCommand,
  DeleteSubnetCidrReservationCommand,
  DisassociateSubnetCidrBlockCommand,
  GetSubnetCidrReservationsCommand,
  ModifySubnetAttributeCommand,
  type ModifySubnetAttributeCommandInput,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { createSubnet, describeSubnet, network } from '#test/sdk/subnet.fixture.ts';

const keiro = await useKeiro();

describe('IPv6 blocks of subnets', () => {
  test('are put on and taken off', async () => {
    const net = await network(keiro);
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
    const net = await network(keiro);
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
    const net = await network(keiro);
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
    const net = await network(keiro);
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
