/** The filters of DescribeNetworkAcls. Those about entries and associations hold when any of them fits, each filter on its own. */
import type { OperationContext } from '#aws/context.ts';
import { type Filter, type FilterSpec, type FilterValue, literalValues } from '#aws/filters.ts';
import { parseProtocol, protocolName } from '#model/protocol-number.ts';
import { associationsOf, entriesOf } from '#services/ec2/network-acls/network-acl-view.ts';
import { networkAclAssociationTable, type NetworkAclEntryRecord, type NetworkAclRecord } from '#services/ec2/tables/firewalls.ts';

const onEntries: Readonly<Record<string, (entry: NetworkAclEntryRecord) => FilterValue>> = {
  cidr: (entry) => entry.cidrBlock,
  egress: (entry) => entry.egress,
  'icmp.code': (entry) => entry.icmp?.code,
  'icmp.type': (entry) => entry.icmp?.type,
  'ipv6-cidr': (entry) => entry.ipv6CidrBlock,
  'port-range.from': (entry) => entry.portRange?.from,
  'port-range.to': (entry) => entry.portRange?.to,
  // By number or by name.
  protocol: (entry) => [entry.protocol, protocolName(parseProtocol(entry.protocol) ?? Number.NaN)],
  'rule-action': (entry) => entry.ruleAction,
  'rule-number': (entry) => entry.ruleNumber,
};

export const aclFilters: FilterSpec<NetworkAclRecord> = {
  'association.association-id': (acl, context) => associationsOf(acl, context).map((association) => association.id),
  'association.network-acl-id': (acl, context) => associationsOf(acl, context).map((association) => association.networkAclId),
  'association.subnet-id': (acl, context) => associationsOf(acl, context).map((association) => association.subnetId),
  default: (acl) => acl.isDefault,
  'network-acl-id': (acl) => acl.id,
  'owner-id': (_acl, context) => context.account,
  'vpc-id': (acl) => acl.vpcId,
  ...Object.fromEntries(
    Object.entries(onEntries).map(([name, on]) => [
      `entry.${name}`,
      (acl: NetworkAclRecord, context: OperationContext) => entriesOf(acl, context).flatMap(on),
    ]),
  ),
};

/**
 * The filters, and the ACL's id beside them when one association is asked for: a subnet's ACL is then looked up instead
 * of searched for.
 */
export function narrowed({ tx }: OperationContext, filters: readonly Filter[] | undefined): readonly Filter[] | undefined {
  const subnetId = onlyValue(filters, 'association.subnet-id');
  const associationId = onlyValue(filters, 'association.association-id');
  if (subnetId === undefined && associationId === undefined) return filters;
  const association =
    subnetId === undefined
      ? tx.get(networkAclAssociationTable, associationId ?? '')
      : tx.find(networkAclAssociationTable, 'subnet', subnetId)[0];
  return [{ Name: 'network-acl-id', Values: [association?.networkAclId ?? ''] }, ...(filters ?? [])];
}

function onlyValue(filters: readonly Filter[] | undefined, name: string): string | undefined {
  const values = literalValues(filters, name);
  return values?.length === 1 ? values[0] : undefined;
}
