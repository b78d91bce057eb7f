import {
  AssociateSubnetCidrBlockCommand,
  AssociateVpcCidrBlockCommand,
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  type InstanceNetworkInterfaceSpecification,
  ModifySubnetAttributeCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { createSubnet, describeInstance, launch, launchOne } from '#test/sdk/launch.ts';

const keiro = await useKeiro();

/** Gives the subnet, and its VPC, an IPv6 block. */
async function addIpv6(ec2: EC2Client, vpcId: string, subnetId: string): Promise<string> {
  await ec2.send(new AssociateVpcCidrBlockCommand({ VpcId: vpcId, AmazonProvidedIpv6CidrBlock: true }));
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ VpcIds: [vpcId] }));
  const block = (Vpcs?.[0]?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock ?? '').replace('/56', '/64');
  await ec2.send(new AssociateSubnetCidrBlockCommand({ SubnetId: subnetId, Ipv6CidrBlock: block }));
  return block;
}

describe('interfaces of new instances', () => {
  test('get a public address as the call says, else as the subnet does', async () => {
    const ec2 = keiro.client(EC2Client);
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}));
    const SubnetId = Subnets?.[0]?.SubnetId ?? '';
    const publicIp = async (specification: InstanceNetworkInterfaceSpecification) =>
      (await describeInstance(ec2, await launchOne(ec2, { NetworkInterfaces: [{ DeviceIndex: 0, ...specification }] }))).PublicIpAddress;
    expect(await publicIp({ SubnetId })).toMatch(/^198\./);
    expect(await publicIp({ SubnetId, AssociatePublicIpAddress: false })).toBeUndefined();
    await ec2.send(new ModifySubnetAttributeCommand({ SubnetId, MapPublicIpOnLaunch: { Value: false } }));
    expect(await publicIp({ SubnetId })).toBeUndefined();
    expect(await publicIp({ SubnetId, AssociatePublicIpAddress: true })).toMatch(/^198\./);
    // Without a subnet, the default one.
    expect(await publicIp({ AssociatePublicIpAddress: true })).toMatch(/^198\./);
  });

  test('are several, with addresses, groups, descriptions and tags', async () => {
    const ec2 = keiro.client(EC2Client);
    const { vpcId, subnetId: SubnetId } = await createSubnet(ec2);
    const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'second', Description: 'second', VpcId: vpcId }));
    const id = await launchOne(ec2, {
      InstanceType: 't3.small',
      NetworkInterfaces: [
        {
          DeviceIndex: 1,
          SubnetId,
          Groups: [GroupId ?? ''],
          Description: 'back',
          SecondaryPrivateIpAddressCount: 2,
          DeleteOnTermination: false,
        },
        { DeviceIndex: 0, SubnetId, PrivateIpAddress: '10.0.0.10', Description: 'front' },
      ],
      TagSpecifications: [{ ResourceType: 'network-interface', Tags: [{ Key: 'Of', Value: 'web' }] }],
    });
    const instance = await describeInstance(ec2, id);
    expect(instance).toMatchObject({
      PrivateIpAddress: '10.0.0.10',
      SecurityGroups: [{ GroupName: 'default' }],
      NetworkInterfaces: [
        { Description: 'front', Attachment: { DeviceIndex: 0, DeleteOnTermination: true } },
        { Description: 'back', Attachment: { DeviceIndex: 1, DeleteOnTermination: false }, Groups: [{ GroupId }] },
      ],
    });
    expect(instance.NetworkInterfaces?.[1]?.PrivateIpAddresses).toHaveLength(3);
  });

  test('have IPv6 addresses by number, by name, and by the subnet', async () => {
    const ec2 = keiro.client(EC2Client);
    const { vpcId, subnetId: SubnetId } = await createSubnet(ec2);
    const prefix = (await addIpv6(ec2, vpcId, SubnetId)).replace('::/64', '');
    const two = await describeInstance(ec2, await launchOne(ec2, { SubnetId, Ipv6AddressCount: 2 }));
    expect(two.NetworkInterfaces?.[0]?.Ipv6Addresses).toHaveLength(2);
    expect(two.Ipv6Address).toMatch(new RegExp(`^${prefix}:`));
    const named = await describeInstance(ec2, await launchOne(ec2, { SubnetId, Ipv6Addresses: [{ Ipv6Address: `${prefix}::99` }] }));
    expect(named.Ipv6Address).toBe(`${prefix}::99`);
    await ec2.send(new ModifySubnetAttributeCommand({ SubnetId, AssignIpv6AddressOnCreation: { Value: true } }));
    const given = await describeInstance(ec2, await launchOne(ec2, { SubnetId }));
    expect(given.NetworkInterfaces?.[0]?.Ipv6Addresses).toHaveLength(1);
    expect(await refusal(launch(ec2, { SubnetId, Ipv6AddressCount: 3 }))).toEqual({
      code: 'PrivateIpAddressLimitExceeded',
      message: 'Number of private addresses will exceed limit.',
    });
  });

  test('are refused in wrong combinations', async () => {
    const ec2 = keiro.client(EC2Client);
    const { subnetId: SubnetId } = await createSubnet(ec2);
    const { NetworkInterface } = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId }));
    const NetworkInterfaceId = NetworkInterface?.NetworkInterfaceId ?? '';
    const combination = 'InvalidParameterCombination';
    const none = 'may not be specified on the same request';
    const wrong: readonly (readonly [Parameters<typeof launch>[1], string, string])[] = [
      [{ SubnetId, NetworkInterfaces: [{ DeviceIndex: 0 }] }, combination, `Network interfaces and an instance-level subnet ID ${none}`],
      [
        { SecurityGroupIds: ['sg-00000001'], NetworkInterfaces: [{ DeviceIndex: 0 }] },
        combination,
        `Network interfaces and an instance-level security groups ${none}`,
      ],
      [
        { PrivateIpAddress: '10.0.0.9', NetworkInterfaces: [{ DeviceIndex: 0 }] },
        combination,
        `Network interfaces and an instance-level private address ${none}`,
      ],
      [{ NetworkInterfaces: [{ SubnetId }] }, 'InvalidParameterValue', 'Each network interface requires a device index.'],
      [
        { NetworkInterfaces: [{ SubnetId, DeviceIndex: 1 }] },
        'InvalidParameterValue',
        'When specifying network interfaces, you must include a device at index 0.',
      ],
      [
        {
          NetworkInterfaces: [
            { SubnetId, DeviceIndex: 0 },
            { SubnetId, DeviceIndex: 0 },
          ],
        },
        'InvalidParameterValue',
        'Each network interface requires a unique device index.',
      ],
      [
        {
          NetworkInterfaces: [
            { SubnetId, DeviceIndex: 0, AssociatePublicIpAddress: true },
            { SubnetId, DeviceIndex: 1 },
          ],
        },
        combination,
        'The associatePublicIPAddress parameter cannot be specified when launching with multiple network interfaces.',
      ],
      [
        { NetworkInterfaces: [{ NetworkInterfaceId, SubnetId, DeviceIndex: 0 }] },
        combination,
        'A network interface may not specify both a network interface ID and a subnet',
      ],
      [
        { MaxCount: 2, NetworkInterfaces: [{ NetworkInterfaceId, DeviceIndex: 0 }] },
        combination,
        'An existing network interface can only be attached when launching one instance.',
      ],
      [
        { NetworkInterfaces: [0, 1, 2].map((DeviceIndex) => ({ SubnetId, DeviceIndex })) },
        'AttachmentLimitExceeded',
        'Interface count 3 exceeds the limit for t3.nano',
      ],
      [
        { NetworkInterfaces: [{ SubnetId, DeviceIndex: 0, SecondaryPrivateIpAddressCount: 2 }] },
        'PrivateIpAddressLimitExceeded',
        'Number of private addresses will exceed limit.',
      ],
      [
        { NetworkInterfaces: [{ NetworkInterfaceId: 'eni-00000001', DeviceIndex: 0 }] },
        'InvalidNetworkInterfaceID.NotFound',
        "The networkInterface ID 'eni-00000001' does not exist",
      ],
    ];
    for (const [input, code, message] of wrong) expect(await refusal(launch(ec2, input))).toEqual({ code, message });
    await launch(ec2, { NetworkInterfaces: [{ NetworkInterfaceId, DeviceIndex: 0 }] });
    expect(await refusal(launch(ec2, { NetworkInterfaces: [{ NetworkInterfaceId, DeviceIndex: 0 }] }))).toEqual({
      code: 'InvalidNetworkInterface.InUse',
      message: `Interface: [${NetworkInterfaceId}] in use.`,
    });
    expect(await refusal(launch(ec2, { SubnetId, PrivateIpAddress: NetworkInterface?.PrivateIpAddress }))).toEqual({
      code: 'InvalidIPAddress.InUse',
      message: 'The specified address is already in use.',
    });
  });
});
