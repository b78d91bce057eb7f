/** How often a user has tried: wrong passwords lock the user out, and some calls are counted by the hour. */
import type { OperationContext } from '#aws/context.ts';
import { attemptLimitExceeded, notAuthorized } from '#services/cognito-idp/errors.ts';
import type { UserRecord } from '#services/cognito-idp/users/tables.ts';
import { attemptsTable } from '#services/cognito-idp/users/tables.ts';
import type { AwsError } from '#protocol/aws-error.ts';

const HOUR_MS = 3_600_000;
/** "After five failed sign-in attempts, Amazon Cognito locks out your user for one second. The lockout duration then doubles …" */
const FREE_FAILURES = 5;
/** "… up to a maximum of approximately 15 minutes." The same rest, and all is forgotten. */
const LOCK_MS = 15 * 60_000;

type Caller = Pick<OperationContext, 'tx' | 'nowMs'>;
type Trying = Pick<UserRecord, 'id' | 'poolId'>;

const signInId = ({ id }: Trying): string => `${id}/sign-in`;

/** The refusal while a user is locked out: "attempts made during a lockout period … don't affect the duration of subsequent lockout periods". */
export function lockout({ tx, nowMs }: Caller, user: Trying): AwsError | undefined {
  const kept = tx.get(attemptsTable, signInId(user));
  if (kept === undefined || nowMs - kept.lastMs >= LOCK_MS || kept.count < FREE_FAILURES) return undefined;
  const lockedMs = Math.min(2 ** (kept.count - FREE_FAILURES) * 1000, LOCK_MS);
  if (nowMs >= kept.sinceMs + lockedMs) return undefined;
  tx.put(attemptsTable, { ...kept, lastMs: nowMs });
  return notAuthorized('Password attempts exceeded');
}

/** Counts a wrong password. */
export function countFailure({ tx, nowMs }: Caller, user: Trying): void {
  const kept = tx.get(attemptsTable, signInId(user));
  const before = kept === undefined || nowMs - kept.lastMs >= LOCK_MS ? 0 : kept.count;
  tx.put(attemptsTable, { id: signInId(user), poolId: user.poolId, count: before + 1, sinceMs: nowMs, lastMs: nowMs });
}

export function forgetFailures({ tx }: Caller, user: Trying): void {
  tx.delete(attemptsTable, signInId(user));
}

/** "Code security resource quotas": calls a user and hour; of those between 5 and 20, 20. */
const hourly = { confirm: 15, resend: 5, recover: 20, change: 5, ask: 5, verify: 15 };

/**
 * Counts a call of a kind; the count stands only if the call's transaction does.
 * @throws AwsError LimitExceededException when the hour's number is used up
 */
export function countCall(
  { tx, nowMs, quotasOn }: Caller & Pick<OperationContext, 'quotasOn'>,
  user: Trying,
  kind: keyof typeof hourly,
): void {
  const id = `${user.id}/${kind}`;
  const kept = tx.get(attemptsTable, id);
  const isOld = kept === undefined || nowMs - kept.sinceMs >= HOUR_MS;
  const count = (isOld ? 0 : kept.count) + 1;
  if (quotasOn && count > hourly[kind]) throw attemptLimitExceeded();
  tx.put(attemptsTable, { id, poolId: user.poolId, count, sinceMs: isOld ? nowMs : kept.sinceMs, lastMs: nowMs });
}
