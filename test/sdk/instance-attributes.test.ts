import {
  AssociateIamInstanceProfileCommand,
  AttachNetworkInterfaceCommand,
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  DescribeIamInstanceProfileAssociationsCommand,
  type DescribeIamInstanceProfileAssociationsCommandInput,
  DescribeInstanceAttributeCommand,
  DescribeInstanceCreditSpecificationsCommand,
  DisassociateIamInstanceProfileCommand,
  EC2Client,
  GetConsoleOutputCommand,
  GetInstanceMetadataDefaultsCommand,
  GetPasswordDataCommand,
  type InstanceAttribute,
  type InstanceAttributeName,
  ModifyInstanceAttributeCommand,
  type ModifyInstanceAttributeCommandInput,
  ModifyInstanceCpuOptionsCommand,
  ModifyInstanceCreditSpecificationCommand,
  ModifyInstanceMaintenanceOptionsCommand,
  ModifyInstanceMetadataDefaultsCommand,
  ModifyInstanceMetadataOptionsCommand,
  ModifyPrivateDnsNameOptionsCommand,
  MonitorInstancesCommand,
  ReplaceIamInstanceProfileAssociationCommand,
  ResetInstanceAttributeCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
  UnmonitorInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { describeInstance, imageId, launch, launchOne, untilState } from '#test/sdk/launch.ts';

const keiro = await useKeiro();

async function stopped(ec2: EC2Client, id: string): Promise<string> {
  await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
  await untilState(ec2, id, 'stopped');
  return id;
}

async function attribute(ec2: EC2Client, InstanceId: string, Attribute: InstanceAttributeName): Promise<InstanceAttribute> {
  const { $metadata: _call, InstanceId: _id, ...value } = await ec2.send(new DescribeInstanceAttributeCommand({ InstanceId, Attribute }));
  return value;
}

function modify(ec2: EC2Client, InstanceId: string, change: Omit<ModifyInstanceAttributeCommandInput, 'InstanceId'>) {
  return ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, ...change }));
}

