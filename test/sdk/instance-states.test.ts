import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  CreateNetworkInterfaceCommand,
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  EC2Client,
  type InstanceStateChange,
  ModifyInstanceAttributeCommand,
  RebootInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
  waitUntilInstanceStopped,
  waitUntilInstanceTerminated,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { describeInstance, launch, launchOne, untilState } from '#test/sdk/launch.ts';

const keiro = await useKeiro();

const names = (changes: InstanceStateChange[] | undefined) => changes?.map((one) => [one.PreviousState?.Name, one.CurrentState?.Name]);

async function stop(ec2: EC2Client, id: string): Promise<void> {
  await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
  await untilState(ec2, id, 'stopped');
}

describe('instances', () => {
  test('are stopped and started, and lose their dynamic address for another', async () => {
    const ec2 = keiro.client(EC2Client);
    const id = await launchOne(ec2);
    const first = await describeInstance(ec2, id);
    const stopping = await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
    expect(stopping.StoppingInstances).toEqual([
      { InstanceId: id, PreviousState: { Code: 16, Name: 'running' }, CurrentState: { Code: 64, Name: 'stopping' } },
    ]);
    await waitUntilInstanceStopped({ client: ec2, maxWaitTime: 30 }, { InstanceIds: [id] });
    const stopped = await describeInstance(ec2, id);
    expect(stopped).toMatchObject({
      State: { Code: 80, Name: 'stopped' },
      StateReason: { Code: 'Client.UserInitiatedShutdown', Message: 'Client.UserInitiatedShutdown: User initiated shutdown' },
      StateTransitionReason: expect.stringMatching(/^User initiated \([0-9-]{10} [0-9:]{8} GMT\)$/),
      PrivateIpAddress: first.PrivateIpAddress,
      PublicDnsName: '',
    });
    expect(stopped.PublicIpAddress).toBeUndefined();
    expect(names((await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }))).StoppingInstances)).toEqual([['stopped', 'stopped']]);

    expect(names((await ec2.send(new StartInstancesCommand({ InstanceIds: [id] }))).StartingInstances)).toEqual([['stopped', 'pending']]);
    const running = await untilState(ec2, id, 'running');
    expect(running.PublicIpAddress).toMatch(/^198\.1[89]\./);
    expect(running.PublicIpAddress).not.toBe(first.PublicIpAddress);
    expect(running.StateTransitionReason).toBe('');
    expect(running.LaunchTime?.getTime()).toBeGreaterThanOrEqual(first.LaunchTime?.getTime() ?? Number.POSITIVE_INFINITY);
    expect(names((await ec2.send(new StartInstancesCommand({ InstanceIds: [id] }))).StartingInstances)).toEqual([['running', 'running']]);
  });

  test('keep an Elastic IP over a stop, and give it back at their end', async () => {
    const ec2 = keiro.client(EC2Client);
    const id = await launchOne(ec2);
    const { AllocationId, PublicIp } = await ec2.send(new AllocateAddressCommand({}));
    await ec2.send(new AssociateAddressCommand({ AllocationId, InstanceId: id }));
    expect((await describeInstance(ec2, id)).PublicIpAddress).toBe(PublicIp);
    await stop(ec2, id);
    expect((await describeInstance(ec2, id)).PublicIpAddress).toBe(PublicIp);
    await ec2.send(new StartInstancesCommand({ InstanceIds: [id] }));
    expect((await untilState(ec2, id, 'running')).PublicIpAddress).toBe(PublicIp);
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    const { Addresses } = await ec2.send(new DescribeAddressesCommand({}));
    expect(Addresses).toMatchObject([{ AllocationId, PublicIp }]);
    expect(Addresses?.[0]?.AssociationId).toBeUndefined();
    expect(Addresses?.[0]?.InstanceId).toBeUndefined();
  });

  test('are rebooted in place', async () => {
    const ec2 = keiro.client(EC2Client);
    const id = await launchOne(ec2);
    const before = await describeInstance(ec2, id);
    await ec2.send(new RebootInstancesCommand({ InstanceIds: [id] }));
    expect(await describeInstance(ec2, id)).toEqual(before);
    await stop(ec2, id);
    expect(await refusal(ec2.send(new RebootInstancesCommand({ InstanceIds: [id] })))).toEqual({
      code: 'IncorrectInstanceState',
      message: `The instance '${id}' is not in a state from which it can be rebooted.`,
    });
  });

  test('end with their interfaces, but for those that are to stay', async () => {
    const ec2 = keiro.client(EC2Client);
    const [probe] = await launch(ec2);
    const { NetworkInterface } = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: probe?.SubnetId }));
    const kept = NetworkInterface?.NetworkInterfaceId ?? '';
    const [instance] = await launch(ec2, {
      NetworkInterfaces: [
        { DeviceIndex: 0, SubnetId: probe?.SubnetId },
        { DeviceIndex: 1, NetworkInterfaceId: kept },
      ],
    });
    const id = instance?.InstanceId ?? '';
    await untilState(ec2, id, 'running');
    const ending = await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    expect(names(ending.TerminatingInstances)).toEqual([['running', 'shutting-down']]);
    await waitUntilInstanceTerminated({ client: ec2, maxWaitTime: 30 }, { InstanceIds: [id] });
    const ended = await describeInstance(ec2, id);
    expect(ended).toMatchObject({
      State: { Code: 48, Name: 'terminated' },
      StateReason: { Code: 'Client.UserInitiatedShutdown' },
      PrivateDnsName: '',
      PublicDnsName: '',
      NetworkInterfaces: [],
      SecurityGroups: [],
      BlockDeviceMappings: [],
    });
    expect(ended.VpcId).toBeUndefined();
    expect(ended.SubnetId).toBeUndefined();
    expect(ended.PrivateIpAddress).toBeUndefined();
    const { NetworkInterfaces } = await ec2.send(
      new DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'subnet-id', Values: [probe?.SubnetId ?? ''] }] }),
    );
    expect(NetworkInterfaces?.map((eni) => [eni.NetworkInterfaceId === kept, eni.Status])).toEqual([
      [false, 'in-use'],
      [true, 'available'],
    ]);
    // Ending twice is no error.
    expect(names((await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }))).TerminatingInstances)).toEqual([
      ['terminated', 'terminated'],
    ]);
    for (const [act, words] of [
      [new StartInstancesCommand({ InstanceIds: [id] }), `The instance '${id}' is not in a state from which it can be started.`],
      [new StopInstancesCommand({ InstanceIds: [id] }), `This instance '${id}' is not in a state from which it can be stopped.`],
    ] as const) {
      expect(await refusal(ec2.send(act))).toEqual({ code: 'IncorrectInstanceState', message: words });
    }
  });

  test('are protected from stop and termination when asked', async () => {
    const ec2 = keiro.client(EC2Client);
    const [first, second] = [await launchOne(ec2, { DisableApiTermination: true }), await launchOne(ec2, { DisableApiStop: true })];
    const other = await launchOne(ec2);
    expect(await refusal(ec2.send(new TerminateInstancesCommand({ InstanceIds: [other, first] })))).toEqual({
      code: 'OperationNotPermitted',
      message: `The instance '${first}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
    });
    expect(await refusal(ec2.send(new TerminateInstancesCommand({ InstanceIds: [other, second] })))).toEqual({
      code: 'OperationNotPermitted',
      message: `The instance '${second}' may not be terminated. Modify its 'disableApiStop' instance attribute and try again.`,
    });
    expect(await refusal(ec2.send(new StopInstancesCommand({ InstanceIds: [other, second] })))).toEqual({
      code: 'OperationNotPermitted',
      message: `The instance '${second}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
    });
    // Nothing of a refused call is done.
    expect((await describeInstance(ec2, other)).State?.Name).toBe('running');
    await stop(ec2, first);
    await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: first, DisableApiTermination: { Value: false } }));
    await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: second, DisableApiStop: { Value: false } }));
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [first, second, other] }));
  });

  test('are all changed or none when one is missing', async () => {
    const ec2 = keiro.client(EC2Client);
    const id = await launchOne(ec2);
    const InstanceIds = [id, 'i-00000001', 'i-00000002'];
    for (const command of [
      new StopInstancesCommand({ InstanceIds }),
      new StartInstancesCommand({ InstanceIds }),
      new TerminateInstancesCommand({ InstanceIds }),
      new RebootInstancesCommand({ InstanceIds }),
    ]) {
      expect(await refusal(ec2.send(command))).toEqual({
        code: 'InvalidInstanceID.NotFound',
        message: "The instance IDs 'i-00000001, i-00000002' do not exist",
      });
    }
    expect(await refusal(ec2.send(new StopInstancesCommand({ InstanceIds: ['one'] })))).toEqual({
      code: 'InvalidInstanceID.Malformed',
      message: 'Invalid id: "one" (expecting "i-...")',
    });
    expect((await describeInstance(ec2, id)).State?.Name).toBe('running');
    expect(await refusal(ec2.send(new StopInstancesCommand({ InstanceIds: [id], Hibernate: true })))).toEqual({
      code: 'UnsupportedOperation',
      message: 'Keiro does not model hibernation: Hibernate.',
    });
    expect((await refusal(ec2.send(new TerminateInstancesCommand({ InstanceIds: [id], DryRun: true })))).code).toBe('DryRunOperation');
    expect((await ec2.send(new DescribeInstancesCommand({}))).Reservations).toHaveLength(1);
  });
});
