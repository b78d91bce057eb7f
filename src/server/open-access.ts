/** Access when signatures are not verified (`--auth off`): any access key is taken at its word. */
import type { Principal } from '#aws/context.ts';
import type { Authenticate } from '#server/authentication.ts';

/** The account of callers whose access key names none. */
export const defaultAccount = '123456789012';

/** The caller when nobody asks who it is: the account's root. */
export function rootPrincipal(account: string, accessKeyId: string): Principal {
  return { account, arn: `arn:aws:iam::${account}:root`, userId: account, accessKeyId };
}

/**
 * @param known principals of access keys that IAM or STS gave out
 * @param defaultRegion where an unsigned request goes
 */
export function openAccess(known: (accessKeyId: string) => Principal | undefined, defaultRegion: string): Authenticate {
  return ({ credential }) => {
    const accessKeyId = credential?.accessKeyId ?? '';
    const account = /^\d{12}$/.test(accessKeyId) ? accessKeyId : undefined;
    const principal = account === undefined ? known(accessKeyId) : undefined;
    return { principal: principal ?? rootPrincipal(account ?? defaultAccount, accessKeyId), region: credential?.region ?? defaultRegion };
  };
}
