import {
  CreateSubnetCidrReservationCommand,
  DeleteNetworkInterfaceCommand,
  DescribeNetworkInterfacesCommand,
  DescribeVpcsCommand,
  EC2Client,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
  paginateDescribeNetworkInterfaces,
  waitUntilNetworkInterfaceAvailable,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { addressesOf, availableIn, createEni, createSubnet, createVpc, describeEni } from '#test/sdk/vpc-world.ts';

const keiro = await useKeiro();

async function network() {
  const ec2 = keiro.client(EC2Client);
  const vpcId = await createVpc(ec2);
  return { ec2, vpcId, subnetId: await createSubnet(ec2, vpcId) };
}

/** A VPC with an IPv6 block, and a subnet of both families. */
async function dualStack() {
  const ec2 = keiro.client(EC2Client);
  const vpcId = await createVpc(ec2, { AmazonProvidedIpv6CidrBlock: true });
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ VpcIds: [vpcId] }));
  const block = Vpcs?.[0]?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock ?? '';
  const ipv6 = block.replace('/56', '/64');
  return { ec2, vpcId, ipv6, prefix: ipv6.replace('::/64', ''), subnetId: await createSubnet(ec2, vpcId, { Ipv6CidrBlock: ipv6 }) };
}

const lost = 'eni-00000000000000000';
const notFound = { code: 'InvalidNetworkInterfaceID.NotFound', message: `The networkInterface ID '${lost}' does not exist` };

