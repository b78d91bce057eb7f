/** Links that confirm something: each has a random token, one purpose and an end. */
import type { OperationContext } from '#aws/context.ts';
import { type ConfirmationRecord, confirmationTable, type MailLink, mailPartition } from '#services/mail/tables.ts';
import type { Reader, Transaction } from '#store/store.ts';

/** 256 bits: nobody guesses one. */
const TOKEN_BYTES = 32;
const DAY_MS = 86_400_000;
/** How long a token is known, so that a late visitor is told that it has expired. No link works for longer. */
const KNOWN_MS = 90 * DAY_MS;

export interface NewConfirmation {
  readonly purpose: string;
  readonly subject: string;
  /** Goes into `Confirm that …`. */
  readonly words: string;
  /** Milliseconds for which the link works. */
  readonly validMs: number;
}

type Sender = Pick<OperationContext, 'tx' | 'nowMs' | 'randomBytes' | 'region'>;

/** A link for a mail, for the partition and Region of the context. */
export function newConfirmation(context: Sender, { purpose, subject, words, validMs }: NewConfirmation): MailLink {
  const { nowMs, region } = context;
  const { partition } = context.tx;
  const confirmations = context.tx.in(mailPartition);
  forgetOld(confirmations, nowMs);
  const id = context.randomBytes(TOKEN_BYTES).toString('base64url');
  confirmations.put(confirmationTable, { id, purpose, subject, words, partition, region, createdMs: nowMs, expiresMs: nowMs + validMs });
  return { label: 'Confirm', path: `/_keiro/confirm?token=${id}` };
}

/** They are listed in the order of their creation. */
function forgetOld(confirmations: Transaction, nowMs: number): void {
  const old: string[] = [];
  for (const { id, createdMs } of confirmations.list(confirmationTable)) {
    if (createdMs > nowMs - KNOWN_MS) break;
    old.push(id);
  }
  for (const id of old) confirmations.delete(confirmationTable, id);
}

/** One that was confirmed in time stays confirmed. */
export function isExpired({ confirmedMs, expiresMs }: ConfirmationRecord, nowMs: number): boolean {
  return confirmedMs === undefined && nowMs >= expiresMs;
}

export function findConfirmation(reader: Reader, token: string): ConfirmationRecord | undefined {
  return token === '' ? undefined : reader.in(mailPartition).get(confirmationTable, token);
}

/** Notes that a link was opened; whoever calls tells the service in the same transaction. */
export function settle(tx: Transaction, confirmation: ConfirmationRecord, nowMs: number): void {
  tx.in(mailPartition).put(confirmationTable, { ...confirmation, confirmedMs: nowMs });
}
