/** How targets are: what records say of them, else what load balancers' nodes see (ELB API reference, "TargetHealth"). */
import type { TargetDescription, TargetHealth, TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { OperationContext } from '#aws/context.ts';
import { findInstance, isNodeAddress } from '#services/ec2/public.ts';
import { balancersUsing, requireTargetGroup } from '#services/elbv2/lookup.ts';
import type { Elbv2Operations } from '#services/elbv2/sdk.ts';
import { loadBalancerTable, type TargetGroupRecord, targetRecordId, type TargetRecord, targetTable } from '#services/elbv2/tables.ts';
import { isHttp } from '#services/elbv2/target-group-attributes.ts';
import { isOver, placesOf, targetsOf } from '#services/elbv2/target-lookup.ts';

/** What a node says of a target, by its reason; AWS's words. */
const descriptions: Readonly<Record<string, string>> = {
  'Elb.RegistrationInProgress': 'Target registration is in progress',
  'Elb.InitialHealthChecking': 'Initial health checks in progress',
  'Target.Timeout': 'Request timed out',
  'Target.FailedHealthChecks': 'Health checks failed',
};

export const targetHealth = {
  DescribeTargetHealth(context, input) {
    const group = requireTargetGroup(context, input.TargetGroupArn);
    const asked = input.Targets ?? [];
    const include = input.Include ?? [];
    const showsAnomalies = isHttp(group.protocol) && (include.includes('AnomalyDetection') || include.includes('All'));
    const targets =
      asked.length > 0 ? asked.flatMap((one) => askedOf(context, group, one)) : targetsOf(context.tx, group.id, context.nowMs);
    return {
      TargetHealthDescriptions: targets.map((target) => ({
        ...healthView(context, group, target),
        ...(showsAnomalies ? { AnomalyDetection: { Result: 'normal' as const, MitigationInEffect: 'no' as const } } : {}),
      })),
    };
  },
} satisfies Elbv2Operations;

type Asked = TargetRecord & { readonly isUnknown?: true };

/** A target by id and port; without a port, each of its ports. One that is not registered is told of as well. */
function askedOf(context: OperationContext, group: TargetGroupRecord, { Id = '', Port }: TargetDescription): readonly Asked[] {
  const found = context.tx
    .find(targetTable, 'target', Id)
    .filter((target) => target.groupArn === group.id && (Port === undefined || target.port === Port) && !isOver(target, context.nowMs));
  if (found.length > 0) return found;
  const port = Port ?? group.port;
  return [{ id: targetRecordId(group.id, Id, port), groupArn: group.id, targetId: Id, port, isUnknown: true }];
}

function healthView(context: OperationContext, group: TargetGroupRecord, target: Asked): TargetHealthDescription {
  const { targetId: Id, port: Port } = target;
  const zone = group.targetType === 'ip' ? placesOf(context.tx, group, target)[0]?.zone : undefined;
  return {
    Target: { Id, Port, ...(zone === undefined || target.isUnknown ? {} : { AvailabilityZone: zone }) },
    HealthCheckPort: group.healthCheck.port === 'traffic-port' ? String(Port) : group.healthCheck.port,
    TargetHealth: target.isUnknown
      ? unused('Target.NotRegistered', 'Target is not registered to the target group')
      : healthOf(context, group, target),
    AdministrativeOverride: {
      State: 'no_override',
      Reason: 'AdministrativeOverride.NoOverride',
      Description: 'No override is currently active on target',
    },
  };
}

/** The records' word comes first: a target that gets no requests is not checked either. */
function healthOf(context: OperationContext, group: TargetGroupRecord, target: TargetRecord): TargetHealth {
  if (target.drainsUntilMs !== undefined) {
    return { State: 'draining', Reason: 'Target.DeregistrationInProgress', Description: 'Target deregistration is in progress' };
  }
  return unusedBecause(context, group, target) ?? observedHealth(context, target);
}

function unused(Reason: NonNullable<TargetHealth['Reason']>, Description: string): TargetHealth {
  return { State: 'unused', Reason, Description };
}

function unusedBecause(context: OperationContext, group: TargetGroupRecord, target: TargetRecord): TargetHealth | undefined {
  const balancers = balancersUsing(context, group.id).flatMap((arn) => context.tx.get(loadBalancerTable, arn) ?? []);
  if (balancers.length === 0) {
    return unused('Target.NotInUse', 'Target group is not configured to receive traffic from the load balancer');
  }
  if (group.targetType === 'instance') {
    const state = findInstance(context.tx, target.targetId)?.state ?? 'terminated';
    if (state !== 'running') return unused('Target.InvalidState', `Target is in the ${state} state`);
  }
  if (group.targetType === 'ip' && isNodeAddress(context.tx, group.vpcId, target.targetId)) {
    return unused('Target.IpUnusable', 'The IP address cannot be used as a target, because it is in use by a load balancer');
  }
  if (context.observed.balancesOnHost === true && !isOnHost(context, group, target)) {
    return unused('Target.InvalidState', `Target cannot be reached: no packets move here ('keiro doctor' says why), so load balancers reach only targets of type ip outside of VPCs, e.g. 127.0.0.1`); // prettier-ignore
  }
  const zones = new Set(balancers.flatMap((balancer) => balancer.nodes.map((node) => node.zone)));
  const places = placesOf(context.tx, group, target);
  if (places.length > 0 && places.every(({ zone }) => zone !== 'all' && !zones.has(zone))) {
    return unused('Target.NotInUse', 'Target is in an Availability Zone that is not enabled for the load balancer');
  }
  return undefined;
}

/** What a load balancer that listens on the host can reach: the host's own addresses, and networks that it is in. */
function isOnHost({ tx }: OperationContext, group: TargetGroupRecord, target: TargetRecord): boolean {
  return group.targetType === 'ip' && placesOf(tx, group, target).every(({ isOutside }) => isOutside);
}

function observedHealth({ observed }: OperationContext, { groupArn, targetId, port }: TargetRecord): TargetHealth {
  const seen = observed.targetHealth?.(groupArn, targetId, port);
  if (seen?.state === 'healthy') return { State: 'healthy' };
  const reason = seen?.reason ?? (seen?.state === 'unhealthy' ? 'Target.FailedHealthChecks' : 'Elb.RegistrationInProgress');
  return { State: seen?.state ?? 'initial', Reason: reason, Description: seen?.description ?? descriptions[reason] };
}
