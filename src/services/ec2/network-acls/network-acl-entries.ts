/** Network ACL entries: added, replaced, taken away. */
import type { OperationContext } from '#aws/context.ts';
import { entryExists, entryNotFound, tooManyEntries } from '#services/ec2/network-acls/network-acl-errors.ts';
import { readEntry } from '#services/ec2/network-acls/network-acl-entry-input.ts';
import { requireNetworkAcl } from '#services/ec2/network-acls/network-acl-lookup.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { type NetworkAclEntryRecord, networkAclTable } from '#services/ec2/tables/firewalls.ts';
import { quota } from '#services/service-quotas/public.ts';

export const networkAclEntries = {
  CreateNetworkAclEntry(context, input) {
    const acl = requireNetworkAcl(context, input.NetworkAclId);
    const entry = readEntry(input);
    if (acl.entries.some((other) => isSame(other, entry))) throw entryExists(entry.ruleNumber);
    const entries = [...acl.entries, entry];
    checkEntryCount(context, entries);
    context.tx.put(networkAclTable, { ...acl, entries });
    return {};
  },

  ReplaceNetworkAclEntry(context, input) {
    const acl = requireNetworkAcl(context, input.NetworkAclId);
    const entry = readEntry(input);
    if (!acl.entries.some((other) => isSame(other, entry))) throw entryNotFound(entry.ruleNumber);
    const entries = acl.entries.map((other) => (isSame(other, entry) ? entry : other));
    checkEntryCount(context, entries);
    context.tx.put(networkAclTable, { ...acl, entries });
    return {};
  },

  DeleteNetworkAclEntry(context, input) {
    const acl = requireNetworkAcl(context, input.NetworkAclId);
    const gone = { ruleNumber: input.RuleNumber, egress: input.Egress };
    if (!acl.entries.some((entry) => isSame(entry, gone))) throw entryNotFound(input.RuleNumber);
    context.tx.put(networkAclTable, { ...acl, entries: acl.entries.filter((entry) => !isSame(entry, gone)) });
    return {};
  },
} satisfies Ec2Operations;

type EntryKey = Pick<NetworkAclEntryRecord, 'ruleNumber' | 'egress'>;

/** A number names one entry of each direction. */
function isSame(one: EntryKey, other: EntryKey): boolean {
  return one.ruleNumber === other.ruleNumber && one.egress === other.egress;
}

/**
 * The quota holds for each direction and family by itself, and AWS's own last deny counts
 * (https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-nacls).
 */
function checkEntryCount(context: OperationContext, entries: readonly NetworkAclEntryRecord[]): void {
  const limit = quota(context, 'vpc', 'L-2AEEBF1A');
  for (const egress of [false, true]) {
    const ipv6 = entries.filter((entry) => entry.egress === egress && entry.ipv6CidrBlock !== undefined).length;
    const ipv4 = entries.filter((entry) => entry.egress === egress && entry.cidrBlock !== undefined).length;
    if (Math.max(ipv4, ipv6) + 1 > limit) throw tooManyEntries();
  }
}
