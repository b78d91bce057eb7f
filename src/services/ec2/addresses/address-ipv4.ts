/** Taking IPv4 addresses and /28 prefixes from a subnet, given ones or the next free. */
import { invalidParameterValue } from '#aws/errors.ts';
import {
  cidrContains,
  cidrContainsIp,
  cidrSize,
  firstIp,
  formatCidr,
  hostBitsSet,
  lastIp,
  nthIp,
  parseCidr,
  subnetsOf,
  type Cidr,
} from '#model/cidr.ts';
import { formatIp, ipDistance, parseIpv4, type Ip } from '#model/ip.ts';
import { hasAddressesIn, ipv4PrefixSize, isHeld, type OpenSubnet, reservedAtStart } from '#services/ec2/addresses/address-allocation.ts';
import {
  addressOutsideSubnet,
  addressReserved,
  insufficientCidrBlocks,
  insufficientFreeAddresses,
  invalidAddressValue,
  privateAddressInUse,
} from '#services/ec2/interfaces/interface-errors.ts';
import { delegationBlock, ipv4PrefixLength } from '#services/ec2/tables/interfaces.ts';

/**
 * Takes a given address.
 * @throws AwsError InvalidParameterValue outside of the subnet or in AWS's five, InvalidIPAddress.InUse.
 */
export function takeIpv4(subnet: OpenSubnet, text: string): string {
  const ip = parseIpv4(text);
  if (ip === undefined) throw invalidAddressValue(text);
  const cidr = subnet.ipv4;
  if (!cidr || !cidrContainsIp(cidr, ip)) throw addressOutsideSubnet(text);
  if (isReserved(cidr, ip)) throw addressReserved(text);
  if (isHeld(subnet, text) || isHeld(subnet, delegationBlock(text))) throw privateAddressInUse();
  return keep(subnet, text);
}

/**
 * Takes the next free address, outside of CIDR reservations. Costs one look-up per address that it has to pass over;
 * the subnet's hint lets it start behind the last one taken.
 * @throws AwsError InsufficientFreeAddressesInSubnet
 */
export function takeNextIpv4(subnet: OpenSubnet): string {
  const cidr = subnet.ipv4;
  const usable = cidr ? cidrSize(cidr) - reservedAtStart - 1 : 0;
  if (!cidr || subnet.usedAddresses >= usable) throw insufficientFreeAddresses();
  const end = reservedAtStart + usable;
  let offset = subnet.nextOffset;
  // Twice round at most: a jump over a block may pass the offset at which the search began.
  for (let passed = 0; passed < 2 * usable;) {
    if (offset < reservedAtStart || offset >= end) offset = reservedAtStart;
    const ip = nthIp(cidr, offset)!; // offsets stay in the block
    const text = formatIp(ip);
    const skipped = occupied(subnet, cidr, ip, text);
    if (skipped === 0) {
      subnet.nextOffset = offset + 1;
      return keep(subnet, text);
    }
    offset += skipped;
    passed += skipped;
  }
  throw insufficientFreeAddresses();
}

/** How many addresses from this one on are not to be given out: 0 when it is free. */
function occupied(subnet: OpenSubnet, cidr: Cidr, ip: Ip, text: string): number {
  const reservation = subnet.reservations.find((one) => cidrContainsIp(one.cidr, ip));
  if (reservation) return distance(ip, lastIp(reservation.cidr)) + 1;
  const block = delegationBlock(text);
  if (isHeld(subnet, block)) return ipv4PrefixSize - (distance(firstIp(cidr), ip) % ipv4PrefixSize);
  return isHeld(subnet, text) ? 1 : 0;
}

/**
 * Takes a given /28 prefix.
 * @throws AwsError InvalidParameterValue for another length or outside of the subnet, InvalidIPAddress.InUse.
 */
export function takeIpv4Prefix(subnet: OpenSubnet, text: string): string {
  const block = parseCidr(text);
  if (!block || !parseIpv4(text.split('/')[0] ?? '') || block.prefixLength !== ipv4PrefixLength || hostBitsSet(block)) {
    throw invalidParameterValue(`The CIDR block ${text} is not a valid IPv4 prefix. Expecting a block of length /${ipv4PrefixLength}.`);
  }
  if (!subnet.ipv4 || !cidrContains(subnet.ipv4, block)) throw addressOutsideSubnet(text);
  if (holdsReserved(subnet.ipv4, block)) throw addressReserved(text);
  if (isHeld(subnet, text) || hasAddressesIn(subnet, block)) throw privateAddressInUse();
  return keepPrefix(subnet, text);
}

/**
 * Takes a free /28: out of the subnet's reservations for prefixes, else from its upper end, away from single addresses.
 * @throws AwsError InsufficientCidrBlocks
 */
export function takeNextIpv4Prefix(subnet: OpenSubnet): string {
  for (const block of prefixCandidates(subnet)) {
    const text = formatCidr(block);
    if (!isHeld(subnet, text) && !hasAddressesIn(subnet, block)) return keepPrefix(subnet, text);
  }
  throw insufficientCidrBlocks();
}

function* prefixCandidates(subnet: OpenSubnet): Generator<Cidr, void, undefined> {
  const cidr = subnet.ipv4;
  if (!cidr) return;
  const reserved = subnet.reservations.filter((one) => one.type === 'prefix' && cidrContains(cidr, one.cidr));
  for (const { cidr: reservation } of reserved) {
    for (const block of subnetsOf(reservation, ipv4PrefixLength)) if (!holdsReserved(cidr, block)) yield block;
  }
  for (let offset = cidrSize(cidr) - ipv4PrefixSize; offset >= 0; offset -= ipv4PrefixSize) {
    const block: Cidr = { address: nthIp(cidr, offset)!, prefixLength: ipv4PrefixLength }; // offsets stay in the block
    const isFree = !subnet.reservations.some((one) => cidrContains(one.cidr, block) || cidrContains(block, one.cidr));
    if (isFree && !holdsReserved(cidr, block)) yield block;
  }
}

/** Whether the address is one of the five that AWS keeps. */
export function isReserved(cidr: Cidr, ip: Ip): boolean {
  return distance(firstIp(cidr), ip) < reservedAtStart || ip === lastIp(cidr);
}

function holdsReserved(cidr: Cidr, block: Cidr): boolean {
  return isReserved(cidr, firstIp(block)) || isReserved(cidr, lastIp(block));
}

function distance(from: Ip, to: Ip): number {
  return Number(ipDistance(from, to));
}

function keep(subnet: OpenSubnet, address: string): string {
  subnet.taken.add(address);
  subnet.usedAddresses += 1;
  return address;
}

function keepPrefix(subnet: OpenSubnet, prefix: string): string {
  subnet.taken.add(prefix);
  subnet.usedAddresses += ipv4PrefixSize;
  return prefix;
}
