/** Security groups lent to further VPCs of the Region (https://docs.aws.amazon.com/vpc/latest/userguide/security-group-assoc.html). */
import type { SecurityGroupVpcAssociation } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { compileFilters, type Filter, type FilterSpec, literalValues } from '#aws/filters.ts';
import { becoming, stateAt } from '#aws/eventual.ts';
import { invalidParameterValue } from '#aws/errors.ts';
import { paginateByKey, sequenceKey } from '#aws/pagination.ts';
import { defaultGroupName } from '#services/ec2/security-groups/security-group-defaults.ts';
import { groupInUse } from '#services/ec2/security-groups/security-group-errors.ts';
import { requireSecurityGroup } from '#services/ec2/security-groups/security-group-lookup.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { type SecurityGroupRecord, securityGroupTable, type VpcAssociationState } from '#services/ec2/tables/firewalls.ts';
import { networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';
import type { VpcRecord } from '#services/ec2/tables/vpcs.ts';
import { requireVpc } from '#services/ec2/vpcs/vpcs.ts';

export const securityGroupVpcAssociations = {
  AssociateSecurityGroupVpc(context, input) {
    const group = requireSecurityGroup(context, input.GroupId);
    const vpc = requireVpc(context, input.VpcId);
    checkAssociable(group, vpc);
    const existing = standing(group, context.nowMs);
    const same = existing.find((association) => association.vpcId === vpc.id);
    if (same && stateAt(same.state, context.nowMs) !== 'disassociating') return { State: shownState(same, context) };
    const state = becoming<VpcAssociationState>('associating', 'associated', context.nowMs);
    const vpcAssociations = [...existing.filter((association) => association !== same), { vpcId: vpc.id, state }];
    context.tx.put(securityGroupTable, { ...group, vpcAssociations });
    return { State: 'associating' };
  },

  DisassociateSecurityGroupVpc(context, input) {
    const group = requireSecurityGroup(context, input.GroupId);
    const vpc = requireVpc(context, input.VpcId);
    const existing = standing(group, context.nowMs);
    if (!existing.some((association) => association.vpcId === vpc.id)) {
      throw invalidParameterValue(`The security group '${group.id}' is not associated with the VPC '${vpc.id}'`);
    }
    if (context.tx.find(networkInterfaceTable, 'group', group.id).some((eni) => eni.vpcId === vpc.id)) throw groupInUse(group.id);
    const state = becoming<VpcAssociationState>('disassociating', 'disassociated', context.nowMs);
    const vpcAssociations = existing.map((association) => (association.vpcId === vpc.id ? { ...association, state } : association));
    context.tx.put(securityGroupTable, { ...group, vpcAssociations });
    return { State: 'disassociating' };
  },

  DescribeSecurityGroupVpcAssociations(context, input) {
    const matches = compileFilters(context, input.Filters, filters);
    const rows = candidates(context, input.Filters)
      .flatMap((group) => rowsOf(group, context))
      .filter((row) => !matches || matches(row));
    const keyOf = ({ GroupId = '', VpcId = '' }: SecurityGroupVpcAssociation) =>
      sequenceKey(context.tx.sequenceOf(securityGroupTable, GroupId), VpcId);
    const { items, nextToken } = paginateByKey(input, rows, keyOf, ['DescribeSecurityGroupVpcAssociations', input.Filters ?? []]);
    return { SecurityGroupVpcAssociations: [...items], NextToken: nextToken };
  },
} satisfies Ec2Operations;

type Association = SecurityGroupRecord['vpcAssociations'][number];

const filters: FilterSpec<SecurityGroupVpcAssociation> = {
  'group-id': (row) => row.GroupId,
  'group-owner-id': (row) => row.GroupOwnerId,
  state: (row) => row.State,
  'vpc-id': (row) => row.VpcId,
  'vpc-owner-id': (row) => row.VpcOwnerId,
};

/** The associations of a group that are not over. */
export function standing(group: SecurityGroupRecord, nowMs: number): readonly Association[] {
  return group.vpcAssociations.filter((association) => stateAt(association.state, nowMs) !== 'disassociated');
}

/** AWS lends no default group, and none to a default VPC. */
function checkAssociable(group: SecurityGroupRecord, vpc: VpcRecord): void {
  if (group.name === defaultGroupName)
    throw invalidParameterValue(`The default security group '${group.id}' cannot be associated with a VPC`);
  if (group.vpcId === vpc.id) throw invalidParameterValue(`The security group '${group.id}' was created in the VPC '${vpc.id}'`);
  if (vpc.isDefault) throw invalidParameterValue(`A security group cannot be associated with the default VPC '${vpc.id}'`);
}

function candidates({ tx }: OperationContext, asked: readonly Filter[] | undefined): readonly SecurityGroupRecord[] {
  const groupIds = literalValues(asked, 'group-id');
  if (groupIds) return [...new Set(groupIds)].flatMap((id) => tx.get(securityGroupTable, id) ?? []);
  const vpcIds = literalValues(asked, 'vpc-id');
  if (vpcIds) return [...new Set(vpcIds.flatMap((id) => tx.find(securityGroupTable, 'associatedVpc', id)))];
  return tx.find(securityGroupTable, 'associated', 'true');
}

function rowsOf(group: SecurityGroupRecord, context: OperationContext): readonly SecurityGroupVpcAssociation[] {
  return standing(group, context.nowMs).map((association) => ({
    GroupId: group.id,
    GroupOwnerId: context.account,
    VpcId: association.vpcId,
    VpcOwnerId: context.account,
    State: shownState(association, context),
  }));
}

function shownState(association: Association, { nowMs }: OperationContext): VpcAssociationState {
  return stateAt(association.state, nowMs);
}
