/** What EC2 refuses about security groups, in AWS's codes and words. */
import { AwsError } from '#protocol/aws-error.ts';

/** An id that is none: AWS says what it expects only when the prefix is wrong. */
export function malformedGroupId(id: string): AwsError {
  const expected = id.startsWith('sg-') ? '' : ' (expecting "sg-...")';
  return new AwsError('InvalidGroupId.Malformed', `Invalid id: "${id}"${expected}`);
}

/** @param ids one or several; AWS lists several quoted */
export function groupNotFound(ids: string | readonly string[]): AwsError {
  const list = typeof ids === 'string' ? [ids] : ids;
  const words = list.map((id) => `'${id}'`).join(', ');
  return new AwsError(
    'InvalidGroup.NotFound',
    list.length === 1 ? `The security group ${words} does not exist` : `The security groups ${words} do not exist`,
  );
}

/** Names are looked up in the default VPC alone. */
export function groupNotInDefaultVpc(name: string, vpcId: string): AwsError {
  return new AwsError('InvalidGroup.NotFound', `The security group '${name}' does not exist in default VPC '${vpcId}'`);
}

export function noDefaultVpc(): AwsError {
  return new AwsError('VPCIdNotSpecified', 'No default VPC for this user');
}

/** A group of one VPC is used, or named in a rule, in another that it does not reach. */
export function differentNetworks(): AwsError {
  return new AwsError('InvalidGroup.NotFound', 'You have specified two resources that belong to different networks.');
}

export function groupOfAnotherNetwork(groupId: string, subnetId: string): AwsError {
  return new AwsError('InvalidParameter', `Security group ${groupId} and subnet ${subnetId} belong to different networks.`);
}

export function tooManyGroupsOnInterface(): AwsError {
  return new AwsError('SecurityGroupsPerInterfaceLimitExceeded', 'The maximum number of security groups per interface has been reached.');
}
