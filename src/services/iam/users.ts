/** Users: made, renamed, tagged, deleted. */
import type { User } from '@aws-sdk/client-iam';
import { checkConstraints } from '#aws/constraints.ts';
import type { OperationContext } from '#aws/context.ts';
import { deleteConflict, quotaExceeded, validationError } from '#services/iam/errors.ts';
import { callingUser, idOf, isUnder, requireFree, requireUser, userArn } from '#services/iam/identities.ts';
import { uniqueId } from '#services/iam/ids.ts';
import { newUserName } from '#services/iam/constraints.ts';
import { pageByName } from '#services/iam/paging.ts';
import { boundaryView, requireBoundary } from '#services/iam/permissions-boundaries.ts';
import type { IamOperations } from '#services/iam/sdk.ts';
import { accessKeyTable, keyPartition, type UserRecord, userTable } from '#services/iam/tables.ts';
import { checkTags, withoutTags, withTags } from '#services/iam/tags.ts';
import { quota } from '#services/service-quotas/public.ts';

export const users = {
  CreateUser(context, input) {
    checkConstraints('ValidationError', newUserName, input);
    requireFree(context, userTable, 'user', input.UserName);
    const limit = quota(context, 'iam', 'L-F55AF5E4');
    if (context.tx.count(userTable) >= limit) throw quotaExceeded('UsersPerAccount', limit);
    const user: UserRecord = {
      id: idOf(input.UserName),
      name: input.UserName,
      path: input.Path ?? '/',
      uniqueId: uniqueId(context, 'AIDA'),
      createdMs: context.nowMs,
      attachedPolicies: [],
      inlinePolicies: [],
      groups: [],
      tags: checkTags(input.Tags),
      ...(input.PermissionsBoundary === undefined ? {} : { boundary: requireBoundary(context, input.PermissionsBoundary) }),
    };
    context.tx.put(userTable, user);
    return { User: fullView(user, context) };
  },

  GetUser(context, input) {
    if (input.UserName !== undefined) return { User: fullView(requireUser(context, input.UserName), context) };
    const user = callingUser(context);
    if (user) return { User: fullView(user, context) };
    const { arn, account } = context.principal;
    if (!arn.endsWith(':root')) throw validationError('Must specify userName when calling with non-User credentials');
    // The root user has neither name nor path.
    return { User: { UserId: account, Arn: arn, CreateDate: new Date(0), UserName: undefined, Path: undefined } };
  },

  ListUsers(context, input) {
    const found = [...context.tx.list(userTable)].filter((user) => isUnder(input.PathPrefix, user));
    const { items, more } = pageByName(input, found, ({ name }) => name, ['users', input.PathPrefix]);
    return { Users: items.map((user) => userView(user, context)), ...more };
  },

  UpdateUser(context, input) {
    const user = requireUser(context, input.UserName);
    const name = input.NewUserName ?? user.name;
    if (idOf(name) !== user.id) requireFree(context, userTable, 'user', name);
    const changed = { ...user, id: idOf(name), name, path: input.NewPath ?? user.path };
    if (changed.id !== user.id) context.tx.delete(userTable, user.id);
    context.tx.put(userTable, changed);
    return {};
  },

  DeleteUser(context, input) {
    const user = requireUser(context, input.UserName);
    if (user.attachedPolicies.length > 0) throw deleteConflict('Cannot delete entity, must detach all policies first.');
    if (user.inlinePolicies.length > 0) throw deleteConflict('Cannot delete entity, must delete policies first.');
    if (context.tx.in(keyPartition).find(accessKeyTable, 'user', user.uniqueId).length > 0) {
      throw deleteConflict('Cannot delete entity, must delete access keys first.');
    }
    if (user.groups.length > 0) throw deleteConflict('Cannot delete entity, must remove users from group first.');
    context.tx.delete(userTable, user.id);
    return {};
  },

  TagUser(context, input) {
    const user = requireUser(context, input.UserName);
    context.tx.put(userTable, { ...user, tags: withTags(user.tags, input.Tags) });
    return {};
  },

  UntagUser(context, input) {
    const user = requireUser(context, input.UserName);
    context.tx.put(userTable, { ...user, tags: withoutTags(user.tags, input.TagKeys) });
    return {};
  },

  ListUserTags(context, input) {
    const { items, more } = pageByName(input, requireUser(context, input.UserName).tags, ({ Key }) => Key, ['user-tags', input.UserName]);
    return { Tags: items, ...more };
  },
} satisfies IamOperations;

/** As lists show a user: without tags and boundary. */
export function userView(user: UserRecord, context: OperationContext): User {
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.uniqueId,
    Arn: userArn(context, user),
    CreateDate: new Date(user.createdMs),
  };
}

function fullView(user: UserRecord, context: OperationContext): User {
  return {
    ...userView(user, context),
    ...(user.tags.length > 0 ? { Tags: [...user.tags] } : {}),
    ...(user.boundary === undefined ? {} : { PermissionsBoundary: boundaryView(user.boundary) }),
  };
}
