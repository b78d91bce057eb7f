/** What is seen of instances, written into their records: whoever runs them reports, and transitions end here. */
import type { OperationContext } from '#aws/context.ts';
import { settled, stateAt } from '#aws/eventual.ts';
import { endByItself, failToBegin, rebootInstance } from '#services/ec2/instances/instance-lifecycle.ts';
import { type InstanceRecord, type InstanceState, instanceTable } from '#services/ec2/tables/instances.ts';
import type { Change, Reader } from '#store/store.ts';

/** What an instance's first process asked for when it ended; `unmade`: it never was. */
export type OwnEnd = 'halt' | 'reboot' | 'unmade';

/** Each writes what follows from a report, or nothing when it is of an earlier start. */
export const instanceReports = {
  /** It runs, as of its so many-th start. */
  begun(context: OperationContext, id: string, boot: number): void {
    const instance = context.tx.get(instanceTable, id);
    if (instance?.state.now === 'pending' && (instance.boot ?? 1) === boot) settle(context, instance, 'running');
  },

  /** It ended by itself (`shutdown` was called in it), or could not begin. */
  ended(context: OperationContext, id: string, boot: number, how: OwnEnd): void {
    const instance = context.tx.get(instanceTable, id);
    if (!instance || (instance.boot ?? 1) !== boot) return;
    const state = stateAt(instance.state, context.nowMs);
    if (how === 'unmade') {
      if (state === 'pending') failToBegin(context, instance);
      return;
    }
    if (state !== 'running') return;
    if (how === 'reboot') rebootInstance(context, instance);
    else endByItself(context, instance);
  },

  /** Nothing of it runs any more. */
  gone(context: OperationContext, id: string): void {
    const instance = context.tx.get(instanceTable, id);
    const next = instance?.state.then;
    if (instance && next !== undefined && next !== 'running' && instance.state.untilMs === undefined) settle(context, instance, next);
  },

  /** Nothing runs instances here: whatever waits for a report is done. */
  nobody(context: OperationContext, id: string): void {
    const instance = context.tx.get(instanceTable, id);
    if (instance?.state.then !== undefined && instance.state.untilMs === undefined) settle(context, instance, instance.state.then);
  },
} as const;

function settle({ tx }: OperationContext, instance: InstanceRecord, state: InstanceState): void {
  tx.put(instanceTable, { ...instance, state: settled(state) });
}

/** The instances of a partition that are not terminated, or not yet wholly. */
export function instanceIds(reader: Reader): { readonly id: string; readonly isEnded: boolean; readonly isUnsettled: boolean }[] {
  return [...reader.list(instanceTable)].map(({ id, terminatedMs, state }) => ({
    id,
    isEnded: terminatedMs !== undefined,
    isUnsettled: state.then !== undefined && state.untilMs === undefined,
  }));
}

/** Whether a commit's change leaves an instance between two states; undefined when it is no instance's. */
export function settledBy({ table, after }: Change): boolean | undefined {
  if (table !== instanceTable.name) return undefined;
  const state = (after as InstanceRecord | undefined)?.state; // a record of this table
  return state?.then === undefined || state.untilMs !== undefined;
}

/** Whether an instance is there, terminated ones aside. */
export function isInstance(reader: Reader, id: string): boolean {
  const instance = reader.get(instanceTable, id);
  return instance !== undefined && instance.terminatedMs === undefined;
}
