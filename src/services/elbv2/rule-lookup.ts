/** The rules of a listener. */
import type { ListenerRecord, RuleRecord } from '#services/elbv2/tables.ts';
import { ruleTable } from '#services/elbv2/tables.ts';
import type { Reader } from '#store/store.ts';

/** By rising priority; the default rule last. */
export function rulesOf(reader: Reader, listenerArn: string): readonly RuleRecord[] {
  return reader.find(ruleTable, 'listener', listenerArn).toSorted((a, b) => rankOf(a) - rankOf(b));
}

function rankOf({ priority }: RuleRecord): number {
  return priority === 0 ? Number.POSITIVE_INFINITY : priority;
}

export function defaultRuleOf({ tx }: { readonly tx: Reader }, listener: Pick<ListenerRecord, 'id'>): RuleRecord {
  const rule = tx.find(ruleTable, 'listener', listener.id).find(({ priority }) => priority === 0);
  if (!rule) throw new Error(`${listener.id} has no default rule`);
  return rule;
}
