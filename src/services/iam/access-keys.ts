/** Access keys of users: two at most, active or not. */
import type { AccessKey, AccessKeyMetadata } from '@aws-sdk/client-iam';
import type { OperationContext } from '#aws/context.ts';
import { accessKeyNotFound, quotaExceeded, validationError } from '#services/iam/errors.ts';
import { callingUser, requireUser } from '#services/iam/identities.ts';
import { accessKeyId, secretAccessKey } from '#services/iam/ids.ts';
import { pageByName } from '#services/iam/paging.ts';
import type { IamOperations } from '#services/iam/sdk.ts';
import { type AccessKeyRecord, accessKeyTable, keyPartition, type UserRecord } from '#services/iam/tables.ts';

/** AWS's limit. */
const keysPerUser = 2;

export const accessKeys = {
  CreateAccessKey(context, input) {
    const user = userOf(context, input.UserName);
    if (keysOf(context, user).length >= keysPerUser) throw quotaExceeded('AccessKeysPerUser', keysPerUser);
    const key: AccessKeyRecord = {
      id: accessKeyId(context, context.account, 'AKIA'),
      account: context.account,
      userUniqueId: user.uniqueId,
      secret: secretAccessKey(context),
      active: true,
      createdMs: context.nowMs,
    };
    context.tx.in(keyPartition).put(accessKeyTable, key);
    return { AccessKey: view(key, user) };
  },

  ListAccessKeys(context, input) {
    const user = userOf(context, input.UserName);
    const { items, more } = pageByName(input, keysOf(context, user), ({ id }) => id, ['access-keys', user.name]);
    return { AccessKeyMetadata: items.map((key) => metadataView(key, user)), ...more };
  },

  UpdateAccessKey(context, input) {
    const key = requireKey(context, userOf(context, input.UserName), input.AccessKeyId);
    context.tx.in(keyPartition).put(accessKeyTable, { ...key, active: input.Status === 'Active' });
    return {};
  },

  DeleteAccessKey(context, input) {
    const key = requireKey(context, userOf(context, input.UserName), input.AccessKeyId);
    context.tx.in(keyPartition).delete(accessKeyTable, key.id);
    return {};
  },
} satisfies IamOperations;

/** The user that is named, else the caller. */
function userOf(context: OperationContext, name: string | undefined): UserRecord {
  if (name !== undefined) return requireUser(context, name);
  const user = callingUser(context);
  if (!user) throw validationError('Must specify userName when calling with non-User credentials');
  return user;
}

/** The oldest first. */
export function keysOf({ tx }: Pick<OperationContext, 'tx'>, user: UserRecord): readonly AccessKeyRecord[] {
  return tx.in(keyPartition).find(accessKeyTable, 'user', user.uniqueId);
}

function requireKey(context: OperationContext, user: UserRecord, id: string): AccessKeyRecord {
  const key = context.tx.in(keyPartition).get(accessKeyTable, id);
  if (key?.userUniqueId !== user.uniqueId) throw accessKeyNotFound(id);
  return key;
}

function metadataView(key: AccessKeyRecord, user: UserRecord): AccessKeyMetadata {
  return { UserName: user.name, AccessKeyId: key.id, Status: key.active ? 'Active' : 'Inactive', CreateDate: new Date(key.createdMs) };
}

/** The one time that the secret is told. */
function view(key: AccessKeyRecord, user: UserRecord): AccessKey {
  return {
    UserName: user.name,
    AccessKeyId: key.id,
    Status: 'Active',
    SecretAccessKey: key.secret,
    CreateDate: new Date(key.createdMs),
  };
}
