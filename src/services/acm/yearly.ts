/** What counts for a year, or an hour: kept in the order in which it happened, and dropped when its time is over. */
import type { OperationContext } from '#aws/context.ts';
import type { YearlyRecord } from '#services/acm/tables.ts';
import type { AwsError } from '#protocol/aws-error.ts';
import type { StoreRecord, Table } from '#store/table.ts';

const YEAR_MS = 365 * 24 * 3_600_000;

/** Counts one more for a certificate. @throws what `refuse` makes of the limit, when it is reached */
export function countYearly(
  context: OperationContext,
  table: Table<YearlyRecord, never>,
  arn: string,
  limit: number,
  refuse: (limit: number) => AwsError,
): void {
  forgetBefore(context, table, context.nowMs - YEAR_MS);
  if (context.tx.count(table) >= limit) throw refuse(limit);
  context.tx.put(table, { id: arn, atMs: context.nowMs } satisfies YearlyRecord);
}

/** Records are listed in the order of their creation, so the old ones come first. */
export function forgetBefore({ tx }: Pick<OperationContext, 'tx'>, table: Table<StoreRecord & { atMs: number }, never>, ms: number): void {
  const old: string[] = [];
  for (const record of tx.list(table)) {
    if (record.atMs > ms) break;
    old.push(record.id);
  }
  for (const id of old) tx.delete(table, id);
}
