/** Whose an access key is. Read at the start of every Keiro, so it loads no more than it needs. */
import type { Principal } from '#aws/context.ts';
import { userArn } from '#services/iam/identities.ts';
import { accessKeyTable, keyPartition, sessionTable, userTable } from '#services/iam/tables.ts';
import type { Reader } from '#store/store.ts';

export interface KnownKey {
  readonly secret: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
  readonly expiresAtMs?: number;
  /** False for a user's key that was made inactive. */
  readonly active: boolean;
  readonly principal: Principal;
}

/** Keiro's accounts are all of AWS's commercial partition. */
const place = (account: string) => ({ account, region: 'us-east-1' });

/** The key that IAM or STS gave out under an id; undefined for others, and for keys of users that are gone. */
export function findAccessKey(reader: Reader, id: string): KnownKey | undefined {
  const keys = reader.in(keyPartition);
  const session = keys.get(sessionTable, id);
  if (session) {
    const { secret, sessionToken, expiresAtMs, account, arn, userId } = session;
    return { secret, sessionToken, expiresAtMs, active: true, principal: { account, arn, userId, accessKeyId: id } };
  }
  const key = keys.get(accessKeyTable, id);
  const user = key && reader.in({ account: key.account, region: 'global' }).find(userTable, 'uniqueId', key.userUniqueId)[0];
  if (!key || !user) return undefined;
  const { account, secret, active } = key;
  return { secret, active, principal: { account, arn: userArn(place(account), user), userId: user.uniqueId, accessKeyId: id } };
}
