/** Which groups and prefix lists a group's rules may name, and which they still do. */
import type { OperationContext } from '#aws/context.ts';
import { requirePrefixList } from '#services/ec2/prefix-lists/prefix-lists.ts';
import { differentNetworks, groupNotFound } from '#services/ec2/security-groups/security-group-errors.ts';
import { groupUsableIn } from '#services/ec2/security-groups/security-group-lookup.ts';
import type { RuleDraft } from '#services/ec2/security-groups/security-group-permissions.ts';
import { type SecurityGroupRecord, securityGroupTable } from '#services/ec2/tables/firewalls.ts';

type Reference = NonNullable<RuleDraft['referencedGroup']>;

/**
 * The rule with its peer looked up: a group of another VPC gets that VPC's id.
 * @throws AwsError InvalidGroup.NotFound, InvalidPrefixListID.NotFound
 */
export function reachablePeer<R extends RuleDraft>(context: OperationContext, group: SecurityGroupRecord, rule: R): R {
  if (rule.prefixListId !== undefined) requirePrefixList(context, rule.prefixListId);
  if (rule.referencedGroup === undefined) return rule;
  const { groupId, userId } = rule.referencedGroup;
  const referenced = findReferenced(context, rule.referencedGroup);
  if (!referenced) throw groupNotFound(groupId);
  if (!reaches(context, group, rule.referencedGroup, referenced)) throw differentNetworks();
  return { ...rule, referencedGroup: { groupId, userId, ...(referenced.vpcId !== group.vpcId && { vpcId: referenced.vpcId }) } };
}

/** Whether the rule names a group that is gone, or that its own group no longer reaches. */
export function isStale(context: OperationContext, group: SecurityGroupRecord, rule: RuleDraft): boolean {
  if (!rule.referencedGroup) return false;
  const referenced = findReferenced(context, rule.referencedGroup);
  return !referenced || !reaches(context, group, rule.referencedGroup, referenced);
}

function findReferenced({ tx, region }: OperationContext, { groupId, userId }: Reference): SecurityGroupRecord | undefined {
  return tx.in({ account: userId, region }).get(securityGroupTable, groupId);
}

/** Groups name each other inside a VPC, and when one of them is associated with the other's VPC. */
function reaches(
  { account, nowMs }: OperationContext,
  group: SecurityGroupRecord,
  reference: Reference,
  referenced: SecurityGroupRecord,
): boolean {
  if (reference.userId !== account) return false;
  return groupUsableIn(referenced, group.vpcId, nowMs) || groupUsableIn(group, referenced.vpcId, nowMs);
}
