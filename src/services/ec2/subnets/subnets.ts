/** Subnets: made in a VPC's block and one zone, described, deleted when no interface is left in them. */
import type { CreateSubnetRequest } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { describe } from '#aws/describe.ts';
import { invalidParameterCombination } from '#aws/errors.ts';
import { stateAt } from '#aws/eventual.ts';
import type { FilterSpec } from '#aws/filters.ts';
import { tagsFor } from '#aws/tags.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { dependencyViolation, subnetNotFound } from '#services/ec2/errors.ts';
import { disassociateAcl } from '#services/ec2/network-acls/network-acl-defaults.ts';
import { disassociateSubnet } from '#services/ec2/vpcs/vpc-routing.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { checkIpv4Block, checkIpv6Block } from '#services/ec2/subnets/subnet-blocks.ts';
import { createSubnet } from '#services/ec2/subnets/subnet-creation.ts';
import { availableAddresses, shownIpv6Blocks, subnetArn, subnetView } from '#services/ec2/subnets/subnet-view.ts';
import { emptiestZone, namedZone } from '#services/ec2/subnets/subnet-zones.ts';
import { networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';
import { type SubnetRecord, subnetCidrReservationTable, subnetTable } from '#services/ec2/tables/vpcs.ts';
import { unsupported } from '#services/ec2/vpcs/vpc-errors.ts';
import { missingCidrBlock, requireVpc } from '#services/ec2/vpcs/vpcs.ts';

const zone = (subnet: SubnetRecord) => subnet.availabilityZone;
const zoneId = (subnet: SubnetRecord) => subnet.availabilityZoneId;
const cidrBlock = (subnet: SubnetRecord) => subnet.cidrBlock;
const defaultForAz = (subnet: SubnetRecord) => subnet.defaultForAz;

const filters: FilterSpec<SubnetRecord> = {
  'availability-zone': zone,
  availabilityZone: zone,
  'availability-zone-id': zoneId,
  availabilityZoneId: zoneId,
  'available-ip-address-count': availableAddresses,
  'cidr-block': cidrBlock,
  cidr: cidrBlock,
  cidrBlock,
  'customer-owned-ipv4-pool': () => undefined, // Outposts: no subnet of Keiro's is on one
  'default-for-az': defaultForAz,
  defaultForAz,
  'enable-dns64': (subnet) => subnet.dns64,
  'enable-lni-at-device-index': () => undefined, // Outposts
  'ipv6-cidr-block-association.association-id': (subnet, context) => shownIpv6Blocks(subnet, context).map((one) => one.associationId),
  'ipv6-cidr-block-association.ipv6-cidr-block': (subnet, context) => shownIpv6Blocks(subnet, context).map((one) => one.ipv6CidrBlock),
  'ipv6-cidr-block-association.state': (subnet, context) =>
    shownIpv6Blocks(subnet, context).map((one) => stateAt(one.state, context.nowMs)),
  'ipv6-native': (subnet) => subnet.ipv6Native,
  'map-customer-owned-ip-on-launch': () => false,
  'map-public-ip-on-launch': (subnet) => subnet.mapPublicIpOnLaunch,
  'outpost-arn': () => undefined,
  'owner-id': (_subnet, context) => context.account,
  'private-dns-name-options-on-launch.enable-resource-name-dns-a-record': (subnet) => subnet.resourceNameDnsARecord,
  'private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record': (subnet) => subnet.resourceNameDnsAaaaRecord,
  'private-dns-name-options-on-launch.hostname-type': (subnet) => subnet.hostnameType,
  state: (subnet, context) => stateAt(subnet.state, context.nowMs),
  'subnet-arn': subnetArn,
  'subnet-id': (subnet) => subnet.id,
  'vpc-id': (subnet) => subnet.vpcId,
};

export const subnets = {
  CreateSubnet(context, input) {
    refuseUnmodelled(input);
    const vpc = requireVpc(context, input.VpcId);
    checkFamilies(input);
    const subnet = createSubnet(context, {
      vpcId: vpc.id,
      zone: namedZone(context, input) ?? emptiestZone(context, vpc.id),
      cidrBlock: input.CidrBlock === undefined ? undefined : checkIpv4Block(context, vpc, input.CidrBlock),
      ipv6CidrBlock: input.Ipv6CidrBlock === undefined ? undefined : checkIpv6Block(context, vpc, input.Ipv6CidrBlock),
      tags: tagsFor(input.TagSpecifications, 'subnet'),
    });
    return { Subnet: subnetView(subnet, context) };
  },

  DescribeSubnets(context, input) {
    const { items, nextToken } = describe(context, input, {
      table: subnetTable,
      ids: input.SubnetIds,
      filters,
      indexed: { 'subnet-id': 'id', 'vpc-id': 'vpc', 'cidr-block': 'cidr', cidr: 'cidr' },
      missing: subnetNotFound,
      view: subnetView,
    });
    return { Subnets: items, NextToken: nextToken };
  },

  DeleteSubnet(context, input) {
    const subnet = requireSubnet(context, input.SubnetId);
    if (context.tx.find(networkInterfaceTable, 'subnet', subnet.id).length > 0) {
      throw dependencyViolation(`The subnet '${subnet.id}' has dependencies and cannot be deleted.`);
    }
    disassociateSubnet(context, subnet.id);
    disassociateAcl(context, subnet.id);
    for (const { id } of context.tx.find(subnetCidrReservationTable, 'subnet', subnet.id))
      context.tx.delete(subnetCidrReservationTable, id);
    context.tx.delete(subnetTable, subnet.id);
    return {};
  },
} satisfies Ec2Operations;

/** @throws AwsError InvalidSubnetID.NotFound */
export function requireSubnet(context: OperationContext, id: string): SubnetRecord {
  const subnet = context.tx.get(subnetTable, id);
  if (!subnet) throw subnetNotFound(id);
  return subnet;
}

/** An IPv6-only subnet has no IPv4 block; every other subnet has one. */
function checkFamilies(input: Pick<CreateSubnetRequest, 'CidrBlock' | 'Ipv6CidrBlock' | 'Ipv6Native'>): void {
  if (!input.Ipv6Native) {
    if (input.CidrBlock === undefined) throw missingCidrBlock();
    return;
  }
  if (input.Ipv6CidrBlock === undefined) {
    throw new AwsError('MissingParameter', "Either 'ipv6CidrBlock' or 'ipv6IpamPoolId' should be provided.");
  }
  if (input.CidrBlock !== undefined) {
    throw invalidParameterCombination('When specifying ipv4 parameters, cidrBlock or ipv4IpamPoolId, you cannot set ipv6Native to true.');
  }
}

function refuseUnmodelled(input: CreateSubnetRequest): void {
  if (input.Ipv4IpamPoolId !== undefined) throw unsupported('IPAM: Ipv4IpamPoolId');
  if (input.Ipv4NetmaskLength !== undefined) throw unsupported('IPAM: Ipv4NetmaskLength');
  if (input.Ipv6IpamPoolId !== undefined) throw unsupported('IPAM: Ipv6IpamPoolId');
  if (input.Ipv6NetmaskLength !== undefined) throw unsupported('IPAM: Ipv6NetmaskLength');
  if (input.OutpostArn !== undefined) throw unsupported('Outposts: OutpostArn');
}
