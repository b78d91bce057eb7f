/** Versions of managed policies: five at most, one of which holds. */
import type { PolicyVersion as PolicyVersionView } from '@aws-sdk/client-iam';
import { deleteConflict, limitExceeded, policyVersionNotFound } from '#services/iam/errors.ts';
import { encodeDocument } from '#services/iam/identities.ts';
import { pageByName } from '#services/iam/paging.ts';
import { refuseAwsManaged } from '#services/iam/policies.ts';
import { checkIdentityPolicy } from '#services/iam/policy-grammar.ts';
import { requirePolicy } from '#services/iam/policy-lookup.ts';
import { checkManagedPolicySize } from '#services/iam/policy-sizes.ts';
import type { IamOperations } from '#services/iam/sdk.ts';
import { type ManagedPolicyRecord, managedPolicyTable, type PolicyVersion } from '#services/iam/tables.ts';

/** AWS's limit. */
const versionsPerPolicy = 5;

export const policyVersions = {
  CreatePolicyVersion(context, input) {
    refuseAwsManaged(context, 'CreatePolicyVersion', input.PolicyArn);
    const policy = requirePolicy(context, input.PolicyArn);
    checkIdentityPolicy(input.PolicyDocument);
    checkManagedPolicySize(input.PolicyDocument);
    if (policy.versions.length >= versionsPerPolicy) {
      throw limitExceeded(
        `A managed policy can have up to ${versionsPerPolicy} versions. Before you create a new version, you must delete an existing version.`,
      );
    }
    const version: PolicyVersion = {
      versionId: `v${policy.nextVersion}`,
      document: input.PolicyDocument,
      createdMs: context.nowMs,
    };
    const changed: ManagedPolicyRecord = {
      ...policy,
      versions: [...policy.versions, version],
      nextVersion: policy.nextVersion + 1,
      updatedMs: context.nowMs,
      ...(input.SetAsDefault ? { defaultVersionId: version.versionId } : {}),
    };
    context.tx.put(managedPolicyTable, changed);
    return { PolicyVersion: view(version, changed) };
  },

  GetPolicyVersion(context, input) {
    const policy = requirePolicy(context, input.PolicyArn);
    const version = requireVersion(policy, input.VersionId);
    return { PolicyVersion: { ...view(version, policy), Document: encodeDocument(version.document) } };
  },

  ListPolicyVersions(context, input) {
    const policy = requirePolicy(context, input.PolicyArn);
    // The latest comes first.
    const order = ({ versionId }: PolicyVersion) => String(10_000_000 - Number(versionId.slice(1)));
    const { items, more } = pageByName(input, policy.versions, order, ['policy-versions', input.PolicyArn]);
    return { Versions: items.map((version) => view(version, policy)), ...more };
  },

  DeletePolicyVersion(context, input) {
    refuseAwsManaged(context, 'DeletePolicyVersion', input.PolicyArn);
    const policy = requirePolicy(context, input.PolicyArn);
    const version = requireVersion(policy, input.VersionId);
    if (version.versionId === policy.defaultVersionId) throw deleteConflict('Cannot delete the default version of a policy.');
    context.tx.put(managedPolicyTable, { ...policy, versions: policy.versions.filter((one) => one !== version) });
    return {};
  },

  SetDefaultPolicyVersion(context, input) {
    refuseAwsManaged(context, 'SetDefaultPolicyVersion', input.PolicyArn);
    const policy = requirePolicy(context, input.PolicyArn);
    const { versionId } = requireVersion(policy, input.VersionId);
    context.tx.put(managedPolicyTable, { ...policy, defaultVersionId: versionId, updatedMs: context.nowMs });
    return {};
  },
} satisfies IamOperations;

function requireVersion(policy: ManagedPolicyRecord, versionId: string): PolicyVersion {
  const version = policy.versions.find((one) => one.versionId === versionId);
  if (!version) throw policyVersionNotFound(policy.arn, versionId);
  return version;
}

function view({ versionId, createdMs }: PolicyVersion, { defaultVersionId }: ManagedPolicyRecord): PolicyVersionView {
  return { VersionId: versionId, IsDefaultVersion: versionId === defaultVersionId, CreateDate: new Date(createdMs) };
}