describe('attributes of an instance', () => {
  test('are described one by one', async () => {
    const ec2 = keiro.client(EC2Client);
    const UserData = Buffer.from('#!/bin/sh\necho hello\n').toString('base64');
    const id = await launchOne(ec2, { UserData, InstanceInitiatedShutdownBehavior: 'terminate', DisableApiTermination: true });
    expect(await attribute(ec2, id, 'instanceType')).toMatchObject({ InstanceType: { Value: 't3.nano' } });
    expect(await attribute(ec2, id, 'userData')).toMatchObject({ UserData: { Value: UserData } });
    expect(await attribute(ec2, id, 'instanceInitiatedShutdownBehavior')).toMatchObject({
      InstanceInitiatedShutdownBehavior: { Value: 'terminate' },
    });
    expect(await attribute(ec2, id, 'disableApiTermination')).toMatchObject({ DisableApiTermination: { Value: true } });
    expect(await attribute(ec2, id, 'disableApiStop')).toMatchObject({ DisableApiStop: { Value: false } });
    expect(await attribute(ec2, id, 'sourceDestCheck')).toMatchObject({ SourceDestCheck: { Value: true } });
    expect(await attribute(ec2, id, 'rootDeviceName')).toMatchObject({ RootDeviceName: { Value: '/dev/xvda' } });
    expect(await attribute(ec2, id, 'groupSet')).toMatchObject({ Groups: [{ GroupId: expect.stringMatching(/^sg-/) }] });
    expect(await attribute(ec2, id, 'blockDeviceMapping')).toMatchObject({ BlockDeviceMappings: [{ DeviceName: '/dev/xvda' }] });
    expect(await attribute(ec2, id, 'ebsOptimized')).toMatchObject({ EbsOptimized: { Value: false } });
    expect(await refusal(attribute(ec2, id, 'enaSupport'))).toEqual({
      code: 'InvalidParameterValue',
      message: 'Value (enaSupport) for parameter attribute is invalid. Unknown attribute.',
    });
    expect((await refusal(attribute(ec2, 'i-00000001', 'userData'))).code).toBe('InvalidInstanceID.NotFound');
  });

  test('are changed while it runs: checks, groups, protection, behaviour', async () => {
    const ec2 = keiro.client(EC2Client);
    const id = await launchOne(ec2);
    await modify(ec2, id, { SourceDestCheck: { Value: false } });
    expect((await describeInstance(ec2, id)).SourceDestCheck).toBe(false);
    await ec2.send(new ResetInstanceAttributeCommand({ InstanceId: id, Attribute: 'sourceDestCheck' }));
    expect((await describeInstance(ec2, id)).SourceDestCheck).toBe(true);
    const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'web', Description: 'web' }));
    await modify(ec2, id, { Groups: [GroupId ?? ''] });
    expect((await describeInstance(ec2, id)).SecurityGroups).toEqual([{ GroupId, GroupName: 'web' }]);
    await modify(ec2, id, { DisableApiTermination: { Value: true } });
    await modify(ec2, id, { InstanceInitiatedShutdownBehavior: { Value: 'terminate' } });
    await modify(ec2, id, { BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { DeleteOnTermination: false } }] });
    expect((await describeInstance(ec2, id)).BlockDeviceMappings?.[0]?.Ebs?.DeleteOnTermination).toBe(false);
    // The older form of the call.
    await modify(ec2, id, { Attribute: 'disableApiTermination', Value: 'false' });
    expect(await attribute(ec2, id, 'disableApiTermination')).toMatchObject({ DisableApiTermination: { Value: false } });
  });

  test('are changed while it is stopped: type and user data', async () => {
    const ec2 = keiro.client(EC2Client);
    const id = await launchOne(ec2);
    const running = { code: 'IncorrectInstanceState', message: `The instance '${id}' is not in the 'stopped' state.` };
    expect(await refusal(modify(ec2, id, { InstanceType: { Value: 'm5.large' } }))).toEqual(running);
    expect(await refusal(modify(ec2, id, { UserData: { Value: Buffer.from('x') } }))).toEqual(running);
    expect(await refusal(modify(ec2, id, { EbsOptimized: { Value: true } }))).toEqual(running);
    await stopped(ec2, id);
    await modify(ec2, id, { InstanceType: { Value: 'm5.large' } });
    await modify(ec2, id, { UserData: { Value: Buffer.from('#!/bin/sh') } });
    await modify(ec2, id, { EbsOptimized: { Value: true } });
    expect(await describeInstance(ec2, id)).toMatchObject({ InstanceType: 'm5.large', EbsOptimized: true });
    expect(await attribute(ec2, id, 'userData')).toMatchObject({ UserData: { Value: Buffer.from('#!/bin/sh').toString('base64') } });
    expect(await refusal(modify(ec2, id, { InstanceType: { Value: 't4g.micro' } }))).toMatchObject({ code: 'InvalidParameterValue' });
    expect(await refusal(modify(ec2, id, { InstanceType: { Value: 'big' } }))).toEqual({
      code: 'InvalidParameterValue',
      message: "Invalid value 'big' for InstanceType.",
    });
    expect(await refusal(modify(ec2, id, { UserData: { Value: Buffer.alloc(16_385) } }))).toEqual({
      code: 'InvalidParameterValue',
      message: 'User data is limited to 16384 bytes',
    });
  });

  test('need room on the new type for the interfaces that are there', async () => {
    const ec2 = keiro.client(EC2Client);
    const [first] = await launch(ec2, { InstanceType: 't3.small' });
    const id = first?.InstanceId ?? '';
    await untilState(ec2, id, 'running');
    for (const DeviceIndex of [1, 2]) {
      const { NetworkInterface } = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: first?.SubnetId }));
      await ec2.send(
        new AttachNetworkInterfaceCommand({ InstanceId: id, DeviceIndex, NetworkInterfaceId: NetworkInterface?.NetworkInterfaceId }),
      );
    }
    const several = {
      code: 'InvalidInstanceID',
      message: `There are multiple interfaces attached to instance '${id}'. Please specify an interface ID for the operation instead.`,
    };
    expect(await refusal(modify(ec2, id, { SourceDestCheck: { Value: false } }))).toEqual(several);
    expect(await refusal(modify(ec2, id, { Groups: ['sg-00000001'] }))).toEqual(several);
    await stopped(ec2, id);
    expect(await refusal(modify(ec2, id, { InstanceType: { Value: 't3.micro' } }))).toEqual({
      code: 'AttachmentLimitExceeded',
      message: 'Interface count 3 exceeds the limit for t3.micro',
    });
  });

  test('are refused in wrong forms', async () => {
    const ec2 = keiro.client(EC2Client);
    const id = await launchOne(ec2);
    const wrong: readonly (readonly [Omit<ModifyInstanceAttributeCommandInput, 'InstanceId'>, string, string])[] = [
      [{}, 'InvalidParameterCombination', 'No attributes specified.'],
      [
        { DisableApiStop: { Value: true }, DisableApiTermination: { Value: true } },
        'InvalidParameterCombination',
        'Fields for multiple attribute types specified',
      ],
      [
        { InstanceInitiatedShutdownBehavior: { Value: 'sleep' } },
        'InvalidParameterValue',
        "Invalid value 'sleep' for InstanceInitiatedShutdownBehavior. Supported values are stop, terminate.",
      ],
      [
        { Attribute: 'disableApiStop', Value: 'maybe' },
        'InvalidParameterValue',
        'Value (maybe) for parameter value is invalid. Expecting true or false.',
      ],
      [
        { Attribute: 'rootDeviceName', Value: '/dev/sdz' },
        'InvalidParameterValue',
        'Value (rootDeviceName) for parameter attribute is invalid. Unknown attribute.',
      ],
      [{ BlockDeviceMappings: [{ DeviceName: '/dev/sdz' }] }, 'InvalidInstanceAttributeValue', 'No device is currently mapped at /dev/sdz'],
      [{ Kernel: { Value: 'aki-1' } }, 'UnsupportedOperation', 'Keiro does not model kernels: Kernel.'],
      [{ Groups: ['sg-00000001'] }, 'InvalidGroup.NotFound', "The security group 'sg-00000001' does not exist"],
    ];
    for (const [change, code, message] of wrong) expect(await refusal(modify(ec2, id, change))).toEqual({ code, message });
    expect(await refusal(ec2.send(new ResetInstanceAttributeCommand({ InstanceId: id, Attribute: 'userData' })))).toEqual({
      code: 'InvalidParameterValue',
      message: 'Value (userData) for parameter attribute is invalid. Only kernel, ramdisk and sourceDestCheck can be reset.',
    });
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    expect(await refusal(modify(ec2, id, { DisableApiStop: { Value: true } }))).toEqual({
      code: 'IncorrectInstanceState',
      message: `The instance '${id}' is terminated and cannot be modified.`,
    });
  });
});

