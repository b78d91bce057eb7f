/** Records of Route 53 Domains. */
import type { ContactDetail } from '@aws-sdk/client-route-53-domains';
import type { Eventual } from '#aws/eventual.ts';
import type { Tag } from '#aws/tags.ts';
import type { DelegatedServer } from '#model/registered-domain.ts';
import { defineTable, type Partition, type StoreRecord } from '#store/table.ts';

/** Where all domains are, whoever has them. */
export const registryPartition: Partition = { account: 'keiro', region: 'registry' };

export type Contact = Readonly<ContactDetail>;
export const contactRoles = ['admin', 'registrant', 'tech', 'billing'] as const;
export type ContactRole = (typeof contactRoles)[number];

/** Whether the registrant answers mail. */
export interface Reachability {
  /** Since when it is asked. Milliseconds since the epoch, as everywhere here. */
  readonly sinceMs: number;
  readonly confirmedMs?: number;
}

/** To another account, which has yet to accept. */
export interface PendingTransfer {
  readonly account: string;
  readonly password: string;
  readonly untilMs: number;
  /** The operation of the account that has it. */
  readonly outId: string;
  /** The operation of the account that is to have it. */
  readonly inId: string;
}

/** The id is the name: lower case, no dot at the end. */
export interface DomainRecord extends StoreRecord {
  /** Who has it. */
  readonly account: string;
  /** Absent until the registrant has confirmed. */
  readonly registeredMs?: number;
  readonly askedMs: number;
  readonly updatedMs: number;
  /** For how long it was asked for. */
  readonly years: number;
  /** As it was last written: automatic renewal moves it, see `expiryAt`. */
  readonly expiresMs: number;
  readonly isAutoRenewed: boolean;
  readonly isLocked: boolean;
  readonly contacts: Readonly<Record<ContactRole, Contact>>;
  /** Whose details are concealed from WHOIS. */
  readonly privacy: Readonly<Record<ContactRole, boolean>>;
  readonly nameServers: readonly DelegatedServer[];
  readonly reachability: Reachability;
  readonly authCode: string;
  /** The operation that registers it. */
  readonly operationId: string;
  readonly transfer?: PendingTransfer;
  readonly tags: readonly Tag[];
}

export const domainTable = defineTable<DomainRecord>()('route53domains.domain', {
  account: ({ account }) => account,
  recipient: ({ transfer }) => transfer?.account,
});

export type OperationStatus = 'SUBMITTED' | 'IN_PROGRESS' | 'ERROR' | 'SUCCESSFUL' | 'FAILED';
export type OperationType =
  | 'REGISTER_DOMAIN'
  | 'DELETE_DOMAIN'
  | 'UPDATE_DOMAIN_CONTACT'
  | 'CHANGE_DOMAIN_OWNER'
  | 'UPDATE_NAMESERVER'
  | 'CHANGE_PRIVACY_PROTECTION'
  | 'DOMAIN_LOCK'
  | 'ENABLE_AUTORENEW'
  | 'DISABLE_AUTORENEW'
  | 'RENEW_DOMAIN'
  | 'INTERNAL_TRANSFER_OUT_DOMAIN'
  | 'INTERNAL_TRANSFER_IN_DOMAIN';

/** What an operation waits for; when it has not happened by then, it fails. */
export interface Waiting {
  readonly flag: 'PENDING_ACCEPTANCE' | 'PENDING_CUSTOMER_ACTION';
  readonly untilMs: number;
  /** What is said of it then. */
  readonly failure: string;
}

/** In its account's global partition. */
export interface OperationRecord extends StoreRecord {
  readonly domainName: string;
  readonly type: OperationType;
  readonly status: Eventual<OperationStatus>;
  readonly waiting?: Waiting;
  readonly message?: string;
  readonly submittedMs: number;
  readonly updatedMs: number;
}

export const operationTable = defineTable<OperationRecord>()('route53domains.operation');

/** In its account's global partition. The id is the operation's. */
export interface BillRecord extends StoreRecord {
  readonly domainName: string;
  readonly type: OperationType;
  readonly billedMs: number;
  /** US dollars. */
  readonly price: number;
}

export const billTable = defineTable<BillRecord>()('route53domains.bill');
