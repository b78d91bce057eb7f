/** What EC2 refuses about security groups, in AWS's codes and words. */
import { invalidParameterValue, missingParameter } from '#aws/errors.ts';
import { AwsError } from '#protocol/aws-error.ts';

/** What AWS lets into names and descriptions, in its own words. */
const allowed = 'strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*';

/** An id that is none: AWS says what it expects only when the prefix is wrong. */
export function malformedGroupId(id: string): AwsError {
  return new AwsError('InvalidGroupId.Malformed', malformed(id, 'sg'));
}

export function malformedRuleId(id: string): AwsError {
  return new AwsError('InvalidSecurityGroupRuleId.Malformed', malformed(id, 'sgr'));
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

export function ruleNotFound(id: string): AwsError {
  return new AwsError('InvalidSecurityGroupRuleId.NotFound', `The security group rule ID '${id}' does not exist`);
}

/** Names are looked up in the default VPC alone. */
export function groupNotInDefaultVpc(name: string, vpcId: string): AwsError {
  return new AwsError('InvalidGroup.NotFound', `The security group '${name}' does not exist in default VPC '${vpcId}'`);
}

export function noDefaultVpc(): AwsError {
  return new AwsError('VPCIdNotSpecified', 'No default VPC for this user');
}

export function groupNotNamed(): AwsError {
  return missingParameter('groupName or groupId');
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

export function tooManyGroups(vpcId: string): AwsError {
  return new AwsError('SecurityGroupLimitExceeded', `The maximum number of security groups for VPC '${vpcId}' has been reached.`);
}

export function tooManyRules(): AwsError {
  return new AwsError('RulesPerSecurityGroupLimitExceeded', 'The maximum number of rules per security group has been reached.');
}

export function groupExists(name: string, vpcId: string): AwsError {
  return new AwsError('InvalidGroup.Duplicate', `The security group '${name}' already exists for VPC '${vpcId}'`);
}

export function invalidGroupName(name: string, why: string): AwsError {
  return invalidParameterValue(`Value (${name}) for parameter GroupName is invalid. ${why}`);
}

export function unfitGroupName(): AwsError {
  return invalidParameterValue(`Invalid security group name. Valid names are ${allowed}`);
}

export function reservedGroupName(name: string): AwsError {
  return invalidParameterValue(`Cannot use reserved security group name: ${name}`);
}

export function unfitGroupDescription(): AwsError {
  return invalidParameterValue(`Invalid security group description. Valid descriptions are ${allowed}`);
}

export function nonAsciiDescription(description: string): AwsError {
  return invalidParameterValue(
    `Value (${description}) for parameter GroupDescription is invalid. Character sets beyond ASCII are not supported.`,
  );
}

export function unfitRuleDescription(): AwsError {
  return invalidParameterValue(`Invalid rule description. Valid descriptions are ${allowed}`);
}

export function defaultGroupStays(groupId: string): AwsError {
  return new AwsError('CannotDelete', `the specified group: "${groupId}" name: "default" cannot be deleted by a user`);
}

export function groupInUse(groupId: string): AwsError {
  return new AwsError('DependencyViolation', `resource ${groupId} has a dependent object`);
}

/** @param rule in AWS's form, e.g. `peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW` */
export function ruleExists(rule: string): AwsError {
  return new AwsError('InvalidPermission.Duplicate', `the specified rule "${rule}" already exists`);
}

export function ruleRepeated(): AwsError {
  return invalidParameterValue('The same permission must not appear multiple times');
}

export function permissionNotFound(): AwsError {
  return new AwsError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
}

export function noPeer(): AwsError {
  return new AwsError('MissingParameter', 'Missing source specification: include source security group or CIDR information');
}

export function noSourceGroup(): AwsError {
  return new AwsError('MissingParameter', 'Source group ID missing.');
}

export function malformedCidr(text: string): AwsError {
  return invalidParameterValue(`CIDR block ${text} is malformed`);
}

/** @param why in AWS's form, e.g. `Must specify both from and to ports with TCP/UDP.` */
export function invalidPortRange(why: string): AwsError {
  return invalidParameterValue(`Invalid value '${why}' for portRange.`);
}

/** Two ways to say which rules are meant were used, or none. */
export function eitherOf(code: 'MissingParameter' | 'InvalidParameterCombination', one: string, other: string): AwsError {
  return new AwsError(code, `Either '${one}' or '${other}' should be provided.`);
}

function malformed(id: string, prefix: string): string {
  return id.startsWith(`${prefix}-`) ? `Invalid id: "${id}"` : `Invalid id: "${id}" (expecting "${prefix}-...")`;
}