describe('metadata options', () => {
  test('are changed, pending at first', async () => {
    const ec2 = keiro.client(EC2Client);
    const id = await launchOne(ec2);
    const { InstanceMetadataOptions } = await ec2.send(
      new ModifyInstanceMetadataOptionsCommand({ InstanceId: id, HttpTokens: 'optional', HttpPutResponseHopLimit: 64 }),
    );
    expect(InstanceMetadataOptions).toMatchObject({ State: 'pending', HttpTokens: 'optional', HttpPutResponseHopLimit: 64 });
    expect((await describeInstance(ec2, id)).MetadataOptions).toMatchObject({ HttpTokens: 'optional', HttpEndpoint: 'enabled' });
    expect(await refusal(ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: id, HttpPutResponseHopLimit: 0 })))).toEqual({
      code: 'InvalidParameterValue',
      message: 'Value (0) for parameter httpPutResponseHopLimit is invalid. The value must be between 1 and 64.',
    });
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    expect((await refusal(ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: id, HttpTokens: 'required' })))).code).toBe(
      'IncorrectInstanceState',
    );
  });

  test('come from the call, then the account, then the image', async () => {
    const ec2 = keiro.client(EC2Client);
    const jammy = imageId('eu-west-1', 'x86_64', 'ubuntu/images/hvm-ssd/ubuntu-jammy');
    const options = async (input: Parameters<typeof launch>[1]) => (await launch(ec2, input))[0]?.MetadataOptions;
    expect(await options({})).toMatchObject({ HttpTokens: 'required', HttpPutResponseHopLimit: 2 });
    expect(await options({ ImageId: jammy })).toMatchObject({ HttpTokens: 'optional', HttpPutResponseHopLimit: 1 });
    await ec2.send(
      new ModifyInstanceMetadataDefaultsCommand({ HttpTokens: 'required', HttpPutResponseHopLimit: 5, InstanceMetadataTags: 'enabled' }),
    );
    expect((await ec2.send(new GetInstanceMetadataDefaultsCommand({}))).AccountLevel).toEqual({
      HttpTokens: 'required',
      HttpPutResponseHopLimit: 5,
      InstanceMetadataTags: 'enabled',
      ManagedBy: 'account',
    });
    expect(await options({ ImageId: jammy })).toMatchObject({
      HttpTokens: 'required',
      HttpPutResponseHopLimit: 5,
      InstanceMetadataTags: 'enabled',
    });
    expect(await options({ MetadataOptions: { HttpTokens: 'optional' } })).toMatchObject({ HttpTokens: 'optional' });
    await ec2.send(new ModifyInstanceMetadataDefaultsCommand({ HttpTokensEnforced: 'enabled' }));
    expect((await refusal(options({ MetadataOptions: { HttpTokens: 'optional' } }))).code).toBe('UnsupportedOperation');
    await ec2.send(
      new ModifyInstanceMetadataDefaultsCommand({
        HttpTokens: 'no-preference',
        HttpPutResponseHopLimit: -1,
        HttpTokensEnforced: 'no-preference',
      }),
    );
    expect(await options({ ImageId: jammy })).toMatchObject({ HttpTokens: 'optional', HttpPutResponseHopLimit: 1 });
  });
});

