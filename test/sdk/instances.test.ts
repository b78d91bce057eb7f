import {
  CreateKeyPairCommand,
  CreateSecurityGroupCommand,
  DescribeInstancesCommand,
  DescribeInstanceStatusCommand,
  type DescribeInstanceStatusCommandInput,
  EC2Client,
  type Filter,
  paginateDescribeInstances,
  RunInstancesCommand,
  StopInstancesCommand,
  waitUntilInstanceExists,
  waitUntilInstanceRunning,
  waitUntilInstanceStatusOk,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { createSubnet, describeInstance, imageId, launch, launchOne, untilState } from '#test/sdk/launch.ts';

const keiro = await useKeiro();

describe('a launch', () => {
  test('into the default subnet gives a running instance with a public address', async () => {
    const ec2 = keiro.client(EC2Client);
    const [pending] = await launch(ec2, {
      TagSpecifications: [
        { ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'web' }] },
        { ResourceType: 'volume', Tags: [{ Key: 'Disk', Value: 'root' }] },
      ],
    });
    expect(pending).toMatchObject({
      InstanceId: expect.stringMatching(/^i-0[0-9a-f]{16}$/),
      State: { Code: 0, Name: 'pending' },
      StateReason: { Code: 'pending', Message: 'pending' },
      PublicDnsName: '',
      AmiLaunchIndex: 0,
      Monitoring: { State: 'disabled' },
      MetadataOptions: { State: 'pending', HttpTokens: 'required', HttpPutResponseHopLimit: 2, HttpEndpoint: 'enabled' },
      Tags: [{ Key: 'Name', Value: 'web' }],
    });
    expect(pending?.PublicIpAddress).toBeUndefined();
    const id = pending?.InstanceId ?? '';
    await waitUntilInstanceExists({ client: ec2, maxWaitTime: 30 }, { InstanceIds: [id] });
    await waitUntilInstanceRunning({ client: ec2, maxWaitTime: 30 }, { InstanceIds: [id] });
    await waitUntilInstanceStatusOk({ client: ec2, maxWaitTime: 30 }, { InstanceIds: [id] });

    const running = await describeInstance(ec2, id);
    const address = running.PrivateIpAddress ?? '';
    const publicIp = running.PublicIpAddress ?? '';
    expect(address).toMatch(/^172\.31\./);
    expect(publicIp).toMatch(/^198\.1[89]\./);
    expect(running).toMatchObject({
      State: { Code: 16, Name: 'running' },
      Architecture: 'x86_64',
      PrivateDnsName: `ip-${address.replaceAll('.', '-')}.eu-west-1.compute.internal`,
      PublicDnsName: `ec2-${publicIp.replaceAll('.', '-')}.eu-west-1.compute.amazonaws.com`,
      SourceDestCheck: true,
      RootDeviceName: '/dev/xvda',
      CpuOptions: { CoreCount: 1, ThreadsPerCore: 2 },
      CurrentInstanceBootMode: 'uefi',
      SecurityGroups: [{ GroupName: 'default' }],
      NetworkInterfaces: [
        {
          PrivateIpAddress: address,
          Association: { PublicIp: publicIp, IpOwnerId: 'amazon' },
          Attachment: { DeviceIndex: 0, DeleteOnTermination: true, Status: 'attached' },
        },
      ],
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { DeleteOnTermination: true, Status: 'attached' } }],
    });
    expect(running.StateReason).toBeUndefined();
  });

  test('puts instances of one call into one reservation', async () => {
    const ec2 = keiro.client(EC2Client);
    const { ReservationId, Instances, OwnerId } = await ec2.send(
      new RunInstancesCommand({ ImageId: imageId('eu-west-1'), InstanceType: 't3.nano', MinCount: 3, MaxCount: 3 }),
    );
    await launch(ec2);
    expect(Instances?.map((instance) => instance.AmiLaunchIndex)).toEqual([0, 1, 2]);
    expect(new Set(Instances?.map((instance) => instance.PrivateIpAddress)).size).toBe(3);
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({}));
    expect(Reservations?.map((one) => [one.ReservationId === ReservationId, one.Instances?.length])).toEqual([
      [true, 3],
      [false, 1],
    ]);
    expect(Reservations?.[0]?.OwnerId).toBe(OwnerId);
  });

  test('into a subnet of one’s own has groups, address, key and settings as asked', async () => {
    const ec2 = keiro.client(EC2Client);
    const { vpcId, subnetId } = await createSubnet(ec2);
    const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'web', Description: 'web', VpcId: vpcId }));
    await ec2.send(new CreateKeyPairCommand({ KeyName: 'mine', KeyType: 'ed25519' }));
    const id = await launchOne(ec2, {
      InstanceType: 't4g.micro',
      ImageId: imageId('eu-west-1', 'arm64', 'ubuntu/images/hvm-ssd/ubuntu-jammy'),
      SubnetId: subnetId,
      SecurityGroupIds: [GroupId ?? ''],
      PrivateIpAddress: '10.0.0.77',
      KeyName: 'mine',
      Monitoring: { Enabled: true },
      EbsOptimized: true,
      IamInstanceProfile: { Name: 'web' },
      CpuOptions: { CoreCount: 1, ThreadsPerCore: 1 },
      PrivateDnsNameOptions: { HostnameType: 'resource-name', EnableResourceNameDnsARecord: true },
      MetadataOptions: { HttpTokens: 'optional', HttpPutResponseHopLimit: 3, InstanceMetadataTags: 'enabled' },
      BlockDeviceMappings: [
        { DeviceName: '/dev/sda1', Ebs: { VolumeSize: 20, VolumeType: 'gp3', DeleteOnTermination: false } },
        { DeviceName: '/dev/sdf', Ebs: { VolumeSize: 5 } },
      ],
    });
    const instance = await describeInstance(ec2, id);
    expect(instance).toMatchObject({
      VpcId: vpcId,
      SubnetId: subnetId,
      PrivateIpAddress: '10.0.0.77',
      PrivateDnsName: `${id}.eu-west-1.compute.internal`,
      PublicDnsName: '',
      KeyName: 'mine',
      SecurityGroups: [{ GroupId, GroupName: 'web' }],
      Architecture: 'arm64',
      Monitoring: { State: 'enabled' },
      EbsOptimized: true,
      CpuOptions: { CoreCount: 1, ThreadsPerCore: 1 },
      PrivateDnsNameOptions: { HostnameType: 'resource-name', EnableResourceNameDnsARecord: true, EnableResourceNameDnsAAAARecord: false },
      MetadataOptions: { State: 'applied', HttpTokens: 'optional', HttpPutResponseHopLimit: 3, InstanceMetadataTags: 'enabled' },
      BlockDeviceMappings: [
        { DeviceName: '/dev/sda1', Ebs: { DeleteOnTermination: false } },
        { DeviceName: '/dev/sdf', Ebs: { DeleteOnTermination: true } },
      ],
    });
    expect(instance.IamInstanceProfile?.Arn).toMatch(/^arn:aws:iam::[0-9]{12}:instance-profile\/web$/);
    expect(instance.PublicIpAddress).toBeUndefined();
  });

  test('takes empty texts for nothing, as Terraform sends them', async () => {
    const ec2 = keiro.client(EC2Client);
    const id = await launchOne(ec2, {
      Placement: { AvailabilityZone: '', GroupName: '' },
      IamInstanceProfile: { Name: '' },
      KeyName: '',
      UserData: '',
      SubnetId: '',
    });
    expect((await describeInstance(ec2, id)).KeyName).toBeUndefined();
  });

  test('with the same client token gives the same instances', async () => {
    const ec2 = keiro.client(EC2Client);
    const [first] = await launch(ec2, { ClientToken: 'once' });
    const [again] = await launch(ec2, { ClientToken: 'once' });
    expect(again?.InstanceId).toBe(first?.InstanceId);
    expect(again?.LaunchTime).toEqual(first?.LaunchTime);
    expect((await refusal(launch(ec2, { ClientToken: 'once', InstanceType: 't3.micro' }))).code).toBe('IdempotentParameterMismatch');
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: 'client-token', Values: ['once'] }] }));
    expect(Reservations).toHaveLength(1);
  });

  test('of more than the quota of vCPUs gives as many as there is room for', async () => {
    const ec2 = keiro.client(EC2Client);
    // 32 vCPUs: two m5.2xlarge leave 16, eight t3.nano with 2 each.
    await launch(ec2, { InstanceType: 'm5.2xlarge', MinCount: 2, MaxCount: 2 });
    expect(await launch(ec2, { MinCount: 1, MaxCount: 20 })).toHaveLength(8);
    const limit = {
      code: 'VcpuLimitExceeded',
      message:
        'You have requested more vCPU capacity than your current vCPU limit of 32 allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.',
    };
    expect(await refusal(launch(ec2))).toEqual(limit);
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: 'instance-type', Values: ['t3.nano'] }] }));
    const stopped = Reservations?.[0]?.Instances?.[0]?.InstanceId ?? '';
    await ec2.send(new StopInstancesCommand({ InstanceIds: [stopped] }));
    expect(await launch(ec2)).toHaveLength(1);
    expect(await refusal(launch(ec2))).toEqual(limit);
  });

  test('of more than the subnet has addresses for gives as many as there is room for', async () => {
    const ec2 = keiro.client(EC2Client);
    const { subnetId } = await createSubnet(ec2, '10.0.0.0/28');
    expect(
      await launch(ec2, { InstanceType: 't2.nano', ImageId: imageId('eu-west-1', 'x86_64', 'amzn2'), SubnetId: subnetId, MaxCount: 20 }),
    ).toHaveLength(11);
    expect(await refusal(launch(ec2, { SubnetId: subnetId }))).toEqual({
      code: 'InsufficientFreeAddressesInSubnet',
      message: 'The specified subnet does not have enough free addresses to satisfy the request.',
    });
  });
});

