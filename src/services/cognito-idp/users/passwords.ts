/** Passwords: the pool's policy, made ones, and what is kept of them. */
import { scryptSync, timingSafeEqual } from 'node:crypto';
import type { OperationContext } from '#aws/context.ts';
import { srpVerifier } from '#services/cognito-idp/auth/srp.ts';
import { invalidPassword } from '#services/cognito-idp/errors.ts';
import { drawText } from '#services/cognito-idp/ids.ts';
import type { AtPool } from '#services/cognito-idp/lookup.ts';
import type { PasswordPolicy } from '#services/cognito-idp/tables.ts';
import { type PasswordRecord, passwordTable, type UserRecord } from '#services/cognito-idp/users/tables.ts';

/** RFC 7914: 8 MB and some 25 ms; more would keep other calls waiting. */
const SCRYPT = { N: 8192, r: 8, p: 1 };
const HASH_BYTES = 32;
const SALT_BYTES = 16;

/** "Special character from the following set. The space character is also treated as a special character." */
const SYMBOL = /[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`=+\- ]/;

const LOWER = 'abcdefghijkmnopqrstuvwxyz';
const UPPER = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
const DIGITS = '23456789';
const SYMBOLS = '!@#$%^&*()-_=+?';

/** @throws AwsError InvalidPasswordException */
export function checkPassword(policy: PasswordPolicy, password: string): void {
  if (password.length < policy.MinimumLength) throw invalidPassword('Password not long enough');
  if (policy.RequireLowercase && !/[a-z]/.test(password)) throw invalidPassword('Password must have lowercase characters');
  if (policy.RequireUppercase && !/[A-Z]/.test(password)) throw invalidPassword('Password must have uppercase characters');
  if (policy.RequireNumbers && !/\d/.test(password)) throw invalidPassword('Password must have numeric characters');
  if (policy.RequireSymbols && !SYMBOL.test(password)) throw invalidPassword('Password must have symbol characters');
}

/** A password that satisfies any policy of its length. */
export function newPassword(context: Pick<OperationContext, 'randomBytes'>, { MinimumLength }: PasswordPolicy): string {
  const each = [LOWER, UPPER, DIGITS, SYMBOLS].map((alphabet) => drawText(context, alphabet, 1)).join('');
  return each + drawText(context, LOWER + UPPER + DIGITS, Math.max(MinimumLength, 12) - each.length);
}

/** Keeps a password in the place of the user's former one; takes some 30 ms. */
export function setPassword({ context, pool }: AtPool, user: Pick<UserRecord, 'id' | 'username'>, password: string): void {
  const salt = context.randomBytes(SALT_BYTES);
  const srpSalt = context.randomBytes(SALT_BYTES).toString('hex');
  context.tx.put(passwordTable, {
    id: user.id,
    poolId: pool.id,
    salt: salt.toString('base64'),
    hash: hashOf(password, salt).toString('base64'),
    srpSalt,
    verifier: srpVerifier({ poolId: pool.id, username: user.username, password, salt: srpSalt }),
    setMs: context.nowMs,
  } satisfies PasswordRecord);
}

/** Whether it is the user's password; takes some 25 ms, also for a user that is not there. */
export function isPassword({ context }: AtPool, user: Pick<UserRecord, 'id'> | undefined, password: string): boolean {
  const kept = user && context.tx.get(passwordTable, user.id);
  const hash = hashOf(password, kept === undefined ? Buffer.alloc(SALT_BYTES) : Buffer.from(kept.salt, 'base64'));
  return kept !== undefined && timingSafeEqual(hash, Buffer.from(kept.hash, 'base64'));
}

const hashOf = (password: string, salt: Buffer): Buffer => scryptSync(password, salt, HASH_BYTES, SCRYPT);
