/** What others may ask of Elastic Load Balancing. */
export { balancerIds, balancerOf } from '#services/elbv2/balancers.ts';
export { touchedBalancers } from '#services/elbv2/balancer-touches.ts';
export { isBalancerInZone } from '#services/elbv2/alias-targets.ts';
