/** The default security group of a VPC, and the rules that AWS gives new groups. */
import type { OperationContext } from '#aws/context.ts';
import { newId } from '#aws/ids.ts';
import { type SecurityGroupRecord, type SecurityGroupRuleRecord, securityGroupTable } from '#services/ec2/tables/firewalls.ts';
import { type VpcRecord, vpcTable } from '#services/ec2/tables/vpcs.ts';

export const defaultGroupName = 'default';

/** Makes the group that comes with a VPC: its members reach each other, and everybody outside. */
export function createDefaultSecurityGroup(context: OperationContext, vpcId: string): SecurityGroupRecord {
  const id = newId(context, 'sg');
  const fromMembers: SecurityGroupRuleRecord = {
    ...allTraffic(context, false),
    referencedGroup: { groupId: id, userId: context.account },
  };
  const group: SecurityGroupRecord = {
    id,
    name: defaultGroupName,
    description: 'default VPC security group',
    vpcId,
    rules: [fromMembers, ...defaultEgressRules(context, context.tx.get(vpcTable, vpcId))],
    vpcAssociations: [],
    tags: [],
  };
  context.tx.put(securityGroupTable, group);
  return group;
}

/** The group that came with a VPC; every VPC has it until its end. */
export function defaultSecurityGroup(context: OperationContext, vpcId: string): SecurityGroupRecord {
  const group = context.tx.find(securityGroupTable, 'name', groupNameKey(vpcId, defaultGroupName))[0];
  if (!group) throw new Error(`${vpcId} has no default security group`);
  return group;
}

/** For the end of a VPC. */
export function deleteDefaultSecurityGroup(context: OperationContext, vpcId: string): void {
  context.tx.delete(securityGroupTable, defaultSecurityGroup(context, vpcId).id);
}

/**
 * For a VPC that gets its first IPv6 block: groups that still have the egress rules they were made with may now send
 * over IPv6 too (https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html).
 */
export function allowIpv6EgressByDefault(context: OperationContext, vpcId: string): void {
  for (const group of context.tx.find(securityGroupTable, 'vpc', vpcId)) {
    const egress = group.rules.filter((rule) => rule.isEgress);
    const untouched = egress.length === 1 && egress[0]?.ipProtocol === '-1' && egress[0].cidrIpv4 === '0.0.0.0/0';
    if (!untouched) continue;
    context.tx.put(securityGroupTable, { ...group, rules: [...group.rules, { ...allTraffic(context, true), cidrIpv6: '::/0' }] });
  }
}

/** What a new group may send: everything over IPv4, and over IPv6 when the VPC has an IPv6 block. */
export function defaultEgressRules(context: OperationContext, vpc: VpcRecord | undefined): readonly SecurityGroupRuleRecord[] {
  const rules: SecurityGroupRuleRecord[] = [{ ...allTraffic(context, true), cidrIpv4: '0.0.0.0/0' }];
  if (vpc && vpc.ipv6CidrAssociations.length > 0) rules.push({ ...allTraffic(context, true), cidrIpv6: '::/0' });
  return rules;
}

/** Group names are unique in a VPC, whatever their case. */
export function groupNameKey(vpcId: string, name: string): string {
  return `${vpcId}|${name.toLowerCase()}`;
}

function allTraffic(context: OperationContext, isEgress: boolean): SecurityGroupRuleRecord {
  return { id: newId(context, 'sgr'), isEgress, ipProtocol: '-1', fromPort: -1, toPort: -1, tags: [] };
}
