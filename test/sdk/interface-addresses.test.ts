import {
  AllocateAddressCommand,
  AssignIpv6AddressesCommand,
  AssignPrivateIpAddressesCommand,
  type AssignPrivateIpAddressesCommandInput,
  AssociateAddressCommand,
  DescribeAddressesCommand,
  DescribeVpcsCommand,
  EC2Client,
  UnassignIpv6AddressesCommand,
  UnassignPrivateIpAddressesCommand,
  type UnassignPrivateIpAddressesCommandInput,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { addressesOf, availableIn, createEni, createSubnet, createVpc, describeEni, publicNetwork } from '#test/sdk/vpc-world.ts';

const keiro = await useKeiro();

async function network() {
  const ec2 = keiro.client(EC2Client);
  const { subnetId } = await publicNetwork(ec2);
  const id = (await createEni(ec2, subnetId)).NetworkInterfaceId;
  return {
    ec2,
    subnetId,
    id,
    assign: (input: Partial<AssignPrivateIpAddressesCommandInput>) =>
      ec2.send(new AssignPrivateIpAddressesCommand({ NetworkInterfaceId: id, ...input })),
    unassign: (input: Partial<UnassignPrivateIpAddressesCommandInput>) =>
      ec2.send(new UnassignPrivateIpAddressesCommand({ NetworkInterfaceId: id, ...input })),
  };
}

describe('secondary IPv4 addresses', () => {
  test('are assigned by count, by name and as prefixes, and unassigned', async () => {
    const { ec2, subnetId, id, assign, unassign } = await network();
    expect(await assign({ SecondaryPrivateIpAddressCount: 2 })).toMatchObject({
      NetworkInterfaceId: id,
      AssignedPrivateIpAddresses: [{ PrivateIpAddress: '10.0.1.5' }, { PrivateIpAddress: '10.0.1.6' }],
    });
    await assign({ PrivateIpAddresses: ['10.0.1.20'] });
    expect((await assign({ PrivateIpAddresses: ['10.0.1.20', '10.0.1.21'] })).AssignedPrivateIpAddresses).toEqual([
      { PrivateIpAddress: '10.0.1.21' },
    ]);
    expect((await assign({ Ipv4PrefixCount: 1 })).AssignedIpv4Prefixes).toEqual([{ Ipv4Prefix: '10.0.1.224/28' }]);
    await assign({ Ipv4Prefixes: ['10.0.1.32/28'] });
    expect(addressesOf(await describeEni(ec2, id))).toEqual(['10.0.1.4', '10.0.1.5', '10.0.1.6', '10.0.1.20', '10.0.1.21']);
    expect(await availableIn(ec2, subnetId)).toBe(251 - 5 - 32);

    await unassign({ PrivateIpAddresses: ['10.0.1.5', '10.0.1.20'] });
    await unassign({ Ipv4Prefixes: ['10.0.1.32/28'] });
    const eni = await describeEni(ec2, id);
    expect(addressesOf(eni)).toEqual(['10.0.1.4', '10.0.1.6', '10.0.1.21']);
    expect(eni.Ipv4Prefixes).toEqual([{ Ipv4Prefix: '10.0.1.224/28' }]);
    expect(await availableIn(ec2, subnetId)).toBe(251 - 3 - 16);
  });

  test('are not given out of delegated prefixes', async () => {
    const { assign } = await network();
    await assign({ Ipv4Prefixes: ['10.0.1.16/28'] });
    const { AssignedPrivateIpAddresses } = await assign({ SecondaryPrivateIpAddressCount: 12 });
    expect(AssignedPrivateIpAddresses?.at(-1)).toEqual({ PrivateIpAddress: '10.0.1.32' });
    const inUse = { code: 'InvalidIPAddress.InUse', message: 'The specified address is already in use.' };
    expect(await refusal(assign({ PrivateIpAddresses: ['10.0.1.17'] }))).toEqual(inUse);
    expect(await refusal(assign({ Ipv4Prefixes: ['10.0.1.32/28'] }))).toEqual(inUse);
    expect(await refusal(assign({ Ipv4Prefixes: ['10.0.1.16/28'] }))).toEqual(inUse);
  });

  test('move to another interface when that is allowed, with their Elastic IP', async () => {
    const { ec2, subnetId, id, assign } = await network();
    const other = (await createEni(ec2, subnetId, { SecondaryPrivateIpAddressCount: 1 })).NetworkInterfaceId;
    const { AllocationId } = await ec2.send(new AllocateAddressCommand({}));
    await ec2.send(new AssociateAddressCommand({ AllocationId, NetworkInterfaceId: other, PrivateIpAddress: '10.0.1.6' }));
    const before = await availableIn(ec2, subnetId);
    expect(await refusal(assign({ PrivateIpAddresses: ['10.0.1.6'] }))).toEqual({
      code: 'InvalidParameterValue',
      message: '[10.0.1.6] have been assigned, but move is not allowed.',
    });
    await assign({ PrivateIpAddresses: ['10.0.1.6'], AllowReassignment: true });
    expect(addressesOf(await describeEni(ec2, other))).toEqual(['10.0.1.5']);
    expect(addressesOf(await describeEni(ec2, id))).toEqual(['10.0.1.4', '10.0.1.6']);
    expect((await ec2.send(new DescribeAddressesCommand({}))).Addresses).toMatchObject([
      { NetworkInterfaceId: id, PrivateIpAddress: '10.0.1.6' },
    ]);
    expect(await availableIn(ec2, subnetId)).toBe(before);
    expect(await refusal(assign({ PrivateIpAddresses: ['10.0.1.5'], AllowReassignment: true }))).toEqual({
      code: 'InvalidParameterValue',
      message: `[10.0.1.5] is the primary private IP address of network interface ${other} and cannot be moved.`,
    });
  });

  test('lose their Elastic IP when unassigned', async () => {
    const { ec2, id, assign, unassign } = await network();
    await assign({ PrivateIpAddresses: ['10.0.1.9'] });
    const { AllocationId } = await ec2.send(new AllocateAddressCommand({}));
    await ec2.send(new AssociateAddressCommand({ AllocationId, NetworkInterfaceId: id, PrivateIpAddress: '10.0.1.9' }));
    await unassign({ PrivateIpAddresses: ['10.0.1.9'] });
    expect((await ec2.send(new DescribeAddressesCommand({}))).Addresses?.[0]?.AssociationId).toBeUndefined();
  });

  test('are refused in AWS’s words', async () => {
    const { id, assign, unassign } = await network();
    expect((await refusal(assign({}))).code).toBe('MissingParameter');
    expect((await refusal(unassign({}))).code).toBe('MissingParameter');
    expect(await refusal(assign({ PrivateIpAddresses: ['10.0.1.9'], SecondaryPrivateIpAddressCount: 1 }))).toEqual({
      code: 'InvalidParameterCombination',
      message: "The parameters 'PrivateIpAddresses' and 'SecondaryPrivateIpAddressCount' cannot be used together.",
    });
    expect(await refusal(assign({ PrivateIpAddresses: ['10.0.2.9'] }))).toEqual({
      code: 'InvalidParameterValue',
      message: "Address 10.0.2.9 does not fall within the subnet's address range",
    });
    expect(await refusal(assign({ SecondaryPrivateIpAddressCount: 100 }))).toEqual({
      code: 'PrivateIpAddressLimitExceeded',
      message: 'Number of private addresses will exceed limit.',
    });
    expect(await refusal(unassign({ PrivateIpAddresses: ['10.0.1.4'] }))).toEqual({
      code: 'InvalidParameterValue',
      message: 'The primary private IP address 10.0.1.4 cannot be unassigned.',
    });
    expect(await refusal(unassign({ PrivateIpAddresses: ['10.0.1.9'] }))).toEqual({
      code: 'InvalidParameterValue',
      message: `Some of [10.0.1.9] are not assigned to interface ${id}`,
    });
    expect(await refusal(unassign({ Ipv4Prefixes: ['10.0.1.32/28'] }))).toEqual({
      code: 'InvalidParameterValue',
      message: `Some of [10.0.1.32/28] are not assigned to interface ${id}`,
    });
  });
});

describe('IPv6 addresses', () => {
  async function dualStack() {
    const ec2 = keiro.client(EC2Client);
    const vpcId = await createVpc(ec2, { AmazonProvidedIpv6CidrBlock: true });
    const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ VpcIds: [vpcId] }));
    const Ipv6CidrBlock = Vpcs?.[0]?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock?.replace('/56', '/64') ?? '';
    const subnetId = await createSubnet(ec2, vpcId, { Ipv6CidrBlock });
    const NetworkInterfaceId = (await createEni(ec2, subnetId)).NetworkInterfaceId;
    return { ec2, NetworkInterfaceId, prefix: Ipv6CidrBlock.replace('::/64', '') };
  }

  test('are assigned and unassigned, and so are prefixes', async () => {
    const { ec2, NetworkInterfaceId, prefix } = await dualStack();
    const assign = (input: object) => ec2.send(new AssignIpv6AddressesCommand({ NetworkInterfaceId, ...input }));
    const unassign = (input: object) => ec2.send(new UnassignIpv6AddressesCommand({ NetworkInterfaceId, ...input }));
    const { AssignedIpv6Addresses: [first = ''] = [] } = await assign({ Ipv6AddressCount: 1 });
    const given = await assign({ Ipv6Addresses: [`${prefix}::1:0009`] });
    expect(given.AssignedIpv6Addresses).toEqual([`${prefix}::1:9`]);
    const { AssignedIpv6Prefixes: [block = ''] = [] } = await assign({ Ipv6PrefixCount: 1 });
    expect((await describeEni(ec2, NetworkInterfaceId)).Ipv6Addresses?.map((one) => one.Ipv6Address)).toEqual([first, `${prefix}::1:9`]);
    expect(await unassign({ Ipv6Addresses: [`${prefix}:0::1:9`] })).toMatchObject({ UnassignedIpv6Addresses: [`${prefix}::1:9`] });
    expect(await unassign({ Ipv6Prefixes: [block] })).toMatchObject({ UnassignedIpv6Prefixes: [block] });
    const eni = await describeEni(ec2, NetworkInterfaceId);
    expect(eni.Ipv6Addresses?.map((one) => one.Ipv6Address)).toEqual([first]);
    expect(eni.Ipv6Prefixes ?? []).toEqual([]);

    expect((await refusal(assign({}))).code).toBe('MissingParameter');
    expect((await refusal(unassign({}))).code).toBe('MissingParameter');
    expect(await refusal(assign({ Ipv6AddressCount: 1, Ipv6PrefixCount: 1 }))).toEqual({
      code: 'InvalidParameterCombination',
      message: "The parameters 'Ipv6AddressCount' and 'Ipv6PrefixCount' cannot be used together.",
    });
    expect(await refusal(assign({ Ipv6Addresses: [first] }))).toEqual({
      code: 'InvalidIPAddress.InUse',
      message: 'The specified address is already in use.',
    });
    expect(await refusal(unassign({ Ipv6Addresses: [`${prefix}::77`] }))).toEqual({
      code: 'InvalidParameterValue',
      message: `Some of [${prefix}::77] are not assigned to interface ${NetworkInterfaceId}`,
    });
    expect(await refusal(assign({ Ipv6AddressCount: 200 }))).toMatchObject({ code: 'PrivateIpAddressLimitExceeded' });
    expect(await refusal(assign({ Ipv6Addresses: ['2001:db8::9'] }))).toEqual({
      code: 'InvalidParameterValue',
      message: "Address 2001:db8::9 does not fall within the subnet's address range",
    });
  });
});
