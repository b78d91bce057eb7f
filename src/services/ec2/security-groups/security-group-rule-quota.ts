/** How many rules a group may have: each direction by itself, IPv4 and IPv6 apart. */
import type { OperationContext } from '#aws/context.ts';
import { requirePrefixList } from '#services/ec2/prefix-lists/prefix-lists.ts';
import { tooManyRules } from '#services/ec2/security-groups/security-group-errors.ts';
import type { RuleDraft } from '#services/ec2/security-groups/security-group-permissions.ts';
import { quota } from '#services/service-quotas/public.ts';

interface Weight {
  readonly ipv4: number;
  readonly ipv6: number;
}

/**
 * Holds a group's rules against the quota.
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups
 * @throws AwsError RulesPerSecurityGroupLimitExceeded
 */
export function checkRuleCount(context: OperationContext, rules: readonly RuleDraft[]): void {
  const limit = quota(context, 'vpc', 'L-0EA8095F');
  for (const isEgress of [false, true]) {
    const weights = rules.filter((rule) => rule.isEgress === isEgress).map((rule) => weightOf(context, rule));
    if (total(weights, 'ipv4') > limit || total(weights, 'ipv6') > limit) throw tooManyRules();
  }
}

/** The weight of AWS's own lists for S3 and DynamoDB, however many entries they have. */
const awsListWeight = 1;

/**
 * A reference to a group counts for both families, a prefix list as many rules as it may have entries, AWS's own list
 * by its weight (https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html).
 */
function weightOf(context: OperationContext, rule: RuleDraft): Weight {
  if (rule.cidrIpv4 !== undefined) return { ipv4: 1, ipv6: 0 };
  if (rule.cidrIpv6 !== undefined) return { ipv4: 0, ipv6: 1 };
  if (rule.prefixListId === undefined) return { ipv4: 1, ipv6: 1 };
  const list = requirePrefixList(context, rule.prefixListId);
  const weight = list.ownedByAws ? awsListWeight : list.maxEntries;
  return list.addressFamily === 'IPv4' ? { ipv4: weight, ipv6: 0 } : { ipv4: 0, ipv6: weight };
}

function total(weights: readonly Weight[], family: keyof Weight): number {
  return weights.reduce((sum, weight) => sum + weight[family], 0);
}
