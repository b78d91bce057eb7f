/** Managed policies: made, listed, tagged, deleted. */
import type { Policy } from '@aws-sdk/client-iam';
import type { OperationContext } from '#aws/context.ts';
import { accessDenied, deleteConflict, policyAlreadyExists, quotaExceeded } from '#services/iam/errors.ts';
import { idOf, isUnder } from '#services/iam/identities.ts';
import { uniqueId } from '#services/iam/ids.ts';
import { pageByName } from '#services/iam/paging.ts';
import { checkIdentityPolicy } from '#services/iam/policy-grammar.ts';
import { awsManagedPolicies, isAwsManaged, policyArn, requirePolicy, usesOf } from '#services/iam/policy-lookup.ts';
import { checkManagedPolicySize } from '#services/iam/policy-sizes.ts';
import type { IamOperations } from '#services/iam/sdk.ts';
import { type ManagedPolicyRecord, managedPolicyTable } from '#services/iam/tables.ts';
import { checkTags, withoutTags, withTags } from '#services/iam/tags.ts';
import { quota } from '#services/service-quotas/public.ts';

export const policies = {
  CreatePolicy(context, input) {
    const id = idOf(input.PolicyName);
    if (context.tx.get(managedPolicyTable, id)) throw policyAlreadyExists(input.PolicyName);
    checkIdentityPolicy(input.PolicyDocument);
    checkManagedPolicySize(input.PolicyDocument);
    const limit = quota(context, 'iam', 'L-E95E4862');
    if (context.tx.count(managedPolicyTable) >= limit) throw quotaExceeded('PoliciesPerAccount', limit);
    const path = input.Path ?? '/';
    const policy: ManagedPolicyRecord = {
      id,
      name: input.PolicyName,
      path,
      arn: policyArn(context, path, input.PolicyName),
      uniqueId: uniqueId(context, 'ANPA'),
      createdMs: context.nowMs,
      updatedMs: context.nowMs,
      versions: [{ versionId: 'v1', document: input.PolicyDocument, createdMs: context.nowMs }],
      defaultVersionId: 'v1',
      nextVersion: 2,
      tags: checkTags(input.Tags),
      ...(input.Description === undefined ? {} : { description: input.Description }),
    };
    context.tx.put(managedPolicyTable, policy);
    return { Policy: { ...listView(policy, context), ...tagsView(policy) } };
  },

  GetPolicy(context, input) {
    const policy = requirePolicy(context, input.PolicyArn);
    const { description } = policy;
    return {
      Policy: { ...listView(policy, context), ...tagsView(policy), ...(description === undefined ? {} : { Description: description }) },
    };
  },

  ListPolicies(context, input) {
    const own = input.Scope === 'AWS' ? [] : [...context.tx.list(managedPolicyTable)];
    const aws = input.Scope === 'Local' ? [] : [...awsManagedPolicies.values()];
    const found = [...own, ...aws].filter(
      (policy) =>
        isUnder(input.PathPrefix, policy) &&
        (!input.OnlyAttached || attachments(context, policy.arn) > 0) &&
        isUsed(context, policy.arn, input.PolicyUsageFilter),
    );
    const { Marker: _marker, MaxItems: _size, ...parameters } = input;
    const { items, more } = pageByName(input, found, ({ name, arn }) => `${name} ${arn}`, ['policies', parameters]);
    return { Policies: items.map((policy) => listView(policy, context)), ...more };
  },

  DeletePolicy(context, input) {
    refuseAwsManaged(context, 'DeletePolicy', input.PolicyArn);
    const policy = requirePolicy(context, input.PolicyArn);
    const uses = usesOf(context, policy.arn);
    if (Object.values(uses).some((users) => users.length > 0)) throw deleteConflict('Cannot delete a policy attached to entities.');
    if (policy.versions.length > 1)
      throw deleteConflict(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
      );
    context.tx.delete(managedPolicyTable, policy.id);
    return {};
  },

  TagPolicy(context, input) {
    refuseAwsManaged(context, 'TagPolicy', input.PolicyArn);
    const policy = requirePolicy(context, input.PolicyArn);
    context.tx.put(managedPolicyTable, { ...policy, tags: withTags(policy.tags, input.Tags) });
    return {};
  },

  UntagPolicy(context, input) {
    refuseAwsManaged(context, 'UntagPolicy', input.PolicyArn);
    const policy = requirePolicy(context, input.PolicyArn);
    context.tx.put(managedPolicyTable, { ...policy, tags: withoutTags(policy.tags, input.TagKeys) });
    return {};
  },

  ListPolicyTags(context, input) {
    const { tags } = requirePolicy(context, input.PolicyArn);
    const { items, more } = pageByName(input, tags, ({ Key }) => Key, ['policy-tags', input.PolicyArn]);
    return { Tags: items, ...more };
  },
} satisfies IamOperations;

/** Nobody may change AWS's own policies, not even root. @throws AwsError AccessDenied */
export function refuseAwsManaged({ principal }: OperationContext, operation: string, arn: string): void {
  if (!isAwsManaged(arn)) return;
  throw accessDenied(`User: ${principal.arn} is not authorized to perform: iam:${operation} on resource: policy ${arn}`);
}

function attachments(context: OperationContext, arn: string): number {
  const { users, groups, roles } = usesOf(context, arn);
  return users.length + groups.length + roles.length;
}

function boundaries(context: OperationContext, arn: string): number {
  const { boundaryUsers, boundaryRoles } = usesOf(context, arn);
  return boundaryUsers.length + boundaryRoles.length;
}

function isUsed(context: OperationContext, arn: string, usage: string | undefined): boolean {
  if (usage === 'PermissionsPolicy') return attachments(context, arn) > 0;
  return usage !== 'PermissionsBoundary' || boundaries(context, arn) > 0;
}

/** As lists show a policy: without description and tags. */
export function listView(policy: ManagedPolicyRecord, context: OperationContext): Policy {
  return {
    PolicyName: policy.name,
    PolicyId: policy.uniqueId,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: policy.defaultVersionId,
    AttachmentCount: attachments(context, policy.arn),
    PermissionsBoundaryUsageCount: boundaries(context, policy.arn),
    IsAttachable: true,
    CreateDate: new Date(policy.createdMs),
    UpdateDate: new Date(policy.updatedMs),
  };
}

function tagsView({ tags }: ManagedPolicyRecord): Pick<Policy, 'Tags'> {
  return tags.length > 0 ? { Tags: [...tags] } : {};
}
