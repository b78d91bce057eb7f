/** The one-rule parameters from before `IpPermissions` (`IpProtocol`, `CidrIp`, …), turned into permissions. */
import type { AuthorizeSecurityGroupIngressRequest, IpPermission } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterCombination, invalidParameterValue, missingParameter } from '#aws/errors.ts';
import { requireGroupByName } from '#services/ec2/security-groups/security-group-lookup.ts';

const members = ['IpProtocol', 'FromPort', 'ToPort', 'CidrIp', 'SourceSecurityGroupName', 'SourceSecurityGroupOwnerId'] as const;

/** The permissions' part of the calls that authorise and revoke. */
export type PermissionsInput = Pick<AuthorizeSecurityGroupIngressRequest, 'IpPermissions' | (typeof members)[number]>;

/** What a rule of a whole source group allows: "full ICMP, UDP, and TCP access". */
const fullAccess = [
  { IpProtocol: 'tcp', FromPort: 0, ToPort: 65_535 },
  { IpProtocol: 'udp', FromPort: 0, ToPort: 65_535 },
  { IpProtocol: 'icmp', FromPort: -1, ToPort: -1 },
] as const;

/** Whether a call says anything of permissions. */
export function givesPermissions(input: PermissionsInput): boolean {
  return (input.IpPermissions?.length ?? 0) > 0 || givenMember(input) !== undefined;
}

/**
 * The permissions of a call, in either spelling.
 * @throws AwsError MissingParameter for none; InvalidParameterCombination for both; InvalidParameterValue for the old spelling with egress rules, which never had it
 */
export function permissionsGiven(context: OperationContext, input: PermissionsInput, isEgress: boolean): readonly IpPermission[] {
  const listed = input.IpPermissions ?? [];
  const flat = givenMember(input);
  if (flat === undefined) {
    if (listed.length === 0) throw missingParameter('ipPermissions');
    return listed;
  }
  if (listed.length > 0)
    throw invalidParameterCombination(`The parameter ${lowerFirst(flat)} may not be used in combination with ipPermissions`);
  if (isEgress)
    throw invalidParameterValue(`The parameter ${lowerFirst(flat)} is not supported for egress rules. Use ipPermissions instead.`);
  return flatPermissions(context, input);
}

function flatPermissions(context: OperationContext, input: PermissionsInput): readonly IpPermission[] {
  const { IpProtocol, FromPort, ToPort, CidrIp, SourceSecurityGroupName: name, SourceSecurityGroupOwnerId: owner } = input;
  if (name === undefined) return [{ IpProtocol, FromPort, ToPort, ...(CidrIp !== undefined && { IpRanges: [{ CidrIp }] }) }];
  const other = givenMember({ IpProtocol, FromPort, ToPort, CidrIp });
  if (other)
    throw invalidParameterCombination(`The parameter sourceSecurityGroupName may not be used in combination with ${lowerFirst(other)}`);
  const UserIdGroupPairs = [{ GroupId: requireGroupByName(context, name).id, UserId: owner }];
  return fullAccess.map((traffic) => ({ ...traffic, UserIdGroupPairs }));
}

function givenMember(input: PermissionsInput): (typeof members)[number] | undefined {
  return members.find((member) => input[member] !== undefined);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
