/** Security groups that rules of other VPCs name, and rules whose group is out of reach. */
import type { SecurityGroupReference, StaleIpPermission, StaleSecurityGroup } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { paginateByKey } from '#aws/pagination.ts';
import { requireSecurityGroup } from '#services/ec2/security-groups/security-group-lookup.ts';
import { permissionsOf, type RuleDraft } from '#services/ec2/security-groups/security-group-permissions.ts';
import { isStale } from '#services/ec2/security-groups/security-group-reach.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { type SecurityGroupRecord, securityGroupTable } from '#services/ec2/tables/firewalls.ts';
import { requireVpc } from '#services/ec2/vpcs/vpcs.ts';

const stalePageLimits = { min: 5, max: 255 };

export const securityGroupReferences = {
  DescribeSecurityGroupReferences(context, input) {
    const groups = [...new Set(input.GroupId)].map((id) => requireSecurityGroup(context, id));
    return { SecurityGroupReferenceSet: groups.flatMap((group) => referencesTo(context, group)) };
  },

  DescribeStaleSecurityGroups(context, input) {
    const vpc = requireVpc(context, input.VpcId);
    const stale = context.tx.find(securityGroupTable, 'vpc', vpc.id).flatMap((group) => staleView(context, group) ?? []);
    const { items, nextToken } = paginateByKey(
      input,
      stale,
      ({ GroupId = '' }) => GroupId,
      ['DescribeStaleSecurityGroups', vpc.id],
      stalePageLimits,
    );
    return { StaleSecurityGroupSet: [...items], NextToken: nextToken };
  },
} satisfies Ec2Operations;

/** One reference for each other VPC with a group that names this one. */
function referencesTo({ tx }: OperationContext, group: SecurityGroupRecord): readonly SecurityGroupReference[] {
  const vpcIds = tx.find(securityGroupTable, 'referenced', group.id).map((other) => other.vpcId);
  return [...new Set(vpcIds)].filter((vpcId) => vpcId !== group.vpcId).map((vpcId) => ({ GroupId: group.id, ReferencingVpcId: vpcId }));
}

function staleView(context: OperationContext, group: SecurityGroupRecord): StaleSecurityGroup | undefined {
  const stale = group.rules.filter((rule) => isStale(context, group, rule));
  if (stale.length === 0) return undefined;
  return {
    GroupId: group.id,
    GroupName: group.name,
    Description: group.description,
    VpcId: group.vpcId,
    StaleIpPermissions: stalePermissions(stale.filter((rule) => !rule.isEgress)),
    StaleIpPermissionsEgress: stalePermissions(stale.filter((rule) => rule.isEgress)),
  };
}

function stalePermissions(rules: readonly RuleDraft[]): StaleIpPermission[] {
  return permissionsOf(rules).map(({ IpProtocol, FromPort, ToPort, UserIdGroupPairs }) => ({
    IpProtocol,
    FromPort,
    ToPort,
    UserIdGroupPairs,
  }));
}
