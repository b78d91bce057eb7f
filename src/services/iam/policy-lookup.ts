/** Managed policies by ARN: the account's own, and those that AWS brings. */
import { createHash } from 'node:crypto';
import { globalArn } from '#aws/arns.ts';
import type { OperationContext } from '#aws/context.ts';
import { policyNotFound } from '#services/iam/errors.ts';
import { idOf } from '#services/iam/identities.ts';
import { groupTable, type ManagedPolicyRecord, managedPolicyTable, roleTable, userTable } from '#services/iam/tables.ts';
import type { Reader } from '#store/store.ts';
import published from './aws-managed-policies.json' with { type: 'json' };

/**
 * A small part of the policies that AWS manages, as AWS publishes them
 * (https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html), by ARN.
 */
export const awsManagedPolicies: ReadonlyMap<string, ManagedPolicyRecord> = new Map(
  Object.entries(published).map(([name, { path, versionId, created, updated, document }]) => {
    const arn = `arn:aws:iam::aws:policy${path}${name}`;
    const createdMs = Date.parse(created);
    const updatedMs = Date.parse(updated);
    return [
      arn,
      {
        id: idOf(name),
        name,
        path,
        arn,
        uniqueId: awsPolicyId(arn),
        createdMs,
        updatedMs,
        versions: [{ versionId, document, createdMs: updatedMs }],
        defaultVersionId: versionId,
        nextVersion: Number(versionId.slice(1)) + 1,
        tags: [],
      },
    ];
  }),
);

/** AWS's own ids of these are not published in one place: ours are made of the ARN, and so stay the same. */
function awsPolicyId(arn: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const digest = createHash('sha256').update(arn).digest();
  return `ANPA${[...digest.subarray(0, 17)].map((byte) => alphabet.charAt(byte & 31)).join('')}`;
}

export const isAwsManaged = (arn: string): boolean => /^arn:[a-z-]+:iam::aws:policy\//.test(arn);

/** @param reader of the account's global partition */
export function findPolicy(reader: Reader, arn: string): ManagedPolicyRecord | undefined {
  // China's and GovCloud's ARNs of AWS's policies differ in the partition only.
  if (isAwsManaged(arn)) return awsManagedPolicies.get(arn.replace(/^arn:[a-z-]+:/, 'arn:aws:'));
  const policy = reader.get(managedPolicyTable, idOf(arn.slice(arn.lastIndexOf('/') + 1)));
  return policy?.arn === arn ? policy : undefined;
}

/** @throws AwsError NoSuchEntity */
export function requirePolicy({ tx }: Pick<OperationContext, 'tx'>, arn: string): ManagedPolicyRecord {
  const policy = findPolicy(tx, arn);
  if (!policy) throw policyNotFound(arn);
  return policy;
}

export function policyArn(place: Pick<OperationContext, 'account' | 'region'>, path: string, name: string): string {
  return globalArn(place, 'iam', `policy${path}${name}`);
}

/** The document that holds now. */
export function defaultDocument(policy: ManagedPolicyRecord): string {
  return policy.versions.find(({ versionId }) => versionId === policy.defaultVersionId)?.document ?? '';
}

/** What a policy hangs on, and whose boundary it is. */
export function usesOf({ tx }: Pick<OperationContext, 'tx'>, arn: string) {
  return {
    users: tx.find(userTable, 'policy', arn),
    groups: tx.find(groupTable, 'policy', arn),
    roles: tx.find(roleTable, 'policy', arn),
    boundaryUsers: tx.find(userTable, 'boundary', arn),
    boundaryRoles: tx.find(roleTable, 'boundary', arn),
  };
}