describe('network interfaces', () => {
  test('are made with the next free address, described and deleted', async () => {
    const { ec2, vpcId, subnetId } = await network();
    const made = await createEni(ec2, subnetId, {
      Description: 'web',
      TagSpecifications: [{ ResourceType: 'network-interface', Tags: [{ Key: 'Name', Value: 'web' }] }],
    });
    expect(made).toMatchObject({ Status: 'pending', PrivateIpAddress: '10.0.1.4', SubnetId: subnetId, VpcId: vpcId });
    await waitUntilNetworkInterfaceAvailable({ client: ec2, maxWaitTime: 30 }, { NetworkInterfaceIds: [made.NetworkInterfaceId] });
    const eni = await describeEni(ec2, made.NetworkInterfaceId);
    expect(eni).toMatchObject({
      Status: 'available',
      Description: 'web',
      InterfaceType: 'interface',
      AvailabilityZone: expect.stringMatching(/^eu-west-1[abc]$/),
      AvailabilityZoneId: expect.stringMatching(/^euw1-az[123]$/),
      MacAddress: expect.stringMatching(/^02(:[0-9a-f]{2}){5}$/),
      SourceDestCheck: true,
      RequesterManaged: false,
      Groups: [{ GroupName: 'default' }],
      PrivateIpAddresses: [{ PrivateIpAddress: '10.0.1.4', Primary: true }],
      TagSet: [{ Key: 'Name', Value: 'web' }],
    });
    expect(eni.PrivateDnsName).toBeUndefined();
    expect(await availableIn(ec2, subnetId)).toBe(250);
    await ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: made.NetworkInterfaceId }));
    expect(await availableIn(ec2, subnetId)).toBe(251);
    expect((await refusal(describeEni(ec2, made.NetworkInterfaceId))).code).toBe('InvalidNetworkInterfaceID.NotFound');
    expect(await refusal(ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: lost })))).toEqual(notFound);
    const malformed = 'InvalidNetworkInterfaceId.Malformed';
    expect(await refusal(describeEni(ec2, 'to-set'))).toEqual({ code: malformed, message: 'Invalid id: "to-set" (expecting "eni-...")' });
    expect(await refusal(describeEni(ec2, 'eni-x'))).toEqual({ code: malformed, message: 'Invalid id: "eni-x"' });
  });

  test('have host names when the VPC has DNS host names', async () => {
    const { ec2, vpcId, subnetId } = await network();
    await ec2.send(new ModifyVpcAttributeCommand({ VpcId: vpcId, EnableDnsHostnames: { Value: true } }));
    const eni = await createEni(ec2, subnetId);
    expect(eni.PrivateDnsName).toBe('ip-10-0-1-4.eu-west-1.compute.internal');
    expect(eni.PrivateIpAddresses?.[0]?.PrivateDnsName).toBe('ip-10-0-1-4.eu-west-1.compute.internal');

    const virginia = keiro.client(EC2Client, { region: 'us-east-1' });
    const there = await createVpc(virginia);
    await virginia.send(new ModifyVpcAttributeCommand({ VpcId: there, EnableDnsHostnames: { Value: true } }));
    expect((await createEni(virginia, await createSubnet(virginia, there))).PrivateDnsName).toBe('ip-10-0-1-4.ec2.internal');
  });

  test('take the addresses that are asked for', async () => {
    const { ec2, subnetId } = await network();
    const given = await createEni(ec2, subnetId, {
      PrivateIpAddresses: [{ PrivateIpAddress: '10.0.1.50' }, { PrivateIpAddress: '10.0.1.40', Primary: true }],
    });
    expect(addressesOf(given)).toEqual(['10.0.1.40', '10.0.1.50']);
    const counted = await createEni(ec2, subnetId, { PrivateIpAddress: '10.0.1.5', SecondaryPrivateIpAddressCount: 2 });
    expect(addressesOf(counted)).toEqual(['10.0.1.5', '10.0.1.4', '10.0.1.6']);
    const prefixed = await createEni(ec2, subnetId, { Ipv4Prefixes: [{ Ipv4Prefix: '10.0.1.64/28' }] });
    expect(prefixed.Ipv4Prefixes).toEqual([{ Ipv4Prefix: '10.0.1.64/28' }]);
    const auto = await createEni(ec2, subnetId, { Ipv4PrefixCount: 2 });
    expect(auto.Ipv4Prefixes).toEqual([{ Ipv4Prefix: '10.0.1.224/28' }, { Ipv4Prefix: '10.0.1.208/28' }]);
    expect(await availableIn(ec2, subnetId)).toBe(251 - 2 - 3 - 17 - 33);
  });

  test.each([
    [
      'outside of the subnet',
      { PrivateIpAddress: '10.0.2.4' },
      'InvalidParameterValue',
      "Address 10.0.2.4 does not fall within the subnet's address range",
    ],
    ['the router', { PrivateIpAddress: '10.0.1.1' }, 'InvalidParameterValue', "Address 10.0.1.1 is in subnet's reserved address range"],
    ['broadcast', { PrivateIpAddress: '10.0.1.255' }, 'InvalidParameterValue', "Address 10.0.1.255 is in subnet's reserved address range"],
    ['no address', { PrivateIpAddress: '10.0.1.300' }, 'InvalidParameterValue', 'invalid value for parameter address: 10.0.1.300'],
    ['taken', { PrivateIpAddress: '10.0.1.4' }, 'InvalidIPAddress.InUse', 'The specified address is already in use.'],
    [
      'twice',
      { PrivateIpAddresses: [{ PrivateIpAddress: '10.0.1.9', Primary: true }, { PrivateIpAddress: '10.0.1.9' }] },
      'InvalidIPAddress.InUse',
      'The specified address is already in use.',
    ],
    [
      'two primaries',
      { PrivateIpAddress: '10.0.1.9', PrivateIpAddresses: [{ PrivateIpAddress: '10.0.1.10', Primary: true }] },
      'InvalidParameterCombination',
      'Only one primary private IP address can be specified.',
    ],
    [
      'a count and prefixes',
      { SecondaryPrivateIpAddressCount: 1, Ipv4PrefixCount: 1 },
      'InvalidParameterCombination',
      "The parameters 'SecondaryPrivateIpAddressCount' and 'Ipv4PrefixCount' cannot be used together.",
    ],
    [
      'a prefix of another length',
      { Ipv4Prefixes: [{ Ipv4Prefix: '10.0.1.64/27' }] },
      'InvalidParameterValue',
      'The CIDR block 10.0.1.64/27 is not a valid IPv4 prefix. Expecting a block of length /28.',
    ],
    [
      'a prefix with reserved addresses',
      { Ipv4Prefixes: [{ Ipv4Prefix: '10.0.1.0/28' }] },
      'InvalidParameterValue',
      "Address 10.0.1.0/28 is in subnet's reserved address range",
    ],
    [
      'too many',
      { SecondaryPrivateIpAddressCount: 100 },
      'PrivateIpAddressLimitExceeded',
      'Number of private addresses will exceed limit.',
    ],
    [
      'fewer than none',
      { SecondaryPrivateIpAddressCount: -1 },
      'InvalidParameterValue',
      'Value (-1) for parameter SecondaryPrivateIpAddressCount is invalid.',
    ],
    ['IPv6 where there is none', { Ipv6AddressCount: 1 }, 'InvalidParameterValue', 'does not have an IPv6 CIDR block associated with it.'],
    [
      'a branch interface',
      { InterfaceType: 'branch' as const },
      'InvalidParameterValue',
      "Invalid value 'branch' for InterfaceType. Supported values are interface, efa, efa-only, trunk.",
    ],
    [
      'a time-out out of bounds',
      { ConnectionTrackingSpecification: { UdpTimeout: 61 } },
      'InvalidParameterValue',
      'Value (61) for parameter UdpTimeout is invalid. Expecting a value between 30 and 60.',
    ],
  ])('refuse addresses: %s', async (_what, input, code, message) => {
    const { ec2, subnetId } = await network();
    await createEni(ec2, subnetId);
    const refused = await refusal(createEni(ec2, subnetId, input));
    expect(refused.code).toBe(code);
    expect(refused.message).toContain(message);
    expect(await availableIn(ec2, subnetId)).toBe(250);
  });

  test('fill a subnet to the last address and no further', async () => {
    const ec2 = keiro.client(EC2Client);
    const subnetId = await createSubnet(ec2, await createVpc(ec2), { CidrBlock: '10.0.1.0/28' });
    await createEni(ec2, subnetId, { PrivateIpAddress: '10.0.1.9' });
    const made = await createEni(ec2, subnetId, { SecondaryPrivateIpAddressCount: 9 });
    expect(addressesOf(made)).toEqual([4, 5, 6, 7, 8, 10, 11, 12, 13, 14].map((last) => `10.0.1.${last}`));
    expect(await availableIn(ec2, subnetId)).toBe(0);
    const full = {
      code: 'InsufficientFreeAddressesInSubnet',
      message: 'The specified subnet does not have enough free addresses to satisfy the request.',
    };
    expect(await refusal(createEni(ec2, subnetId))).toEqual(full);
    await ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: made.NetworkInterfaceId }));
    expect(await refusal(createEni(ec2, subnetId, { SecondaryPrivateIpAddressCount: 10 }))).toEqual(full);
    expect(await availableIn(ec2, subnetId)).toBe(10);
    expect(await refusal(createEni(ec2, subnetId, { Ipv4PrefixCount: 1 }))).toEqual({
      code: 'InsufficientCidrBlocks',
      message: 'The specified subnet does not have enough free cidr blocks to satisfy the request.',
    });
  });

  test('stay out of CIDR reservations, unless told', async () => {
    const { ec2, subnetId } = await network();
    const reserve = (Cidr: string, ReservationType: 'explicit' | 'prefix') =>
      ec2.send(new CreateSubnetCidrReservationCommand({ SubnetId: subnetId, Cidr, ReservationType }));
    await reserve('10.0.1.0/29', 'explicit');
    await reserve('10.0.1.128/28', 'prefix');
    expect(addressesOf(await createEni(ec2, subnetId))).toEqual(['10.0.1.8']);
    expect(addressesOf(await createEni(ec2, subnetId, { PrivateIpAddress: '10.0.1.6' }))).toEqual(['10.0.1.6']);
    expect((await createEni(ec2, subnetId, { Ipv4PrefixCount: 2 })).Ipv4Prefixes).toEqual([
      { Ipv4Prefix: '10.0.1.128/28' },
      { Ipv4Prefix: '10.0.1.224/28' },
    ]);
  });

  test('have IPv6 addresses and prefixes', async () => {
    const { ec2, subnetId, prefix } = await dualStack();
    const counted = await createEni(ec2, subnetId, { Ipv6AddressCount: 2 });
    expect(counted.Ipv6Addresses).toHaveLength(2);
    for (const one of counted.Ipv6Addresses ?? []) expect(one.Ipv6Address).toMatch(new RegExp(`^${prefix}:`));
    const given = await createEni(ec2, subnetId, { Ipv6Addresses: [{ Ipv6Address: `${prefix}:0:0:0:AB` }] });
    expect(given.Ipv6Addresses).toEqual([{ Ipv6Address: `${prefix}::ab`, IsPrimaryIpv6: false }]);
    expect(await refusal(createEni(ec2, subnetId, { Ipv6Addresses: [{ Ipv6Address: `${prefix}::ab` }] }))).toEqual({
      code: 'InvalidIPAddress.InUse',
      message: 'The specified address is already in use.',
    });
    expect((await refusal(createEni(ec2, subnetId, { Ipv6Addresses: [{ Ipv6Address: `${prefix}::3` }] }))).message).toBe(
      `Address ${prefix}::3 is in subnet's reserved address range`,
    );
    expect((await createEni(ec2, subnetId, { Ipv6PrefixCount: 1 })).Ipv6Prefixes?.[0]?.Ipv6Prefix).toMatch(/\/80$/);
    const chosen = `${prefix}:ff::/80`;
    expect((await createEni(ec2, subnetId, { Ipv6Prefixes: [{ Ipv6Prefix: chosen }] })).Ipv6Prefixes).toEqual([{ Ipv6Prefix: chosen }]);
    expect((await refusal(createEni(ec2, subnetId, { Ipv6Addresses: [{ Ipv6Address: `${prefix}:ff::9` }] }))).code).toBe(
      'InvalidIPAddress.InUse',
    );
    expect((await refusal(createEni(ec2, subnetId, { Ipv6Prefixes: [{ Ipv6Prefix: `${prefix}::/80` }] }))).code).toBe(
      'InvalidIPAddress.InUse',
    );

    const primary = await createEni(ec2, subnetId, { Ipv6AddressCount: 1, EnablePrimaryIpv6: true });
    expect(primary.Ipv6Addresses?.[0]?.IsPrimaryIpv6).toBe(true);
    await ec2.send(new ModifySubnetAttributeCommand({ SubnetId: subnetId, AssignIpv6AddressOnCreation: { Value: true } }));
    expect((await createEni(ec2, subnetId)).Ipv6Addresses).toHaveLength(1);
    expect((await createEni(ec2, subnetId, { Ipv6AddressCount: 0 })).Ipv6Addresses ?? []).toHaveLength(0);
  });

  test('in an IPv6-only subnet have no IPv4 address, and EFA-only ones have none at all', async () => {
    const { ec2, vpcId, ipv6, subnetId } = await dualStack();
    const only = ipv6.replace('00::/64', '01::/64');
    const native = await createSubnet(ec2, vpcId, { CidrBlock: undefined, Ipv6CidrBlock: only, Ipv6Native: true });
    const eni = await createEni(ec2, native, { Ipv6AddressCount: 1 });
    expect(eni.PrivateIpAddress).toBeUndefined();
    expect(eni.Ipv6Addresses).toHaveLength(1);
    const efa = await createEni(ec2, subnetId, { InterfaceType: 'efa-only' });
    expect(addressesOf(efa)).toEqual([]);
    expect(efa.InterfaceType).toBe('efa-only');
  });

  test('are found by every filter', async () => {
    const { ec2, vpcId, subnetId } = await network();
    await ec2.send(new ModifyVpcAttributeCommand({ VpcId: vpcId, EnableDnsHostnames: { Value: true } }));
    const other = await createEni(
      ec2,
      await createSubnet(ec2, await createVpc(ec2, { CidrBlock: '10.9.0.0/16' }), { CidrBlock: '10.9.1.0/24' }),
      {
        Description: 'other',
      },
    );
    const eni = await createEni(ec2, subnetId, {
      Description: 'the one',
      PrivateIpAddress: '10.0.1.77',
      TagSpecifications: [{ ResourceType: 'network-interface', Tags: [{ Key: 'role', Value: 'web' }] }],
    });
    const id = eni.NetworkInterfaceId;
    const find = async (Name: string, ...Values: (string | undefined)[]) => {
      const found = await ec2.send(
        new DescribeNetworkInterfacesCommand({ Filters: [{ Name, Values: Values.map((value) => value ?? '') }] }),
      );
      return (found.NetworkInterfaces ?? []).map((one) => one.NetworkInterfaceId);
    };
    const facts: readonly (readonly [string, string | undefined])[] = [
      ['addresses.private-ip-address', '10.0.1.77'],
      ['description', 'the one'],
      ['description', 'the*'],
      ['group-id', eni.Groups?.[0]?.GroupId],
      ['mac-address', eni.MacAddress],
      ['network-interface-id', id],
      ['private-dns-name', 'ip-10-0-1-77.eu-west-1.compute.internal'],
      ['private-ip-address', '10.0.1.77'],
      ['private-ip-address', '10.0.1.7?'],
      ['subnet-id', subnetId],
      ['tag:role', 'web'],
      ['tag-key', 'role'],
      ['vpc-id', vpcId],
    ];
    for (const [name, value] of facts) expect([name, await find(name, value)]).toEqual([name, [id]]);
    const both = [other.NetworkInterfaceId, id];
    const shared: readonly (readonly [string, string | undefined])[] = [
      ['addresses.primary', 'true'],
      ['availability-zone', 'eu-west-1*'],
      ['availability-zone-id', 'euw1-az?'],
      ['interface-type', 'interface'],
      ['operator.managed', 'false'],
      ['owner-id', eni.OwnerId],
      ['requester-id', eni.RequesterId],
      ['requester-managed', 'false'],
      ['source-dest-check', 'true'],
      ['status', 'available'],
    ];
    for (const [name, value] of shared) expect([name, await find(name, value)]).toEqual([name, both]);
    const none = [
      'association.allocation-id',
      'association.association-id',
      'addresses.association.owner-id',
      'addresses.association.public-ip',
      'association.ip-owner-id',
      'association.public-ip',
      'association.public-dns-name',
      'attachment.attach-time',
      'attachment.attachment-id',
      'attachment.delete-on-termination',
      'attachment.device-index',
      'attachment.instance-id',
      'attachment.instance-owner-id',
      'attachment.status',
      'ipv6-addresses.ipv6-address',
      'operator.principal',
    ];
    for (const name of none) expect([name, await find(name, '*')]).toEqual([name, []]);
    expect(await refusal(find('colour', 'red'))).toEqual({ code: 'InvalidParameterValue', message: "The filter 'colour' is invalid" });
  });

  test('are paged', async () => {
    const { ec2, subnetId } = await network();
    const ids: string[] = [];
    for (let count = 0; count < 12; count++) ids.push((await createEni(ec2, subnetId)).NetworkInterfaceId);
    const pages: (string | undefined)[][] = [];
    for await (const page of paginateDescribeNetworkInterfaces({ client: ec2, pageSize: 5 }, {})) {
      pages.push((page.NetworkInterfaces ?? []).map((one) => one.NetworkInterfaceId));
    }
    expect(pages.map((page) => page.length)).toEqual([5, 5, 2]);
    expect(pages.flat()).toEqual(ids);
    expect((await refusal(ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: ids, MaxResults: 5 })))).code).toBe(
      'InvalidParameterCombination',
    );
  });

  test('are made once for one client token', async () => {
    const { ec2, subnetId } = await network();
    const first = await createEni(ec2, subnetId, { ClientToken: 'one' });
    const again = await createEni(ec2, subnetId, { ClientToken: 'one' });
    expect(again.NetworkInterfaceId).toBe(first.NetworkInterfaceId);
    expect((await refusal(createEni(ec2, subnetId, { ClientToken: 'one', Description: 'other' }))).code).toBe(
      'IdempotentParameterMismatch',
    );
    expect(await availableIn(ec2, subnetId)).toBe(250);
  });

  test('belong to one account and Region', async () => {
    const { ec2, subnetId } = await network();
    const id = (await createEni(ec2, subnetId)).NetworkInterfaceId;
    expect((await refusal(describeEni(keiro.client(EC2Client), id))).code).toBe('InvalidNetworkInterfaceID.NotFound');
    expect(await refusal(createEni(keiro.client(EC2Client), subnetId))).toEqual({
      code: 'InvalidSubnetID.NotFound',
      message: `The subnet ID '${subnetId}' does not exist`,
    });
  });
});
