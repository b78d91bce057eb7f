/** The quotas of Elastic Load Balancing (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html). */
import type { OperationContext } from '#aws/context.ts';
import type { BalancerType } from '#services/elbv2/tables.ts';
import { quota } from '#services/service-quotas/public.ts';

/** Each with its code in the Service Quotas API, by type of load balancer where types differ. */
export const quotaCodes = {
  loadBalancers: { application: 'L-53DA6B97', network: 'L-69A177A2' },
  listeners: { application: 'L-B6DF7632', network: 'L-57A373D6' },
  certificates: { application: 'L-9365A611', network: 'certificates-per-network-load-balancer' },
  targets: { application: 'L-7E6692B2', network: 'L-EEF1AD04' },
  targetGroups: 'L-B22855CB',
  targetsPerGroup: 'L-A0D0B863',
  rules: 'L-7EED9B64',
} as const;

/** These cannot be raised, so they are no part of the catalogue. */
export const targetGroupsPerLoadBalancer = 100;
export const targetGroupsPerAction: Readonly<Record<BalancerType, number>> = { application: 5, network: 5 };
export const conditionValuesPerRule = 5;
export const wildcardsPerRule = 6;

/** Infinity after `--quotas off`. */
export function limitOf(context: OperationContext, code: string): number {
  return quota(context, 'elasticloadbalancing', code);
}

/** One of AWS's fixed limits; Infinity after `--quotas off`. */
export function fixedLimit(context: OperationContext, limit: number): number {
  return context.quotasOn ? limit : Number.POSITIVE_INFINITY;
}
