import { DescribeVolumesCommand, EC2Client, type Filter, paginateDescribeVolumes, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { describeInstance, launchOne } from '#test/sdk/launch.ts';

const keiro = await useKeiro();

describe('volumes of instances', () => {
  test('are described, by id, filter and page, as long as their instance is there', async () => {
    const ec2 = keiro.client(EC2Client);
    const id = await launchOne(ec2, {
      BlockDeviceMappings: [
        { DeviceName: '/dev/sdf', Ebs: { VolumeSize: 100, VolumeType: 'io2', Iops: 500, Encrypted: true } },
        { DeviceName: '/dev/xvda', Ebs: { VolumeSize: 20 } },
        ...['g', 'h', 'i', 'j'].map((letter) => ({ DeviceName: `/dev/sd${letter}`, Ebs: { VolumeSize: 1 } })),
      ],
      TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'Of', Value: 'web' }] }],
    });
    await launchOne(ec2);
    const rootId = (await describeInstance(ec2, id)).BlockDeviceMappings?.[0]?.Ebs?.VolumeId ?? '';
    const { Volumes } = await ec2.send(new DescribeVolumesCommand({ VolumeIds: [rootId] }));
    expect(Volumes).toMatchObject([
      {
        VolumeId: rootId,
        State: 'in-use',
        Size: 20,
        VolumeType: 'gp3',
        Iops: 3000,
        Throughput: 125,
        Encrypted: false,
        SnapshotId: expect.stringMatching(/^snap-/),
        Attachments: [{ VolumeId: rootId, InstanceId: id, Device: '/dev/xvda', State: 'attached', DeleteOnTermination: true }],
        Tags: [{ Key: 'Of', Value: 'web' }],
      },
    ]);
    const sizes = async (...Filters: Filter[]) =>
      (await ec2.send(new DescribeVolumesCommand({ Filters }))).Volumes?.map((volume) => volume.Size ?? 0).toSorted((a, b) => a - b);
    expect(await sizes()).toEqual([1, 1, 1, 1, 8, 20, 100]);
    expect(await sizes({ Name: 'attachment.instance-id', Values: [id] })).toEqual([1, 1, 1, 1, 20, 100]);
    expect(await sizes({ Name: 'tag:Of', Values: ['web'] }, { Name: 'encrypted', Values: ['true'] })).toEqual([100]);
    expect(await sizes({ Name: 'volume-type', Values: ['gp2'] })).toEqual([1, 1, 1, 1]);
    expect(await sizes({ Name: 'volume-id', Values: [rootId] })).toEqual([20]);
    expect(await sizes({ Name: 'status', Values: ['available'] })).toEqual([]);
    const pages: number[] = [];
    for await (const page of paginateDescribeVolumes({ client: ec2, pageSize: 5 }, {})) pages.push(page.Volumes?.length ?? 0);
    expect(pages).toEqual([5, 2]);

    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    expect(await sizes()).toEqual([8]);
    const look = (VolumeId: string) => refusal(ec2.send(new DescribeVolumesCommand({ VolumeIds: [VolumeId] })));
    expect(await look(rootId)).toEqual({ code: 'InvalidVolume.NotFound', message: `The volume '${rootId}' does not exist.` });
    expect(await look('disk')).toEqual({
      code: 'InvalidParameterValue',
      message: "Value (disk) for parameter volumes is invalid. Expected: 'vol-...'.",
    });
    expect(await refusal(ec2.send(new DescribeVolumesCommand({ VolumeIds: [rootId], MaxResults: 5 })))).toEqual({
      code: 'InvalidParameterCombination',
      message: 'The parameter VolumeIds cannot be used with the parameter MaxResults',
    });
  });
});
