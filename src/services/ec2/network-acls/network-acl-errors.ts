/** What EC2 refuses about network ACLs, in AWS's codes and words. */
import { invalidParameterValue } from '#aws/errors.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { dependencyViolation } from '#services/ec2/errors.ts';

export function malformedAclId(id: string): AwsError {
  const expected = id.startsWith('acl-') ? '' : ' (expecting "acl-...")';
  return new AwsError('InvalidNetworkAclId.Malformed', `Invalid id: "${id}"${expected}`);
}

export function aclAssociationNotFound(id: string): AwsError {
  return new AwsError('InvalidAssociationID.NotFound', `The association ID '${id}' does not exist`);
}

export function tooManyAcls(): AwsError {
  return new AwsError('NetworkAclLimitExceeded', 'The maximum number of network acls has been reached.');
}

export function tooManyEntries(): AwsError {
  return new AwsError('NetworkAclEntryLimitExceeded', 'The maximum number of network acl entries has been reached.');
}

export function entryExists(ruleNumber: number): AwsError {
  return new AwsError('NetworkAclEntryAlreadyExists', `The network acl entry identified by ${ruleNumber} already exists.`);
}

export function entryNotFound(ruleNumber: number): AwsError {
  return new AwsError('InvalidNetworkAclEntry.NotFound', `The network acl entry identified by ${ruleNumber} does not exist.`);
}

export function defaultAclStays(aclId: string): AwsError {
  return invalidParameterValue(`cannot delete default network ACL ${aclId}`);
}

export function aclInUse(aclId: string): AwsError {
  return dependencyViolation(`The networkAcl '${aclId}' has dependencies and cannot be deleted.`);
}

export function aclOfAnotherNetwork(aclId: string, subnetId: string): AwsError {
  return invalidParameterValue(`networkAcl ${aclId} and subnet ${subnetId} belong to different networks`);
}

export function invalidRuleNumber(ruleNumber: number): AwsError {
  return invalidParameterValue(`Value (${ruleNumber}) for parameter ruleNumber is invalid. Rulenumber must be in range 1..32766`);
}

export function unknownProtocol(protocol: string): AwsError {
  return invalidParameterValue(`Invalid value '${protocol}' for IP protocol. Unknown protocol.`);
}

/** @param parameter `cidrBlock` or `ipv6CidrBlock` */
export function notACidr(text: string, parameter: string): AwsError {
  return invalidParameterValue(`Value (${text}) for parameter ${parameter} is invalid. This is not a valid CIDR block.`);
}

export function noCidr(): AwsError {
  return new AwsError('MissingParameter', "Either 'cidrBlock' or 'ipv6CidrBlock' should be provided.");
}
