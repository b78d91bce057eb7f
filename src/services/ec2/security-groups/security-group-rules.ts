/** Security group rules: authorised, described, modified. */
import type { AuthorizeSecurityGroupEgressRequest, AuthorizeSecurityGroupIngressRequest, SecurityGroupRule } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { newId } from '#aws/ids.ts';
import { tagsFor } from '#aws/tags.ts';
import { describeTraffic } from '#services/ec2/security-groups/security-group-traffic.ts';
import { ruleExists, ruleRepeated } from '#services/ec2/security-groups/security-group-errors.ts';
import { requireNamedGroup } from '#services/ec2/security-groups/security-group-lookup.ts';
import { peerText, readPermission, type RuleDraft, ruleKey } from '#services/ec2/security-groups/security-group-permissions.ts';
import { permissionsGiven } from '#services/ec2/security-groups/security-group-flat-parameters.ts';
import { checkRuleCount } from '#services/ec2/security-groups/security-group-rule-quota.ts';
import { reachablePeer } from '#services/ec2/security-groups/security-group-reach.ts';
import { modifiedRules } from '#services/ec2/security-groups/security-group-rule-changes.ts';
import { describeRules } from '#services/ec2/security-groups/security-group-rule-listing.ts';
import { ruleView } from '#services/ec2/security-groups/security-group-view.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { type SecurityGroupRuleRecord, securityGroupTable } from '#services/ec2/tables/firewalls.ts';

export const securityGroupRules = {
  AuthorizeSecurityGroupIngress(context, input) {
    return authorize(context, input, false);
  },

  AuthorizeSecurityGroupEgress(context, input) {
    return authorize(context, input, true);
  },

  DescribeSecurityGroupRules(context, input) {
    const { items, nextToken } = describeRules(context, input);
    return { SecurityGroupRules: items, NextToken: nextToken };
  },

  ModifySecurityGroupRules(context, input) {
    const group = requireNamedGroup(context, input);
    const rules = modifiedRules(context, group, input.SecurityGroupRules);
    checkRuleCount(context, rules);
    context.tx.put(securityGroupTable, { ...group, rules });
    return { Return: true };
  },
} satisfies Ec2Operations;

type AuthorizeInput = AuthorizeSecurityGroupIngressRequest | AuthorizeSecurityGroupEgressRequest;

function authorize(
  context: OperationContext,
  input: AuthorizeInput,
  isEgress: boolean,
): { Return: boolean; SecurityGroupRules: SecurityGroupRule[] } {
  const tags = tagsFor(input.TagSpecifications, 'security-group-rule');
  const group = requireNamedGroup(context, input);
  const drafts = permissionsGiven(context, input, isEgress).flatMap((permission) => readPermission(context, isEgress, permission));
  const added = drafts.map((draft): SecurityGroupRuleRecord => ({
    id: newId(context, 'sgr'),
    ...reachablePeer(context, group, draft),
    tags,
  }));
  checkRepeats(added);
  checkKnown(group.rules, added);
  const rules = [...group.rules, ...added];
  checkRuleCount(context, rules);
  context.tx.put(securityGroupTable, { ...group, rules });
  return { Return: true, SecurityGroupRules: added.map((rule) => ruleView(rule, group.id, context)) };
}

function checkRepeats(rules: readonly RuleDraft[]): void {
  if (new Set(rules.map(ruleKey)).size < rules.length) throw ruleRepeated();
}

function checkKnown(known: readonly RuleDraft[], added: readonly RuleDraft[]): void {
  const keys = new Set(known.map(ruleKey));
  const same = added.find((rule) => keys.has(ruleKey(rule)));
  if (same) throw ruleExists(`peer: ${peerText(same)}, ${describeTraffic(same)}, ALLOW`);
}
