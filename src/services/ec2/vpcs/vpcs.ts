/** VPCs: made with their companions, described, deleted when nothing is left in them. */
import type { CreateVpcRequest } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { describe } from '#aws/describe.ts';
import { invalidParameterCombination, invalidParameterValue } from '#aws/errors.ts';
import { stateAt } from '#aws/eventual.ts';
import type { FilterSpec } from '#aws/filters.ts';
import { tagsFor } from '#aws/tags.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { dependencyViolation, vpcNotFound } from '#services/ec2/errors.ts';
import { deleteDefaultNetworkAcl } from '#services/ec2/network-acls/network-acl-defaults.ts';
import { deleteMainRouteTable } from '#services/ec2/vpcs/vpc-routing.ts';
import { deleteDefaultSecurityGroup } from '#services/ec2/security-groups/security-group-defaults.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { networkAclTable, securityGroupTable } from '#services/ec2/tables/firewalls.ts';
import { networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';
import { egressOnlyInternetGatewayTable, internetGatewayTable, routeTableTable } from '#services/ec2/tables/routing.ts';
import { subnetTable, type VpcRecord, vpcTable } from '#services/ec2/tables/vpcs.ts';
import { isAssignable, isIpv4BlockSize, readIpv4Block } from '#services/ec2/vpcs/vpc-blocks.ts';
import { createVpcWithCompanions } from '#services/ec2/vpcs/vpc-creation.ts';
import { unsupported, vpcRange } from '#services/ec2/vpcs/vpc-errors.ts';
import { giveBackIpv6Block } from '#services/ec2/vpcs/vpc-ipv6-pool.ts';
import { shownCidrAssociations, shownIpv6CidrAssociations, vpcView } from '#services/ec2/vpcs/vpc-view.ts';

const isDefault = (vpc: VpcRecord) => vpc.isDefault;

const filters: FilterSpec<VpcRecord> = {
  cidr: (vpc) => vpc.cidrBlock,
  'cidr-block-association.association-id': (vpc, context) => shownCidrAssociations(vpc, context).map((one) => one.associationId),
  'cidr-block-association.cidr-block': (vpc, context) => shownCidrAssociations(vpc, context).map((one) => one.cidrBlock),
  'cidr-block-association.state': (vpc, context) => shownCidrAssociations(vpc, context).map((one) => stateAt(one.state, context.nowMs)),
  'dhcp-options-id': (vpc) => vpc.dhcpOptionsId,
  'ipv6-cidr-block-association.association-id': (vpc, context) => shownIpv6CidrAssociations(vpc, context).map((one) => one.associationId),
  'ipv6-cidr-block-association.ipv6-cidr-block': (vpc, context) => shownIpv6CidrAssociations(vpc, context).map((one) => one.ipv6CidrBlock),
  'ipv6-cidr-block-association.ipv6-pool': (vpc, context) => (shownIpv6CidrAssociations(vpc, context).length > 0 ? 'Amazon' : undefined),
  'ipv6-cidr-block-association.state': (vpc, context) =>
    shownIpv6CidrAssociations(vpc, context).map((one) => stateAt(one.state, context.nowMs)),
  'is-default': isDefault,
  isDefault, // the name until 2016, still taken
  'owner-id': (_vpc, context) => context.account,
  state: (vpc, context) => stateAt(vpc.state, context.nowMs),
  'vpc-id': (vpc) => vpc.id,
};

export const vpcs = {
  CreateVpc(context, input) {
    refuseUnmodelled(input);
    if (input.CidrBlock === undefined) throw missingCidrBlock();
    const cidrBlock = readIpv4Block(input.CidrBlock);
    if (!isIpv4BlockSize(cidrBlock) || !isAssignable(cidrBlock)) throw vpcRange(input.CidrBlock);
    if (input.InstanceTenancy === 'host') {
      throw invalidParameterValue('Value (host) for parameter instanceTenancy is invalid. Use default or dedicated.');
    }
    checkBorderGroup(context, input);
    const vpc = createVpcWithCompanions(context, {
      cidrBlock,
      tenancy: input.InstanceTenancy ?? 'default',
      withIpv6: input.AmazonProvidedIpv6CidrBlock ?? false,
      tags: tagsFor(input.TagSpecifications, 'vpc'),
    });
    return { Vpc: vpcView(vpc, context) };
  },

  DescribeVpcs(context, input) {
    const { items, nextToken } = describe(context, input, {
      table: vpcTable,
      ids: input.VpcIds,
      filters,
      indexed: { 'vpc-id': 'id', cidr: 'cidr', 'dhcp-options-id': 'dhcpOptions' },
      missing: vpcNotFound,
      view: vpcView,
    });
    return { Vpcs: items, NextToken: nextToken };
  },

  DeleteVpc(context, input) {
    const vpc = requireVpc(context, input.VpcId);
    if (isInUse(context, vpc.id)) throw dependencyViolation(`The vpc '${vpc.id}' has dependencies and cannot be deleted.`);
    deleteMainRouteTable(context, vpc.id);
    deleteDefaultSecurityGroup(context, vpc.id);
    deleteDefaultNetworkAcl(context, vpc.id);
    for (const { ipv6CidrBlock } of vpc.ipv6CidrAssociations) giveBackIpv6Block(context, ipv6CidrBlock);
    context.tx.delete(vpcTable, vpc.id);
    return {};
  },
} satisfies Ec2Operations;

/** @throws AwsError InvalidVpcID.NotFound */
export function requireVpc(context: OperationContext, id: string): VpcRecord {
  const vpc = context.tx.get(vpcTable, id);
  if (!vpc) throw vpcNotFound(id);
  return vpc;
}

export function missingCidrBlock(): AwsError {
  return new AwsError('MissingParameter', "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.");
}

type BlockRequest = Pick<
  CreateVpcRequest,
  | 'AmazonProvidedIpv6CidrBlock'
  | 'Ipv4IpamPoolId'
  | 'Ipv4NetmaskLength'
  | 'Ipv6CidrBlock'
  | 'Ipv6CidrBlockNetworkBorderGroup'
  | 'Ipv6IpamPoolId'
  | 'Ipv6NetmaskLength'
  | 'Ipv6Pool'
  | 'VpcEncryptionControl'
>;

/** What AWS takes and Keiro has no model of: address pools that one brings oneself, IPAM, encryption control. */
export function refuseUnmodelled(input: BlockRequest): void {
  if (input.Ipv4IpamPoolId !== undefined) throw unsupported('IPAM: Ipv4IpamPoolId');
  if (input.Ipv4NetmaskLength !== undefined) throw unsupported('IPAM: Ipv4NetmaskLength');
  if (input.Ipv6IpamPoolId !== undefined) throw unsupported('IPAM: Ipv6IpamPoolId');
  if (input.Ipv6NetmaskLength !== undefined) throw unsupported('IPAM: Ipv6NetmaskLength');
  if (input.Ipv6Pool !== undefined) throw unsupported('IPv6 address pools: Ipv6Pool');
  if (input.Ipv6CidrBlock !== undefined) throw unsupported('IPv6 address pools: Ipv6CidrBlock');
  if (input.VpcEncryptionControl !== undefined) throw unsupported('VPC encryption control: VpcEncryptionControl');
}

/** The Region is the only network border group: Keiro has no Local Zones. */
export function checkBorderGroup(context: OperationContext, input: BlockRequest): void {
  const group = input.Ipv6CidrBlockNetworkBorderGroup;
  if (group === undefined) return;
  if (!input.AmazonProvidedIpv6CidrBlock) {
    throw invalidParameterCombination('The parameter Ipv6CidrBlockNetworkBorderGroup requires AmazonProvidedIpv6CidrBlock to be true.');
  }
  if (group !== context.region) throw invalidParameterValue(`Value (${group}) for parameter ipv6CidrBlockNetworkBorderGroup is invalid.`);
}

/** Whether something is left in the VPC beside the default group, the default ACL and the main table, which go with it. */
function isInUse({ tx }: OperationContext, vpcId: string): boolean {
  return (
    tx.find(subnetTable, 'vpc', vpcId).length > 0 ||
    tx.find(networkInterfaceTable, 'vpc', vpcId).length > 0 ||
    tx.find(internetGatewayTable, 'vpc', vpcId).length > 0 ||
    tx.find(egressOnlyInternetGatewayTable, 'vpc', vpcId).length > 0 ||
    tx.find(securityGroupTable, 'vpc', vpcId).length > 1 ||
    tx.find(securityGroupTable, 'associatedVpc', vpcId).length > 0 ||
    tx.find(networkAclTable, 'vpc', vpcId).length > 1 ||
    tx.find(routeTableTable, 'vpc', vpcId).length > 1
  );
}
