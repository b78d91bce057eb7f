/** VPCs as AWS shows them. */
import type { Vpc, VpcCidrBlockAssociation, VpcIpv6CidrBlockAssociation } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { stateAt } from '#aws/eventual.ts';
import type { CidrAssociation, Ended, Ipv6CidrAssociation, VpcRecord } from '#services/ec2/tables/vpcs.ts';

/** How long AWS goes on showing blocks that were taken off a VPC: observed as about an hour. */
const endedShownMs = 60 * 60 * 1000;

export function vpcView(vpc: VpcRecord, context: OperationContext): Vpc {
  return {
    VpcId: vpc.id,
    OwnerId: context.account,
    State: stateAt(vpc.state, context.nowMs),
    CidrBlock: vpc.cidrBlock,
    CidrBlockAssociationSet: shownCidrAssociations(vpc, context).map((association) => cidrAssociationView(association, context)),
    Ipv6CidrBlockAssociationSet: shownIpv6CidrAssociations(vpc, context).map((association) =>
      ipv6CidrAssociationView(association, context),
    ),
    DhcpOptionsId: vpc.dhcpOptionsId,
    InstanceTenancy: vpc.tenancy,
    IsDefault: vpc.isDefault,
    BlockPublicAccessStates: { InternetGatewayBlockMode: 'off' },
    Tags: [...vpc.tags],
  };
}

export function cidrAssociationView(association: CidrAssociation, context: OperationContext): VpcCidrBlockAssociation {
  return {
    AssociationId: association.associationId,
    CidrBlock: association.cidrBlock,
    CidrBlockState: { State: stateAt(association.state, context.nowMs) },
  };
}

export function ipv6CidrAssociationView(association: Ipv6CidrAssociation, context: OperationContext): VpcIpv6CidrBlockAssociation {
  return {
    AssociationId: association.associationId,
    Ipv6CidrBlock: association.ipv6CidrBlock,
    Ipv6CidrBlockState: { State: stateAt(association.state, context.nowMs) },
    NetworkBorderGroup: context.region,
    Ipv6Pool: 'Amazon',
    Ipv6AddressAttribute: 'public',
    IpSource: 'amazon',
  };
}

/** The blocks that the VPC has, and those that it had until lately. */
export function shownCidrAssociations(vpc: VpcRecord, context: OperationContext): readonly CidrAssociation[] {
  return [...vpc.cidrAssociations, ...stillShown(vpc.endedCidrAssociations, context)];
}

/** As `shownCidrAssociations`. */
export function shownIpv6CidrAssociations(vpc: VpcRecord, context: OperationContext): readonly Ipv6CidrAssociation[] {
  return [...vpc.ipv6CidrAssociations, ...stillShown(vpc.endedIpv6CidrAssociations, context)];
}

/** Ended associations that are not yet forgotten. */
export function stillShown<A extends Ended>(associations: readonly A[], context: OperationContext): readonly A[] {
  return associations.length === 0 ? associations : associations.filter(({ endedMs }) => endedMs + endedShownMs > context.nowMs);
}
