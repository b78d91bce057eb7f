/** Groups of users, and who is in them. */
import type { Group } from '@aws-sdk/client-iam';
import type { OperationContext } from '#aws/context.ts';
import { deleteConflict, quotaExceeded } from '#services/iam/errors.ts';
import { groupArn, idOf, isUnder, requireFree, requireGroup, requireUser } from '#services/iam/identities.ts';
import { uniqueId } from '#services/iam/ids.ts';
import { pageByName } from '#services/iam/paging.ts';
import type { IamOperations } from '#services/iam/sdk.ts';
import { type GroupRecord, groupTable, userTable } from '#services/iam/tables.ts';
import { userView } from '#services/iam/users.ts';
import { quota } from '#services/service-quotas/public.ts';

/** AWS's limit. */
const groupsPerUser = 10;

export const groups = {
  CreateGroup(context, input) {
    requireFree(context, groupTable, 'group', input.GroupName);
    const limit = quota(context, 'iam', 'L-F4A5425F');
    if (context.tx.count(groupTable) >= limit) throw quotaExceeded('GroupsPerAccount', limit);
    const group: GroupRecord = {
      id: idOf(input.GroupName),
      name: input.GroupName,
      path: input.Path ?? '/',
      uniqueId: uniqueId(context, 'AGPA'),
      createdMs: context.nowMs,
      attachedPolicies: [],
      inlinePolicies: [],
    };
    context.tx.put(groupTable, group);
    return { Group: groupView(group, context) };
  },

  GetGroup(context, input) {
    const group = requireGroup(context, input.GroupName);
    const members = context.tx.find(userTable, 'group', group.id);
    const { items, more } = pageByName(input, members, ({ name }) => name, ['group', input.GroupName]);
    return { Group: groupView(group, context), Users: items.map((user) => userView(user, context)), ...more };
  },

  ListGroups(context, input) {
    const found = [...context.tx.list(groupTable)].filter((group) => isUnder(input.PathPrefix, group));
    const { items, more } = pageByName(input, found, ({ name }) => name, ['groups', input.PathPrefix]);
    return { Groups: items.map((group) => groupView(group, context)), ...more };
  },

  UpdateGroup(context, input) {
    const group = requireGroup(context, input.GroupName);
    const name = input.NewGroupName ?? group.name;
    const id = idOf(name);
    if (id !== group.id) {
      requireFree(context, groupTable, 'group', name);
      for (const user of context.tx.find(userTable, 'group', group.id)) {
        context.tx.put(userTable, { ...user, groups: user.groups.map((one) => (one === group.id ? id : one)) });
      }
      context.tx.delete(groupTable, group.id);
    }
    context.tx.put(groupTable, { ...group, id, name, path: input.NewPath ?? group.path });
    return {};
  },

  DeleteGroup(context, input) {
    const group = requireGroup(context, input.GroupName);
    if (context.tx.find(userTable, 'group', group.id).length > 0) {
      throw deleteConflict('Cannot delete entity, must remove users from group first.');
    }
    if (group.attachedPolicies.length > 0) throw deleteConflict('Cannot delete entity, must detach all policies first.');
    if (group.inlinePolicies.length > 0) throw deleteConflict('Cannot delete entity, must delete policies first.');
    context.tx.delete(groupTable, group.id);
    return {};
  },

  AddUserToGroup(context, input) {
    const group = requireGroup(context, input.GroupName);
    const user = requireUser(context, input.UserName);
    if (user.groups.includes(group.id)) return {};
    if (user.groups.length >= groupsPerUser) throw quotaExceeded('GroupsPerUser', groupsPerUser);
    context.tx.put(userTable, { ...user, groups: [...user.groups, group.id] });
    return {};
  },

  RemoveUserFromGroup(context, input) {
    const group = requireGroup(context, input.GroupName);
    const user = requireUser(context, input.UserName);
    context.tx.put(userTable, { ...user, groups: user.groups.filter((id) => id !== group.id) });
    return {};
  },

  ListGroupsForUser(context, input) {
    const user = requireUser(context, input.UserName);
    const found = user.groups.map((id) => context.tx.get(groupTable, id)).filter((group) => group !== undefined);
    const { items, more } = pageByName(input, found, ({ name }) => name, ['groups-for-user', input.UserName]);
    return { Groups: items.map((group) => groupView(group, context)), ...more };
  },
} satisfies IamOperations;

export function groupView(group: GroupRecord, context: OperationContext): Group {
  return {
    Path: group.path,
    GroupName: group.name,
    GroupId: group.uniqueId,
    Arn: groupArn(context, group),
    CreateDate: new Date(group.createdMs),
  };
}
