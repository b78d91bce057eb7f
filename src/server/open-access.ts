/** Access when signatures are not verified (`--auth off`): any access key is taken at its word. */
import { defaultAccount } from '#aws/accounts.ts';
import type { Principal } from '#aws/context.ts';
import { refuse } from '#protocol/sigv4-refusal.ts';
import type { Authenticate } from '#server/authentication.ts';

/** The caller when nobody asks who it is: the account's root. */
export function rootPrincipal(account: string, accessKeyId: string): Principal {
  return { account, arn: `arn:aws:iam::${account}:root`, userId: account, accessKeyId };
}

interface KnownKey {
  readonly principal: Principal;
  /** Of temporary credentials. */
  readonly expiresAtMs?: number;
}

/**
 * @param known who has the access keys that IAM or STS gave out; when theirs ends, they learn it as from AWS
 * @param defaultRegion where an unsigned request goes
 */
export function openAccess(known: (accessKeyId: string) => KnownKey | undefined, defaultRegion: string): Authenticate {
  return ({ credential, entry, nowMs }) => {
    const accessKeyId = credential?.accessKeyId ?? '';
    const account = /^\d{12}$/.test(accessKeyId) ? accessKeyId : undefined;
    const key = account === undefined ? known(accessKeyId) : undefined;
    if (key?.expiresAtMs !== undefined && key.expiresAtMs <= nowMs) throw refuse(entry.family, { kind: 'expired-token' });
    return {
      principal: key?.principal ?? rootPrincipal(account ?? defaultAccount, accessKeyId),
      region: credential?.region ?? defaultRegion,
    };
  };
}
