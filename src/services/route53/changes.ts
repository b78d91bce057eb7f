/** Changes of zones: pending until every name server has them. */
import type { ChangeInfo } from '@aws-sdk/client-route-53';
import type { OperationContext } from '#aws/context.ts';
import { transitionMs } from '#aws/eventual.ts';
import { noSuchChange } from '#services/route53/errors.ts';
import { bareId, newId } from '#services/route53/ids.ts';
import type { Route53Operations } from '#services/route53/sdk.ts';
import { type ChangeRecord, changeTable } from '#services/route53/tables.ts';

/** How long Keiro tells of a change; AWS does not say how long it does. */
const KEPT_MS = 30 * 24 * 3_600_000;

export const changes = {
  GetChange(context, input) {
    const id = bareId(input.Id);
    const change = context.tx.get(changeTable, id);
    if (!change) throw noSuchChange(id);
    return { ChangeInfo: changeInfo(context, change) };
  },
} satisfies Route53Operations;

/** Notes that a zone changed, in the transaction that changes it. */
export function submitChange(context: OperationContext, zoneId: string, comment?: string): ChangeInfo {
  forgetOld(context);
  const change: ChangeRecord = {
    id: newId(context, 'C'),
    zoneId,
    ...(comment === undefined ? {} : { comment }),
    submittedMs: context.nowMs,
    isInSync: false,
  };
  context.tx.put(changeTable, change);
  return changeInfo(context, change);
}

function changeInfo(context: OperationContext, { id, isInSync, submittedMs, comment }: ChangeRecord): ChangeInfo {
  // Where nothing serves names, there is nothing to wait for.
  const isDone = isInSync || (context.observed.dnsAnswer === undefined && context.nowMs >= submittedMs + transitionMs);
  return { Id: `/change/${id}`, Status: isDone ? 'INSYNC' : 'PENDING', SubmittedAt: new Date(submittedMs), Comment: comment };
}

/** Records are listed in the order of their creation, so the old ones come first. */
function forgetOld({ tx, nowMs }: OperationContext): void {
  const old: string[] = [];
  for (const { id, submittedMs } of tx.list(changeTable)) {
    if (submittedMs > nowMs - KEPT_MS) break;
    old.push(id);
  }
  for (const id of old) tx.delete(changeTable, id);
}
