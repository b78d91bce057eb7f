/** Further blocks of a VPC: secondary IPv4 blocks and Amazon's IPv6 blocks, put on and taken off. */
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterCombination } from '#aws/errors.ts';
import { becoming } from '#aws/eventual.ts';
import { newId } from '#aws/ids.ts';
import { type Cidr, cidrContains, cidrsOverlap, formatCidr } from '#model/cidr.ts';
import { limitExceeded } from '#services/ec2/errors.ts';
import { allowIpv6ByDefault } from '#services/ec2/network-acls/network-acl-defaults.ts';
import { allowIpv6EgressByDefault } from '#services/ec2/security-groups/security-group-defaults.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { ipv4BlocksOf, ipv6BlocksOf } from '#services/ec2/subnets/subnet-blocks.ts';
import { routeTableTable } from '#services/ec2/tables/routing.ts';
import { type CidrAssociation, type Ipv6CidrAssociation, type VpcRecord, vpcTable } from '#services/ec2/tables/vpcs.ts';
import { isAssignable, isIpv4BlockSize, readIpv4Block, storedCidr } from '#services/ec2/vpcs/vpc-blocks.ts';
import { isRestricted } from '#services/ec2/vpcs/vpc-cidr-restrictions.ts';
import { newIpv6Association } from '#services/ec2/vpcs/vpc-creation.ts';
import {
  cidrInUse,
  operationNotPermitted,
  vpcCidrAssociationNotFound,
  vpcRange,
  vpcRangeConflict,
  vpcRangeRestricted,
  vpcRangeRouted,
} from '#services/ec2/vpcs/vpc-errors.ts';
import { giveBackIpv6Block } from '#services/ec2/vpcs/vpc-ipv6-pool.ts';
import { addLocalRoute, removeLocalRoute } from '#services/ec2/vpcs/vpc-routing.ts';
import { cidrAssociationView, ipv6CidrAssociationView, stillShown } from '#services/ec2/vpcs/vpc-view.ts';
import { checkBorderGroup, missingCidrBlock, refuseUnmodelled, requireVpc } from '#services/ec2/vpcs/vpcs.ts';
import { quota } from '#services/service-quotas/public.ts';

export const vpcCidrs = {
  AssociateVpcCidrBlock(context, input) {
    refuseUnmodelled(input);
    const vpc = requireVpc(context, input.VpcId);
    const { CidrBlock: cidrBlock, AmazonProvidedIpv6CidrBlock: ipv6 = false } = input;
    if (cidrBlock !== undefined && ipv6) {
      throw invalidParameterCombination('Only one of cidrBlock and amazonProvidedIpv6CidrBlock can be specified.');
    }
    checkBorderGroup(context, input);
    if (ipv6) return { VpcId: vpc.id, Ipv6CidrBlockAssociation: ipv6CidrAssociationView(associateIpv6(context, vpc), context) };
    if (cidrBlock === undefined) throw missingCidrBlock();
    return { VpcId: vpc.id, CidrBlockAssociation: cidrAssociationView(associateIpv4(context, vpc, cidrBlock), context) };
  },

  DisassociateVpcCidrBlock(context, input) {
    const id = input.AssociationId;
    const [vpc] = context.tx.find(vpcTable, 'cidrAssociation', id);
    if (!vpc) throw vpcCidrAssociationNotFound(id);
    const ipv4 = vpc.cidrAssociations.find((association) => association.associationId === id);
    if (ipv4) return { VpcId: vpc.id, CidrBlockAssociation: cidrAssociationView(disassociateIpv4(context, vpc, ipv4), context) };
    const ipv6 = vpc.ipv6CidrAssociations.find((association) => association.associationId === id);
    if (!ipv6) throw vpcCidrAssociationNotFound(id);
    return { VpcId: vpc.id, Ipv6CidrBlockAssociation: ipv6CidrAssociationView(disassociateIpv6(context, vpc, ipv6), context) };
  },
} satisfies Ec2Operations;

function associateIpv4(context: OperationContext, vpc: VpcRecord, text: string): CidrAssociation {
  const block = readIpv4Block(text);
  checkSecondaryBlock(context, vpc, block, text);
  checkQuota(vpc, vpc.cidrAssociations.length, quota(context, 'vpc', 'L-83CA0A9D'));
  const association: CidrAssociation = {
    associationId: newId(context, 'vpc-cidr-assoc'),
    cidrBlock: formatCidr(block),
    state: becoming('associating', 'associated', context.nowMs),
  };
  context.tx.put(vpcTable, { ...vpc, cidrAssociations: [...vpc.cidrAssociations, association] });
  addLocalRoute(context, vpc.id, association.cidrBlock);
  return association;
}

