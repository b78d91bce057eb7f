/** Operations: how each begins, waits, ends, and what it is at a moment. */
import type { OperationContext } from '#aws/context.ts';
import { becoming, settled, stateAt } from '#aws/eventual.ts';
import {
  type OperationRecord,
  type OperationStatus,
  operationTable,
  type OperationType,
  type Waiting,
} from '#services/route53domains/tables.ts';

type Writer = Pick<OperationContext, 'tx' | 'nowMs'>;

/**
 * Notes an operation in the account of `context.tx`; one that waits for nobody succeeds by itself.
 * @returns its id
 */
export function beginOperation(
  context: Pick<OperationContext, 'tx' | 'nowMs' | 'randomBytes'>,
  type: OperationType,
  domainName: string,
  waiting?: Waiting,
): string {
  const { tx, nowMs } = context;
  const id = newOperationId(context);
  tx.put(operationTable, {
    id,
    domainName,
    type,
    status: becoming<OperationStatus>('SUBMITTED', waiting === undefined ? 'SUCCESSFUL' : 'IN_PROGRESS', nowMs),
    ...(waiting === undefined ? {} : { waiting }),
    submittedMs: nowMs,
    updatedMs: nowMs,
  });
  return id;
}

/** What it waited for has happened, or cannot happen any more. */
export function endOperation({ tx, nowMs }: Writer, id: string, status: 'SUCCESSFUL' | 'FAILED', message?: string): void {
  const operation = tx.get(operationTable, id);
  if (operation === undefined || !isUnderWay(operation, nowMs)) return;
  const { waiting: _waiting, ...rest } = operation;
  tx.put(operationTable, {
    ...rest,
    status: settled<OperationStatus>(status),
    updatedMs: nowMs,
    ...(message === undefined ? {} : { message }),
  });
}

export function statusOfOperation({ status, waiting }: OperationRecord, nowMs: number): OperationStatus {
  return waiting !== undefined && nowMs >= waiting.untilMs ? 'FAILED' : stateAt(status, nowMs);
}

export function isUnderWay(operation: OperationRecord, nowMs: number): boolean {
  const status = statusOfOperation(operation, nowMs);
  return status === 'SUBMITTED' || status === 'IN_PROGRESS';
}

/** A random UUID (RFC 9562 section 5.4). */
function newOperationId({ randomBytes }: Pick<OperationContext, 'randomBytes'>): string {
  const bytes = randomBytes(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