describe('other settings', () => {
  test('of host names, monitoring, maintenance and CPU', async () => {
    const ec2 = keiro.client(EC2Client);
    const id = await launchOne(ec2, { InstanceType: 't3.2xlarge' });
    await ec2.send(new ModifyPrivateDnsNameOptionsCommand({ InstanceId: id, EnableResourceNameDnsARecord: true }));
    expect((await describeInstance(ec2, id)).PrivateDnsNameOptions).toMatchObject({ EnableResourceNameDnsARecord: true });
    const name = new ModifyPrivateDnsNameOptionsCommand({ InstanceId: id, PrivateDnsHostnameType: 'resource-name' });
    expect((await refusal(ec2.send(name))).code).toBe('IncorrectInstanceState');
    const monitor = await ec2.send(new MonitorInstancesCommand({ InstanceIds: [id] }));
    expect(monitor.InstanceMonitorings).toEqual([{ InstanceId: id, Monitoring: { State: 'pending' } }]);
    expect((await describeInstance(ec2, id)).Monitoring?.State).toBe('enabled');
    const unmonitor = await ec2.send(new UnmonitorInstancesCommand({ InstanceIds: [id] }));
    expect(unmonitor.InstanceMonitorings).toEqual([{ InstanceId: id, Monitoring: { State: 'disabling' } }]);
    await ec2.send(new ModifyInstanceMaintenanceOptionsCommand({ InstanceId: id, AutoRecovery: 'disabled' }));
    expect((await describeInstance(ec2, id)).MaintenanceOptions?.AutoRecovery).toBe('disabled');
    const cores = new ModifyInstanceCpuOptionsCommand({ InstanceId: id, CoreCount: 2, ThreadsPerCore: 1 });
    expect((await refusal(ec2.send(cores))).code).toBe('IncorrectInstanceState');
    await stopped(ec2, id);
    await ec2.send(name);
    await ec2.send(cores);
    expect(await describeInstance(ec2, id)).toMatchObject({
      PrivateDnsName: `${id}.eu-west-1.compute.internal`,
      CpuOptions: { CoreCount: 2, ThreadsPerCore: 1 },
    });
  });

  test('of CPU credits', async () => {
    const ec2 = keiro.client(EC2Client);
    const [t3, t2] = [await launchOne(ec2), await launchOne(ec2, { InstanceType: 't2.nano' })];
    const m5 = await launchOne(ec2, { InstanceType: 'm5.large' });
    const credits = async (...InstanceIds: string[]) =>
      (await ec2.send(new DescribeInstanceCreditSpecificationsCommand(InstanceIds.length > 0 ? { InstanceIds } : {})))
        .InstanceCreditSpecifications;
    expect(await credits()).toEqual([{ InstanceId: t3, CpuCredits: 'unlimited' }]);
    expect(await credits(t3, t2)).toEqual([
      { InstanceId: t3, CpuCredits: 'unlimited' },
      { InstanceId: t2, CpuCredits: 'standard' },
    ]);
    expect(await refusal(credits(m5))).toEqual({
      code: 'InstanceCreditSpecification.NotSupported',
      message: `The instance ${m5} of type m5.large does not support CPU credits.`,
    });
    const answer = await ec2.send(
      new ModifyInstanceCreditSpecificationCommand({
        InstanceCreditSpecifications: [t3, m5, 'i-00000001'].map((InstanceId) => ({ InstanceId, CpuCredits: 'standard' })),
      }),
    );
    expect(answer.SuccessfulInstanceCreditSpecifications).toEqual([{ InstanceId: t3 }]);
    expect(answer.UnsuccessfulInstanceCreditSpecifications?.map((one) => [one.InstanceId, one.Error?.Code])).toEqual([
      [m5, 'InstanceCreditSpecification.NotSupported'],
      ['i-00000001', 'InvalidInstanceID.NotFound'],
    ]);
    expect(await credits(t3)).toEqual([{ InstanceId: t3, CpuCredits: 'standard' }]);
  });

  test('of IAM instance profiles', async () => {
    const ec2 = keiro.client(EC2Client);
    const [id, bare] = [await launchOne(ec2, { IamInstanceProfile: { Name: 'web' } }), await launchOne(ec2)];
    const associations = async (input: DescribeIamInstanceProfileAssociationsCommandInput = {}) =>
      (await ec2.send(new DescribeIamInstanceProfileAssociationsCommand(input))).IamInstanceProfileAssociations;
    const [first] = (await associations()) ?? [];
    expect(first).toMatchObject({
      AssociationId: expect.stringMatching(/^iip-assoc-0[0-9a-f]{16}$/),
      InstanceId: id,
      State: 'associated',
      IamInstanceProfile: { Arn: expect.stringMatching(/:instance-profile\/web$/) },
    });
    const again = new AssociateIamInstanceProfileCommand({ InstanceId: id, IamInstanceProfile: { Name: 'other' } });
    expect(await refusal(ec2.send(again))).toEqual({
      code: 'IncorrectState',
      message: `There is an existing association for instance ${id}`,
    });
    await ec2.send(new AssociateIamInstanceProfileCommand({ InstanceId: bare, IamInstanceProfile: { Name: 'bare' } }));
    expect((await describeInstance(ec2, bare)).IamInstanceProfile?.Arn).toMatch(/\/bare$/);
    const replaced = await ec2.send(
      new ReplaceIamInstanceProfileAssociationCommand({ AssociationId: first?.AssociationId, IamInstanceProfile: { Name: 'other' } }),
    );
    const second = replaced.IamInstanceProfileAssociation?.AssociationId ?? '';
    expect(await refusal(associations({ AssociationIds: [first?.AssociationId ?? ''] }))).toEqual({
      code: 'InvalidAssociationID.NotFound',
      message: `An invalid association-id of '${first?.AssociationId}' was given`,
    });
    expect(await associations({ AssociationIds: [second] })).toMatchObject([{ InstanceId: id }]);
    expect(await associations({ Filters: [{ Name: 'instance-id', Values: [bare] }] })).toMatchObject([{ InstanceId: bare }]);
    await ec2.send(new DisassociateIamInstanceProfileCommand({ AssociationId: second }));
    expect((await associations())?.map((one) => one.InstanceId)).toEqual([bare]);
    expect((await describeInstance(ec2, id)).IamInstanceProfile).toBeUndefined();
    expect(await refusal(launch(ec2, { IamInstanceProfile: { Name: 'no name' } }))).toEqual({
      code: 'InvalidParameterValue',
      message: 'Value (no name) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name',
    });
  });

  test('the console is empty, and there is no password', async () => {
    const ec2 = keiro.client(EC2Client);
    const id = await launchOne(ec2);
    const console = await ec2.send(new GetConsoleOutputCommand({ InstanceId: id }));
    expect(console.InstanceId).toBe(id);
    expect(console.Output ?? '').toBe('');
    expect(console.Timestamp).toBeInstanceOf(Date);
    expect((await refusal(ec2.send(new GetPasswordDataCommand({ InstanceId: id })))).code).toBe('NotImplemented');
  });
});
