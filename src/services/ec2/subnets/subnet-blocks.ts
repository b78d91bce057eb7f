/** The blocks of a subnet: inside the VPC's, of a size that subnets have, apart from the other subnets'. */
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterValue } from '#aws/errors.ts';
import { type Cidr, cidrContains, cidrFamily, cidrsOverlap, formatCidr, hostBitsSet, parseCidr, subnetsOf } from '#model/cidr.ts';
import { subnetTable, type VpcRecord } from '#services/ec2/tables/vpcs.ts';
import { isIpv4BlockSize, readIpv4Block, storedCidr } from '#services/ec2/vpcs/vpc-blocks.ts';
import { subnetConflict, subnetIpv6Conflict, subnetIpv6Range, subnetRange } from '#services/ec2/vpcs/vpc-errors.ts';

/** AWS's sizes of a subnet's IPv6 block: /44 to /64 in steps of four. */
const largestIpv6Block = 44;
const smallestIpv6Block = 64;
const ipv6BlockStep = 4;

/**
 * The IPv4 block of a new subnet in canonical text.
 * @throws AwsError InvalidParameterValue (no block), InvalidSubnet.Range (size, outside the VPC), InvalidSubnet.Conflict
 */
export function checkIpv4Block(context: OperationContext, vpc: VpcRecord, text: string): string {
  const block = readIpv4Block(text);
  const inVpc = vpc.cidrAssociations.some(({ cidrBlock }) => cidrContains(storedCidr(cidrBlock), block));
  if (!isIpv4BlockSize(block) || !inVpc) throw subnetRange(text);
  if (ipv4BlocksOf(context, vpc.id).some((other) => cidrsOverlap(other, block))) throw subnetConflict(text);
  return formatCidr(block);
}

/**
 * The IPv6 block of a subnet in canonical text.
 * @throws AwsError InvalidParameterValue (no block of such a size), InvalidSubnet.Range (outside the VPC), InvalidSubnet.Conflict
 */
export function checkIpv6Block(context: OperationContext, vpc: VpcRecord, text: string): string {
  const block = parseCidr(text);
  if (!block || cidrFamily(block) !== 6 || !isIpv6BlockSize(block) || hostBitsSet(block)) {
    throw invalidParameterValue(`invalid value for parameter ipv6-cidr-block: ${text}`);
  }
  const inVpc = vpc.ipv6CidrAssociations.some(({ ipv6CidrBlock }) => cidrContains(storedCidr(ipv6CidrBlock), block));
  if (!inVpc) throw subnetIpv6Range(text);
  if (ipv6BlocksOf(context, vpc.id).some((other) => cidrsOverlap(other, block))) throw subnetIpv6Conflict(text);
  return formatCidr(block);
}

/** The first block of a length in the VPC's IPv4 blocks that no subnet touches. */
export function firstFreeIpv4Block(context: OperationContext, vpc: VpcRecord, prefixLength: number): string | undefined {
  return firstFree(
    vpc.cidrAssociations.map(({ cidrBlock }) => cidrBlock),
    ipv4BlocksOf(context, vpc.id),
    prefixLength,
  );
}

/** As `firstFreeIpv4Block`, in the VPC's IPv6 blocks. */
export function firstFreeIpv6Block(context: OperationContext, vpc: VpcRecord, prefixLength: number): string | undefined {
  return firstFree(
    vpc.ipv6CidrAssociations.map(({ ipv6CidrBlock }) => ipv6CidrBlock),
    ipv6BlocksOf(context, vpc.id),
    prefixLength,
  );
}

/** The IPv4 blocks of the VPC's subnets; a VPC has 200 subnets at most, so a scan of them is fine. */
export function ipv4BlocksOf(context: OperationContext, vpcId: string): readonly Cidr[] {
  return context.tx.find(subnetTable, 'vpc', vpcId).flatMap((subnet) => (subnet.cidrBlock ? [storedCidr(subnet.cidrBlock)] : []));
}

/** As `ipv4BlocksOf`. */
export function ipv6BlocksOf(context: OperationContext, vpcId: string): readonly Cidr[] {
  return context.tx
    .find(subnetTable, 'vpc', vpcId)
    .flatMap((subnet) => subnet.ipv6CidrAssociations.map(({ ipv6CidrBlock }) => storedCidr(ipv6CidrBlock)));
}

function firstFree(blocks: readonly string[], taken: readonly Cidr[], prefixLength: number): string | undefined {
  for (const block of blocks) {
    for (const candidate of subnetsOf(storedCidr(block), prefixLength)) {
      if (!taken.some((other) => cidrsOverlap(other, candidate))) return formatCidr(candidate);
    }
  }
  return undefined;
}

function isIpv6BlockSize({ prefixLength }: Cidr): boolean {
  return prefixLength >= largestIpv6Block && prefixLength <= smallestIpv6Block && prefixLength % ipv6BlockStep === 0;
}
