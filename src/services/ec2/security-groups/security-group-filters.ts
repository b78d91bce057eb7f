/** The filters of DescribeSecurityGroups. Those about rules hold when any rule of the direction fits, each filter on its own. */
import type { FilterOn, FilterSpec, FilterValue } from '#aws/filters.ts';
import { parseProtocol } from '#model/protocol-number.ts';
import { showsPorts } from '#services/ec2/security-groups/security-group-traffic.ts';
import { type SecurityGroupRecord, type SecurityGroupRuleRecord, securityGroupTable } from '#services/ec2/tables/firewalls.ts';
import type { OperationContext } from '#aws/context.ts';

type OnRule = (rule: SecurityGroupRuleRecord, context: OperationContext) => FilterValue;

const onRules: Readonly<Record<string, OnRule>> = {
  cidr: (rule) => rule.cidrIpv4,
  'from-port': (rule) => (showsPorts(rule.ipProtocol) ? rule.fromPort : undefined),
  'group-id': (rule) => rule.referencedGroup?.groupId,
  'group-name': ({ referencedGroup }, { tx }) => referencedGroup && tx.get(securityGroupTable, referencedGroup.groupId)?.name,
  'ipv6-cidr': (rule) => rule.cidrIpv6,
  'prefix-list-id': (rule) => rule.prefixListId,
  // By name or by number.
  protocol: (rule) => [rule.ipProtocol, parseProtocol(rule.ipProtocol)],
  'to-port': (rule) => (showsPorts(rule.ipProtocol) ? rule.toPort : undefined),
  'user-id': (rule) => rule.referencedGroup?.userId,
};

export const groupFilters: FilterSpec<SecurityGroupRecord> = {
  description: (group) => group.description,
  'group-id': (group) => group.id,
  'group-name': (group) => group.name,
  'owner-id': (_group, context) => context.account,
  'vpc-id': (group) => group.vpcId,
  ...rulesFilters('ip-permission', false),
  ...rulesFilters('egress.ip-permission', true),
};

/** Filters that are an index of the table. */
export const groupIndexes = {
  'vpc-id': 'vpc',
  'group-id': 'id',
  'group-name': 'groupName',
  'ip-permission.group-id': 'referenced',
  'egress.ip-permission.group-id': 'referenced',
  'ip-permission.prefix-list-id': 'prefixList',
  'egress.ip-permission.prefix-list-id': 'prefixList',
} as const;

function rulesFilters(prefix: string, isEgress: boolean): FilterSpec<SecurityGroupRecord> {
  const filter = (on: OnRule): FilterOn<SecurityGroupRecord> => {
    return (group, context) => group.rules.filter((rule) => rule.isEgress === isEgress).flatMap((rule) => on(rule, context));
  };
  return Object.fromEntries(Object.entries(onRules).map(([name, on]) => [`${prefix}.${name}`, filter(on)]));
}
