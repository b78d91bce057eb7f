/** Managed policies on users, groups and roles. */
import type { AttachedPolicy } from '@aws-sdk/client-iam';
import type { OperationContext } from '#aws/context.ts';
import { policyNotAttachable, policyNotAttached, quotaExceeded } from '#services/iam/errors.ts';
import { isUnder, requireGroup, requireRole, requireUser } from '#services/iam/identities.ts';
import { type ListInput, pageByName } from '#services/iam/paging.ts';
import { findPolicy, requirePolicy, usesOf } from '#services/iam/policy-lookup.ts';
import type { IamOperations } from '#services/iam/sdk.ts';
import { groupTable, type IdentityRecord, type NamedRecord, roleTable, userTable } from '#services/iam/tables.ts';
import { quota } from '#services/service-quotas/public.ts';

export const policyAttachments = {
  AttachUserPolicy(context, input) {
    const user = requireUser(context, input.UserName);
    context.tx.put(userTable, { ...user, attachedPolicies: attached(context, user, input.PolicyArn, 'PoliciesPerUser', 'L-4019AD8B') });
    return {};
  },

  AttachGroupPolicy(context, input) {
    const group = requireGroup(context, input.GroupName);
    context.tx.put(groupTable, { ...group, attachedPolicies: attached(context, group, input.PolicyArn, 'PoliciesPerGroup', 'L-384571C4') });
    return {};
  },

  AttachRolePolicy(context, input) {
    const role = requireRole(context, input.RoleName);
    context.tx.put(roleTable, { ...role, attachedPolicies: attached(context, role, input.PolicyArn, 'PoliciesPerRole', 'L-0DA4ABF3') });
    return {};
  },

  DetachUserPolicy(context, input) {
    const user = requireUser(context, input.UserName);
    context.tx.put(userTable, { ...user, attachedPolicies: detached(user, input.PolicyArn) });
    return {};
  },

  DetachGroupPolicy(context, input) {
    const group = requireGroup(context, input.GroupName);
    context.tx.put(groupTable, { ...group, attachedPolicies: detached(group, input.PolicyArn) });
    return {};
  },

  DetachRolePolicy(context, input) {
    const role = requireRole(context, input.RoleName);
    context.tx.put(roleTable, { ...role, attachedPolicies: detached(role, input.PolicyArn) });
    return {};
  },

  ListAttachedUserPolicies: (context, input) => list(context, input, requireUser(context, input.UserName)),
  ListAttachedGroupPolicies: (context, input) => list(context, input, requireGroup(context, input.GroupName)),
  ListAttachedRolePolicies: (context, input) => list(context, input, requireRole(context, input.RoleName)),

  ListEntitiesForPolicy(context, input) {
    const { arn } = requirePolicy(context, input.PolicyArn);
    const uses = usesOf(context, arn);
    const isBoundary = input.PolicyUsageFilter === 'PermissionsBoundary';
    const isPolicy = input.PolicyUsageFilter === 'PermissionsPolicy';
    const select = (kind: string, policy: readonly NamedRecord[], boundary: readonly NamedRecord[]) => {
      if (input.EntityFilter !== undefined && input.EntityFilter !== kind) return [];
      const found = new Set([...(isBoundary ? [] : policy), ...(isPolicy ? [] : boundary)]);
      return [...found].filter((entity) => isUnder(input.PathPrefix, entity)).map((entity) => ({ kind, entity }));
    };
    const found = [
      ...select('Group', uses.groups, []),
      ...select('Role', uses.roles, uses.boundaryRoles),
      ...select('User', uses.users, uses.boundaryUsers),
    ];
    const { Marker: _marker, MaxItems: _size, ...parameters } = input;
    const { items, more } = pageByName(input, found, ({ kind, entity }) => `${kind} ${entity.name}`, ['entities', parameters]);
    const of = (kind: string) => items.filter((item) => item.kind === kind).map(({ entity }) => entity);
    return {
      PolicyGroups: of('Group').map(({ name, uniqueId }) => ({ GroupName: name, GroupId: uniqueId })),
      PolicyUsers: of('User').map(({ name, uniqueId }) => ({ UserName: name, UserId: uniqueId })),
      PolicyRoles: of('Role').map(({ name, uniqueId }) => ({ RoleName: name, RoleId: uniqueId })),
      ...more,
    };
  },
} satisfies IamOperations;

/** The policies of an entity with one more; attaching again changes nothing. */
function attached(context: OperationContext, entity: IdentityRecord, arn: string, name: string, quotaCode: string): readonly string[] {
  if (!findPolicy(context.tx, arn)) throw policyNotAttachable(arn);
  if (entity.attachedPolicies.includes(arn)) return entity.attachedPolicies;
  const limit = quota(context, 'iam', quotaCode);
  if (entity.attachedPolicies.length >= limit) throw quotaExceeded(name, limit);
  return [...entity.attachedPolicies, arn];
}

function detached(entity: IdentityRecord, arn: string): readonly string[] {
  if (!entity.attachedPolicies.includes(arn)) throw policyNotAttached(arn);
  return entity.attachedPolicies.filter((one) => one !== arn);
}

function list(context: OperationContext, input: ListInput & { readonly PathPrefix?: string | undefined }, entity: IdentityRecord) {
  const found = entity.attachedPolicies
    .map((arn) => findPolicy(context.tx, arn))
    .filter((policy) => policy !== undefined)
    .filter((policy) => isUnder(input.PathPrefix, policy));
  const { items, more } = pageByName(input, found, ({ name, arn }) => `${name} ${arn}`, ['attached', entity.uniqueId, input.PathPrefix]);
  return { AttachedPolicies: items.map(({ name, arn }): AttachedPolicy => ({ PolicyName: name, PolicyArn: arn })), ...more };
}
