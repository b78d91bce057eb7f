/** `IpPermissions`: what a caller writes taken apart into single rules, and rules put together again as AWS shows them. */
import type { IpPermission, UserIdGroupPair } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { isIdOf } from '#aws/ids.ts';
import { canonicalCidr, cidrFamily, formatCidr, parseCidr } from '#model/cidr.ts';
import type { IpFamily } from '#model/ip.ts';
import {
  malformedCidr,
  malformedGroupId,
  noPeer,
  noSourceGroup,
  unfitRuleDescription,
} from '#services/ec2/security-groups/security-group-errors.ts';
import { requireGroupByName } from '#services/ec2/security-groups/security-group-lookup.ts';
import { readTraffic, type RuleTraffic, showsPorts } from '#services/ec2/security-groups/security-group-traffic.ts';
import type { SecurityGroupRuleRecord } from '#services/ec2/tables/firewalls.ts';

/** A rule that is not in a group yet, or the words of a rule that is looked for. */
export type RuleDraft = Omit<SecurityGroupRuleRecord, 'id' | 'tags'>;

/** Whom a rule is about. Exactly one of the four is given. */
export type RulePeer = Pick<SecurityGroupRuleRecord, 'cidrIpv4' | 'cidrIpv6' | 'prefixListId' | 'referencedGroup'>;

/** One rule for each range, prefix list and group of a permission. Whether the peers exist is not looked at. */
export function readPermission(context: OperationContext, isEgress: boolean, permission: IpPermission): readonly RuleDraft[] {
  const traffic = readTraffic(permission);
  const draft = (peer: RulePeer, description: string | undefined): RuleDraft => ({
    isEgress,
    ...traffic,
    ...peer,
    ...withDescription(description),
  });
  const drafts = [
    ...(permission.IpRanges ?? []).map((range) => draft({ cidrIpv4: readCidr(range.CidrIp, 4) }, range.Description)),
    ...(permission.Ipv6Ranges ?? []).map((range) => draft({ cidrIpv6: readCidr(range.CidrIpv6, 6) }, range.Description)),
    ...(permission.PrefixListIds ?? []).map((list) => draft({ prefixListId: list.PrefixListId ?? '' }, list.Description)),
    ...(permission.UserIdGroupPairs ?? []).map((pair) => draft({ referencedGroup: readGroup(context, pair) }, pair.Description)),
  ];
  if (drafts.length === 0) throw noPeer();
  return drafts;
}

/**
 * The canonical text of a block: AWS clears host bits.
 * @throws AwsError InvalidParameterValue when it is no block of that family
 */
export function readCidr(text: string | undefined, family: IpFamily): string {
  const cidr = parseCidr(text ?? '');
  if (!cidr || cidrFamily(cidr) !== family) throw malformedCidr(text ?? '');
  return formatCidr(canonicalCidr(cidr));
}

/** `{ description }` of a rule, checked; nothing for none. */
export function withDescription(text: string | undefined): Pick<SecurityGroupRuleRecord, 'description'> {
  if (text === undefined || text === '') return {};
  if (!isFitText(text)) throw unfitRuleDescription();
  return { description: text };
}

/** Whether AWS takes the text as a name or description: up to 255 of its characters. */
export function isFitText(text: string): boolean {
  return text.length <= 255 && /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]*$/.test(text);
}

/** The same for two rules exactly when AWS calls them the same: the description is no part of a rule, the account no part of a group's id. */
export function ruleKey(rule: RuleDraft): string {
  return `${rule.isEgress}|${rule.ipProtocol}|${rule.fromPort}|${rule.toPort}|${peerText(rule)}`;
}

/** The peer as AWS's errors name it. */
export function peerText(peer: RulePeer): string {
  return peer.cidrIpv4 ?? peer.cidrIpv6 ?? peer.prefixListId ?? peer.referencedGroup?.groupId ?? '';
}

/** The rules of one direction, those of the same protocol and ports together. */
export function permissionsOf(rules: readonly RuleDraft[]): IpPermission[] {
  const byTraffic = new Map<string, RuleDraft[]>();
  for (const rule of rules) {
    const key = `${rule.ipProtocol}|${rule.fromPort}|${rule.toPort}`;
    const same = byTraffic.get(key);
    if (same) same.push(rule);
    else byTraffic.set(key, [rule]);
  }
  return [...byTraffic.values()].map(permissionOf);
}

function permissionOf(rules: readonly RuleDraft[]): IpPermission {
  const [first] = rules;
  const permission = {
    ...(first && trafficView(first)),
    IpRanges: [] as NonNullable<IpPermission['IpRanges']>, // filled below
    Ipv6Ranges: [] as NonNullable<IpPermission['Ipv6Ranges']>, // filled below
    PrefixListIds: [] as NonNullable<IpPermission['PrefixListIds']>, // filled below
    UserIdGroupPairs: [] as UserIdGroupPair[], // filled below
  };
  for (const rule of rules) {
    const described = { Description: rule.description };
    if (rule.cidrIpv4) permission.IpRanges.push({ CidrIp: rule.cidrIpv4, ...described });
    else if (rule.cidrIpv6) permission.Ipv6Ranges.push({ CidrIpv6: rule.cidrIpv6, ...described });
    else if (rule.prefixListId) permission.PrefixListIds.push({ PrefixListId: rule.prefixListId, ...described });
    else permission.UserIdGroupPairs.push({ ...groupView(rule), ...described });
  }
  return permission;
}

function trafficView({ ipProtocol, fromPort, toPort }: RuleTraffic): Pick<IpPermission, 'IpProtocol' | 'FromPort' | 'ToPort'> {
  return showsPorts(ipProtocol) ? { IpProtocol: ipProtocol, FromPort: fromPort, ToPort: toPort } : { IpProtocol: ipProtocol };
}

function groupView({ referencedGroup }: RulePeer): UserIdGroupPair {
  return { GroupId: referencedGroup?.groupId, UserId: referencedGroup?.userId, VpcId: referencedGroup?.vpcId };
}

/** A group by its id, of any account, or by its name in the caller's default VPC. */
function readGroup(context: OperationContext, pair: UserIdGroupPair): { groupId: string; userId: string } {
  const userId = pair.UserId || context.account;
  if (pair.GroupId) {
    if (!isIdOf('sg', pair.GroupId)) throw malformedGroupId(pair.GroupId);
    return { groupId: pair.GroupId, userId };
  }
  if (!pair.GroupName) throw noSourceGroup();
  return { groupId: requireGroupByName(context, pair.GroupName).id, userId };
}
