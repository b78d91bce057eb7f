/**
 * The life of an instance: launched, started, stopped, rebooted, terminated. The one place where instances begin to change state.
 */
import type { OperationContext } from '#aws/context.ts';
import { becoming, type Eventual } from '#aws/eventual.ts';
import { assignDynamicPublicIp, addressesOn, releaseDynamicPublicIp } from '#services/ec2/addresses/address-associations.ts';
import { detachInterface } from '#services/ec2/interfaces/interface-attachments.ts';
import { deleteInterface } from '#services/ec2/interfaces/interface-lifecycle.ts';
import { incorrectInstanceState, stopProtected, terminationProtected } from '#services/ec2/instances/instance-errors.ts';
import { instanceState, interfacesOf, terminatedShownMs } from '#services/ec2/instances/instance-lookup.ts';
import { giveBackVcpus, takeVcpus } from '#services/ec2/instances/instance-vcpus.ts';
import { type InstanceRecord, type InstanceState, instanceTable, terminatedInstanceTable } from '#services/ec2/tables/instances.ts';

const transitions = {
  launch: ['pending', 'running'],
  start: ['pending', 'running'],
  stop: ['stopping', 'stopped'],
  terminate: ['shutting-down', 'terminated'],
} as const satisfies Readonly<Record<string, readonly [InstanceState, InstanceState]>>;

/** The state that a transition begins now. Where something runs instances it ends when that is reported (instance-reports.ts), else by itself. */
export function transition(
  kind: keyof typeof transitions,
  { nowMs, observed }: Pick<OperationContext, 'nowMs' | 'observed'>,
): Eventual<InstanceState> {
  const [first, last] = transitions[kind];
  return observed.runsInstances ? { now: first, then: last } : becoming<InstanceState>(first, last, nowMs);
}

/** What StateReason says of a stop or end that the caller asked for. */
const userInitiated = { code: 'Client.UserInitiatedShutdown', message: 'Client.UserInitiatedShutdown: User initiated shutdown' };

/** What it says when the instance shut itself down. */
const instanceInitiated = {
  code: 'Client.InstanceInitiatedShutdown',
  message: 'Client.InstanceInitiatedShutdown: Instance initiated shutdown',
};

/** What it says when it could not be started. */
const internalError = { code: 'Server.InternalError', message: 'Server.InternalError: Internal error on launch' };

/** @throws AwsError IncorrectInstanceState unless it is stopped, running or about to; VcpuLimitExceeded */
export function startInstance(context: OperationContext, instance: InstanceRecord): InstanceRecord {
  const state = instanceState(instance, context);
  if (state === 'running' || state === 'pending') return instance;
  if (state !== 'stopped') {
    throw incorrectInstanceState(`The instance '${instance.id}' is not in a state from which it can be started.`);
  }
  if (instance.tenancy === 'default') takeVcpus(context, instance.instanceType, 1);
  const { stateReason: _reason, transitionReason: _words, ...rest } = instance;
  const started: InstanceRecord = {
    ...rest,
    state: transition('start', context),
    launchMs: context.nowMs,
    boot: nextBoot(instance),
  };
  context.tx.put(instanceTable, started);
  regainPublicIp(context, started);
  return started;
}

/** @throws AwsError IncorrectInstanceState from a state that cannot be stopped, OperationNotPermitted with stop protection */
export function stopInstance(context: OperationContext, instance: InstanceRecord): InstanceRecord {
  const state = instanceState(instance, context);
  if (state === 'stopped' || state === 'stopping') return instance;
  if (state === 'pending') {
    throw incorrectInstanceState(`Instance '${instance.id}' cannot be stopped as it has never reached the 'running' state.`);
  }
  if (state !== 'running') throw incorrectInstanceState(`This instance '${instance.id}' is not in a state from which it can be stopped.`);
  if (instance.disableApiStop) throw stopProtected(instance.id);
  return stop(context, leaving(context, instance, 'stop'));
}

function stop(context: OperationContext, stopped: InstanceRecord): InstanceRecord {
  context.tx.put(instanceTable, stopped);
  if (stopped.tenancy === 'default') giveBackVcpus(context, stopped.instanceType);
  // A stopped instance keeps its interfaces, private addresses and Elastic IPs, and loses its dynamic public address.
  for (const eni of interfacesOf(context, stopped.id)) releaseDynamicPublicIp(context, eni);
  return stopped;
}

