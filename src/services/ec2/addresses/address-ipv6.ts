/** Taking IPv6 addresses and /80 prefixes from a subnet, given ones or free ones by chance. */
import { invalidParameterValue } from '#aws/errors.ts';
import {
  cidrContains,
  cidrContainsIp,
  firstIp,
  formatCidr,
  hostBitsSet,
  lastIp,
  nthIp,
  parseCidr,
  prefixOf,
  subnetsOf,
  type Cidr,
} from '#model/cidr.ts';
import { formatIp, ipDistance, parseIpv6, type Ip } from '#model/ip.ts';
import { hasAddressesIn, isHeld, type OpenSubnet, reservedAtStart } from '#services/ec2/addresses/address-allocation.ts';
import {
  addressOutsideSubnet,
  addressReserved,
  insufficientCidrBlocks,
  insufficientFreeAddresses,
  invalidAddressValue,
  noIpv6Block,
  privateAddressInUse,
} from '#services/ec2/interfaces/interface-errors.ts';
import { delegationBlock, ipv6PrefixLength } from '#services/ec2/tables/interfaces.ts';

/** Chance finds a free one of 2^64 addresses at the first try, unless reservations cover nearly all. */
const tries = 128;

/**
 * Takes a given address; the answer is its canonical text.
 * @throws AwsError InvalidParameterValue outside of the subnet or reserved, InvalidIPAddress.InUse.
 */
export function takeIpv6(subnet: OpenSubnet, given: string): string {
  const cidr = requireIpv6(subnet);
  const ip = parseIpv6(given);
  if (ip === undefined) throw invalidAddressValue(given);
  if (!cidrContainsIp(cidr, ip)) throw addressOutsideSubnet(given);
  if (isReserved(cidr, ip)) throw addressReserved(given);
  const text = formatIp(ip);
  if (isHeld(subnet, text) || isHeld(subnet, delegationBlock(text))) throw privateAddressInUse();
  subnet.taken.add(text);
  return text;
}

/**
 * Takes a free address by chance, outside of CIDR reservations.
 * @throws AwsError InvalidParameterValue without an IPv6 block, InsufficientFreeAddressesInSubnet.
 */
export function takeAnyIpv6(subnet: OpenSubnet): string {
  const cidr = requireIpv6(subnet);
  for (let count = 0; count < tries; count++) {
    const ip = byChance(subnet, cidr, 128);
    if (isReserved(cidr, ip) || subnet.reservations.some((one) => cidrContainsIp(one.cidr, ip))) continue;
    const text = formatIp(ip);
    if (isHeld(subnet, text) || isHeld(subnet, delegationBlock(text))) continue;
    subnet.taken.add(text);
    return text;
  }
  throw insufficientFreeAddresses();
}

/**
 * Takes a given /80 prefix.
 * @throws AwsError InvalidParameterValue for another length or outside of the subnet, InvalidIPAddress.InUse.
 */
export function takeIpv6Prefix(subnet: OpenSubnet, given: string): string {
  const cidr = requireIpv6(subnet);
  const block = parseCidr(given);
  if (!block || typeof block.address !== 'bigint' || block.prefixLength !== ipv6PrefixLength || hostBitsSet(block)) {
    throw invalidParameterValue(`The CIDR block ${given} is not a valid IPv6 prefix. Expecting a block of length /${ipv6PrefixLength}.`);
  }
  if (!cidrContains(cidr, block)) throw addressOutsideSubnet(given);
  if (!isFreeBlock(subnet, cidr, block)) throw privateAddressInUse();
  return keepPrefix(subnet, block);
}

/**
 * Takes a free /80: out of the subnet's reservations for prefixes, else by chance.
 * @throws AwsError InvalidParameterValue without an IPv6 block, InsufficientCidrBlocks.
 */
export function takeAnyIpv6Prefix(subnet: OpenSubnet): string {
  const cidr = requireIpv6(subnet);
  for (const { cidr: reservation } of subnet.reservations.filter((one) => one.type === 'prefix' && cidrContains(cidr, one.cidr))) {
    for (const block of subnetsOf(reservation, ipv6PrefixLength)) {
      if (isFreeBlock(subnet, cidr, block)) return keepPrefix(subnet, block);
    }
  }
  for (let count = 0; count < tries; count++) {
    const block: Cidr = { address: byChance(subnet, cidr, ipv6PrefixLength), prefixLength: ipv6PrefixLength };
    const isUnreserved = !subnet.reservations.some((one) => cidrContains(one.cidr, block) || cidrContains(block, one.cidr));
    if (isUnreserved && isFreeBlock(subnet, cidr, block)) return keepPrefix(subnet, block);
  }
  throw insufficientCidrBlocks();
}

function requireIpv6(subnet: OpenSubnet): Cidr {
  if (!subnet.ipv6) throw noIpv6Block(subnet.id);
  return subnet.ipv6;
}

/** An address of the block by chance, bits behind `prefixLength` cleared. */
function byChance(subnet: OpenSubnet, cidr: Cidr, prefixLength: number): Ip {
  const bits = 128 - cidr.prefixLength;
  const chance = BigInt(`0x${subnet.context.randomBytes(16).toString('hex')}`) & ((1n << BigInt(bits)) - 1n);
  return prefixOf(nthIp(cidr, chance)!, prefixLength); // the mask keeps it in the block
}

function isReserved(cidr: Cidr, ip: Ip): boolean {
  return Number(ipDistance(firstIp(cidr), ip)) < reservedAtStart || ip === lastIp(cidr);
}

function isFreeBlock(subnet: OpenSubnet, cidr: Cidr, block: Cidr): boolean {
  const first = firstIp(block);
  const holdsReserved = first === firstIp(cidr) || lastIp(block) === lastIp(cidr);
  return !holdsReserved && !isHeld(subnet, formatCidr(block)) && !hasAddressesIn(subnet, block);
}

function keepPrefix(subnet: OpenSubnet, block: Cidr): string {
  const text = formatCidr(block);
  subnet.taken.add(text);
  return text;
}
