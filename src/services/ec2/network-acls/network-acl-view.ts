/** Network ACLs as AWS shows them: with the last deny that no one wrote, outbound entries first, each direction by number. */
import type { NetworkAcl, NetworkAclEntry } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import {
  type NetworkAclAssociationRecord,
  networkAclAssociationTable,
  type NetworkAclEntryRecord,
  type NetworkAclRecord,
} from '#services/ec2/tables/firewalls.ts';
import { vpcTable } from '#services/ec2/tables/vpcs.ts';

/** What AWS denies after all entries; the second only in VPCs that have an IPv6 block. */
const lastDenyIpv4 = { ruleNumber: 32_767, protocol: '-1', ruleAction: 'deny', cidrBlock: '0.0.0.0/0' } as const;
const lastDenyIpv6 = { ruleNumber: 32_768, protocol: '-1', ruleAction: 'deny', ipv6CidrBlock: '::/0' } as const;

export function aclView(acl: NetworkAclRecord, context: OperationContext): NetworkAcl {
  return {
    NetworkAclId: acl.id,
    VpcId: acl.vpcId,
    OwnerId: context.account,
    IsDefault: acl.isDefault,
    Entries: entriesOf(acl, context).map(entryView),
    Associations: associationsOf(acl, context).map(({ id, subnetId }) => ({
      NetworkAclAssociationId: id,
      NetworkAclId: acl.id,
      SubnetId: subnetId,
    })),
    Tags: [...acl.tags],
  };
}

/** All entries that hold, in AWS's order. */
export function entriesOf(acl: NetworkAclRecord, { tx }: OperationContext): readonly NetworkAclEntryRecord[] {
  const hasIpv6 = (tx.get(vpcTable, acl.vpcId)?.ipv6CidrAssociations.length ?? 0) > 0;
  const lastDenies = hasIpv6 ? [lastDenyIpv4, lastDenyIpv6] : [lastDenyIpv4];
  return [true, false].flatMap((egress) => [
    ...acl.entries.filter((entry) => entry.egress === egress).sort((a, b) => a.ruleNumber - b.ruleNumber),
    ...lastDenies.map((entry) => ({ ...entry, egress })),
  ]);
}

export function associationsOf(acl: NetworkAclRecord, { tx }: OperationContext): readonly NetworkAclAssociationRecord[] {
  return tx.find(networkAclAssociationTable, 'acl', acl.id);
}

function entryView(entry: NetworkAclEntryRecord): NetworkAclEntry {
  return {
    RuleNumber: entry.ruleNumber,
    Egress: entry.egress,
    Protocol: entry.protocol,
    RuleAction: entry.ruleAction,
    CidrBlock: entry.cidrBlock,
    Ipv6CidrBlock: entry.ipv6CidrBlock,
    PortRange: entry.portRange && { From: entry.portRange.from, To: entry.portRange.to },
    IcmpTypeCode: entry.icmp && { Type: entry.icmp.type, Code: entry.icmp.code },
  };
}
