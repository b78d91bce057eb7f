/** Temporary credentials: an access key with a session token and an end. */
import type { OperationContext } from '#aws/context.ts';
import { accessKeyId, secretAccessKey } from '#services/iam/ids.ts';
import { keyPartition, type SessionRecord, sessionTable } from '#services/iam/tables.ts';

/** How long ended sessions are kept, so that their users hear `ExpiredToken`, not that the key is unknown. */
const keptAfterEndMs = 24 * 60 * 60 * 1000;

export type NewSession = Omit<SessionRecord, 'id' | 'secret' | 'sessionToken' | 'issuedMs' | 'expiresAtMs'> & { readonly seconds: number };

/** Makes and keeps credentials that end after `seconds`. */
export function openSession(context: OperationContext, { seconds, ...session }: NewSession): SessionRecord {
  const record: SessionRecord = {
    ...session,
    id: accessKeyId(context, session.account, 'ASIA'),
    secret: secretAccessKey(context),
    sessionToken: context.randomBytes(150).toString('base64'),
    issuedMs: context.nowMs,
    expiresAtMs: context.nowMs + seconds * 1000,
  };
  forgetEnded(context);
  context.tx.in(keyPartition).put(sessionTable, record);
  return record;
}

/** The oldest come first; none lasts over 36 hours, so that one which lasts long keeps few others. */
function forgetEnded({ tx, nowMs }: OperationContext): void {
  const keys = tx.in(keyPartition);
  const ended: string[] = [];
  for (const session of keys.list(sessionTable)) {
    if (session.expiresAtMs + keptAfterEndMs > nowMs) break;
    ended.push(session.id);
  }
  for (const id of ended) keys.delete(sessionTable, id);
}
