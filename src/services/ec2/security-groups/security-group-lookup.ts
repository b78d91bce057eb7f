/** Security groups by id and by name, and the ones that an interface may have. */
import type { OperationContext } from '#aws/context.ts';
import { stateAt } from '#aws/eventual.ts';
import { isIdOf } from '#aws/ids.ts';
import { defaultSecurityGroup, groupNameKey } from '#services/ec2/security-groups/security-group-defaults.ts';
import {
  differentNetworks,
  groupNotFound,
  groupNotInDefaultVpc,
  groupNotNamed,
  groupOfAnotherNetwork,
  malformedGroupId,
  noDefaultVpc,
  tooManyGroupsOnInterface,
} from '#services/ec2/security-groups/security-group-errors.ts';
import { type SecurityGroupRecord, securityGroupTable } from '#services/ec2/tables/firewalls.ts';
import { vpcTable } from '#services/ec2/tables/vpcs.ts';
import { quota } from '#services/service-quotas/public.ts';

/** @throws AwsError InvalidGroupId.Malformed, InvalidGroup.NotFound */
export function requireSecurityGroup(context: OperationContext, id: string): SecurityGroupRecord {
  const group = context.tx.get(securityGroupTable, id);
  if (group) return group;
  throw isIdOf('sg', id) ? groupNotFound(id) : malformedGroupId(id);
}

/**
 * The group of that name in the default VPC; AWS looks for names nowhere else.
 * @throws AwsError VPCIdNotSpecified without a default VPC, InvalidGroup.NotFound
 */
export function requireGroupByName(context: OperationContext, name: string): SecurityGroupRecord {
  const vpcId = context.tx.find(vpcTable, 'default', 'true')[0]?.id;
  if (!vpcId) throw noDefaultVpc();
  const group = findGroupByName(context, vpcId, name);
  if (!group) throw groupNotInDefaultVpc(name, vpcId);
  return group;
}

/**
 * The group that a call names by `GroupId`, or by `GroupName` in the default VPC.
 * @throws AwsError MissingParameter when it names none
 */
export function requireNamedGroup(
  context: OperationContext,
  { GroupId, GroupName }: { readonly GroupId?: string | undefined; readonly GroupName?: string | undefined },
): SecurityGroupRecord {
  if (GroupId) return requireSecurityGroup(context, GroupId);
  if (GroupName) return requireGroupByName(context, GroupName);
  throw groupNotNamed();
}

/** Every group that interfaces of the VPC may have. */
export function groupsUsableIn(context: OperationContext, vpcId: string): readonly SecurityGroupRecord[] {
  const { tx, nowMs } = context;
  const associated = tx.find(securityGroupTable, 'associatedVpc', vpcId).filter((group) => groupUsableIn(group, vpcId, nowMs));
  return [...tx.find(securityGroupTable, 'vpc', vpcId), ...associated];
}

/** Whether interfaces of the VPC may have the group: it was made there, or is associated with it. */
export function groupUsableIn(group: SecurityGroupRecord, vpcId: string, nowMs: number): boolean {
  return (
    group.vpcId === vpcId ||
    group.vpcAssociations.some((association) => association.vpcId === vpcId && stateAt(association.state, nowMs) === 'associated')
  );
}

/** The group that bears a name in a VPC, whatever the case. */
export function findGroupByName(context: OperationContext, vpcId: string, name: string): SecurityGroupRecord | undefined {
  return context.tx.find(securityGroupTable, 'name', groupNameKey(vpcId, name))[0];
}

/**
 * The groups that an interface gets: the ones asked for, each once, or the VPC's default group when none is.
 * @param subnetId the interface's subnet, when the call named one: AWS's refusal then does too
 * @throws AwsError InvalidGroupId.Malformed, InvalidGroup.NotFound, InvalidParameter for a group of another VPC, SecurityGroupsPerInterfaceLimitExceeded
 */
export function groupsForInterface(
  context: OperationContext,
  vpcId: string,
  groupIds: readonly string[] | undefined,
  subnetId?: string,
): readonly string[] {
  if (!groupIds || groupIds.length === 0) return [defaultSecurityGroup(context, vpcId).id];
  const ids = [...new Set(groupIds)];
  for (const id of ids) {
    const group = requireSecurityGroup(context, id);
    if (groupUsableIn(group, vpcId, context.nowMs)) continue;
    throw subnetId ? groupOfAnotherNetwork(id, subnetId) : differentNetworks();
  }
  if (ids.length > quota(context, 'vpc', 'L-2AFB9258')) throw tooManyGroupsOnInterface();
  return ids;
}
