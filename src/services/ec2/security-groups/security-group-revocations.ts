/** Security group rules taken away, by their ids or by their words. */
import type { IpPermission, RevokedSecurityGroupRule, RevokeSecurityGroupIngressRequest } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { eitherOf, permissionNotFound } from '#services/ec2/security-groups/security-group-errors.ts';
import { givesPermissions, permissionsGiven } from '#services/ec2/security-groups/security-group-flat-parameters.ts';
import { requireNamedGroup } from '#services/ec2/security-groups/security-group-lookup.ts';
import { permissionsOf, readPermission, type RuleDraft, ruleKey } from '#services/ec2/security-groups/security-group-permissions.ts';
import { requireRuleOf } from '#services/ec2/security-groups/security-group-rule-lookup.ts';
import { revokedRuleView } from '#services/ec2/security-groups/security-group-view.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { type SecurityGroupRecord, type SecurityGroupRuleRecord, securityGroupTable } from '#services/ec2/tables/firewalls.ts';
import { vpcTable } from '#services/ec2/tables/vpcs.ts';

export const securityGroupRevocations = {
  RevokeSecurityGroupIngress(context, input) {
    return revoke(context, input, false);
  },

  RevokeSecurityGroupEgress(context, input) {
    return revoke(context, input, true);
  },
} satisfies Ec2Operations;

interface Revocation {
  readonly found: readonly SecurityGroupRuleRecord[];
  readonly unknown: readonly RuleDraft[];
}

interface RevokeAnswer {
  readonly Return: boolean;
  readonly RevokedSecurityGroupRules: RevokedSecurityGroupRule[];
  readonly UnknownIpPermissions: IpPermission[] | undefined;
}

function revoke(context: OperationContext, input: RevokeSecurityGroupIngressRequest, isEgress: boolean): RevokeAnswer {
  const group = requireNamedGroup(context, input);
  const ids = input.SecurityGroupRuleIds ?? [];
  const byWords = givesPermissions(input);
  if (byWords === ids.length > 0) {
    throw eitherOf(byWords ? 'InvalidParameterCombination' : 'MissingParameter', 'ipPermissions', 'securityGroupRuleIds');
  }
  const { found, unknown } = byWords ? matchWords(context, group, input, isEgress) : matchIds(group, ids, isEgress);
  const revoked = new Set(found.map((rule) => rule.id));
  context.tx.put(securityGroupTable, { ...group, rules: group.rules.filter((rule) => !revoked.has(rule.id)) });
  return {
    Return: true,
    RevokedSecurityGroupRules: found.map((rule) => revokedRuleView(rule, group.id)),
    UnknownIpPermissions: unknown.length > 0 ? permissionsOf(unknown) : undefined,
  };
}

function matchIds(group: SecurityGroupRecord, ids: readonly string[], isEgress: boolean): Revocation {
  return { found: [...new Set(ids)].map((id) => requireRuleOf(group, id, isEgress)), unknown: [] };
}

/** In the default VPC AWS passes over rules that do not exist and says so; elsewhere it refuses the whole call. */
function matchWords(
  context: OperationContext,
  group: SecurityGroupRecord,
  input: RevokeSecurityGroupIngressRequest,
  isEgress: boolean,
): Revocation {
  const drafts = permissionsGiven(context, input, isEgress).flatMap((permission) => readPermission(context, isEgress, permission));
  const byKey = new Map(group.rules.map((rule) => [ruleKey(rule), rule]));
  const unknown = drafts.filter((draft) => !byKey.has(ruleKey(draft)));
  if (unknown.length > 0 && !context.tx.get(vpcTable, group.vpcId)?.isDefault) throw permissionNotFound();
  return { found: [...new Set(drafts.flatMap((draft) => byKey.get(ruleKey(draft)) ?? []))], unknown };
}
