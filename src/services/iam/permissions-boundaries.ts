/** Permissions boundaries: managed policies that bound what a user's or a role's own policies can allow. */
import type { AttachedPermissionsBoundary } from '@aws-sdk/client-iam';
import type { OperationContext } from '#aws/context.ts';
import { boundaryNotFound, noSuchEntity } from '#services/iam/errors.ts';
import { requireRole, requireUser } from '#services/iam/identities.ts';
import { findPolicy } from '#services/iam/policy-lookup.ts';
import type { IamOperations } from '#services/iam/sdk.ts';
import { roleTable, userTable } from '#services/iam/tables.ts';

export const permissionsBoundaries = {
  PutUserPermissionsBoundary(context, input) {
    const user = requireUser(context, input.UserName);
    context.tx.put(userTable, { ...user, boundary: requireBoundary(context, input.PermissionsBoundary) });
    return {};
  },

  DeleteUserPermissionsBoundary(context, input) {
    const { boundary, ...user } = requireUser(context, input.UserName);
    if (boundary === undefined) throw noSuchEntity(`No permissions boundary is set for the user ${user.name}.`);
    context.tx.put(userTable, user);
    return {};
  },

  PutRolePermissionsBoundary(context, input) {
    const role = requireRole(context, input.RoleName);
    context.tx.put(roleTable, { ...role, boundary: requireBoundary(context, input.PermissionsBoundary) });
    return {};
  },

  DeleteRolePermissionsBoundary(context, input) {
    const { boundary, ...role } = requireRole(context, input.RoleName);
    if (boundary === undefined) throw noSuchEntity(`No permissions boundary is set for the role ${role.name}.`);
    context.tx.put(roleTable, role);
    return {};
  },
} satisfies IamOperations;

/** The ARN of a policy that can be a boundary. @throws AwsError NoSuchEntity */
export function requireBoundary({ tx }: Pick<OperationContext, 'tx'>, arn: string): string {
  if (!findPolicy(tx, arn)) throw boundaryNotFound(arn);
  return arn;
}

export function boundaryView(arn: string): AttachedPermissionsBoundary {
  return { PermissionsBoundaryType: 'Policy' as 'PermissionsBoundaryPolicy', PermissionsBoundaryArn: arn }; // AWS answers `Policy`, which the SDK's enumeration lacks
}
