/** Records of security groups and network ACLs. */
import type { Eventual } from '#aws/eventual.ts';
import type { Tagged } from '#aws/tags.ts';
import { defineTable, type StoreRecord } from '#store/table.ts';

export interface SecurityGroupRuleRecord extends Tagged {
  /** `sgr-…` */
  readonly id: string;
  readonly isEgress: boolean;
  /** `tcp`, `udp`, `icmp`, `icmpv6`, `-1` or another protocol's number. */
  readonly ipProtocol: string;
  /** -1 for all; the ICMP type for ICMP. */
  readonly fromPort: number;
  /** -1 for all; the ICMP code for ICMP. */
  readonly toPort: number;
  /** Exactly one of the four peers is given. */
  readonly cidrIpv4?: string;
  readonly cidrIpv6?: string;
  readonly prefixListId?: string;
  readonly referencedGroup?: { readonly groupId: string; readonly userId: string; readonly vpcId?: string };
  readonly description?: string;
}

/** An association that is `disassociated` is gone: it is shown no more. */
export type VpcAssociationState = 'associating' | 'associated' | 'disassociating' | 'disassociated';

export interface SecurityGroupRecord extends StoreRecord, Tagged {
  readonly name: string;
  readonly description: string;
  readonly vpcId: string;
  readonly rules: readonly SecurityGroupRuleRecord[];
  /** Further VPCs that may use the group. */
  readonly vpcAssociations: readonly { readonly vpcId: string; readonly state: Eventual<VpcAssociationState> }[];
}

export const securityGroupTable = defineTable<SecurityGroupRecord>()('ec2.security-group', {
  vpc: (group) => group.vpcId,
  /** `vpc-…|name`, the name in lower case: AWS's names differ by more than case. */
  name: (group) => `${group.vpcId}|${group.name.toLowerCase()}`,
  groupName: (group) => group.name,
  rule: (group) => group.rules.map((rule) => rule.id),
  referenced: (group) => [...new Set(group.rules.flatMap((rule) => rule.referencedGroup?.groupId ?? []))],
  prefixList: (group) => [...new Set(group.rules.flatMap((rule) => rule.prefixListId ?? []))],
  /** Groups that are lent to further VPCs. */
  associated: (group) => (group.vpcAssociations.length > 0 ? 'true' : undefined),
  associatedVpc: (group) => group.vpcAssociations.map((association) => association.vpcId),
});

export interface NetworkAclEntryRecord {
  /** 1 to 32766; the implicit last deny (32767) is no record but part of every view. */
  readonly ruleNumber: number;
  readonly egress: boolean;
  /** Protocol number as text, `-1` for all. */
  readonly protocol: string;
  readonly ruleAction: 'allow' | 'deny';
  /** Exactly one of the two. */
  readonly cidrBlock?: string;
  readonly ipv6CidrBlock?: string;
  readonly portRange?: { readonly from: number; readonly to: number };
  readonly icmp?: { readonly type: number; readonly code: number };
}

export interface NetworkAclRecord extends StoreRecord, Tagged {
  readonly vpcId: string;
  readonly isDefault: boolean;
  readonly entries: readonly NetworkAclEntryRecord[];
}

export const networkAclTable = defineTable<NetworkAclRecord>()('ec2.network-acl', {
  vpc: (acl) => acl.vpcId,
  default: (acl) => (acl.isDefault ? acl.vpcId : undefined),
});

/** A subnet is under an ACL, exactly one; the id is `aclassoc-…`. A record of its own, as a default ACL may have thousands. */
export interface NetworkAclAssociationRecord extends StoreRecord {
  readonly networkAclId: string;
  readonly subnetId: string;
}

export const networkAclAssociationTable = defineTable<NetworkAclAssociationRecord>()('ec2.network-acl-association', {
  acl: (association) => association.networkAclId,
  subnet: (association) => association.subnetId,
});
