/** Mails that are sent, listed and read. */
import type { OperationContext } from '#aws/context.ts';
import { type MailLink, mailPartition, type MailRecord, mailTable } from '#services/mail/tables.ts';
import type { Reader, Transaction } from '#store/store.ts';

/** Mails that are kept. */
const KEPT = 10_000;
/** An id's random bytes: short enough to be typed, and no secret. */
const ID_BYTES = 6;

export interface OutgoingMail {
  /** E.g. `Amazon Registrar <noreply@registrar.amazon>`. */
  readonly from: string;
  /** Addresses, at least one. */
  readonly to: readonly string[];
  readonly subject: string;
  /** The body; links stand in it by their paths. */
  readonly text: string;
  readonly html?: string;
  readonly links?: readonly MailLink[];
}

/** Sends within the transaction of the context: no mail of what did not happen. @returns the mail's id */
export function sendMail({ tx, nowMs, randomBytes }: Pick<OperationContext, 'tx' | 'nowMs' | 'randomBytes'>, mail: OutgoingMail): string {
  const mails = tx.in(mailPartition);
  forgetOldest(mails);
  const id = `mail-${randomBytes(ID_BYTES).toString('hex')}`;
  mails.put(mailTable, { ...mail, id, links: mail.links ?? [], sentMs: nowMs });
  return id;
}

function forgetOldest(mails: Transaction): void {
  const tooMany = mails.count(mailTable) - KEPT + 1;
  if (tooMany <= 0) return;
  const old: string[] = [];
  for (const { id } of mails.list(mailTable)) {
    if (old.length >= tooMany) break;
    old.push(id);
  }
  for (const id of old) mails.delete(mailTable, id);
}

/** The newest first. @param to only those to this address, in any case */
export function listMails(reader: Reader, to?: string): readonly MailRecord[] {
  const mails = reader.in(mailPartition);
  return (to === undefined ? [...mails.list(mailTable)] : [...mails.find(mailTable, 'to', to.toLowerCase())]).toReversed();
}

export function findMail(reader: Reader, id: string): MailRecord | undefined {
  return reader.in(mailPartition).get(mailTable, id);
}

/** Somebody has looked at it; the first time counts. */
export function markRead(tx: Transaction, id: string, nowMs: number): void {
  const mail = findMail(tx, id);
  if (mail !== undefined && mail.readMs === undefined) tx.in(mailPartition).put(mailTable, { ...mail, readMs: nowMs });
}
