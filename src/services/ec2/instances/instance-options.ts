/** Smaller settings of an instance: host name, detailed monitoring, maintenance, CPU credits and options; its console. */
import type { InstanceCreditSpecification, InstanceMonitoring } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterValue } from '#aws/errors.ts';
import { paginateByKey, sequenceKey } from '#aws/pagination.ts';
import { compileFilters, type FilterSpec, literalValues } from '#aws/filters.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { incorrectInstanceState } from '#services/ec2/instances/instance-errors.ts';
import { checkHostnameType, cpuOptionsOf, requireInstanceType } from '#services/ec2/instances/instance-launch-input.ts';
import { hostName } from '#services/ec2/instances/instance-launch.ts';
import {
  instanceState,
  isEnded,
  isShown,
  primaryInterface,
  requireInstance,
  requireInstances,
} from '#services/ec2/instances/instance-lookup.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { requireSubnet } from '#services/ec2/subnets/subnets.ts';
import { type InstanceRecord, instanceTable } from '#services/ec2/tables/instances.ts';

const creditFilters: FilterSpec<InstanceRecord> = { 'instance-id': (instance) => instance.id };

export const instanceOptions = {
  ModifyPrivateDnsNameOptions(context, input) {
    const instance = requireInstance(context, input.InstanceId);
    const { PrivateDnsHostnameType: hostnameType = instance.hostnameType } = input;
    if (hostnameType !== instance.hostnameType) {
      checkHostnameType(requireSubnet(context, instance.subnetId), hostnameType);
      // "Modify … the instance must be stopped" (EC2 user guide, change resource-based naming options).
      if (instanceState(instance, context) !== 'stopped')
        throw incorrectInstanceState(`The instance '${instance.id}' is not in the 'stopped' state.`);
    }
    context.tx.put(instanceTable, {
      ...instance,
      hostnameType,
      resourceNameDnsARecord: input.EnableResourceNameDnsARecord ?? instance.resourceNameDnsARecord,
      resourceNameDnsAaaaRecord: input.EnableResourceNameDnsAAAARecord ?? instance.resourceNameDnsAaaaRecord,
      privateDnsName: hostName(context.region, instance.id, hostnameType, primaryInterface(context, instance.id)),
    });
    return { Return: true };
  },

  MonitorInstances(context, input) {
    return { InstanceMonitorings: monitor(context, input.InstanceIds, true) };
  },

  UnmonitorInstances(context, input) {
    return { InstanceMonitorings: monitor(context, input.InstanceIds, false) };
  },

  ModifyInstanceMaintenanceOptions(context, input) {
    const instance = requireInstance(context, input.InstanceId);
    const autoRecovery = input.AutoRecovery ?? instance.autoRecovery;
    context.tx.put(instanceTable, { ...instance, autoRecovery });
    return { InstanceId: instance.id, AutoRecovery: autoRecovery, RebootMigration: 'default' };
  },

  ModifyInstanceCpuOptions(context, input) {
    const instance = requireInstance(context, input.InstanceId);
    if (instanceState(instance, context) !== 'stopped')
      throw incorrectInstanceState(`The instance '${instance.id}' is not in the 'stopped' state.`);
    const cpuOptions = cpuOptionsOf(requireInstanceType(instance.instanceType), input);
    if (cpuOptions) context.tx.put(instanceTable, { ...instance, cpuOptions });
    return { InstanceId: instance.id, CoreCount: cpuOptions?.coreCount, ThreadsPerCore: cpuOptions?.threadsPerCore };
  },

  DescribeInstanceCreditSpecifications(context, input) {
    const ids = input.InstanceIds && input.InstanceIds.length > 0 ? input.InstanceIds : undefined;
    const known = ids ? requireInstances(context, ids) : withFilterIds(context, input.Filters);
    const matches = compileFilters(context, input.Filters, creditFilters) ?? (() => true);
    const burstable = known.filter((instance) => instance.cpuCredits !== undefined && !isEnded(instance) && matches(instance));
    const stray = ids && known.find((instance) => instance.cpuCredits === undefined);
    if (stray) throw notBurstable(stray);
    // Without ids AWS tells only of those that are `unlimited`, which are all but T2's unless changed.
    const chosen = (ids ?? input.Filters) ? burstable : burstable.filter((instance) => instance.cpuCredits === 'unlimited');
    const keyOf = ({ id }: InstanceRecord) => sequenceKey(context.tx.sequenceOf(instanceTable, id));
    const { items, nextToken } = paginateByKey(input, chosen, keyOf, [
      'DescribeInstanceCreditSpecifications',
      ids ?? [],
      input.Filters ?? [],
    ]);
    return { InstanceCreditSpecifications: items.map(creditView), NextToken: nextToken };
  },

  ModifyInstanceCreditSpecification(context, input) {
    const successful: { InstanceId: string }[] = [];
    const failed: {
      InstanceId: string;
      Error: {
        Code: 'InstanceCreditSpecification.NotSupported' | 'InvalidInstanceID.NotFound' | 'IncorrectInstanceState';
        Message: string;
      };
    }[] = [];
    for (const { InstanceId: id = '', CpuCredits: credits } of input.InstanceCreditSpecifications) {
      if (credits !== 'standard' && credits !== 'unlimited') throw invalidParameterValue(`Invalid value '${credits}' for CpuCredits.`);
      const instance = context.tx.get(instanceTable, id);
      if (!instance || !isShown(instance, context)) {
        failed.push({ InstanceId: id, Error: { Code: 'InvalidInstanceID.NotFound', Message: `The instance ID '${id}' does not exist` } });
      } else if (instance.cpuCredits === undefined) {
        failed.push({
          InstanceId: id,
          Error: { Code: 'InstanceCreditSpecification.NotSupported', Message: notBurstable(instance).message },
        });
      } else {
        context.tx.put(instanceTable, { ...instance, cpuCredits: credits });
        successful.push({ InstanceId: id });
      }
    }
    return { SuccessfulInstanceCreditSpecifications: successful, UnsuccessfulInstanceCreditSpecifications: failed };
  },

  /** What was seen last, base64; where nothing runs instances it is empty, as of the launch. */
  GetConsoleOutput(context, input) {
    const instance = requireInstance(context, input.InstanceId);
    const seen = context.observed.instance(instance.id)?.console;
    return {
      InstanceId: instance.id,
      Output: seen === undefined ? '' : seen.text.toString('base64'),
      Timestamp: new Date(seen?.atMs ?? instance.launchMs),
    };
  },
} satisfies Ec2Operations;

function monitor(context: OperationContext, ids: readonly string[], monitoring: boolean): InstanceMonitoring[] {
  return requireInstances(context, ids).map((instance) => {
    context.tx.put(instanceTable, { ...instance, monitoring });
    return { InstanceId: instance.id, Monitoring: { State: monitoring ? 'pending' : 'disabling' } };
  });
}

/** The instances that the `instance-id` filter names, or all. */
function withFilterIds(context: OperationContext, given: Parameters<typeof compileFilters>[1]): readonly InstanceRecord[] {
  const values = literalValues(given, 'instance-id');
  const found = values ? values.flatMap((id) => context.tx.get(instanceTable, id) ?? []) : [...context.tx.list(instanceTable)];
  return found.filter((instance) => isShown(instance, context));
}

function notBurstable(instance: InstanceRecord): AwsError {
  return new AwsError(
    'InstanceCreditSpecification.NotSupported',
    `The instance ${instance.id} of type ${instance.instanceType} does not support CPU credits.`,
  );
}

function creditView(instance: InstanceRecord): InstanceCreditSpecification {
  return { InstanceId: instance.id, CpuCredits: instance.cpuCredits };
}
