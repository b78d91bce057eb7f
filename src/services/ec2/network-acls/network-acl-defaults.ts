/** The default network ACL of a VPC, and which ACL a subnet has. */
import type { OperationContext } from '#aws/context.ts';
import { newId } from '#aws/ids.ts';
import {
  type NetworkAclAssociationRecord,
  networkAclAssociationTable,
  type NetworkAclEntryRecord,
  type NetworkAclRecord,
  networkAclTable,
} from '#services/ec2/tables/firewalls.ts';
import { vpcTable } from '#services/ec2/tables/vpcs.ts';

/** Makes the ACL that comes with a VPC: it lets everything pass, both ways. */
export function createDefaultNetworkAcl(context: OperationContext, vpcId: string): NetworkAclRecord {
  const hasIpv6 = (context.tx.get(vpcTable, vpcId)?.ipv6CidrAssociations.length ?? 0) > 0;
  const acl: NetworkAclRecord = {
    id: newId(context, 'acl'),
    vpcId,
    isDefault: true,
    entries: [...allowAllIpv4, ...(hasIpv6 ? allowAllIpv6 : [])],
    tags: [],
  };
  context.tx.put(networkAclTable, acl);
  return acl;
}

/** The ACL that came with a VPC; every VPC has it until its end. */
export function defaultNetworkAcl(context: OperationContext, vpcId: string): NetworkAclRecord {
  const acl = context.tx.find(networkAclTable, 'default', vpcId)[0];
  if (!acl) throw new Error(`${vpcId} has no default network ACL`);
  return acl;
}

/** For the end of a VPC. */
export function deleteDefaultNetworkAcl(context: OperationContext, vpcId: string): void {
  context.tx.delete(networkAclTable, defaultNetworkAcl(context, vpcId).id);
}

/** For a new subnet: it is under the VPC's default ACL. */
export function associateDefaultAcl(context: OperationContext, vpcId: string, subnetId: string): NetworkAclAssociationRecord {
  const association = { id: newId(context, 'aclassoc'), networkAclId: defaultNetworkAcl(context, vpcId).id, subnetId };
  context.tx.put(networkAclAssociationTable, association);
  return association;
}

/** For the end of a subnet. */
export function disassociateAcl(context: OperationContext, subnetId: string): void {
  for (const { id } of context.tx.find(networkAclAssociationTable, 'subnet', subnetId)) context.tx.delete(networkAclAssociationTable, id);
}

/**
 * For a VPC that gets its first IPv6 block: a direction of the default ACL that still has AWS's own entry alone lets
 * IPv6 pass too (https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html).
 */
export function allowIpv6ByDefault(context: OperationContext, vpcId: string): void {
  const acl = defaultNetworkAcl(context, vpcId);
  const added = allowAllIpv6.filter((entry) => isUntouched(acl, entry.egress));
  if (added.length > 0) context.tx.put(networkAclTable, { ...acl, entries: [...acl.entries, ...added] });
}

const allowAllIpv4 = bothWays({ ruleNumber: 100, protocol: '-1', ruleAction: 'allow', cidrBlock: '0.0.0.0/0' });
const allowAllIpv6 = bothWays({ ruleNumber: 101, protocol: '-1', ruleAction: 'allow', ipv6CidrBlock: '::/0' });

function bothWays(entry: Omit<NetworkAclEntryRecord, 'egress'>): readonly NetworkAclEntryRecord[] {
  return [
    { ...entry, egress: true },
    { ...entry, egress: false },
  ];
}

function isUntouched(acl: NetworkAclRecord, egress: boolean): boolean {
  const entries = acl.entries.filter((entry) => entry.egress === egress);
  const [only] = entries;
  return (
    entries.length === 1 &&
    only?.ruleNumber === 100 &&
    only.ruleAction === 'allow' &&
    only.protocol === '-1' &&
    only.cidrBlock === '0.0.0.0/0'
  );
}
