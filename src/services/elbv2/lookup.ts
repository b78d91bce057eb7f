/** Load balancers, listeners, rules and target groups by ARN. */
import type { OperationContext } from '#aws/context.ts';
import { checkArn } from '#services/elbv2/arns.ts';
import { listenersNotFound, loadBalancerNotFound, rulesNotFound, targetGroupsNotFound } from '#services/elbv2/errors.ts';
import {
  type ListenerRecord,
  listenerTable,
  type LoadBalancerRecord,
  loadBalancerTable,
  type RuleRecord,
  ruleTable,
  type TargetGroupRecord,
  targetGroupTable,
} from '#services/elbv2/tables.ts';
import type { Reader } from '#store/store.ts';

/** @throws AwsError ValidationError, LoadBalancerNotFound */
export function requireLoadBalancer(context: OperationContext, arn: string): LoadBalancerRecord {
  checkArn(arn, 'loadbalancer');
  const balancer = context.tx.get(loadBalancerTable, arn);
  if (!balancer) throw loadBalancerNotFound(arn);
  return balancer;
}

/** @throws AwsError ValidationError, ListenerNotFound */
export function requireListener(context: OperationContext, arn: string): ListenerRecord {
  checkArn(arn, 'listener');
  const listener = context.tx.get(listenerTable, arn);
  if (!listener) throw listenersNotFound();
  return listener;
}

/** @throws AwsError ValidationError, RuleNotFound */
export function requireRule(context: OperationContext, arn: string): RuleRecord {
  checkArn(arn, 'listener-rule');
  const rule = context.tx.get(ruleTable, arn);
  if (!rule) throw rulesNotFound();
  return rule;
}

/** @throws AwsError ValidationError, TargetGroupNotFound */
export function requireTargetGroup(context: OperationContext, arn: string): TargetGroupRecord {
  checkArn(arn, 'targetgroup');
  const group = context.tx.get(targetGroupTable, arn);
  if (!group) throw targetGroupsNotFound();
  return group;
}

/** The load balancers whose listeners forward to a target group: one at most, beside what a call is about to refuse. */
export function balancersUsing({ tx }: { readonly tx: Reader }, groupArn: string): readonly string[] {
  return [...new Set(tx.find(ruleTable, 'targetGroup', groupArn).map((rule) => rule.loadBalancerArn))];
}
