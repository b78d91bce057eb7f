/** Invariants of security groups and network ACLs. */
import { stateAt } from '#aws/eventual.ts';
import { awsPrefixLists } from '#services/ec2/prefix-lists/aws-prefix-lists.ts';
import {
  networkAclAssociationTable,
  type NetworkAclRecord,
  networkAclTable,
  type SecurityGroupRecord,
  type SecurityGroupRuleRecord,
  securityGroupTable,
} from '#services/ec2/tables/firewalls.ts';
import { prefixListTable } from '#services/ec2/tables/routing.ts';
import { subnetTable, vpcTable } from '#services/ec2/tables/vpcs.ts';
import type { Reader } from '#store/store.ts';
import { repeated } from '#test/fuzz/repeated.ts';

const highestRuleNumber = 32_766;

export function* firewallViolations(records: Reader, nowMs: number): Generator<string> {
  const groups = [...records.list(securityGroupTable)];
  for (const name of repeated(groups.map((group) => `${group.vpcId}|${group.name.toLowerCase()}`))) yield `two groups are called ${name}`;
  for (const id of repeated(groups.flatMap((group) => group.rules.map((rule) => rule.id)))) yield `${id} is used twice`;
  for (const group of groups) yield* groupViolations(records, group, nowMs);
  for (const acl of records.list(networkAclTable)) yield* aclViolations(records, acl);
  for (const { id, networkAclId, subnetId } of records.list(networkAclAssociationTable)) {
    const acl = records.get(networkAclTable, networkAclId);
    const subnet = records.get(subnetTable, subnetId);
    if (!acl) yield `${id} is to ${networkAclId}, which is gone`;
    if (!subnet) yield `${id} is of ${subnetId}, which is gone`;
    if (acl?.vpcId !== subnet?.vpcId) yield `${id} crosses VPCs`;
  }
}

function* groupViolations(records: Reader, group: SecurityGroupRecord, nowMs: number): Generator<string> {
  if (!records.get(vpcTable, group.vpcId)) yield `${group.id} is in ${group.vpcId}, which is gone`;
  for (const { vpcId, state } of group.vpcAssociations) {
    if (stateAt(state, nowMs) !== 'disassociated' && !records.get(vpcTable, vpcId)) yield `${group.id} is lent to ${vpcId}, which is gone`;
  }
  for (const rule of group.rules) yield* ruleViolations(records, group.id, rule);
  for (const same of repeated(group.rules.map(contentOf))) yield `${group.id} has the rule ${same} twice`;
}

function* ruleViolations(records: Reader, groupId: string, rule: SecurityGroupRuleRecord): Generator<string> {
  const peers = [rule.cidrIpv4, rule.cidrIpv6, rule.prefixListId, rule.referencedGroup].filter((peer) => peer !== undefined);
  if (peers.length !== 1) yield `${groupId}: ${rule.id} has ${peers.length} peers, not one`;
  if (rule.referencedGroup && !records.get(securityGroupTable, rule.referencedGroup.groupId)) {
    yield `${groupId}: ${rule.id} refers to ${rule.referencedGroup.groupId}, which is gone`;
  }
  const listId = rule.prefixListId;
  if (listId === undefined || records.get(prefixListTable, listId)) return;
  if (!awsPrefixLists(records.partition.region).some((list) => list.id === listId)) yield `${rule.id} refers to ${listId}, which is gone`;
}

/** What makes two rules the same to AWS. */
function contentOf({
  isEgress,
  ipProtocol,
  fromPort,
  toPort,
  cidrIpv4,
  cidrIpv6,
  prefixListId,
  referencedGroup,
}: SecurityGroupRuleRecord): string {
  return [isEgress ? 'out' : 'in', ipProtocol, fromPort, toPort, cidrIpv4 ?? cidrIpv6 ?? prefixListId ?? referencedGroup?.groupId].join(
    ' ',
  );
}

function* aclViolations(records: Reader, acl: NetworkAclRecord): Generator<string> {
  if (!records.get(vpcTable, acl.vpcId)) yield `${acl.id} is in ${acl.vpcId}, which is gone`;
  for (const number of repeated(acl.entries.map((entry) => `${entry.egress ? 'out' : 'in'} ${entry.ruleNumber}`))) {
    yield `${acl.id} has entry ${number} twice`;
  }
  for (const entry of acl.entries) {
    if (entry.ruleNumber < 1 || entry.ruleNumber > highestRuleNumber) yield `${acl.id} has an entry ${entry.ruleNumber}`;
    if ((entry.cidrBlock === undefined) === (entry.ipv6CidrBlock === undefined))
      yield `${acl.id}: entry ${entry.ruleNumber} has not one block`;
    const { portRange } = entry;
    if (portRange && !(portRange.from >= 0 && portRange.from <= portRange.to && portRange.to <= 65_535)) {
      yield `${acl.id}: entry ${entry.ruleNumber} has ports ${portRange.from} to ${portRange.to}`;
    }
  }
}
