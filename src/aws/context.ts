/** What an operation may use beside its input: who calls, when, and the transaction. */
import type { Transaction } from '#store/store.ts';

/** Who calls. */
export interface Principal {
  /** 12 digits. */
  readonly account: string;
  /** E.g. `arn:aws:iam::123456789012:root`, `arn:aws:sts::…:assumed-role/name/session`. */
  readonly arn: string;
  /** AWS's unique id: the account for root, `AIDA…` for a user, `AROA…:session` for a role. */
  readonly userId: string;
  readonly accessKeyId: string;
}

export interface OperationContext {
  /** 12 digits. */
  readonly account: string;
  /** E.g. `eu-west-1`. */
  readonly region: string;
  readonly principal: Principal;
  readonly requestId: string;
  /** Time of the request; the only clock that an operation has. Milliseconds since the epoch. */
  readonly nowMs: number;
  /** The partition of the caller's account and Region. */
  readonly tx: Transaction;
  /** Random bytes; the only source of chance that an operation has. */
  readonly randomBytes: (count: number) => Buffer;
  /** False after `--quotas off`. */
  readonly quotasOn: boolean;
}
