/** Sessions between the steps of a sign-in: sealed, for one client, for minutes, for one use. */
import { createHash } from 'node:crypto';
import { notAuthorized } from '#services/cognito-idp/errors.ts';
import type { AtClient } from '#services/cognito-idp/lookup.ts';
import { open, pack, seal, unpack } from '#services/cognito-idp/sealed.ts';
import { usedSessionTable } from '#services/cognito-idp/users/tables.ts';

const MINUTE_MS = 60_000;
const DEFAULT_MINUTES = 3;
/** Fewer bytes hold nothing; more than AWS's own limit are not from here. */
const LONGEST = 8192;

export type SessionPurpose = 'NEW_PASSWORD_REQUIRED' | 'PASSWORD_VERIFIER';

/** What a session knows; more goes with it as its step needs. */
interface Kept {
  readonly clientId: string;
  readonly expiresMs: number;
}

/** A session's bytes. @param state plain JSON that comes back when the session is used */
export function newSession({ context, pool, client }: AtClient, purpose: SessionPurpose, state: Readonly<Record<string, string>>): Buffer {
  const minutes = client.settings.AuthSessionValidity ?? DEFAULT_MINUTES;
  const kept: Kept = { clientId: client.id, expiresMs: context.nowMs + minutes * MINUTE_MS };
  return pack(seal(context, pool.secret, purpose, { ...state, ...kept }));
}

/**
 * The state of a session that is good; `useSession` ends it.
 * @throws AwsError NotAuthorizedException
 */
export function readSession(
  { context, pool, client }: AtClient,
  purpose: SessionPurpose,
  session: Buffer,
): Readonly<Record<string, string>> {
  const kept = session.length > LONGEST ? undefined : open(pool.secret, purpose, unpack(session));
  if (typeof kept !== 'object' || kept === null) throw notAuthorized('Invalid session for the user.');
  const { clientId, expiresMs, ...state } = kept as Kept & Readonly<Record<string, string>>; // sealed here, so it is of newSession's making
  if (clientId !== client.id) throw notAuthorized('Invalid session for the user.');
  if (context.nowMs >= expiresMs) throw notAuthorized('Invalid session for the user, session is expired.');
  if (context.tx.get(usedSessionTable, fingerprint(session)))
    throw notAuthorized('Invalid session for the user, session can only be used once.');
  return state;
}

/** The session was good for something: it is for nothing more. */
export function useSession({ context, pool }: AtClient, session: Buffer): void {
  const { tx, nowMs } = context;
  const old: string[] = [];
  for (const { id, expiresMs } of tx.list(usedSessionTable)) {
    if (expiresMs > nowMs) break;
    old.push(id);
  }
  for (const id of old) tx.delete(usedSessionTable, id);
  // No session lives longer than AWS's fifteen minutes.
  tx.put(usedSessionTable, { id: fingerprint(session), poolId: pool.id, expiresMs: nowMs + 15 * MINUTE_MS });
}

const fingerprint = (session: Buffer): string => createHash('sha256').update(session).digest('base64url');
