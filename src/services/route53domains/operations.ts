/** Operations as the API tells of them. */
import type { OperationContext } from '#aws/context.ts';
import { operationNotFound } from '#services/route53domains/errors.ts';
import { isUnderWay, statusOfOperation } from '#services/route53domains/operation-status.ts';
import { pageOf, timeKey } from '#services/route53domains/pages.ts';
import type { DomainsOperations } from '#services/route53domains/sdk.ts';
import { type OperationRecord, operationTable } from '#services/route53domains/tables.ts';

export const operations = {
  GetOperationDetail(context, input) {
    const operation = context.tx.get(operationTable, input.OperationId);
    if (operation === undefined) throw operationNotFound(input.OperationId);
    return viewOf(context, operation);
  },

  ListOperations(context, input) {
    const { SubmittedSince: since, Status: statuses, Type: types, SortOrder: order = 'DESC' } = input;
    const isWanted = (operation: OperationRecord): boolean =>
      (since === undefined || operation.submittedMs >= since.getTime()) &&
      (!statuses?.length || statuses.includes(statusOfOperation(operation, context.nowMs))) &&
      (!types?.length || types.includes(operation.type));
    const { Marker, MaxItems, ...parameters } = input;
    const { items, NextPageMarker } = pageOf(
      { Marker, MaxItems },
      [...context.tx.list(operationTable)].filter(isWanted),
      ({ submittedMs, id }) => timeKey(submittedMs, order === 'DESC', id),
      ['ListOperations', parameters],
    );
    return { Operations: items.map((operation) => viewOf(context, operation)), NextPageMarker };
  },
} satisfies DomainsOperations;

function viewOf({ nowMs }: Pick<OperationContext, 'nowMs'>, operation: OperationRecord) {
  const { id, domainName, type, waiting, message, submittedMs, updatedMs, status } = operation;
  const isLate = waiting !== undefined && nowMs >= waiting.untilMs;
  const changedMs = status.untilMs !== undefined && nowMs >= status.untilMs ? status.untilMs : updatedMs;
  return {
    OperationId: id,
    Status: statusOfOperation(operation, nowMs),
    Type: type,
    DomainName: domainName,
    SubmittedDate: new Date(submittedMs),
    LastUpdatedDate: new Date(isLate ? waiting.untilMs : changedMs),
    Message: isLate ? waiting.failure : message,
    StatusFlag: isUnderWay(operation, nowMs) ? waiting?.flag : undefined,
  };
}
