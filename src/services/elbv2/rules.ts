/** Rules of application load balancers' listeners: made, changed, put in order, described, deleted. */
import type { Rule } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { OperationContext } from '#aws/context.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { actionOf, actionView } from '#services/elbv2/actions.ts';
import { newRuleArn } from '#services/elbv2/arns.ts';
import { operationNotPermitted, priorityInUse, tooMany, unmodelled, validationError } from '#services/elbv2/errors.ts';
import { checkGroupsOf } from '#services/elbv2/listener-lifecycle.ts';
import { requireListener, requireLoadBalancer, requireRule } from '#services/elbv2/lookup.ts';
import { pageByKey } from '#services/elbv2/pages.ts';
import { limitOf, quotaCodes } from '#services/elbv2/quotas.ts';
import { conditionsOf, conditionView } from '#services/elbv2/rule-conditions.ts';
import { rulesOf } from '#services/elbv2/rule-lookup.ts';
import type { Elbv2Operations } from '#services/elbv2/sdk.ts';
import { type ListenerRecord, type LoadBalancerRecord, type RuleRecord, ruleTable } from '#services/elbv2/tables.ts';
import { checkTags } from '#services/elbv2/tag-values.ts';

export const rules = {
  CreateRule(context, input) {
    if (input.Transforms?.length) throw unmodelled('rule transforms');
    const listener = requireListener(context, input.ListenerArn);
    const balancer = requireLoadBalancer(context, listener.loadBalancerArn);
    if (balancer.type !== 'application') {
      throw new AwsError('UnsupportedProtocol', `Rules are not supported for listeners with the ${listener.protocol} protocol`);
    }
    const conditions = conditionsOf(input.Conditions, context.quotasOn);
    const siblings = context.tx.find(ruleTable, 'loadBalancer', balancer.id);
    if (siblings.some((rule) => rule.listenerArn === listener.id && rule.priority === input.Priority)) throw priorityInUse(input.Priority);
    if (siblings.filter((rule) => rule.priority > 0).length >= limitOf(context, quotaCodes.rules)) throw tooMany('Rules');
    const action = checkedAction(context, balancer, listener, input.Actions);
    const rule: RuleRecord = {
      id: newRuleArn(context, listener.id),
      listenerArn: listener.id,
      loadBalancerArn: balancer.id,
      priority: input.Priority,
      conditions,
      action,
      tags: checkTags(input.Tags),
    };
    context.tx.put(ruleTable, rule);
    return { Rules: [ruleView(rule)] };
  },

  ModifyRule(context, input) {
    if (input.Transforms?.length) throw unmodelled('rule transforms');
    const rule = requireRule(context, input.RuleArn);
    if (rule.priority === 0) throw operationNotPermitted(`Default rule '${rule.id}' cannot be modified`);
    const { Conditions: conditions = [], Actions: actions = [] } = input;
    if (conditions.length === 0 && actions.length === 0 && input.ResetTransforms !== true) {
      throw validationError('Either conditions or actions must be specified');
    }
    const listener = requireListener(context, rule.listenerArn);
    const balancer = requireLoadBalancer(context, rule.loadBalancerArn);
    const changed: RuleRecord = {
      ...rule,
      ...(conditions.length > 0 ? { conditions: conditionsOf(conditions, context.quotasOn) } : {}),
      ...(actions.length > 0 ? { action: checkedAction(context, balancer, listener, actions) } : {}),
    };
    context.tx.put(ruleTable, changed);
    return { Rules: [ruleView(changed)] };
  },

  DescribeRules(context, input) {
    const { ListenerArn: listenerArn, RuleArns: arns = [] } = input;
    if (listenerArn === undefined && arns.length === 0) {
      throw validationError('You must specify either listener rule ARNs or a listener ARN');
    }
    if (listenerArn !== undefined && arns.length > 0) {
      throw validationError('Listener rule ARNs and a listener ARN cannot be specified at the same time');
    }
    const chosen =
      listenerArn === undefined
        ? [...new Set(arns)].map((arn) => requireRule(context, arn))
        : rulesOf(context.tx, requireListener(context, listenerArn).id);
    const { items, nextMarker } = pageByKey(input, chosen, orderKey, ['rules', listenerArn, arns]);
    return { Rules: items.map(ruleView), NextMarker: nextMarker };
  },

  DeleteRule(context, input) {
    const rule = requireRule(context, input.RuleArn);
    if (rule.priority === 0) throw operationNotPermitted(`Default rule '${rule.id}' cannot be deleted`);
    context.tx.delete(ruleTable, rule.id);
    return {};
  },

  SetRulePriorities(context, input) {
    const wanted = input.RulePriorities.map(({ RuleArn = '', Priority = 0 }) => ({
      rule: requireRule(context, RuleArn),
      priority: Priority,
    }));
    if (wanted.length === 0) throw validationError('Rule priorities must be specified');
    const seen = new Set<number>();
    for (const { rule, priority } of wanted) {
      if (rule.priority === 0) throw operationNotPermitted(`The priority of the default rule '${rule.id}' cannot be set`);
      if (priority === 0) throw validationError('A rule priority must be specified');
      if (seen.has(priority)) throw validationError(`Priority '${priority}' was provided multiple times`);
      seen.add(priority);
    }
    checkFree(context, wanted);
    const changed = wanted.map(({ rule, priority }) => ({ ...rule, priority }));
    for (const rule of changed) context.tx.put(ruleTable, rule);
    return { Rules: changed.toSorted((a, b) => a.priority - b.priority).map(ruleView) };
  },
} satisfies Elbv2Operations;

function checkedAction(
  context: OperationContext,
  balancer: LoadBalancerRecord,
  { port, protocol }: ListenerRecord,
  actions: Parameters<typeof actionOf>[1],
): RuleRecord['action'] {
  const action = actionOf(context, actions, { type: balancer.type, protocol, port });
  checkGroupsOf(context, balancer, protocol, action);
  return action;
}

/** @throws AwsError ValidationError for rules of several listeners, PriorityInUse */
function checkFree(context: OperationContext, wanted: readonly { readonly rule: RuleRecord; readonly priority: number }[]): void {
  const listenerArns = new Set(wanted.map(({ rule }) => rule.listenerArn));
  if (listenerArns.size > 1) throw validationError('All rules must belong to the same listener');
  const moved = new Set(wanted.map(({ rule }) => rule.id));
  for (const listenerArn of listenerArns) {
    const taken = new Set(rulesOf(context.tx, listenerArn).flatMap((rule) => (moved.has(rule.id) ? [] : [rule.priority])));
    for (const { priority } of wanted) if (taken.has(priority)) throw priorityInUse(priority);
  }
}

/** By listener and rising priority, the default rule last. */
function orderKey({ listenerArn, priority, id }: RuleRecord): string {
  return `${listenerArn} ${String(priority === 0 ? 99_999 : priority).padStart(5, '0')} ${id}`;
}

function ruleView(rule: RuleRecord): Rule {
  return {
    RuleArn: rule.id,
    Priority: rule.priority === 0 ? 'default' : String(rule.priority),
    Conditions: rule.conditions.map(conditionView),
    Actions: [actionView(rule.action)],
    IsDefault: rule.priority === 0,
    Transforms: [],
  };
}
