/** How long policies may be: white space does not count (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length). */
import { limitExceeded, type Noun, quotaExceeded } from '#services/iam/errors.ts';
import type { InlinePolicy } from '#services/iam/tables.ts';

const managedPolicySize = 6144;
/** All inline policies of one entity together. */
const inlinePolicySizes = { user: 2048, group: 5120, role: 10_240 };

const sizeOf = (document: string): number => document.replace(/\s/g, '').length;

/** @throws AwsError LimitExceeded */
export function checkManagedPolicySize(document: string): void {
  if (sizeOf(document) > managedPolicySize) throw quotaExceeded('PolicySize', managedPolicySize);
}

/** @throws AwsError LimitExceeded */
export function checkInlinePolicySizes(noun: Exclude<Noun, 'instance profile'>, name: string, policies: readonly InlinePolicy[]): void {
  const limit = inlinePolicySizes[noun];
  if (policies.reduce((sum, { document }) => sum + sizeOf(document), 0) > limit) {
    throw limitExceeded(`Maximum policy size of ${limit} bytes exceeded for ${noun} ${name}`);
  }
}

/** @throws AwsError LimitExceeded */
export function checkTrustPolicySize(document: string, limit: number): void {
  if (sizeOf(document) > limit) throw quotaExceeded('ACLSizePerRole', limit);
}
