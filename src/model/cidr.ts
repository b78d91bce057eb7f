/** A CIDR block of either family: an address and a prefix length, kept as written so that set host bits can be refused or cleared. */
import {
  compareIps,
  familyBits,
  formatIp,
  IPV4_MAX,
  IPV6_MAX,
  ipFamily,
  ipPlus,
  isIpv4,
  parseIp,
  type Ip,
  type IpFamily,
} from '#model/ip.ts';

/**
 * A block of addresses. Every function here takes host bits that are set for what they are, noise: `10.0.0.1/24`
 * contains what `10.0.0.0/24` contains. Only `formatCidr`, `hostBitsSet` and `address` itself still show them.
 */
export interface Cidr {
  /** The address as written; equal to `firstIp` unless host bits are set. */
  readonly address: Ip;
  /** 0 to 32 (IPv4) or 0 to 128 (IPv6). */
  readonly prefixLength: number;
}

/** `0.0.0.0/0`. */
export const ALL_IPV4: Cidr = cidrOf(parseIp('0.0.0.0')!, 0)!; // both literals are valid
/** `::/0`. */
export const ALL_IPV6: Cidr = cidrOf(parseIp('::')!, 0)!; // both literals are valid

/** The block of this address and length, host bits as given; undefined when the length is not one of the family's. */
export function cidrOf(address: Ip, prefixLength: number): Cidr | undefined {
  const valid = Number.isInteger(prefixLength) && prefixLength >= 0 && prefixLength <= familyBits(ipFamily(address));
  return valid ? { address, prefixLength } : undefined;
}

/** The block that holds exactly this address: /32 or /128. */
export function hostCidr(address: Ip): Cidr {
  return { address, prefixLength: familyBits(ipFamily(address)) };
}

/** Reads `address/length`, both strictly as `parseIp` does; the length is decimal without sign or leading zero. Undefined when it is none. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  const length = text.slice(slash + 1);
  if (slash < 0 || !/^(0|[1-9][0-9]{0,2})$/.test(length)) return undefined;
  const address = parseIp(text.slice(0, slash));
  return address === undefined ? undefined : cidrOf(address, Number(length));
}

/** `address/length` in canonical text (RFC 5952 for IPv6); host bits stay as they are, see `canonicalCidr`. */
export function formatCidr(cidr: Cidr): string {
  return `${formatIp(cidr.address)}/${cidr.prefixLength}`;
}

export function cidrFamily(cidr: Cidr): IpFamily {
  return ipFamily(cidr.address);
}

/** Whether bits behind the prefix are set, as in `10.0.0.1/24`. */
export function hostBitsSet(cidr: Cidr): boolean {
  return cidr.address !== firstIp(cidr);
}

/** The same block with its host bits cleared: `10.0.0.1/24` becomes `10.0.0.0/24`. */
export function canonicalCidr(cidr: Cidr): Cidr {
  return hostBitsSet(cidr) ? { address: firstIp(cidr), prefixLength: cidr.prefixLength } : cidr;
}

/** The lowest address of the block. */
export function firstIp(cidr: Cidr): Ip {
  return prefixOf(cidr.address, cidr.prefixLength);
}

/** The highest address of the block (IPv4: the broadcast address). */
export function lastIp(cidr: Cidr): Ip {
  const { address, prefixLength } = cidr;
  if (isIpv4(address)) return (prefixLength === 32 ? address : (address | (IPV4_MAX >>> prefixLength)) >>> 0) as Ip; // setting bits stays in the family
  return (address | (IPV6_MAX >> BigInt(prefixLength))) as Ip; // setting bits stays in the family
}

/** The address with all bits behind the prefix cleared. `prefixLength` must be one of the family's. */
export function prefixOf(address: Ip, prefixLength: number): Ip {
  if (isIpv4(address)) return (prefixLength === 0 ? 0 : (address & (-1 << (32 - prefixLength))) >>> 0) as Ip; // clearing bits stays in the family
  const shift = BigInt(128 - prefixLength);
  return ((address >> shift) << shift) as Ip; // clearing bits stays in the family
}

/** How many addresses the block has. A power of two, so exact as a number for every length of both families. */
export function cidrSize(cidr: Cidr): number {
  return 2 ** (familyBits(cidrFamily(cidr)) - cidr.prefixLength);
}

/** The address at an index of the block: 0 is the first, −1 the last. Undefined outside of it. The index is whole. */
export function nthIp(cidr: Cidr, index: number | bigint): Ip | undefined {
  const ip = index < 0 ? ipPlus(lastIp(cidr), BigInt(index) + 1n) : ipPlus(firstIp(cidr), index);
  return ip !== undefined && cidrContainsIp(cidr, ip) ? ip : undefined;
}

/** Whether every address of `inner` is in `outer`; a block contains itself; families never mix. */
export function cidrContains(outer: Cidr, inner: Cidr): boolean {
  return inner.prefixLength >= outer.prefixLength && cidrContainsIp(outer, inner.address);
}

/** Whether the address is in the block; families never mix. */
export function cidrContainsIp(cidr: Cidr, ip: Ip): boolean {
  return typeof cidr.address === typeof ip && prefixOf(ip, cidr.prefixLength) === firstIp(cidr);
}

/** Whether the blocks share an address; then one contains the other. */
export function cidrsOverlap(a: Cidr, b: Cidr): boolean {
  return cidrContains(a, b) || cidrContains(b, a);
}

/** Whether both are the same block, host bits aside. */
export function cidrsEqual(a: Cidr, b: Cidr): boolean {
  return a.prefixLength === b.prefixLength && cidrContainsIp(a, b.address);
}

/** Whether one block begins right behind the other's end; the two need not be of one size. */
export function cidrsAdjacent(a: Cidr, b: Cidr): boolean {
  return ipPlus(lastIp(a), 1) === firstIp(b) || ipPlus(lastIp(b), 1) === firstIp(a);
}

/** The blocks of a longer prefix length that make up this one, in order, made as they are asked for; none when the length is shorter or not the family's. */
export function* subnetsOf(cidr: Cidr, prefixLength: number): Generator<Cidr, void, undefined> {
  const first = cidrOf(firstIp(cidr), prefixLength);
  if (first === undefined || prefixLength < cidr.prefixLength) return;
  const step = BigInt(cidrSize(first));
  for (let at: Ip | undefined = first.address; at !== undefined && cidrContainsIp(cidr, at); at = ipPlus(at, step)) {
    yield { address: at, prefixLength };
  }
}

/** The fewest blocks that hold exactly the addresses from one to another, in order; none when they are the wrong way round or of two families. */
export function blocksOfRange(first: Ip, last: Ip): readonly Cidr[] {
  const blocks: Cidr[] = [];
  if (ipFamily(first) !== ipFamily(last)) return blocks;
  for (let at: Ip | undefined = first; at !== undefined && compareIps(at, last) <= 0;) {
    let block = hostCidr(at);
    for (let wider = cidrOf(at, block.prefixLength - 1); wider; wider = cidrOf(at, block.prefixLength - 1)) {
      if (hostBitsSet(wider) || compareIps(lastIp(wider), last) > 0) break;
      block = wider;
    }
    blocks.push(block);
    at = ipPlus(lastIp(block), 1);
  }
  return blocks;
}

/** The order of blocks: by first address (IPv4 first), then the shorter prefix first. For `sort`. */
export function compareCidrs(a: Cidr, b: Cidr): number {
  return compareIps(firstIp(a), firstIp(b)) || a.prefixLength - b.prefixLength;
}
