/** DescribeSecurityGroupRules: single rules out of all groups. */
import type { DescribeSecurityGroupRulesRequest, SecurityGroupRule } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterCombination } from '#aws/errors.ts';
import { compileFilters, type FilterSpec, literalValues } from '#aws/filters.ts';
import { paginateByKey, sequenceKey } from '#aws/pagination.ts';
import type { Tagged } from '#aws/tags.ts';
import { findRule, noRule, type PlacedRule } from '#services/ec2/security-groups/security-group-rule-lookup.ts';
import { ruleView } from '#services/ec2/security-groups/security-group-view.ts';
import { type SecurityGroupRecord, securityGroupTable } from '#services/ec2/tables/firewalls.ts';

type Row = PlacedRule & Tagged;

const filters: FilterSpec<Row> = {
  'group-id': ({ group }) => group.id,
  'security-group-rule-id': ({ rule }) => rule.id,
};

/** One page of rules, in the order of their groups' creation and of their own ids. */
export function describeRules(
  context: OperationContext,
  input: DescribeSecurityGroupRulesRequest,
): { items: SecurityGroupRule[]; nextToken: string | undefined } {
  const ids = input.SecurityGroupRuleIds ?? [];
  if (ids.length > 0 && input.MaxResults !== undefined) {
    throw invalidParameterCombination("The parameter 'securityGroupRuleIds' may not be used in combination with 'maxResults'.");
  }
  const matches = compileFilters(context, input.Filters, filters);
  const placed = ids.length > 0 ? [...new Set(ids)].map((id) => requireRule(context, id)) : candidates(context, input.Filters);
  const rows = placed.map((one): Row => ({ ...one, tags: one.rule.tags })).filter((row) => !matches || matches(row));
  const keyOf = ({ group, rule }: Row) => sequenceKey(context.tx.sequenceOf(securityGroupTable, group.id), rule.id);
  const { items, nextToken } = paginateByKey(input, rows, keyOf, ['DescribeSecurityGroupRules', input.Filters ?? []]);
  return { items: items.map(({ group, rule }) => ruleView(rule, group.id, context)), nextToken };
}

/** The rules that filters by id leave, else all. */
function candidates(context: OperationContext, asked: DescribeSecurityGroupRulesRequest['Filters']): readonly PlacedRule[] {
  const ruleIds = literalValues(asked, 'security-group-rule-id');
  if (ruleIds) return [...new Set(ruleIds)].flatMap((id) => findRule(context, id) ?? []);
  const groupIds = literalValues(asked, 'group-id');
  const groups = groupIds
    ? [...new Set(groupIds)].flatMap((id) => context.tx.get(securityGroupTable, id) ?? [])
    : context.tx.list(securityGroupTable);
  return [...groups].flatMap((group: SecurityGroupRecord) => group.rules.map((rule) => ({ group, rule })));
}

function requireRule(context: OperationContext, id: string): PlacedRule {
  const placed = findRule(context, id);
  if (!placed) throw noRule(id);
  return placed;
}