describe('instances are described', () => {
  test('by id, filter and page', async () => {
    const ec2 = keiro.client(EC2Client);
    const { vpcId, subnetId } = await createSubnet(ec2);
    const tagged = { TagSpecifications: [{ ResourceType: 'instance' as const, Tags: [{ Key: 'Name', Value: 'web-1' }] }] };
    const web = await launchOne(ec2, { SubnetId: subnetId, PrivateIpAddress: '10.0.0.50', ...tagged });
    const other = await launchOne(ec2, { InstanceType: 't3.micro' });
    await ec2.send(new StopInstancesCommand({ InstanceIds: [other] }));
    await untilState(ec2, other, 'stopped');
    const find = async (...Filters: Filter[]) =>
      (await ec2.send(new DescribeInstancesCommand({ Filters }))).Reservations?.flatMap((one) => one.Instances ?? []).map(
        (one) => one.InstanceId,
      );
    const publicIp = (await describeInstance(ec2, web)).PublicIpAddress;
    expect(publicIp).toBeUndefined();
    const onlyWeb: readonly (readonly [string, ...string[]])[] = [
      ['tag:Name', 'web-?'],
      ['vpc-id', vpcId],
      ['subnet-id', subnetId],
      ['instance-state-name', 'running', 'pending'],
      ['instance-state-code', '16'],
      ['private-ip-address', '10.0.0.50'],
      ['network-interface.addresses.private-ip-address', '10.0.0.5*'],
      ['network-interface.subnet-id', subnetId],
      ['instance-type', 't3.nano'],
    ];
    for (const [Name, ...Values] of onlyWeb) expect([Name, ...((await find({ Name, Values })) ?? [])]).toEqual([Name, web]);
    const both: readonly (readonly [string, ...string[]])[] = [
      ['architecture', 'x86_64'],
      ['instance.group-name', 'default'],
      ['network-interface.attachment.device-index', '0'],
      ['root-device-type', 'ebs'],
      ['hypervisor', 'xen'],
      ['image-id', imageId('eu-west-1')],
    ];
    for (const [Name, ...Values] of both) expect([Name, ...((await find({ Name, Values })) ?? [])]).toEqual([Name, web, other]);
    expect(await find({ Name: 'state-reason-code', Values: ['Client.UserInitiatedShutdown'] })).toEqual([other]);
    expect(await find({ Name: 'vpc-id', Values: [vpcId] }, { Name: 'instance-state-name', Values: ['stopped'] })).toEqual([]);
    expect(await find({ Name: 'instance-lifecycle', Values: ['spot'] })).toEqual([]);

    await launch(ec2, { MinCount: 9, MaxCount: 9 });
    const pages: number[] = [];
    for await (const page of paginateDescribeInstances({ client: ec2, pageSize: 5 }, {})) {
      pages.push(page.Reservations?.flatMap((one) => one.Instances ?? []).length ?? 0);
    }
    expect(pages).toEqual([5, 5, 1]);
  });

  test('with their status, the running ones unless told otherwise', async () => {
    const ec2 = keiro.client(EC2Client);
    const [running, stopped] = [await launchOne(ec2), await launchOne(ec2)];
    await ec2.send(new StopInstancesCommand({ InstanceIds: [stopped] }));
    await untilState(ec2, stopped, 'stopped');
    const status = async (input: DescribeInstanceStatusCommandInput = {}) =>
      (await ec2.send(new DescribeInstanceStatusCommand(input))).InstanceStatuses?.map((one) => [
        one.InstanceId,
        one.InstanceStatus?.Status,
      ]);
    expect(await status()).toEqual([[running, 'ok']]);
    expect(await status({ InstanceIds: [stopped] })).toEqual([]);
    expect(await status({ IncludeAllInstances: true })).toEqual([
      [running, 'ok'],
      [stopped, 'not-applicable'],
    ]);
    expect(await status({ Filters: [{ Name: 'system-status.reachability', Values: ['passed'] }] })).toEqual([[running, 'ok']]);
    expect(await status({ Filters: [{ Name: 'instance-state-name', Values: ['stopped'] }] })).toEqual([]);
    expect(await status({ IncludeAllInstances: true, Filters: [{ Name: 'instance-state-name', Values: ['stopped'] }] })).toEqual([
      [stopped, 'not-applicable'],
    ]);
    expect((await refusal(status({ InstanceIds: ['i-00000001'] }))).code).toBe('InvalidInstanceID.NotFound');
  });

  test('and refused by ids that are none or missing', async () => {
    const ec2 = keiro.client(EC2Client);
    const id = await launchOne(ec2);
    const look = (...InstanceIds: string[]) => refusal(ec2.send(new DescribeInstancesCommand({ InstanceIds })));
    expect(await look('web')).toEqual({ code: 'InvalidInstanceID.Malformed', message: 'Invalid id: "web" (expecting "i-...")' });
    expect(await look('i-xyz')).toEqual({ code: 'InvalidInstanceID.Malformed', message: 'Invalid id: "i-xyz"' });
    expect(await look(id, 'i-00000001')).toEqual({
      code: 'InvalidInstanceID.NotFound',
      message: "The instance ID 'i-00000001' does not exist",
    });
    expect(await look('i-00000001', 'i-00000002')).toEqual({
      code: 'InvalidInstanceID.NotFound',
      message: "The instance IDs 'i-00000001, i-00000002' do not exist",
    });
    expect((await refusal(keiro.client(EC2Client).send(new DescribeInstancesCommand({ InstanceIds: [id] })))).code).toBe(
      'InvalidInstanceID.NotFound',
    );
    expect(await refusal(ec2.send(new DescribeInstancesCommand({ InstanceIds: [id], MaxResults: 5 })))).toEqual({
      code: 'InvalidParameterCombination',
      message: 'The parameter InstanceIds cannot be used with the parameter MaxResults',
    });
    expect(await refusal(ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: 'colour', Values: ['red'] }] })))).toEqual({
      code: 'InvalidParameterValue',
      message: "The filter 'colour' is invalid",
    });
  });
});
