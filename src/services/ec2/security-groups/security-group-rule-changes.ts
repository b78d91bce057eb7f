/** ModifySecurityGroupRules: rules keep their id, tags, direction and kind of peer, and get everything else anew. */
import type { SecurityGroupRuleRequest, SecurityGroupRuleUpdate } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterCombination, invalidParameterValue, missingParameter } from '#aws/errors.ts';
import { isIdOf } from '#aws/ids.ts';
import { describeTraffic, readTraffic } from '#services/ec2/security-groups/security-group-traffic.ts';
import { malformedGroupId, noPeer, ruleExists, ruleRepeated } from '#services/ec2/security-groups/security-group-errors.ts';
import { peerText, readCidr, ruleKey, type RulePeer, withDescription } from '#services/ec2/security-groups/security-group-permissions.ts';
import { reachablePeer } from '#services/ec2/security-groups/security-group-reach.ts';
import { requireRuleOf } from '#services/ec2/security-groups/security-group-rule-lookup.ts';
import type { SecurityGroupRecord, SecurityGroupRuleRecord } from '#services/ec2/tables/firewalls.ts';

const peerMembers = ['CidrIpv4', 'CidrIpv6', 'PrefixListId', 'ReferencedGroupId'] as const;

/** All rules of the group after the updates. */
export function modifiedRules(
  context: OperationContext,
  group: SecurityGroupRecord,
  updates: readonly SecurityGroupRuleUpdate[],
): readonly SecurityGroupRuleRecord[] {
  if (updates.length === 0) throw missingParameter('SecurityGroupRules');
  const changed = new Map<string, SecurityGroupRuleRecord>();
  for (const { SecurityGroupRuleId: id, SecurityGroupRule: request } of updates) {
    const rule = requireRuleOf(group, id ?? '');
    if (changed.has(rule.id)) throw ruleRepeated();
    if (!request) throw missingParameter('SecurityGroupRule');
    changed.set(rule.id, modifiedRule(context, group, rule, request));
  }
  const rules = group.rules.map((rule) => changed.get(rule.id) ?? rule);
  checkUnique(rules);
  return rules;
}

function modifiedRule(
  context: OperationContext,
  group: SecurityGroupRecord,
  { id, tags, isEgress, ...before }: SecurityGroupRuleRecord,
  request: SecurityGroupRuleRequest,
): SecurityGroupRuleRecord {
  const peer = readPeer(context, request);
  if (kindOf(before) !== kindOf(peer)) {
    throw invalidParameterValue(`The type of the security group rule '${id}' cannot be changed. Specify ${kindOf(before)}.`);
  }
  return reachablePeer(context, group, { id, tags, isEgress, ...readTraffic(request), ...peer, ...withDescription(request.Description) });
}

function readPeer({ account }: OperationContext, request: SecurityGroupRuleRequest): RulePeer {
  const given = peerMembers.filter((member) => request[member] !== undefined);
  if (given.length === 0) throw noPeer();
  if (given.length > 1) throw invalidParameterCombination(`Only one of ${peerMembers.join(', ')} can be specified`);
  if (request.CidrIpv4 !== undefined) return { cidrIpv4: readCidr(request.CidrIpv4, 4) };
  if (request.CidrIpv6 !== undefined) return { cidrIpv6: readCidr(request.CidrIpv6, 6) };
  if (request.PrefixListId !== undefined) return { prefixListId: request.PrefixListId };
  const groupId = request.ReferencedGroupId ?? '';
  if (!isIdOf('sg', groupId)) throw malformedGroupId(groupId);
  return { referencedGroup: { groupId, userId: account } };
}

/** The member of a request that gives a peer of this kind. */
function kindOf(peer: RulePeer): (typeof peerMembers)[number] {
  if (peer.cidrIpv4 !== undefined) return 'CidrIpv4';
  if (peer.cidrIpv6 !== undefined) return 'CidrIpv6';
  return peer.prefixListId === undefined ? 'ReferencedGroupId' : 'PrefixListId';
}

function checkUnique(rules: readonly SecurityGroupRuleRecord[]): void {
  const keys = new Set<string>();
  for (const rule of rules) {
    const key = ruleKey(rule);
    if (keys.has(key)) throw ruleExists(`peer: ${peerText(rule)}, ${describeTraffic(rule)}, ALLOW`);
    keys.add(key);
  }
}
