import {
  AllocateAddressCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DeleteTagsCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeTagsCommand,
  DescribeVpcsCommand,
  EC2Client,
  paginateDescribeTags,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { publicImages } from '#services/ec2/instances/image-catalog.ts';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro();

async function createVpc(ec2: EC2Client, tags: Readonly<Record<string, string>> = {}): Promise<string> {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const { Vpc } = await ec2.send(
    new CreateVpcCommand({
      CidrBlock: '10.0.0.0/16',
      ...(Tags.length > 0 ? { TagSpecifications: [{ ResourceType: 'vpc', Tags }] } : {}),
    }),
  );
  return Vpc?.VpcId ?? '';
}

async function tagsOf(ec2: EC2Client, id: string): Promise<Readonly<Record<string, string>>> {
  const { Tags } = await ec2.send(new DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values: [id] }] }));
  return Object.fromEntries((Tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? '']));
}

describe('tags', () => {
  test('are put on, overwritten and taken off, on several resources at once', async () => {
    const ec2 = keiro.client(EC2Client);
    const [first, second] = [await createVpc(ec2, { Name: 'old', Team: 'red' }), await createVpc(ec2)];
    const Tags = [{ Key: 'Name', Value: 'new' }, { Key: 'Empty' }];
    await ec2.send(new CreateTagsCommand({ Resources: [first, second], Tags }));
    expect(await tagsOf(ec2, first)).toEqual({ Name: 'new', Team: 'red', Empty: '' });
    expect(await tagsOf(ec2, second)).toEqual({ Name: 'new', Empty: '' });
    const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: 'tag:Name', Values: ['new'] }] }));
    expect(Vpcs?.map((vpc) => vpc.VpcId)).toEqual([first, second]);

    const without = (resource: string, tags?: { Key: string; Value?: string }[]) =>
      ec2.send(new DeleteTagsCommand({ Resources: [resource], ...(tags ? { Tags: tags } : {}) }));
    await without(first, [{ Key: 'Name', Value: 'other' }, { Key: 'Team' }]);
    expect(await tagsOf(ec2, first)).toEqual({ Name: 'new', Empty: '' });
    await without(first, [
      { Key: 'Name', Value: '' },
      { Key: 'Empty', Value: '' },
    ]);
    expect(await tagsOf(ec2, first)).toEqual({ Name: 'new' });
    await without(second);
    expect(await tagsOf(ec2, second)).toEqual({});
  });

  test('go on every kind of resource, on rules inside groups and volumes inside instances too', async () => {
    const ec2 = keiro.client(EC2Client);
    const vpcId = await createVpc(ec2);
    const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'web', Description: 'web', VpcId: vpcId }));
    const { SecurityGroupRules } = await ec2.send(
      new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [GroupId ?? ''] }] }),
    );
    const { AllocationId } = await ec2.send(new AllocateAddressCommand({}));
    const [image] = publicImages('eu-west-1').keys();
    const { Instances } = await ec2.send(
      new RunInstancesCommand({
        ImageId: image,
        InstanceType: 't2.micro',
        MinCount: 1,
        MaxCount: 1,
        TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'Disk', Value: 'root' }] }],
      }),
    );
    const instance = Instances?.[0];
    const volumeId = instance?.BlockDeviceMappings?.[0]?.Ebs?.VolumeId ?? '';
    const ids = [
      vpcId,
      GroupId ?? '',
      SecurityGroupRules?.[0]?.SecurityGroupRuleId ?? '',
      AllocationId ?? '',
      instance?.InstanceId ?? '',
      instance?.NetworkInterfaces?.[0]?.NetworkInterfaceId ?? '',
      volumeId,
    ];
    await ec2.send(new CreateTagsCommand({ Resources: ids, Tags: [{ Key: 'Cost', Value: 'network' }] }));
    const { Tags } = await ec2.send(new DescribeTagsCommand({ Filters: [{ Name: 'key', Values: ['Cost'] }] }));
    expect(new Map(Tags?.map((tag) => [tag.ResourceId, tag.ResourceType]))).toEqual(
      new Map([
        [ids[0], 'vpc'],
        [ids[1], 'security-group'],
        [ids[2], 'security-group-rule'],
        [ids[3], 'elastic-ip'],
        [ids[4], 'instance'],
        [ids[5], 'network-interface'],
        [ids[6], 'volume'],
      ]),
    );
    expect(await tagsOf(ec2, volumeId)).toEqual({ Disk: 'root', Cost: 'network' });
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [ids[4] ?? ''] }));
    expect(await tagsOf(ec2, volumeId)).toEqual({});
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: 'tag-key', Values: ['Cost'] }] }));
    expect(Reservations?.[0]?.Instances?.[0]?.State?.Name).toBe('terminated');
  });

  test('are filtered by key, value, resource and type, and paged', async () => {
    const ec2 = keiro.client(EC2Client);
    const vpcs = [
      await createVpc(ec2, { Name: 'a', Team: 'red' }),
      await createVpc(ec2, { Name: 'b' }),
      await createVpc(ec2, { Name: 'c' }),
    ];
    const find = async (Name: string, ...Values: string[]) =>
      (await ec2.send(new DescribeTagsCommand({ Filters: [{ Name, Values }] }))).Tags?.map((tag) => `${tag.Key}=${tag.Value}`).toSorted();
    expect(await find('key', 'Te*')).toEqual(['Team=red']);
    expect(await find('value', 'a', 'c')).toEqual(['Name=a', 'Name=c']);
    expect(await find('tag:Team', 'red')).toEqual(['Team=red']);
    expect(await find('resource-type', 'vpc')).toEqual(['Name=a', 'Name=b', 'Name=c', 'Team=red']);
    expect(await find('resource-type', 'subnet')).toEqual([]);
    expect(await find('resource-id', vpcs[0] ?? '', 'vpc-00000000')).toEqual(['Name=a', 'Team=red']);
    expect(await find('resource-id', 'nonsense')).toEqual([]);

    const many = Array.from({ length: 12 }, (_, index) => ({ Key: `key-${index}`, Value: 'v' }));
    await ec2.send(new CreateTagsCommand({ Resources: [vpcs[1] ?? ''], Tags: many }));
    const pages: number[] = [];
    const paginator = paginateDescribeTags({ client: ec2, pageSize: 5 }, { Filters: [{ Name: 'value', Values: ['v'] }] });
    for await (const page of paginator) pages.push(page.Tags?.length ?? 0);
    expect(pages).toEqual([5, 5, 2]);
  });

  test('are refused for ids that are none, for missing resources, and beyond AWS limits', async () => {
    const ec2 = keiro.client(EC2Client);
    const vpcId = await createVpc(ec2, { Name: 'kept' });
    const tag = (resource: string, Key = 'Name', Value = 'x') =>
      refusal(ec2.send(new CreateTagsCommand({ Resources: [vpcId, resource], Tags: [{ Key, Value }] })));
    for (const id of ['nonsense', 'vpc-xyz', 'eipassoc-0123456789abcdef0', '']) {
      expect(await tag(id)).toEqual({ code: 'InvalidID', message: `The ID '${id}' is not valid` });
    }
    const missing: Readonly<Record<string, readonly [string, string]>> = {
      'vpc-00000000000000001': ['InvalidVpcID.NotFound', "The vpc ID 'vpc-00000000000000001' does not exist"],
      'subnet-00000000000000001': ['InvalidSubnetID.NotFound', "The subnet ID 'subnet-00000000000000001' does not exist"],
      'rtb-00000000000000001': ['InvalidRouteTableID.NotFound', "The routeTable ID 'rtb-00000000000000001' does not exist"],
      'i-00000000000000001': ['InvalidInstanceID.NotFound', "The instance ID 'i-00000000000000001' does not exist"],
      'vol-00000000000000001': ['InvalidVolume.NotFound', "The volume 'vol-00000000000000001' does not exist."],
      'sg-00000000000000001': ['InvalidGroup.NotFound', "The security group 'sg-00000000000000001' does not exist"],
      'sgr-00000000000000001': ['InvalidSecurityGroupRuleId.NotFound', "The security group rule ID 'sgr-00000000000000001' does not exist"],
      'eipalloc-00000000000000001': ['InvalidAllocationID.NotFound', "The allocation ID 'eipalloc-00000000000000001' does not exist"],
    };
    for (const [id, [code, message]] of Object.entries(missing)) expect(await tag(id)).toEqual({ code, message });
    // Nothing of a refused call is done.
    expect(await tagsOf(ec2, vpcId)).toEqual({ Name: 'kept' });

    expect(await tag(vpcId, 'aws:mine')).toEqual({
      code: 'InvalidParameterValue',
      message: "Tag keys starting with 'aws:' are reserved for internal use",
    });
    expect(await refusal(ec2.send(new DeleteTagsCommand({ Resources: [vpcId], Tags: [{ Key: 'aws:mine' }] })))).toEqual({
      code: 'InvalidParameterValue',
      message: "Tag keys starting with 'aws:' are reserved for internal use",
    });
    const many = Array.from({ length: 50 }, (_, index) => ({ Key: `key-${index}`, Value: '' }));
    expect(await refusal(ec2.send(new CreateTagsCommand({ Resources: [vpcId], Tags: many })))).toEqual({
      code: 'TagLimitExceeded',
      message: 'The maximum number of Tags for a resource has been reached.',
    });
    expect(await refusal(ec2.send(new CreateTagsCommand({ Resources: Array<string>(1001).fill(vpcId), Tags: [{ Key: 'a' }] })))).toEqual({
      code: 'InvalidParameterValue',
      message: 'A call may name at most 1000 resources.',
    });
    expect(await refusal(ec2.send(new DescribeTagsCommand({ Filters: [{ Name: 'colour', Values: ['red'] }] })))).toEqual({
      code: 'InvalidParameterValue',
      message: "The filter 'colour' is invalid",
    });
  });
});
