/** Roles: made, trusted, tagged, deleted. */
import type { Role } from '@aws-sdk/client-iam';
import type { OperationContext } from '#aws/context.ts';
import { deleteConflict, quotaExceeded } from '#services/iam/errors.ts';
import { encodeDocument, idOf, isUnder, requireFree, requireRole, roleArn } from '#services/iam/identities.ts';
import { uniqueId } from '#services/iam/ids.ts';
import { pageByName } from '#services/iam/paging.ts';
import { boundaryView, requireBoundary } from '#services/iam/permissions-boundaries.ts';
import type { IamOperations } from '#services/iam/sdk.ts';
import { instanceProfileTable, type RoleRecord, roleTable } from '#services/iam/tables.ts';
import { checkTags, withoutTags, withTags } from '#services/iam/tags.ts';
import { requireTrustPolicy } from '#services/iam/trust-policies.ts';
import { quota } from '#services/service-quotas/public.ts';

/** AWS's default, in seconds. */
const defaultMaxSessionSeconds = 3600;

export const roles = {
  CreateRole(context, input) {
    requireFree(context, roleTable, 'role', input.RoleName);
    const limit = quota(context, 'iam', 'L-FE177D64');
    if (context.tx.count(roleTable) >= limit) throw quotaExceeded('RolesPerAccount', limit);
    const role: RoleRecord = {
      id: idOf(input.RoleName),
      name: input.RoleName,
      path: input.Path ?? '/',
      uniqueId: uniqueId(context, 'AROA'),
      createdMs: context.nowMs,
      attachedPolicies: [],
      inlinePolicies: [],
      trustPolicy: requireTrustPolicy(context, input.AssumeRolePolicyDocument),
      maxSessionSeconds: input.MaxSessionDuration ?? defaultMaxSessionSeconds,
      tags: checkTags(input.Tags),
      ...(input.Description === undefined ? {} : { description: input.Description }),
      ...(input.PermissionsBoundary === undefined ? {} : { boundary: requireBoundary(context, input.PermissionsBoundary) }),
    };
    context.tx.put(roleTable, role);
    const { Description: _description, MaxSessionDuration: _duration, ...made } = fullView(role, context);
    return { Role: { ...made, ...(input.MaxSessionDuration === undefined ? {} : { MaxSessionDuration: input.MaxSessionDuration }) } };
  },

  GetRole(context, input) {
    return { Role: { ...fullView(requireRole(context, input.RoleName), context), RoleLastUsed: {} } };
  },

  ListRoles(context, input) {
    const found = [...context.tx.list(roleTable)].filter((role) => isUnder(input.PathPrefix, role));
    const { items, more } = pageByName(input, found, ({ name }) => name, ['roles', input.PathPrefix]);
    return { Roles: items.map((role) => listView(role, context)), ...more };
  },

  UpdateRole(context, input) {
    const role = requireRole(context, input.RoleName);
    context.tx.put(roleTable, {
      ...role,
      ...(input.Description === undefined ? {} : { description: input.Description }),
      ...(input.MaxSessionDuration === undefined ? {} : { maxSessionSeconds: input.MaxSessionDuration }),
    });
    return {};
  },

  UpdateRoleDescription(context, input) {
    const role = { ...requireRole(context, input.RoleName), description: input.Description };
    context.tx.put(roleTable, role);
    return { Role: fullView(role, context) };
  },

  UpdateAssumeRolePolicy(context, input) {
    const role = requireRole(context, input.RoleName);
    context.tx.put(roleTable, { ...role, trustPolicy: requireTrustPolicy(context, input.PolicyDocument) });
    return {};
  },

  DeleteRole(context, input) {
    const role = requireRole(context, input.RoleName);
    if (context.tx.find(instanceProfileTable, 'role', role.id).length > 0) {
      throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
    }
    if (role.attachedPolicies.length > 0) throw deleteConflict('Cannot delete entity, must detach all policies first.');
    if (role.inlinePolicies.length > 0) throw deleteConflict('Cannot delete entity, must delete policies first.');
    context.tx.delete(roleTable, role.id);
    return {};
  },

  TagRole(context, input) {
    const role = requireRole(context, input.RoleName);
    context.tx.put(roleTable, { ...role, tags: withTags(role.tags, input.Tags) });
    return {};
  },

  UntagRole(context, input) {
    const role = requireRole(context, input.RoleName);
    context.tx.put(roleTable, { ...role, tags: withoutTags(role.tags, input.TagKeys) });
    return {};
  },

  ListRoleTags(context, input) {
    const { tags } = requireRole(context, input.RoleName);
    const { items, more } = pageByName(input, tags, ({ Key }) => Key, ['role-tags', input.RoleName]);
    return { Tags: items, ...more };
  },
} satisfies IamOperations;

/** As lists show a role: without tags, boundary and last use. */
export function listView(role: RoleRecord, context: OperationContext): Role {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.uniqueId,
    Arn: roleArn(context, role),
    CreateDate: new Date(role.createdMs),
    AssumeRolePolicyDocument: encodeDocument(role.trustPolicy),
    ...(role.description === undefined ? {} : { Description: role.description }),
    MaxSessionDuration: role.maxSessionSeconds,
  };
}

function fullView(role: RoleRecord, context: OperationContext): Role {
  return {
    ...listView(role, context),
    ...(role.tags.length > 0 ? { Tags: [...role.tags] } : {}),
    ...(role.boundary === undefined ? {} : { PermissionsBoundary: boundaryView(role.boundary) }),
  };
}
