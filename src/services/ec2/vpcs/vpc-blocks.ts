/** Reading the IPv4 blocks that callers give to VPCs and subnets. */
import { canonicalCidr, type Cidr, cidrFamily, firstIp, parseCidr } from '#model/cidr.ts';
import { isForwardable } from '#model/address-scope.ts';
import { notACidr } from '#services/ec2/vpcs/vpc-errors.ts';

/** AWS's sizes of the IPv4 blocks of VPCs and subnets. */
export const largestIpv4Block = 16;
export const smallestIpv4Block = 28;
/** AWS gives VPCs IPv6 blocks of this size. */
export const vpcIpv6Length = 56;

/**
 * An IPv4 block in canonical form: AWS clears host bits, `100.68.0.18/18` becomes `100.68.0.0/18`.
 * @param parameter the parameter's name for the error, e.g. `cidrBlock`
 * @throws AwsError InvalidParameterValue when the text is no IPv4 block.
 */
export function readIpv4Block(text: string, parameter = 'cidrBlock'): Cidr {
  const cidr = parseCidr(text);
  if (!cidr || cidrFamily(cidr) !== 4) throw notACidr(text, parameter);
  return canonicalCidr(cidr);
}

/** Whether a VPC or subnet may be as large or small as this. */
export function isIpv4BlockSize(cidr: Cidr): boolean {
  return cidr.prefixLength >= largestIpv4Block && cidr.prefixLength <= smallestIpv4Block;
}

/** Whether instances may have addresses of this block: not link-local, loopback, multicast or reserved. */
export function isAssignable(cidr: Cidr): boolean {
  return isForwardable(firstIp(cidr));
}

/** A block that was checked before it went into a record. */
export function storedCidr(text: string): Cidr {
  const cidr = parseCidr(text);
  if (!cidr) throw new Error(`${text} in a record is no CIDR block`);
  return cidr;
}
