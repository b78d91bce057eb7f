/** Security groups and their rules as AWS shows them. */
import type { RevokedSecurityGroupRule, SecurityGroup, SecurityGroupRule } from '@aws-sdk/client-ec2';
import { regionalArn } from '#aws/arns.ts';
import type { OperationContext } from '#aws/context.ts';
import { permissionsOf } from '#services/ec2/security-groups/security-group-permissions.ts';
import type { SecurityGroupRecord, SecurityGroupRuleRecord } from '#services/ec2/tables/firewalls.ts';

export function groupArn(context: OperationContext, groupId: string): string {
  return regionalArn(context, 'ec2', `security-group/${groupId}`);
}

export function groupView(group: SecurityGroupRecord, context: OperationContext): SecurityGroup {
  return {
    GroupId: group.id,
    GroupName: group.name,
    Description: group.description,
    OwnerId: context.account,
    VpcId: group.vpcId,
    SecurityGroupArn: groupArn(context, group.id),
    IpPermissions: permissionsOf(group.rules.filter((rule) => !rule.isEgress)),
    IpPermissionsEgress: permissionsOf(group.rules.filter((rule) => rule.isEgress)),
    Tags: [...group.tags],
  };
}

export function ruleView(rule: SecurityGroupRuleRecord, groupId: string, context: OperationContext): SecurityGroupRule {
  const { referencedGroup } = rule;
  return {
    SecurityGroupRuleId: rule.id,
    GroupId: groupId,
    GroupOwnerId: context.account,
    IsEgress: rule.isEgress,
    IpProtocol: rule.ipProtocol,
    FromPort: rule.fromPort,
    ToPort: rule.toPort,
    CidrIpv4: rule.cidrIpv4,
    CidrIpv6: rule.cidrIpv6,
    PrefixListId: rule.prefixListId,
    ReferencedGroupInfo: referencedGroup && {
      GroupId: referencedGroup.groupId,
      UserId: referencedGroup.userId,
      VpcId: referencedGroup.vpcId,
    },
    Description: rule.description,
    Tags: [...rule.tags],
    SecurityGroupRuleArn: regionalArn(context, 'ec2', `security-group-rule/${rule.id}`),
  };
}

export function revokedRuleView(rule: SecurityGroupRuleRecord, groupId: string): RevokedSecurityGroupRule {
  return {
    SecurityGroupRuleId: rule.id,
    GroupId: groupId,
    IsEgress: rule.isEgress,
    IpProtocol: rule.ipProtocol,
    FromPort: rule.fromPort,
    ToPort: rule.toPort,
    CidrIpv4: rule.cidrIpv4,
    CidrIpv6: rule.cidrIpv6,
    PrefixListId: rule.prefixListId,
    ReferencedGroupId: rule.referencedGroup?.groupId,
    Description: rule.description,
  };
}
