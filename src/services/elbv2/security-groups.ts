/** The security groups of load balancers. */
import type { OperationContext } from '#aws/context.ts';
import { defaultGroupOf, isGroupUsableIn } from '#services/ec2/public.ts';
import { invalidConfiguration, invalidSecurityGroup } from '#services/elbv2/errors.ts';
import type { BalancerType } from '#services/elbv2/tables.ts';
import { quota } from '#services/service-quotas/public.ts';

/**
 * The groups that a new load balancer gets: the VPC's default group for an application load balancer that names none,
 * none for a network load balancer.
 * @throws AwsError InvalidSecurityGroup, InvalidConfigurationRequest
 */
export function groupsFor(
  context: OperationContext,
  type: BalancerType,
  vpcId: string,
  groupIds: readonly string[] | undefined,
): readonly string[] {
  if (groupIds && groupIds.length > 0) return checkGroups(context, vpcId, groupIds);
  return type === 'application' ? [defaultGroupOf(context, vpcId)] : [];
}

/** @throws AwsError InvalidSecurityGroup, InvalidConfigurationRequest */
export function checkGroups(context: OperationContext, vpcId: string, groupIds: readonly string[]): readonly string[] {
  const ids = [...new Set(groupIds)];
  for (const id of ids) {
    const isUsable = isGroupUsableIn(context, id, vpcId);
    if (isUsable === undefined) throw invalidSecurityGroup(`Security group '${id}' does not exist`);
    if (!isUsable) throw invalidConfiguration('One or more security groups are invalid');
  }
  const limit = quota(context, 'vpc', 'L-2AFB9258');
  if (ids.length > limit) {
    throw invalidConfiguration(`The number of security groups exceeds the maximum of ${limit} per network interface`);
  }
  return ids;
}
