import {
  CreateSecurityGroupCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeInstancesCommand,
  DescribeInternetGatewaysCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  DetachInternetGatewayCommand,
  EC2Client,
  type RunInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { createSubnet, launch } from '#test/sdk/launch.ts';

const keiro = await useKeiro();

describe('a launch is refused', () => {
  const wrong: readonly (readonly [string, Partial<RunInstancesCommandInput>, string, string])[] = [
    ['an image that is none', { ImageId: 'image' }, 'InvalidAMIID.Malformed', 'Invalid id: "image" (expecting "ami-...")'],
    ['a missing image', { ImageId: 'ami-00000001' }, 'InvalidAMIID.NotFound', "The image id '[ami-00000001]' does not exist"],
    ['no image', { ImageId: undefined }, 'MissingParameter', 'The request must contain the parameter ImageId'],
    [
      'a type that is none',
      { InstanceType: 't3.mikro' as 't3.micro' },
      'InvalidParameterValue',
      "Invalid value 't3.mikro' for InstanceType.",
    ],
    [
      'a type that Keiro lacks',
      { InstanceType: 'p5.48xlarge' },
      'Unsupported',
      "Keiro does not have the instance type 'p5.48xlarge'; DescribeInstanceTypes lists those that it has.",
    ],
    [
      'a type for other processors',
      { InstanceType: 't4g.micro' },
      'InvalidParameterValue',
      "The architecture 'arm64' of the specified instance type does not match the architecture 'x86_64' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again. You can use 'describe-instance-types' or 'describe-images' to discover the architecture of the instance type or AMI.",
    ],
    ['a missing key pair', { KeyName: 'nobody' }, 'InvalidKeyPair.NotFound', "The key pair 'nobody' does not exist"],
    ['a missing subnet', { SubnetId: 'subnet-00000001' }, 'InvalidSubnetID.NotFound', "The subnet ID 'subnet-00000001' does not exist"],
    ['a missing group', { SecurityGroupIds: ['sg-00000001'] }, 'InvalidGroup.NotFound', "The security group 'sg-00000001' does not exist"],
    ['a group id that is none', { SecurityGroupIds: ['web'] }, 'InvalidGroupId.Malformed', 'Invalid id: "web" (expecting "sg-...")'],
    [
      'group names with a subnet',
      { SecurityGroups: ['default'], SubnetId: 'subnet-00000001' },
      'InvalidParameterCombination',
      'The parameter groupName cannot be used with the parameter subnet',
    ],
    [
      'a zone that is none',
      { Placement: { AvailabilityZone: 'us-east-1a' } },
      'InvalidParameterValue',
      'Invalid availability zone: [us-east-1a]',
    ],
    [
      'no instances',
      { MinCount: 0 },
      'InvalidParameterValue',
      'Value (0) for parameter minCount is invalid. Must be greater than or equal to 1.',
    ],
    [
      'more at least than at most',
      { MinCount: 2, MaxCount: 1 },
      'InvalidParameterCombination',
      'The parameter minCount (2) must not be greater than the parameter maxCount (1).',
    ],
    ['user data that is no base64', { UserData: '#!/bin/sh' }, 'InvalidUserData.Malformed', 'Invalid BASE64 encoding of user data.'],
    [
      'too much user data',
      { UserData: Buffer.alloc(16_385).toString('base64') },
      'InvalidParameterValue',
      'User data is limited to 16384 bytes',
    ],
    [
      'a private address for several',
      { PrivateIpAddress: '172.31.0.9', MaxCount: 2 },
      'InvalidParameterCombination',
      'A private IP address or IPv6 address cannot be specified when launching more than one instance.',
    ],
    [
      'a hop limit of 65',
      { MetadataOptions: { HttpPutResponseHopLimit: 65 } },
      'InvalidParameterValue',
      'Value (65) for parameter httpPutResponseHopLimit is invalid. The value must be between 1 and 64.',
    ],
    [
      'cores that the type does not offer',
      { InstanceType: 'm5.large', CpuOptions: { CoreCount: 2, ThreadsPerCore: 1 } },
      'InvalidParameterValue',
      'CpuOptions with 2 cores and 1 threads per core are not valid for m5.large.',
    ],
    [
      'a profile by name and ARN',
      { IamInstanceProfile: { Name: 'a', Arn: 'arn:aws:iam::123456789012:instance-profile/a' } },
      'InvalidParameterCombination',
      "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'",
    ],
    [
      'a root volume smaller than the image',
      { BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 4 } }] },
      'InvalidBlockDeviceMapping',
      expect.stringMatching(/^Volume of size 4GB is smaller than snapshot 'snap-0[0-9a-f]{16}', expect size >= 8GB$/),
    ],
    [
      'tags for another kind of resource',
      { TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: 'a', Value: 'b' }] }] },
      'InvalidParameterValue',
      "'vpc' is not a valid taggable resource type for this operation.",
    ],
    [
      'launch templates',
      { LaunchTemplate: { LaunchTemplateName: 'a' } },
      'UnsupportedOperation',
      'Keiro does not model launch templates: LaunchTemplate.',
    ],
  ];

  test.each(wrong)('with %s', async (_what, input, code, message) => {
    const ec2 = keiro.client(EC2Client);
    expect(await refusal(launch(ec2, input))).toEqual({ code, message });
    expect((await ec2.send(new DescribeInstancesCommand({}))).Reservations).toEqual([]);
  });

  test('without default subnet or default VPC', async () => {
    const ec2 = keiro.client(EC2Client);
    const { Vpcs } = await ec2.send(new DescribeVpcsCommand({}));
    const vpcId = Vpcs?.[0]?.VpcId ?? '';
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}));
    const ids = (Subnets ?? []).map((subnet) => [subnet.SubnetId ?? '', subnet.AvailabilityZone ?? ''] as const);
    await ec2.send(new DeleteSubnetCommand({ SubnetId: ids[0]?.[0] }));
    expect(await refusal(launch(ec2, { Placement: { AvailabilityZone: ids[0]?.[1] } }))).toEqual({
      code: 'MissingInput',
      message: `No default subnet for availability zone: '${ids[0]?.[1]}'.`,
    });
    for (const [id] of ids.slice(1)) await ec2.send(new DeleteSubnetCommand({ SubnetId: id }));
    expect(await refusal(launch(ec2))).toEqual({
      code: 'MissingInput',
      message: `No subnets found for the default VPC '${vpcId}'. Please specify a subnet.`,
    });
    const { InternetGateways } = await ec2.send(new DescribeInternetGatewaysCommand({}));
    await ec2.send(new DetachInternetGatewayCommand({ VpcId: vpcId, InternetGatewayId: InternetGateways?.[0]?.InternetGatewayId }));
    await ec2.send(new DeleteVpcCommand({ VpcId: vpcId }));
    expect(await refusal(launch(ec2))).toEqual({
      code: 'VPCIdNotSpecified',
      message: 'No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.',
    });
  });

  test('with a group of another VPC, and into a zone that is not the subnet’s', async () => {
    const ec2 = keiro.client(EC2Client);
    const { subnetId } = await createSubnet(ec2);
    const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'elsewhere', Description: 'elsewhere' }));
    expect(await refusal(launch(ec2, { SubnetId: subnetId, SecurityGroupIds: [GroupId ?? ''] }))).toEqual({
      code: 'InvalidParameter',
      message: `Security group ${GroupId} and subnet ${subnetId} belong to different networks.`,
    });
    expect(await refusal(launch(ec2, { SubnetId: subnetId, Placement: { AvailabilityZone: 'eu-west-1c' } }))).toEqual({
      code: 'InvalidParameterValue',
      message: `The specified subnet '${subnetId}' is in the availability zone 'eu-west-1a', not in the specified 'eu-west-1c'.`,
    });
  });
});