function checkSecondaryBlock(context: OperationContext, vpc: VpcRecord, block: Cidr, text: string): void {
  if (!isIpv4BlockSize(block) || !isAssignable(block)) throw vpcRange(text);
  const others = vpc.cidrAssociations.map(({ cidrBlock }) => storedCidr(cidrBlock));
  const overlapping = others.find((other) => cidrsOverlap(other, block));
  if (overlapping) throw vpcRangeConflict(text, formatCidr(overlapping));
  if (isRestricted([storedCidr(vpc.cidrBlock), ...others], block)) throw vpcRangeRestricted(text);
  for (const table of context.tx.find(routeTableTable, 'vpc', vpc.id)) {
    for (const { destination, target } of table.routes) {
      if (target.kind === 'local' || destination.startsWith('pl-')) continue;
      if (cidrContains(block, storedCidr(destination))) throw vpcRangeRouted(text, destination, table.id);
    }
  }
}

function associateIpv6(context: OperationContext, vpc: VpcRecord): Ipv6CidrAssociation {
  checkQuota(vpc, vpc.ipv6CidrAssociations.length, quota(context, 'vpc', 'L-085A6257'));
  const association = newIpv6Association(context, vpc.id);
  context.tx.put(vpcTable, { ...vpc, ipv6CidrAssociations: [...vpc.ipv6CidrAssociations, association] });
  addLocalRoute(context, vpc.id, association.ipv6CidrBlock);
  if (vpc.ipv6CidrAssociations.length === 0) {
    allowIpv6EgressByDefault(context, vpc.id);
    allowIpv6ByDefault(context, vpc.id);
  }
  return association;
}

function disassociateIpv4(context: OperationContext, vpc: VpcRecord, association: CidrAssociation): CidrAssociation {
  if (association.cidrBlock === vpc.cidrBlock) {
    throw operationNotPermitted(
      `The vpc CIDR block with association ID ${association.associationId} may not be disassociated. It is the primary IPv4 CIDR block of the VPC`,
    );
  }
  refuseInUse(vpc, association.cidrBlock, ipv4BlocksOf(context, vpc.id));
  const ended = end(context, association);
  context.tx.put(vpcTable, {
    ...vpc,
    cidrAssociations: vpc.cidrAssociations.filter((other) => other !== association),
    endedCidrAssociations: [...stillShown(vpc.endedCidrAssociations, context), ended],
  });
  removeLocalRoute(context, vpc.id, association.cidrBlock);
  return ended;
}

function disassociateIpv6(context: OperationContext, vpc: VpcRecord, association: Ipv6CidrAssociation): Ipv6CidrAssociation {
  refuseInUse(vpc, association.ipv6CidrBlock, ipv6BlocksOf(context, vpc.id));
  const ended = end(context, association);
  context.tx.put(vpcTable, {
    ...vpc,
    ipv6CidrAssociations: vpc.ipv6CidrAssociations.filter((other) => other !== association),
    endedIpv6CidrAssociations: [...stillShown(vpc.endedIpv6CidrAssociations, context), ended],
  });
  removeLocalRoute(context, vpc.id, association.ipv6CidrBlock);
  giveBackIpv6Block(context, association.ipv6CidrBlock);
  return ended;
}

function end<A extends CidrAssociation | Ipv6CidrAssociation>(context: OperationContext, association: A) {
  return { ...association, state: becoming('disassociating', 'disassociated', context.nowMs), endedMs: context.nowMs };
}

function refuseInUse(vpc: VpcRecord, block: string, subnetBlocks: readonly Cidr[]): void {
  const taken = storedCidr(block);
  if (subnetBlocks.some((inner) => cidrContains(taken, inner))) {
    throw cidrInUse(`The vpc ${vpc.id} currently has a subnet within CIDR block ${block}`);
  }
}

function checkQuota(vpc: VpcRecord, count: number, limit: number): void {
  if (count < limit) return;
  throw limitExceeded('CidrLimitExceeded', `This network '${vpc.id}' has met its maximum number of allowed CIDRs: ${limit}`);
}
