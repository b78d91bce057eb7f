import {
  AllocateAddressCommand,
  AssignPrivateIpAddressesCommand,
  AssociateAddressCommand,
  AttachNetworkInterfaceCommand,
  DeleteNetworkInterfaceCommand,
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSubnetsCommand,
  DetachNetworkInterfaceCommand,
  DisassociateAddressCommand,
  EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
  ReleaseAddressCommand,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { createEni, describeEni } from '#test/sdk/vpc-world.ts';

const keiro = await useKeiro();

/** An instance in the default VPC, where subnets give public addresses. */
async function world(input: Partial<RunInstancesCommandInput> = {}) {
  const ec2 = keiro.client(EC2Client);
  const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}));
  const subnetId = Subnets?.[0]?.SubnetId ?? '';
  const launched = await ec2.send(
    new RunInstancesCommand({
      ImageId: 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64',
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      SubnetId: subnetId,
      ...input,
    }),
  );
  const instanceId = launched.Instances?.[0]?.InstanceId ?? '';
  const instance = async () =>
    (await ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }))).Reservations?.[0]?.Instances?.[0];
  await expect.poll(async () => (await instance())?.State?.Name, { timeout: 5000, interval: 5 }).toBe('running');
  return { ec2, subnetId, instanceId, instance };
}

describe('interfaces on instances', () => {
  test('are attached, shown on both sides, kept to the type’s limits, and detached', async () => {
    const { ec2, subnetId, instanceId, instance } = await world();
    const id = (await createEni(ec2, subnetId)).NetworkInterfaceId;
    const attach = (NetworkInterfaceId: string, DeviceIndex: number) =>
      ec2.send(new AttachNetworkInterfaceCommand({ InstanceId: instanceId, NetworkInterfaceId, DeviceIndex }));
    const { AttachmentId, NetworkCardIndex } = await attach(id, 1);
    expect(NetworkCardIndex).toBe(0);
    await expect.poll(async () => (await describeEni(ec2, id)).Attachment?.Status, { timeout: 5000, interval: 5 }).toBe('attached');
    expect(await describeEni(ec2, id)).toMatchObject({
      Status: 'in-use',
      Attachment: { AttachmentId, InstanceId: instanceId, DeviceIndex: 1 },
    });
    expect((await instance())?.NetworkInterfaces?.map((one) => one.Attachment?.DeviceIndex)).toEqual([0, 1]);
    const find = async (Name: string, value: string) => {
      const { NetworkInterfaces } = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters: [{ Name, Values: [value] }] }));
      return (NetworkInterfaces ?? []).map((one) => one.NetworkInterfaceId).includes(id);
    };
    for (const [name, value] of [
      ['attachment.attachment-id', AttachmentId ?? ''],
      ['attachment.instance-id', instanceId],
      ['attachment.instance-owner-id', '*'],
      ['attachment.device-index', '1'],
      ['attachment.delete-on-termination', 'false'],
      ['attachment.attach-time', '20*Z'],
      ['attachment.status', 'attached'],
      ['status', 'in-use'],
    ] as const) {
      expect([name, await find(name, value)]).toEqual([name, true]);
    }
    expect(await refusal(ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: id })))).toEqual({
      code: 'InvalidParameterValue',
      message: `Network interface '${id}' is currently in use.`,
    });
    expect(await refusal(attach(id, 2))).toEqual({ code: 'InvalidNetworkInterface.InUse', message: `Interface: [${id}] in use.` });
    const third = (await createEni(ec2, subnetId)).NetworkInterfaceId;
    expect(await refusal(attach(third, 2))).toEqual({
      code: 'AttachmentLimitExceeded',
      message: 'Interface count 3 exceeds the limit for t3.micro',
    });
    // A t3.micro has two addresses per interface.
    const assign = (SecondaryPrivateIpAddressCount: number) =>
      ec2.send(new AssignPrivateIpAddressesCommand({ NetworkInterfaceId: id, SecondaryPrivateIpAddressCount }));
    await assign(1);
    expect(await refusal(assign(1))).toEqual({
      code: 'PrivateIpAddressLimitExceeded',
      message: 'Number of private addresses will exceed limit.',
    });
    await ec2.send(new DetachNetworkInterfaceCommand({ AttachmentId }));
    expect((await describeEni(ec2, id)).Status).toBe('available');
    expect(await refusal(attach(id, 0))).toMatchObject({ code: 'InvalidParameterValue' });
    const primary = (await instance())?.NetworkInterfaces?.[0]?.Attachment?.AttachmentId;
    expect(await refusal(ec2.send(new DetachNetworkInterfaceCommand({ AttachmentId: primary })))).toEqual({
      code: 'OperationNotPermitted',
      message: 'The network interface at device index 0 and networkCard index 0 cannot be detached.',
    });
  });

  test('go with their instance, or stay, as DeleteOnTermination says', async () => {
    const { ec2, subnetId, instanceId } = await world();
    const [goes, stays] = [(await createEni(ec2, subnetId)).NetworkInterfaceId, (await createEni(ec2, subnetId)).NetworkInterfaceId];
    const { AttachmentId } = await ec2.send(
      new AttachNetworkInterfaceCommand({ InstanceId: instanceId, NetworkInterfaceId: goes, DeviceIndex: 1 }),
    );
    await ec2.send(
      new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: goes, Attachment: { AttachmentId, DeleteOnTermination: true } }),
    );
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }));
    expect((await refusal(describeEni(ec2, goes))).code).toBe('InvalidNetworkInterfaceID.NotFound');
    expect((await describeEni(ec2, stays)).Status).toBe('available');
  });
});

