/** The limits of an account in a Region, as Elastic Load Balancing itself tells them (ELB API reference, "Limit"). */
import type { OperationContext } from '#aws/context.ts';
import { pageOfList } from '#services/elbv2/pages.ts';
import {
  conditionValuesPerRule,
  quotaCodes,
  targetGroupsPerAction,
  targetGroupsPerLoadBalancer,
  wildcardsPerRule,
} from '#services/elbv2/quotas.ts';
import type { Elbv2Operations } from '#services/elbv2/sdk.ts';
import { quota } from '#services/service-quotas/public.ts';

/** AWS's names, with a quota's code or a number that never changes. */
const limits: readonly (readonly [name: string, limit: string | number])[] = [
  ['application-load-balancers', quotaCodes.loadBalancers.application],
  ['certificates-per-application-load-balancer', quotaCodes.certificates.application],
  ['certificates-per-network-load-balancer', quotaCodes.certificates.network],
  ['condition-values-per-alb-rule', conditionValuesPerRule],
  ['condition-wildcards-per-alb-rule', wildcardsPerRule],
  ['listeners-per-application-load-balancer', quotaCodes.listeners.application],
  ['listeners-per-network-load-balancer', quotaCodes.listeners.network],
  ['network-load-balancers', quotaCodes.loadBalancers.network],
  ['rules-per-application-load-balancer', quotaCodes.rules],
  ['target-groups', quotaCodes.targetGroups],
  ['target-groups-per-action-on-application-load-balancer', targetGroupsPerAction.application],
  ['target-groups-per-action-on-network-load-balancer', targetGroupsPerAction.network],
  ['target-groups-per-application-load-balancer', targetGroupsPerLoadBalancer],
  ['targets-per-application-load-balancer', quotaCodes.targets.application],
  ['targets-per-network-load-balancer', quotaCodes.targets.network],
];

export const accountLimits = {
  DescribeAccountLimits(context, input) {
    const { items, nextMarker } = pageOfList(input, limits, ['account-limits']);
    return { Limits: items.map(([name, limit]) => ({ Name: name, Max: String(valueOf(context, limit)) })), NextMarker: nextMarker };
  },
} satisfies Elbv2Operations;

/** Also after `--quotas off` they are told as AWS has them. */
function valueOf(context: OperationContext, limit: string | number): number {
  return typeof limit === 'number' ? limit : quota({ ...context, quotasOn: true }, 'elasticloadbalancing', limit);
}
