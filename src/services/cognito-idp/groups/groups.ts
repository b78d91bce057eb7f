/** Groups of users. */
import type { GroupType } from '@aws-sdk/client-cognito-identity-provider';
import { sequenceKey } from '#aws/pagination.ts';
import { groupNotFound, invalidParameter, limitExceeded } from '#services/cognito-idp/errors.ts';
import { groupsOf } from '#services/cognito-idp/groups/membership.ts';
import { type GroupRecord, groupTable, membershipTable, type MembershipRecord } from '#services/cognito-idp/groups/tables.ts';
import { type AtPool, limitOf, requirePool } from '#services/cognito-idp/lookup.ts';
import { pageOf } from '#services/cognito-idp/paging.ts';
import type { CognitoOperations } from '#services/cognito-idp/sdk.ts';
import { requireUser } from '#services/cognito-idp/users/directory.ts';
import { userTable } from '#services/cognito-idp/users/tables.ts';
import { viewOfUser } from '#services/cognito-idp/users/views.ts';
import { AwsError } from '#protocol/aws-error.ts';

/** "Groups per user pool" and "Groups to which each user can belong." */
const GROUPS = 10_000;
const GROUPS_OF_USER = 100;
/** IAM's, as the model has it. */
const MAX_PRECEDENCE = 2 ** 31 - 1;

export const groups = {
  CreateGroup(context, input) {
    const { pool } = requirePool(context, input.UserPoolId);
    const { tx, nowMs } = context;
    const id = `${pool.id}/${input.GroupName}`;
    if (tx.get(groupTable, id)) throw new AwsError('GroupExistsException', 'A group with the name already exists.');
    if (tx.find(groupTable, 'pool', pool.id).length >= limitOf(context, GROUPS))
      throw limitExceeded(`Maximum number of groups exceeded for user pool ${pool.id}.`);
    const group: GroupRecord = { id, poolId: pool.id, name: input.GroupName, ...settingsOf(input), createdMs: nowMs, modifiedMs: nowMs };
    tx.put(groupTable, group);
    return { Group: viewOf(group) };
  },

  GetGroup(context, input) {
    return { Group: viewOf(requireGroup(requirePool(context, input.UserPoolId), input.GroupName)) };
  },

  /** What is left out stays. */
  UpdateGroup(context, input) {
    const group = requireGroup(requirePool(context, input.UserPoolId), input.GroupName);
    const changed: GroupRecord = { ...group, ...settingsOf(input), modifiedMs: context.nowMs };
    context.tx.put(groupTable, changed);
    return { Group: viewOf(changed) };
  },

  DeleteGroup(context, input) {
    const { id } = requireGroup(requirePool(context, input.UserPoolId), input.GroupName);
    for (const membership of context.tx.find(membershipTable, 'group', id)) context.tx.delete(membershipTable, membership.id);
    context.tx.delete(groupTable, id);
    return {};
  },

  ListGroups(context, input) {
    const { tx } = context;
    const { pool } = requirePool(context, input.UserPoolId);
    const found = tx.find(groupTable, 'pool', pool.id);
    const { items, nextToken } = pageOf(input.Limit, input.NextToken, found, ({ name }) => name, ['ListGroups', pool.id]);
    return { Groups: items.map(viewOf), NextToken: nextToken };
  },

  AdminAddUserToGroup(context, input) {
    const at = requirePool(context, input.UserPoolId);
    const group = requireGroup(at, input.GroupName);
    const user = requireUser(at, input.Username);
    const id = membershipId(group, user);
    if (context.tx.get(membershipTable, id)) return {};
    if (groupsOf(context, user).length >= limitOf(context, GROUPS_OF_USER))
      throw invalidParameter(`A user can belong to no more than ${GROUPS_OF_USER} groups.`);
    context.tx.put(membershipTable, { id, poolId: at.pool.id, groupId: group.id, userId: user.id });
    return {};
  },

  AdminRemoveUserFromGroup(context, input) {
    const at = requirePool(context, input.UserPoolId);
    const group = requireGroup(at, input.GroupName);
    context.tx.delete(membershipTable, membershipId(group, requireUser(at, input.Username)));
    return {};
  },

  AdminListGroupsForUser(context, input) {
    const at = requirePool(context, input.UserPoolId);
    const user = requireUser(at, input.Username);
    const parameters = ['AdminListGroupsForUser', user.id];
    const { items, nextToken } = pageOf(input.Limit, input.NextToken, groupsOf(context, user), ({ name }) => name, parameters);
    return { Groups: items.map(viewOf), NextToken: nextToken };
  },

  ListUsersInGroup(context, input) {
    const { tx } = context;
    const group = requireGroup(requirePool(context, input.UserPoolId), input.GroupName);
    const keyOf = ({ id }: MembershipRecord): string => sequenceKey(tx.sequenceOf(membershipTable, id));
    const found = tx.find(membershipTable, 'group', group.id);
    const { items, nextToken } = pageOf(input.Limit, input.NextToken, found, keyOf, ['ListUsersInGroup', group.id]);
    return { Users: items.flatMap(({ userId }) => tx.get(userTable, userId) ?? []).map((user) => viewOfUser(user)), NextToken: nextToken };
  },
} satisfies CognitoOperations;

interface Settings {
  readonly Description?: string | undefined;
  readonly RoleArn?: string | undefined;
  readonly Precedence?: number | undefined;
}

function settingsOf({ Description, RoleArn, Precedence }: Settings): Pick<GroupRecord, 'description' | 'roleArn' | 'precedence'> {
  if (Precedence !== undefined && (Precedence < 0 || Precedence > MAX_PRECEDENCE))
    throw invalidParameter(`1 validation error detected: Value '${Precedence}' at 'precedence' failed to satisfy constraint: Member must have value ${Precedence < 0 ? 'greater than or equal to 0' : `less than or equal to ${MAX_PRECEDENCE}`}`); // prettier-ignore
  return {
    ...(Description === undefined ? {} : { description: Description }),
    ...(RoleArn === undefined ? {} : { roleArn: RoleArn }),
    ...(Precedence === undefined ? {} : { precedence: Precedence }),
  };
}

function requireGroup({ context, pool }: AtPool, name: string): GroupRecord {
  const group = context.tx.get(groupTable, `${pool.id}/${name}`);
  if (group === undefined) throw groupNotFound();
  return group;
}

const membershipId = (group: GroupRecord, user: { readonly sub: string }): string => `${group.id}/${user.sub}`;

function viewOf({ poolId, name, description, roleArn, precedence, createdMs, modifiedMs }: GroupRecord): GroupType {
  return {
    GroupName: name,
    UserPoolId: poolId,
    Description: description,
    RoleArn: roleArn,
    Precedence: precedence,
    LastModifiedDate: new Date(modifiedMs),
    CreationDate: new Date(createdMs),
  };
}
