/** Security groups: made, described, deleted. */
import type { SecurityGroupForVpc } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { describe } from '#aws/describe.ts';
import { missingParameter } from '#aws/errors.ts';
import { compileFilters, type FilterSpec } from '#aws/filters.ts';
import { isIdOf, newId } from '#aws/ids.ts';
import { paginateByKey, sequenceKey } from '#aws/pagination.ts';
import { tagsFor } from '#aws/tags.ts';
import { defaultEgressRules, defaultGroupName } from '#services/ec2/security-groups/security-group-defaults.ts';
import {
  defaultGroupStays,
  groupExists,
  groupInUse,
  groupNotFound,
  invalidGroupName,
  malformedGroupId,
  noDefaultVpc,
  nonAsciiDescription,
  reservedGroupName,
  tooManyGroups,
  unfitGroupDescription,
  unfitGroupName,
} from '#services/ec2/security-groups/security-group-errors.ts';
import { groupFilters, groupIndexes } from '#services/ec2/security-groups/security-group-filters.ts';
import {
  findGroupByName,
  groupsUsableIn,
  requireGroupByName,
  requireNamedGroup,
} from '#services/ec2/security-groups/security-group-lookup.ts';
import { isFitText } from '#services/ec2/security-groups/security-group-permissions.ts';
import { groupArn, groupView } from '#services/ec2/security-groups/security-group-view.ts';
import { standing } from '#services/ec2/security-groups/security-group-vpc-associations.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { type SecurityGroupRecord, securityGroupTable } from '#services/ec2/tables/firewalls.ts';
import { networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';
import { type VpcRecord, vpcTable } from '#services/ec2/tables/vpcs.ts';
import { requireVpc } from '#services/ec2/vpcs/vpcs.ts';
import { quota } from '#services/service-quotas/public.ts';

// What the other nouns need of security groups.
export {
  allowIpv6EgressByDefault,
  createDefaultSecurityGroup,
  defaultSecurityGroup,
  deleteDefaultSecurityGroup,
} from '#services/ec2/security-groups/security-group-defaults.ts';
export { groupsForInterface, requireGroupByName, requireSecurityGroup } from '#services/ec2/security-groups/security-group-lookup.ts';

export const securityGroups = {
  CreateSecurityGroup(context, input) {
    checkName(input.GroupName);
    checkDescription(input.Description);
    const tags = tagsFor(input.TagSpecifications, 'security-group');
    const vpc = input.VpcId ? requireVpc(context, input.VpcId) : requireDefaultVpc(context);
    if (findGroupByName(context, vpc.id, input.GroupName)) throw groupExists(input.GroupName, vpc.id);
    if (context.tx.count(securityGroupTable) >= quota(context, 'vpc', 'L-E79EC296')) throw tooManyGroups(vpc.id);
    const group: SecurityGroupRecord = {
      id: newId(context, 'sg'),
      name: input.GroupName,
      description: input.Description,
      vpcId: vpc.id,
      rules: defaultEgressRules(context, vpc),
      vpcAssociations: [],
      tags,
    };
    context.tx.put(securityGroupTable, group);
    return { GroupId: group.id, Tags: [...tags], SecurityGroupArn: groupArn(context, group.id) };
  },

  DescribeSecurityGroups(context, input) {
    const named = (input.GroupNames ?? []).map((name) => requireGroupByName(context, name).id);
    const { items, nextToken } = describe(context, input, {
      table: securityGroupTable,
      ids: [...(input.GroupIds ?? []), ...named],
      filters: groupFilters,
      indexed: groupIndexes,
      missing: (ids) => {
        const malformed = ids.find((id) => !isIdOf('sg', id));
        return malformed === undefined ? groupNotFound(ids) : malformedGroupId(malformed);
      },
      view: groupView,
    });
    return { SecurityGroups: items, NextToken: nextToken };
  },

  GetSecurityGroupsForVpc(context, input) {
    const vpc = requireVpc(context, input.VpcId);
    const matches = compileFilters(context, input.Filters, forVpcFilters);
    const keyOf = ({ id }: SecurityGroupRecord) => sequenceKey(context.tx.sequenceOf(securityGroupTable, id));
    const groups = groupsUsableIn(context, vpc.id).filter((group) => !matches || matches(group));
    const { items, nextToken } = paginateByKey(input, groups, keyOf, ['GetSecurityGroupsForVpc', vpc.id, input.Filters ?? []]);
    return { SecurityGroupForVpcs: items.map((group) => forVpcView(group, context)), NextToken: nextToken };
  },

  DeleteSecurityGroup(context, input) {
    const group = requireNamedGroup(context, input);
    if (group.name === defaultGroupName) throw defaultGroupStays(group.id);
    if (isInUse(context, group)) throw groupInUse(group.id);
    context.tx.delete(securityGroupTable, group.id);
    return { Return: true, GroupId: group.id };
  },
} satisfies Ec2Operations;

const forVpcFilters: FilterSpec<SecurityGroupRecord> = {
  description: (group) => group.description,
  'group-id': (group) => group.id,
  'group-name': (group) => group.name,
  'owner-id': (_group, context) => context.account,
  'primary-vpc-id': (group) => group.vpcId,
};

function forVpcView(group: SecurityGroupRecord, context: OperationContext): SecurityGroupForVpc {
  return {
    GroupId: group.id,
    GroupName: group.name,
    Description: group.description,
    OwnerId: context.account,
    PrimaryVpcId: group.vpcId,
    Tags: [...group.tags],
  };
}

function checkName(name: string): void {
  if (name === '') throw missingParameter('GroupName');
  if (name.toLowerCase() === defaultGroupName) throw reservedGroupName(name);
  if (name.startsWith('sg-')) throw invalidGroupName(name, 'Group names may not be in the format sg-*.');
  if (/[^\x20-\x7e]/.test(name)) throw invalidGroupName(name, 'Character sets beyond ASCII are not supported.');
  if (!isFitText(name)) throw unfitGroupName();
}

function checkDescription(description: string): void {
  if (description === '') throw missingParameter('GroupDescription');
  if (/[^\x20-\x7e]/.test(description)) throw nonAsciiDescription(description);
  if (!isFitText(description)) throw unfitGroupDescription();
}

function requireDefaultVpc(context: OperationContext): VpcRecord {
  const vpc = context.tx.find(vpcTable, 'default', 'true')[0];
  if (!vpc) throw noDefaultVpc();
  return vpc;
}

/** A group stays while interfaces have it, other groups of its VPC name it, or other VPCs may use it. */
function isInUse({ tx, nowMs }: OperationContext, group: SecurityGroupRecord): boolean {
  return (
    standing(group, nowMs).length > 0 ||
    tx.find(networkInterfaceTable, 'group', group.id).length > 0 ||
    tx.find(securityGroupTable, 'referenced', group.id).some((other) => other.id !== group.id && other.vpcId === group.vpcId)
  );
}