/** @throws AwsError IncorrectInstanceState unless it runs */
export function rebootInstance(context: OperationContext, instance: InstanceRecord): void {
  const state = instanceState(instance, context);
  if (state !== 'running' && state !== 'pending') {
    throw incorrectInstanceState(`The instance '${instance.id}' is not in a state from which it can be rebooted.`);
  }
  context.tx.put(instanceTable, { ...instance, boot: nextBoot(instance) });
}

/** @throws AwsError OperationNotPermitted with termination or stop protection */
export function terminateInstance(context: OperationContext, instance: InstanceRecord): InstanceRecord {
  const state = instanceState(instance, context);
  if (state === 'terminated' || state === 'shutting-down') return instance;
  if (instance.disableApiTermination) throw terminationProtected(instance.id, 'disableApiTermination');
  // "Stop protection also protects your instance from accidental termination" (Enable stop protection, EC2 user guide).
  if (instance.disableApiStop) throw terminationProtected(instance.id, 'disableApiStop');
  return terminate(context, instance, leaving(context, instance, 'terminate'));
}

function terminate(context: OperationContext, instance: InstanceRecord, leaving: InstanceRecord): InstanceRecord {
  const { nowMs } = context;
  const state = instanceState(instance, context);
  const ended: InstanceRecord = { ...leaving, terminatedMs: nowMs };
  // First the state: what runs no more regains no dynamic address when its Elastic IPs come off.
  context.tx.put(instanceTable, ended);
  context.tx.put(terminatedInstanceTable, { id: instance.id, terminatedMs: nowMs });
  if (instance.tenancy === 'default' && (state === 'running' || state === 'pending')) giveBackVcpus(context, instance.instanceType);
  for (const eni of interfacesOf(context, instance.id)) {
    if (eni.attachment?.deleteOnTermination) deleteInterface(context, eni);
    else detachInterface(context, releaseDynamicPublicIp(context, eni));
  }
  forgetTerminated(context);
  return ended;
}

/**
 * An instance that was shut down from within: it stops or is terminated as its `shutdownBehavior` says, whatever the API is
 * protected from (EC2 guide, "Change instance initiated shutdown behavior").
 */
export function endByItself(context: OperationContext, instance: InstanceRecord): void {
  const kind = instance.shutdownBehavior === 'terminate' ? 'terminate' : 'stop';
  const left: InstanceRecord = { ...leaving(context, instance, kind), stateReason: instanceInitiated, transitionReason: '' };
  if (kind === 'stop') stop(context, left);
  else terminate(context, instance, left);
}

/** An instance that could not be started: a new one is terminated, one that ran before is stopped again (EC2 guide, "Instance terminates immediately"). */
export function failToBegin(context: OperationContext, instance: InstanceRecord): void {
  const kind = (instance.boot ?? 1) === 1 ? 'terminate' : 'stop';
  const left: InstanceRecord = {
    ...leaving(context, instance, kind),
    stateReason: internalError,
    transitionReason: 'Server.InternalError',
  };
  if (kind === 'stop') stop(context, left);
  else terminate(context, instance, left);
}

/** Drops the records of instances that AWS would not show any more; oldest ends first. */
export function forgetTerminated({ tx, nowMs }: OperationContext): void {
  const old: string[] = [];
  for (const record of tx.list(terminatedInstanceTable)) {
    if (nowMs < record.terminatedMs + terminatedShownMs) break;
    old.push(record.id);
  }
  for (const id of old) {
    tx.delete(instanceTable, id);
    tx.delete(terminatedInstanceTable, id);
  }
}

/** Another boot is what tells a data plane to begin anew. */
function nextBoot({ boot = 1 }: InstanceRecord): number {
  return boot + 1;
}

function leaving(context: OperationContext, instance: InstanceRecord, kind: 'stop' | 'terminate'): InstanceRecord {
  const when = new Date(context.nowMs).toISOString().slice(0, 19).replace('T', ' ');
  return {
    ...instance,
    state: transition(kind, context),
    stateReason: userInitiated,
    transitionReason: `User initiated (${when} GMT)`,
  };
}

/**
 * A start gives a new dynamic address to an instance that had one, unless it has an Elastic IP or further interfaces
 * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html#concepts-public-addresses).
 */
function regainPublicIp(context: OperationContext, instance: InstanceRecord): void {
  const [primary, another] = interfacesOf(context, instance.id);
  if (!primary?.wantsPublicIp || another || addressesOn(context, primary).length > 0) return;
  assignDynamicPublicIp(context, primary);
}
