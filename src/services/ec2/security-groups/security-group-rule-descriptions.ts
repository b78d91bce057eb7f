/** Descriptions of security group rules, changed by the rules' ids or by their words. */
import type { UpdateSecurityGroupRuleDescriptionsIngressRequest } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { eitherOf, permissionNotFound } from '#services/ec2/security-groups/security-group-errors.ts';
import { requireNamedGroup } from '#services/ec2/security-groups/security-group-lookup.ts';
import { readPermission, ruleKey, withDescription } from '#services/ec2/security-groups/security-group-permissions.ts';
import { requireRuleOf } from '#services/ec2/security-groups/security-group-rule-lookup.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { type SecurityGroupRecord, type SecurityGroupRuleRecord, securityGroupTable } from '#services/ec2/tables/firewalls.ts';

export const securityGroupRuleDescriptions = {
  UpdateSecurityGroupRuleDescriptionsIngress(context, input) {
    return describeAnew(context, input, false);
  },

  UpdateSecurityGroupRuleDescriptionsEgress(context, input) {
    return describeAnew(context, input, true);
  },
} satisfies Ec2Operations;

/** New descriptions by rule id; undefined takes a description away. */
type Descriptions = ReadonlyMap<string, string | undefined>;
type UpdateInput = UpdateSecurityGroupRuleDescriptionsIngressRequest;

function describeAnew(context: OperationContext, input: UpdateInput, isEgress: boolean): { Return: boolean } {
  const group = requireNamedGroup(context, input);
  const byWords = (input.IpPermissions?.length ?? 0) > 0;
  if (byWords === (input.SecurityGroupRuleDescriptions?.length ?? 0) > 0) {
    throw eitherOf(byWords ? 'InvalidParameterCombination' : 'MissingParameter', 'ipPermissions', 'securityGroupRuleDescriptions');
  }
  const descriptions = byWords ? byPermissions(context, group, input, isEgress) : byIds(group, input, isEgress);
  context.tx.put(securityGroupTable, { ...group, rules: group.rules.map((rule) => withNew(rule, descriptions)) });
  return { Return: true };
}

function byPermissions(context: OperationContext, group: SecurityGroupRecord, input: UpdateInput, isEgress: boolean): Descriptions {
  const byKey = new Map(group.rules.map((rule) => [ruleKey(rule), rule]));
  const drafts = (input.IpPermissions ?? []).flatMap((permission) => readPermission(context, isEgress, permission));
  return new Map(
    drafts.map((draft) => {
      const rule = byKey.get(ruleKey(draft));
      if (!rule) throw permissionNotFound();
      return [rule.id, draft.description];
    }),
  );
}

function byIds(group: SecurityGroupRecord, input: UpdateInput, isEgress: boolean): Descriptions {
  return new Map(
    (input.SecurityGroupRuleDescriptions ?? []).map(({ SecurityGroupRuleId: id, Description }) => [
      requireRuleOf(group, id ?? '', isEgress).id,
      withDescription(Description).description,
    ]),
  );
}

function withNew(rule: SecurityGroupRuleRecord, descriptions: Descriptions): SecurityGroupRuleRecord {
  if (!descriptions.has(rule.id)) return rule;
  const { description: _before, ...rest } = rule;
  const description = descriptions.get(rule.id);
  return description === undefined ? rest : { ...rest, description };
}
