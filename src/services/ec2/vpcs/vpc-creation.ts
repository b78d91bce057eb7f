/** Making a VPC with what AWS makes beside it: main route table, default security group, default network ACL. */
import type { OperationContext } from '#aws/context.ts';
import { becoming, settled } from '#aws/eventual.ts';
import { newId } from '#aws/ids.ts';
import type { Tag } from '#aws/tags.ts';
import { type Cidr, formatCidr } from '#model/cidr.ts';
import { defaultDhcpOptions } from '#services/ec2/vpcs/dhcp-options.ts';
import { limitExceeded } from '#services/ec2/errors.ts';
import { createDefaultNetworkAcl } from '#services/ec2/network-acls/network-acl-defaults.ts';
import { createMainRouteTable } from '#services/ec2/vpcs/vpc-routing.ts';
import { createDefaultSecurityGroup } from '#services/ec2/security-groups/security-group-defaults.ts';
import { type Ipv6CidrAssociation, type VpcRecord, vpcTable } from '#services/ec2/tables/vpcs.ts';
import { takeIpv6Block } from '#services/ec2/vpcs/vpc-ipv6-pool.ts';
import { quota } from '#services/service-quotas/public.ts';

export interface NewVpc {
  /** Canonical and of a size that VPCs have. */
  readonly cidrBlock: Cidr;
  readonly tenancy?: VpcRecord['tenancy'];
  readonly isDefault?: boolean;
  /** Whether it gets an IPv6 block of Amazon's. */
  readonly withIpv6?: boolean;
  readonly tags?: readonly Tag[];
}

/** @throws AwsError VpcLimitExceeded */
export function createVpcWithCompanions(context: OperationContext, request: NewVpc): VpcRecord {
  if (context.tx.count(vpcTable) >= quota(context, 'vpc', 'L-F678F1CE')) {
    throw limitExceeded('VpcLimitExceeded', 'The maximum number of VPCs has been reached.');
  }
  const id = newId(context, 'vpc');
  const cidrBlock = formatCidr(request.cidrBlock);
  const isDefault = request.isDefault ?? false;
  const vpc: VpcRecord = {
    id,
    cidrBlock,
    cidrAssociations: [{ associationId: newId(context, 'vpc-cidr-assoc'), cidrBlock, state: settled('associated') }],
    ipv6CidrAssociations: request.withIpv6 ? [newIpv6Association(context, id)] : [],
    endedCidrAssociations: [],
    endedIpv6CidrAssociations: [],
    dhcpOptionsId: defaultDhcpOptions(context).id,
    tenancy: request.tenancy ?? 'default',
    isDefault,
    state: becoming('pending', 'available', context.nowMs),
    dnsSupport: true,
    dnsHostnames: isDefault,
    networkAddressUsageMetrics: false,
    tags: request.tags ?? [],
  };
  context.tx.put(vpcTable, vpc);
  createMainRouteTable(context, vpc);
  createDefaultSecurityGroup(context, id);
  createDefaultNetworkAcl(context, id);
  return vpc;
}

/** An IPv6 block of Amazon's for a VPC. */
export function newIpv6Association(context: OperationContext, vpcId: string): Ipv6CidrAssociation {
  return {
    associationId: newId(context, 'vpc-cidr-assoc'),
    ipv6CidrBlock: takeIpv6Block(context, vpcId),
    state: becoming('associating', 'associated', context.nowMs),
  };
}
