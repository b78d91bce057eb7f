import {
  DescribeImageAttributeCommand,
  DescribeImagesCommand,
  type DescribeImagesCommandInput,
  EC2Client,
  paginateDescribeImages,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro();

/** What infrastructure tools do: filter by name, take the most recent. */
async function mostRecent(owner: string, name: string, region = 'us-east-1') {
  const { Images } = await keiro
    .client(EC2Client, { region })
    .send(new DescribeImagesCommand({ Owners: [owner], Filters: [{ Name: 'name', Values: [name] }] }));
  return Images?.toSorted((a, b) => (b.CreationDate ?? '').localeCompare(a.CreationDate ?? ''))[0];
}

describe('images', () => {
  test.each([
    ['amazon', 'al2023-ami-2023*-x86_64', /^al2023-ami-2023\..*-kernel-6\.1-x86_64$/, '137112412989'],
    ['137112412989', 'al2023-ami-*-kernel-6.1-arm64', /-arm64$/, '137112412989'],
    ['amazon', 'amzn2-ami-hvm-*-x86_64-gp2', /^amzn2-ami-hvm-2\.0/, '137112412989'],
    ['099720109477', 'ubuntu/images/hvm-ssd*/ubuntu-noble-24.04-amd64-server-*', /noble-24\.04-amd64/, '099720109477'],
    ['099720109477', 'ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-*', /jammy-22\.04-amd64/, '099720109477'],
    ['136693071363', 'debian-12-arm64-*', /^debian-12-arm64-/, '136693071363'],
  ])('of %s are found by %s', async (owner, pattern, name, ownerId) => {
    const image = await mostRecent(owner, pattern);
    expect(image?.Name).toMatch(name);
    expect(image?.OwnerId).toBe(ownerId);
  });

  test('are described as AWS does', async () => {
    const image = await mostRecent('amazon', 'al2023-ami-2023*-x86_64', 'eu-west-1');
    expect(image).toMatchObject({
      ImageId: expect.stringMatching(/^ami-0[0-9a-f]{16}$/),
      State: 'available',
      Public: true,
      Architecture: 'x86_64',
      ImageType: 'machine',
      ImageOwnerAlias: 'amazon',
      RootDeviceName: '/dev/xvda',
      RootDeviceType: 'ebs',
      VirtualizationType: 'hvm',
      EnaSupport: true,
      BootMode: 'uefi-preferred',
      ImdsSupport: 'v2.0',
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 8, VolumeType: 'gp3', DeleteOnTermination: true } }],
    });
  });

  test('are filtered, by their owners and users too, and paged', async () => {
    const ec2 = keiro.client(EC2Client);
    const names = async (input: DescribeImagesCommandInput) =>
      (await ec2.send(new DescribeImagesCommand(input))).Images?.map((image) => image.Name);
    const all = await names({});
    expect(all?.length).toBe(14);
    expect(await names({ Owners: ['self'] })).toEqual([]);
    expect(await names({ Owners: ['self', 'amazon'] })).toEqual(all);
    expect(await names({ ExecutableUsers: ['self'] })).toEqual([]);
    expect(await names({ ExecutableUsers: ['all'] })).toEqual(all);
    const arm = await names({ Filters: [{ Name: 'architecture', Values: ['arm64'] }] });
    expect(arm).toHaveLength(7);
    expect(await names({ Filters: [{ Name: 'root-device-name', Values: ['/dev/sda1'] }] })).toHaveLength(4);
    expect(await names({ Filters: [{ Name: 'block-device-mapping.volume-type', Values: ['gp2'] }] })).toHaveLength(6);
    expect(await names({ Filters: [{ Name: 'platform', Values: ['windows'] }] })).toEqual([]);
    expect(await names({ Filters: [{ Name: 'creation-date', Values: ['2026-04-*'] }] })).toHaveLength(8);
    const pages: number[] = [];
    for await (const page of paginateDescribeImages({ client: ec2, pageSize: 6 }, {})) pages.push(page.Images?.length ?? 0);
    expect(pages).toEqual([6, 6, 2]);
    // Debian publishes in the commercial Regions alone.
    const china = await keiro.client(EC2Client, { region: 'cn-north-1' }).send(new DescribeImagesCommand({}));
    expect(new Set(china.Images?.map((image) => image.OwnerId))).toEqual(new Set(['141808717104', '837727238323']));
  });

  test('have attributes that anybody may see', async () => {
    const ec2 = keiro.client(EC2Client);
    const image = await mostRecent('amazon', 'al2023-ami-2023*-x86_64', 'eu-west-1');
    const ImageId = image?.ImageId ?? '';
    const { Description } = await ec2.send(new DescribeImageAttributeCommand({ ImageId, Attribute: 'description' }));
    expect(Description?.Value).toMatch(/^Amazon Linux 2023 AMI/);
    expect((await ec2.send(new DescribeImageAttributeCommand({ ImageId, Attribute: 'imdsSupport' }))).ImdsSupport?.Value).toBe('v2.0');
    expect(await refusal(ec2.send(new DescribeImageAttributeCommand({ ImageId, Attribute: 'launchPermission' })))).toEqual({
      code: 'AuthFailure',
      message: `Not authorized for image:${ImageId}`,
    });
  });

  test('are refused by ids that are none or missing', async () => {
    const ec2 = keiro.client(EC2Client);
    const describe = (...ImageIds: string[]) => refusal(ec2.send(new DescribeImagesCommand({ ImageIds })));
    expect(await describe('image-1')).toEqual({ code: 'InvalidAMIID.Malformed', message: 'Invalid id: "image-1" (expecting "ami-...")' });
    expect(await describe('ami-12')).toEqual({ code: 'InvalidAMIID.Malformed', message: 'Invalid id: "ami-12"' });
    expect(await describe('ami-00000001')).toEqual({
      code: 'InvalidAMIID.NotFound',
      message: "The image id '[ami-00000001]' does not exist",
    });
    expect(await describe('ami-00000001', 'ami-00000002')).toEqual({
      code: 'InvalidAMIID.NotFound',
      message: "The image ids '[ami-00000001, ami-00000002]' do not exist",
    });
    // The id of another Region.
    const there = await mostRecent('amazon', 'al2023-ami-2023*-x86_64', 'us-west-2');
    expect((await describe(there?.ImageId ?? '')).code).toBe('InvalidAMIID.NotFound');
    expect(await refusal(ec2.send(new DescribeImagesCommand({ ImageIds: ['ami-00000001'], MaxResults: 5 })))).toEqual({
      code: 'InvalidParameterCombination',
      message: 'The parameter ImageIds cannot be used with the parameter MaxResults',
    });
    expect(await refusal(ec2.send(new DescribeImageAttributeCommand({ ImageId: 'ami-00000001', Attribute: 'description' })))).toEqual({
      code: 'InvalidAMIID.NotFound',
      message: "The image id '[ami-00000001]' does not exist",
    });
  });
});
