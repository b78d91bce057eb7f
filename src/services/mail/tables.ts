/** Records of mails and of the links in them. */
import { defineTable, type Partition, type StoreRecord } from '#store/table.ts';

/** Where all of them are: a mailbox belongs to no account. */
export const mailPartition: Partition = { account: 'keiro', region: 'mail' };

/** Something in a mail to click on. */
export interface MailLink {
  readonly label: string;
  /** Path and query at Keiro's own address, e.g. `/_keiro/confirm?token=…`. It stands in the mail's text as well. */
  readonly path: string;
}

export interface MailRecord extends StoreRecord {
  readonly from: string;
  /** At least one address, as it was given. */
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly links: readonly MailLink[];
  /** Milliseconds since the epoch. */
  readonly sentMs: number;
  /** When it was first looked at. */
  readonly readMs?: number;
}

/** By address in lower case. */
export const mailTable = defineTable<MailRecord>()('mail.mail', { to: ({ to }) => [...new Set(to.map((one) => one.toLowerCase()))] });

/** What a link confirms. The id is the link's token. */
export interface ConfirmationRecord extends StoreRecord {
  /** Whose business it is, e.g. `route53domains.registrant`. */
  readonly purpose: string;
  /** What is confirmed, in that service's own terms. */
  readonly subject: string;
  /** The same for people: goes into `Confirm that …`. */
  readonly words: string;
  /** Where that is. */
  readonly partition: Partition;
  /** In which Region it was asked for: a global service's partition does not say. */
  readonly region: string;
  readonly createdMs: number;
  /** The link works before this moment. */
  readonly expiresMs: number;
  readonly confirmedMs?: number;
}

export const confirmationTable = defineTable<ConfirmationRecord>()('mail.confirmation');
