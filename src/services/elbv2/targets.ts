/** Targets: registered with a target group, and taken out of it, with time to finish what they are at. */
import type { TargetDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { OperationContext } from '#aws/context.ts';
import { invalidTarget, tooMany, unmodelled } from '#services/elbv2/errors.ts';
import { balancersUsing, requireTargetGroup } from '#services/elbv2/lookup.ts';
import { limitOf, quotaCodes } from '#services/elbv2/quotas.ts';
import type { Elbv2Operations } from '#services/elbv2/sdk.ts';
import {
  groupsOf,
  loadBalancerTable,
  ruleTable,
  type TargetGroupRecord,
  targetRecordId,
  type TargetRecord,
  targetTable,
} from '#services/elbv2/tables.ts';
import { checkTarget } from '#services/elbv2/target-checks.ts';
import { targetGroupAttribute } from '#services/elbv2/target-group-attributes.ts';
import { isOver, targetsOf } from '#services/elbv2/target-lookup.ts';

export const targets = {
  RegisterTargets(context, input) {
    const group = requireTargetGroup(context, input.TargetGroupArn);
    if (input.Targets.length === 0) throw invalidTarget('At least one target must be specified');
    forgetOver(context, group);
    const wanted = input.Targets.map((target) => wantedOf(context, group, target));
    for (const target of wanted) context.tx.put(targetTable, target);
    checkCount(context, group);
    return {};
  },

  DeregisterTargets(context, input) {
    const group = requireTargetGroup(context, input.TargetGroupArn);
    forgetOver(context, group);
    const delayMs = Number(targetGroupAttribute(group)('deregistration_delay.timeout_seconds')) * 1000;
    const drains = delayMs > 0 && balancersUsing(context, group.id).length > 0;
    for (const target of input.Targets.flatMap((one) => registeredAs(context, group, one))) {
      if (!drains) context.tx.delete(targetTable, target.id);
      else if (target.drainsUntilMs === undefined) context.tx.put(targetTable, { ...target, drainsUntilMs: context.nowMs + delayMs });
    }
    return {};
  },
} satisfies Elbv2Operations;

function wantedOf(context: OperationContext, group: TargetGroupRecord, target: TargetDescription): TargetRecord {
  if (target.QuicServerId !== undefined) throw unmodelled('QUIC targets');
  const { Id: targetId = '', Port: port = group.port, AvailabilityZone: zone } = target;
  checkTarget(context, group, { targetId, port, zone });
  return { id: targetRecordId(group.id, targetId, port), groupArn: group.id, targetId, port, ...(zone === undefined ? {} : { zone }) };
}

/** The target by its port; without one, by all its ports. One that is not there is no error. */
function registeredAs(context: OperationContext, group: TargetGroupRecord, { Id, Port }: TargetDescription): readonly TargetRecord[] {
  return context.tx
    .find(targetTable, 'target', Id ?? '')
    .filter((target) => target.groupArn === group.id && (Port === undefined || target.port === Port));
}

/** @throws AwsError TooManyTargets */
function checkCount(context: OperationContext, group: TargetGroupRecord): void {
  const count = targetsOf(context.tx, group.id, context.nowMs).length;
  if (group.targetType === 'alb' && count > 1) throw tooMany('Targets');
  if (count > limitOf(context, quotaCodes.targetsPerGroup)) throw tooMany('Targets');
  for (const arn of balancersUsing(context, group.id)) {
    const balancer = context.tx.get(loadBalancerTable, arn);
    if (!balancer) continue;
    const groups = new Set(context.tx.find(ruleTable, 'loadBalancer', arn).flatMap((rule) => groupsOf(rule.action)));
    const all = [...groups].reduce((total, one) => total + targetsOf(context.tx, one, context.nowMs).length, 0);
    if (all > limitOf(context, quotaCodes.targets[balancer.type])) throw tooMany('Targets');
  }
}

/** Drops the records of targets that have drained. */
function forgetOver(context: OperationContext, group: TargetGroupRecord): void {
  for (const target of context.tx.find(targetTable, 'group', group.id)) {
    if (isOver(target, context.nowMs)) context.tx.delete(targetTable, target.id);
  }
}
