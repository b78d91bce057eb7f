/** Which way callers get in: taken at their word, or by signature and policy. */
import { randomBytes } from 'node:crypto';
import type { Access } from '#server/authentication.ts';
import { openAccess as takeAtTheirWord } from '#server/open-access.ts';
import { openRootKey } from '#server/root-key.ts';
import { findAccessKey } from '#services/iam/known-keys.ts';
import type { Store } from '#store/store.ts';

interface AccessOptions {
  readonly auth: 'off' | 'sigv4';
  /** Where the root key is kept; undefined keeps it in memory. */
  readonly data: string | undefined;
  /** Region of requests that name none. */
  readonly region: string;
}

/** IAM's own records: any partition does to read from. */
const anywhere = { account: 'keiro', region: 'global' };

export async function openAccess(options: AccessOptions, store: Store): Promise<Access> {
  const reader = store.reader(anywhere);
  if (options.auth === 'off') {
    return { authenticate: takeAtTheirWord((id) => findAccessKey(reader, id), options.region), authorize: () => undefined };
  }
  await prepareAccess(options, store);
  const { sigv4Access } = await import('#server/sigv4-access.ts');
  return sigv4Access(reader, openRootKey(options.data));
}

/** What must be in the store for access by policies; again after a reset. */
export async function prepareAccess({ auth }: Pick<AccessOptions, 'auth'>, store: Store): Promise<void> {
  if (auth !== 'sigv4') return;
  const { ensureMessageKey } = await import('#services/iam/public.ts');
  await store.transact(anywhere, (tx) => ensureMessageKey(tx, randomBytes));
}
