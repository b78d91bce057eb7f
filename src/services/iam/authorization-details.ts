/** GetAccountAuthorizationDetails: all users, groups, roles and policies with what hangs on what. */
import type { AttachedPolicy, GroupDetail, ManagedPolicyDetail, PolicyDetail, RoleDetail, UserDetail } from '@aws-sdk/client-iam';
import type { OperationContext } from '#aws/context.ts';
import { groupView } from '#services/iam/groups.ts';
import { encodeDocument } from '#services/iam/identities.ts';
import { listView as profileView } from '#services/iam/instance-profiles.ts';
import { pageByName } from '#services/iam/paging.ts';
import { boundaryView } from '#services/iam/permissions-boundaries.ts';
import { listView as policyView } from '#services/iam/policies.ts';
import { awsManagedPolicies, findPolicy, usesOf } from '#services/iam/policy-lookup.ts';
import { listView as roleView } from '#services/iam/roles.ts';
import type { IamOperations } from '#services/iam/sdk.ts';
import {
  type GroupRecord,
  groupTable,
  type IdentityRecord,
  instanceProfileTable,
  type ManagedPolicyRecord,
  managedPolicyTable,
  type RoleRecord,
  roleTable,
  type UserRecord,
  userTable,
} from '#services/iam/tables.ts';
import { userView } from '#services/iam/users.ts';

type Entry =
  | { readonly kind: 'User'; readonly record: UserRecord }
  | { readonly kind: 'Group'; readonly record: GroupRecord }
  | { readonly kind: 'Role'; readonly record: RoleRecord }
  | { readonly kind: 'LocalManagedPolicy' | 'AWSManagedPolicy'; readonly record: ManagedPolicyRecord };

export const authorizationDetails = {
  GetAccountAuthorizationDetails(context, input) {
    const wanted = input.Filter && input.Filter.length > 0 ? new Set<string>(input.Filter) : undefined;
    const found = [...entries(context)].filter(({ kind }) => !wanted || wanted.has(kind));
    const nameOf = ({ kind, record }: Entry) => `${kind} ${record.name} ${record.uniqueId}`;
    const { items, more } = pageByName(input, found, nameOf, ['authorization-details', input.Filter]);
    return {
      UserDetailList: items.flatMap((entry) => (entry.kind === 'User' ? [userDetail(entry.record, context)] : [])),
      GroupDetailList: items.flatMap((entry) => (entry.kind === 'Group' ? [groupDetail(entry.record, context)] : [])),
      RoleDetailList: items.flatMap((entry) => (entry.kind === 'Role' ? [roleDetail(entry.record, context)] : [])),
      Policies: items.flatMap((entry) =>
        entry.kind === 'LocalManagedPolicy' || entry.kind === 'AWSManagedPolicy' ? [policyDetail(entry.record, context)] : [],
      ),
      ...more,
    };
  },
} satisfies IamOperations;

function* entries(context: OperationContext): Generator<Entry> {
  const { tx } = context;
  for (const record of tx.list(userTable)) yield { kind: 'User', record };
  for (const record of tx.list(groupTable)) yield { kind: 'Group', record };
  for (const record of tx.list(roleTable)) yield { kind: 'Role', record };
  for (const record of tx.list(managedPolicyTable)) yield { kind: 'LocalManagedPolicy', record };
  // Of AWS's own, those that are in use.
  for (const record of awsManagedPolicies.values()) {
    if (Object.values(usesOf(context, record.arn)).some((users) => users.length > 0)) yield { kind: 'AWSManagedPolicy', record };
  }
}

function userDetail(user: UserRecord, context: OperationContext): UserDetail {
  const groups = user.groups.map((id) => context.tx.get(groupTable, id)?.name).filter((name) => name !== undefined);
  return {
    ...userView(user, context),
    UserPolicyList: inlineDetails(user),
    GroupList: groups,
    AttachedManagedPolicies: attachedDetails(user, context),
    ...(user.boundary === undefined ? {} : { PermissionsBoundary: boundaryView(user.boundary) }),
    Tags: [...user.tags],
  };
}

function groupDetail(group: GroupRecord, context: OperationContext): GroupDetail {
  return {
    ...groupView(group, context),
    GroupPolicyList: inlineDetails(group),
    AttachedManagedPolicies: attachedDetails(group, context),
  };
}

function roleDetail(role: RoleRecord, context: OperationContext): RoleDetail {
  const { Description: _description, MaxSessionDuration: _duration, ...view } = roleView(role, context);
  return {
    ...view,
    InstanceProfileList: context.tx.find(instanceProfileTable, 'role', role.id).map((profile) => profileView(profile, context)),
    RolePolicyList: inlineDetails(role),
    AttachedManagedPolicies: attachedDetails(role, context),
    ...(role.boundary === undefined ? {} : { PermissionsBoundary: boundaryView(role.boundary) }),
    Tags: [...role.tags],
    RoleLastUsed: {},
  };
}

function policyDetail(policy: ManagedPolicyRecord, context: OperationContext): ManagedPolicyDetail {
  return {
    ...policyView(policy, context),
    ...(policy.description === undefined ? {} : { Description: policy.description }),
    PolicyVersionList: policy.versions.map(({ versionId, document, createdMs }) => ({
      Document: encodeDocument(document),
      VersionId: versionId,
      IsDefaultVersion: versionId === policy.defaultVersionId,
      CreateDate: new Date(createdMs),
    })),
  };
}

function inlineDetails({ inlinePolicies }: IdentityRecord): PolicyDetail[] {
  return inlinePolicies.map(({ name, document }) => ({ PolicyName: name, PolicyDocument: encodeDocument(document) }));
}

function attachedDetails({ attachedPolicies }: IdentityRecord, context: OperationContext): AttachedPolicy[] {
  return attachedPolicies
    .map((arn) => findPolicy(context.tx, arn))
    .filter((policy) => policy !== undefined)
    .map(({ name, arn }) => ({ PolicyName: name, PolicyArn: arn }));
}