describe('public addresses of instances', () => {
  test('the dynamic one gives way to an Elastic IP and comes back when that goes', async () => {
    const { ec2, instanceId, instance } = await world();
    const first = (await instance())?.PublicIpAddress;
    expect(first).toMatch(/^198\.1[89]\./);
    const eni = (await instance())?.NetworkInterfaces?.[0];
    expect(eni?.Association).toMatchObject({ IpOwnerId: 'amazon', PublicIp: first });
    const elastic = await ec2.send(new AllocateAddressCommand({}));
    const { AssociationId } = await ec2.send(new AssociateAddressCommand({ AllocationId: elastic.AllocationId, InstanceId: instanceId }));
    expect((await instance())?.PublicIpAddress).toBe(elastic.PublicIp);
    const { Addresses } = await ec2.send(new DescribeAddressesCommand({ Filters: [{ Name: 'instance-id', Values: [instanceId] }] }));
    expect(Addresses).toMatchObject([{ AssociationId, InstanceId: instanceId, NetworkInterfaceId: eni?.NetworkInterfaceId }]);
    await ec2.send(new DisassociateAddressCommand({ AssociationId }));
    const again = (await instance())?.PublicIpAddress;
    expect(again).toMatch(/^198\.1[89]\./);
    expect(again).not.toBe(first);
  });

  test('a release takes the address off an instance in the default VPC', async () => {
    const { ec2, instanceId, instance } = await world();
    const { AllocationId, PublicIp } = await ec2.send(new AllocateAddressCommand({}));
    await ec2.send(new AssociateAddressCommand({ AllocationId, InstanceId: instanceId }));
    await ec2.send(new ReleaseAddressCommand({ AllocationId }));
    expect((await instance())?.PublicIpAddress).not.toBe(PublicIp);
  });

  test('an Elastic IP stays through a stop, and ends with the instance', async () => {
    const { ec2, instanceId, instance } = await world();
    const { AllocationId, PublicIp } = await ec2.send(new AllocateAddressCommand({}));
    await ec2.send(new AssociateAddressCommand({ AllocationId, InstanceId: instanceId }));
    await ec2.send(new StopInstancesCommand({ InstanceIds: [instanceId] }));
    expect((await instance())?.PublicIpAddress).toBe(PublicIp);
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }));
    expect((await ec2.send(new DescribeAddressesCommand({}))).Addresses?.[0]?.AssociationId).toBeUndefined();
  });

  test('an instance with two interfaces must say which is meant', async () => {
    const { ec2, subnetId, instanceId } = await world();
    const id = (await createEni(ec2, subnetId)).NetworkInterfaceId;
    await ec2.send(new AttachNetworkInterfaceCommand({ InstanceId: instanceId, NetworkInterfaceId: id, DeviceIndex: 1 }));
    const { AllocationId } = await ec2.send(new AllocateAddressCommand({}));
    expect(await refusal(ec2.send(new AssociateAddressCommand({ AllocationId, InstanceId: instanceId })))).toEqual({
      code: 'InvalidInstanceID',
      message: `There are multiple interfaces attached to instance '${instanceId}'. Please specify an interface ID for the operation instead.`,
    });
    await ec2.send(new AssociateAddressCommand({ AllocationId, NetworkInterfaceId: id }));
    expect((await ec2.send(new DescribeAddressesCommand({}))).Addresses).toMatchObject([
      { InstanceId: instanceId, NetworkInterfaceId: id },
    ]);
  });
});
