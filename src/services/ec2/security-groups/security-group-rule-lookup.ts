/** Security group rules by id. */
import type { OperationContext } from '#aws/context.ts';
import { isIdOf } from '#aws/ids.ts';
import type { Tag } from '#aws/tags.ts';
import type { AwsError } from '#protocol/aws-error.ts';
import { malformedRuleId, ruleNotFound } from '#services/ec2/security-groups/security-group-errors.ts';
import { type SecurityGroupRecord, type SecurityGroupRuleRecord, securityGroupTable } from '#services/ec2/tables/firewalls.ts';
import type { Reader } from '#store/store.ts';

/** A rule with the group that it is in. */
export interface PlacedRule {
  readonly group: SecurityGroupRecord;
  readonly rule: SecurityGroupRuleRecord;
}

/** The rule of any group. */
export function findRule({ tx }: { readonly tx: Reader }, id: string): PlacedRule | undefined {
  const group = tx.find(securityGroupTable, 'rule', id)[0];
  const rule = group?.rules.find((one) => one.id === id);
  return group && rule && { group, rule };
}

/**
 * The rule of one group, and of one direction when it is given.
 * @throws AwsError InvalidSecurityGroupRuleId.Malformed, InvalidSecurityGroupRuleId.NotFound
 */
export function requireRuleOf(group: SecurityGroupRecord, id: string, isEgress?: boolean): SecurityGroupRuleRecord {
  const rule = group.rules.find((one) => one.id === id);
  if (!rule || (isEgress !== undefined && rule.isEgress !== isEgress)) throw noRule(id);
  return rule;
}

/** The error for an id under which there is no rule. */
export function noRule(id: string): AwsError {
  return isIdOf('sgr', id) ? ruleNotFound(id) : malformedRuleId(id);
}

/**
 * Changes the tags of a rule, which is no record of its own but part of its group's.
 * @throws AwsError InvalidSecurityGroupRuleId.Malformed, InvalidSecurityGroupRuleId.NotFound
 */
export function retagRule(context: OperationContext, id: string, change: (tags: readonly Tag[]) => readonly Tag[]): void {
  const placed = findRule(context, id);
  if (!placed) throw noRule(id);
  const rules = placed.group.rules.map((rule) => (rule.id === id ? { ...rule, tags: change(rule.tags) } : rule));
  context.tx.put(securityGroupTable, { ...placed.group, rules });
}
