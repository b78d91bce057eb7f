/** Instances by id, their states, and how long terminated ones are shown. */
import type { OperationContext } from '#aws/context.ts';
import { stateAt } from '#aws/eventual.ts';
import { isIdOf } from '#aws/ids.ts';
import { instanceNotFound } from '#services/ec2/errors.ts';
import { malformedInstanceId } from '#services/ec2/instances/instance-errors.ts';
import { type InstanceRecord, type InstanceState, instanceTable } from '#services/ec2/tables/instances.ts';
import { type NetworkInterfaceRecord, networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';

/** A terminated instance is shown "for a short while" (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/terminating-instances.html); in practice an hour. */
export const terminatedShownMs = 60 * 60 * 1000;

export function instanceState(instance: InstanceRecord, context: Pick<OperationContext, 'nowMs'>): InstanceState {
  return stateAt(instance.state, context.nowMs);
}

/** Whether the instance is on its way out, or gone. */
export function isEnded(instance: InstanceRecord): boolean {
  return instance.terminatedMs !== undefined;
}

/** Whether AWS still shows the instance. */
export function isShown(instance: InstanceRecord, context: Pick<OperationContext, 'nowMs'>): boolean {
  return instance.terminatedMs === undefined || context.nowMs < instance.terminatedMs + terminatedShownMs;
}

/** @throws AwsError InvalidInstanceID.Malformed, InvalidInstanceID.NotFound */
export function requireInstance(context: OperationContext, id: string): InstanceRecord {
  return requireInstances(context, [id])[0] as InstanceRecord; // one id gives one instance
}

/**
 * The instances of the ids, each once.
 * @throws AwsError InvalidInstanceID.Malformed, InvalidInstanceID.NotFound that names all that are missing
 */
export function requireInstances(context: OperationContext, ids: readonly string[]): readonly InstanceRecord[] {
  const found: InstanceRecord[] = [];
  const missing: string[] = [];
  checkInstanceIds(ids);
  for (const id of new Set(ids)) {
    const instance = context.tx.get(instanceTable, id);
    if (instance && isShown(instance, context)) found.push(instance);
    else missing.push(id);
  }
  if (missing.length > 0) throw instanceNotFound(missing);
  return found;
}

/** @throws AwsError InvalidInstanceID.Malformed */
export function checkInstanceIds(ids: readonly string[] | undefined): void {
  for (const id of ids ?? []) if (!isIdOf('i', id)) throw malformedInstanceId(id);
}

/** The interfaces of an instance in the order of their devices, the primary one first. */
export function interfacesOf(context: OperationContext, instanceId: string): readonly NetworkInterfaceRecord[] {
  const enis = context.tx.find(networkInterfaceTable, 'instance', instanceId);
  return enis.length < 2 ? enis : enis.toSorted((a, b) => placeOf(a) - placeOf(b));
}

export function primaryInterface(context: OperationContext, instanceId: string): NetworkInterfaceRecord | undefined {
  return interfacesOf(context, instanceId)[0];
}

/** Network cards hold up to fifty interfaces each. */
function placeOf({ attachment }: NetworkInterfaceRecord): number {
  return (attachment?.networkCardIndex ?? 0) * 1000 + (attachment?.deviceIndex ?? 0);
}
