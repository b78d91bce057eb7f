/** Records of users: who they are, their passwords, codes that were sent to them, and how often they tried. */
import type { UserStatusType } from '@aws-sdk/client-cognito-identity-provider';
import { defineTable, type StoreRecord } from '#store/table.ts';

/** Attributes by name, without `sub`. */
export type Attributes = Readonly<Record<string, string>>;

/** The id is `POOL/SUB`. */
export interface UserRecord extends StoreRecord {
  readonly poolId: string;
  /** UUID. */
  readonly sub: string;
  readonly username: string;
  readonly attributes: Attributes;
  /** Values of `email` and `phone_number` that come to hold when they are verified. */
  readonly pending: Attributes;
  readonly status: Extract<UserStatusType, 'UNCONFIRMED' | 'CONFIRMED' | 'FORCE_CHANGE_PASSWORD' | 'RESET_REQUIRED'>;
  readonly isEnabled: boolean;
  /** Milliseconds since the epoch. */
  readonly createdMs: number;
  readonly modifiedMs: number;
  /** All names by which the user is found, folded where case does not count. */
  readonly logins: readonly string[];
  /** Tokens that were given out until then are good for nothing at the API. */
  readonly signedOutMs?: number;
}

export const userTable = defineTable<UserRecord>()('cognito-idp.user', {
  pool: ({ poolId }) => poolId,
  login: ({ poolId, logins }) => logins.map((login) => loginKey(poolId, login)),
});

export const loginKey = (poolId: string, login: string): string => `${poolId} ${login}`;

/** By the user's id. All in base64, but for the verifier. */
export interface PasswordRecord extends StoreRecord {
  readonly poolId: string;
  /** scrypt's. */
  readonly salt: string;
  readonly hash: string;
  /** The salt of the verifier is another one, because clients are told it; hexadecimal, as the verifier. */
  readonly srpSalt: string;
  /** RFC 5054's `v`. */
  readonly verifier: string;
  readonly setMs: number;
}

export const passwordTable = defineTable<PasswordRecord>()('cognito-idp.password', { pool: ({ poolId }) => poolId });

/** What a code is for: a sign-up, a new password, or the verification of an attribute. */
export type CodePurpose = 'sign-up' | 'password' | 'email' | 'phone_number';

/** The id is `USER/PURPOSE`: a new code takes the place of the one before it. */
export interface CodeRecord extends StoreRecord {
  readonly poolId: string;
  readonly code: string;
  readonly expiresMs: number;
  /** Where it was sent: a user who has the code has the address. */
  readonly attribute: 'email' | 'phone_number';
  readonly value: string;
}

export const codeTable = defineTable<CodeRecord>()('cognito-idp.code', { pool: ({ poolId }) => poolId });

/** Tries of one kind, e.g. wrong passwords; the id is `USER/KIND`. */
export interface AttemptsRecord extends StoreRecord {
  readonly poolId: string;
  readonly count: number;
  readonly sinceMs: number;
  readonly lastMs: number;
}

export const attemptsTable = defineTable<AttemptsRecord>()('cognito-idp.attempts', { pool: ({ poolId }) => poolId });

/** The fingerprint of a session that has been used. */
export interface UsedSessionRecord extends StoreRecord {
  readonly poolId: string;
  readonly expiresMs: number;
}

export const usedSessionTable = defineTable<UsedSessionRecord>()('cognito-idp.used-session', { pool: ({ poolId }) => poolId });
