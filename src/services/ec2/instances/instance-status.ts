/** The status of instances: what is seen of those that run. */
import type { InstanceStatus, InstanceStatusSummary } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { describe } from '#aws/describe.ts';
import { clippedPageLimits } from '#aws/pagination.ts';
import type { FilterSpec } from '#aws/filters.ts';
import { findZone } from '#aws/regions.ts';
import { instanceNotFound } from '#services/ec2/errors.ts';
import { checkInstanceIds, instanceState, isShown } from '#services/ec2/instances/instance-lookup.ts';
import { stateView } from '#services/ec2/instances/instance-view.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { type InstanceRecord, instanceTable } from '#services/ec2/tables/instances.ts';

/** There are no scheduled events. */
const none = () => undefined;

const filters: FilterSpec<InstanceRecord> = {
  'attached-ebs-status.status': systemStatus,
  'availability-zone': (instance) => instance.availabilityZone,
  'availability-zone-id': (instance, context) => findZone(context.region, instance.availabilityZone)?.id,
  'event.code': none,
  'event.description': none,
  'event.instance-event-id': none,
  'event.not-after': none,
  'event.not-before': none,
  'event.not-before-deadline': none,
  'instance-state-code': (instance, context) => stateView(instanceState(instance, context)).Code,
  'instance-state-name': instanceState,
  'instance-status.reachability': reachability,
  'instance-status.status': checkStatus,
  'operator.managed': () => false,
  'operator.principal': none,
  'system-status.reachability': systemReachability,
  'system-status.status': systemStatus,
};

export const instanceStatus = {
  DescribeInstanceStatus(context, input) {
    checkInstanceIds(input.InstanceIds);
    // What is named must exist, and is left out all the same unless it runs.
    const running = input.IncludeAllInstances ? [] : [{ Name: 'instance-state-name', Values: ['running'] }];
    const { items, nextToken } = describe(
      context,
      { ...input, Filters: [...(input.Filters ?? []), ...running] },
      {
        table: instanceTable,
        ids: input.InstanceIds,
        filters,
        missing: instanceNotFound,
        view,
        visible: isShown,
        call: 'DescribeInstanceStatus',
        limits: clippedPageLimits,
      },
    );
    return { InstanceStatuses: items, NextToken: nextToken };
  },
} satisfies Ec2Operations;

/** Where something runs instances, as it is seen; else whatever is said to run does. */
function checkStatus(instance: InstanceRecord, context: OperationContext): 'ok' | 'impaired' | 'initializing' | 'not-applicable' {
  if (instanceState(instance, context) !== 'running') return 'not-applicable';
  if (!context.observed.runsInstances) return 'ok';
  return context.observed.instance(instance.id)?.health ?? 'initializing';
}

const reachabilities = { ok: 'passed', impaired: 'failed', initializing: 'initializing', 'not-applicable': undefined } as const;

function reachability(instance: InstanceRecord, context: OperationContext): 'passed' | 'failed' | 'initializing' | undefined {
  return reachabilities[checkStatus(instance, context)];
}

/** The machine below an instance is Keiro's own, and well. */
function systemStatus(instance: InstanceRecord, context: OperationContext): 'ok' | 'not-applicable' {
  return instanceState(instance, context) === 'running' ? 'ok' : 'not-applicable';
}

function systemReachability(instance: InstanceRecord, context: OperationContext): 'passed' | undefined {
  return systemStatus(instance, context) === 'ok' ? 'passed' : undefined;
}

function view(instance: InstanceRecord, context: OperationContext): InstanceStatus {
  const passed = systemReachability(instance, context);
  const system: InstanceStatusSummary = {
    Status: systemStatus(instance, context),
    Details: passed && [{ Name: 'reachability', Status: passed }],
  };
  return {
    InstanceId: instance.id,
    AvailabilityZone: instance.availabilityZone,
    AvailabilityZoneId: findZone(context.region, instance.availabilityZone)?.id,
    InstanceState: stateView(instanceState(instance, context)),
    InstanceStatus: summaryOf(instance, context),
    SystemStatus: system,
    AttachedEbsStatus: system,
    Operator: { Managed: false },
  };
}

function summaryOf(instance: InstanceRecord, context: OperationContext): InstanceStatusSummary {
  const status = reachability(instance, context);
  const seen = context.observed.instance(instance.id);
  const impairedSince = status === 'failed' && seen ? { ImpairedSince: new Date(seen.sinceMs) } : {};
  return { Status: checkStatus(instance, context), Details: status && [{ Name: 'reachability', Status: status, ...impairedSince }] };
}
