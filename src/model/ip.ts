/** An IP address of either family as one primitive value: IPv4 is a number, IPv6 a bigint, so both compare with `===` and key a Map. */

declare const family: unique symbol;

/** An IPv4 address, 0 to 2^32 − 1. */
export type Ipv4 = number & { readonly [family]: 4 };
/** An IPv6 address, 0 to 2^128 − 1. */
export type Ipv6 = bigint & { readonly [family]: 6 };
export type Ip = Ipv4 | Ipv6;
export type IpFamily = 4 | 6;

/** The highest IPv4 address as a number. */
export const IPV4_MAX = 0xffff_ffff;
/** The highest IPv6 address as a bigint. */
export const IPV6_MAX = (1n << 128n) - 1n;

const MAPPED_IPV4 = 0xffffn; // ::ffff:0:0/96, the upper 96 bits (RFC 4291 section 2.5.5.2)
const GROUPS = 8;

/** The IPv4 address with this value; undefined unless it is a whole number, 0 to 2^32 − 1. */
export function ipv4(value: number): Ipv4 | undefined {
  return Number.isInteger(value) && value >= 0 && value <= IPV4_MAX ? brand4(value) : undefined;
}

/** The IPv6 address with this value; undefined unless it is 0 to 2^128 − 1. */
export function ipv6(value: bigint): Ipv6 | undefined {
  return value >= 0n && value <= IPV6_MAX ? brand6(value) : undefined;
}

export function ipFamily(ip: Ip): IpFamily {
  return typeof ip === 'number' ? 4 : 6;
}

export function isIpv4(ip: Ip): ip is Ipv4 {
  return typeof ip === 'number';
}

export function isIpv6(ip: Ip): ip is Ipv6 {
  return typeof ip === 'bigint';
}

/** Number of bits in an address of the family: 32 or 128. */
export function familyBits(of: IpFamily): 32 | 128 {
  return of === 4 ? 32 : 128;
}

/**
 * Reads an address of either family, strictly: IPv4 as four decimal numbers without leading zeros, IPv6 as in
 * RFC 4291 section 2.2 (`::`, embedded IPv4), no zone, no brackets, no spaces. Undefined when it is not one.
 */
export function parseIp(text: string): Ip | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

/** As `parseIp`, IPv4 only. */
export function parseIpv4(text: string): Ipv4 | undefined {
  let value = 0;
  let part = -1;
  let dots = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 46) {
      if (part < 0 || ++dots > 3) return undefined;
      value = value * 256 + part;
      part = -1;
    } else if (code >= 48 && code <= 57) {
      if (part === 0) return undefined; // a leading zero means octal to some readers
      part = (part < 0 ? 0 : part * 10) + code - 48;
      if (part > 255) return undefined;
    } else return undefined;
  }
  return dots === 3 && part >= 0 ? brand4(value * 256 + part) : undefined;
}

/** As `parseIp`, IPv6 only. */
export function parseIpv6(text: string): Ipv6 | undefined {
  const gap = text.indexOf('::');
  if (gap < 0) {
    const groups = readGroups(text);
    return groups?.length === GROUPS ? fromGroups(groups) : undefined;
  }
  const head = readGroups(text.slice(0, gap));
  const tail = readGroups(text.slice(gap + 2));
  if (head === undefined || tail === undefined || text.slice(0, gap).includes('.')) return undefined;
  const missing = GROUPS - head.length - tail.length;
  return missing >= 1 ? fromGroups([...head, ...Array<number>(missing).fill(0), ...tail]) : undefined;
}

/** The canonical text: dotted decimal, or RFC 5952 (lower case, longest run of zeros shortened, IPv4-mapped in mixed form). */
export function formatIp(ip: Ip): string {
  return isIpv4(ip) ? formatIpv4(ip) : formatIpv6(ip);
}

/** The order of addresses: IPv4 before IPv6, then by value. Negative, zero or positive, for `sort`. */
export function compareIps(a: Ip, b: Ip): number {
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The address `count` after (negative: before) this one; undefined when it falls outside the family. `count` is whole. */
export function ipPlus(ip: Ip, count: number | bigint): Ip | undefined {
  return isIpv4(ip) ? ipv4(ip + Number(count)) : ipv6(ip + BigInt(count));
}

/** How far `to` lies after `from`, of the same family; undefined for different families. */
export function ipDistance(from: Ip, to: Ip): bigint | undefined {
  return typeof from === typeof to ? BigInt(to) - BigInt(from) : undefined;
}

function brand4(value: number): Ipv4 {
  return value as Ipv4; // callers have checked the range
}

function brand6(value: bigint): Ipv6 {
  return value as Ipv6; // callers have checked the range
}

/** The 16-bit groups of a piece of an IPv6 address without `::`; an embedded IPv4 address may end it. */
function readGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [at, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else {
      const embedded = at === parts.length - 1 && part.includes('.') ? parseIpv4(part) : undefined;
      if (embedded === undefined) return undefined;
      groups.push(embedded >>> 16, embedded & 0xffff);
    }
  }
  return groups.length <= GROUPS ? groups : undefined;
}

function fromGroups(groups: readonly number[]): Ipv6 {
  return brand6(groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n));
}

function formatIpv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

function formatIpv6(ip: bigint): string {
  if (ip >> 32n === MAPPED_IPV4) return `::ffff:${formatIpv4(Number(ip & 0xffff_ffffn))}`;
  const hex = ip.toString(16).padStart(32, '0');
  const groups = Array.from({ length: GROUPS }, (_, at) => Number.parseInt(hex.slice(at * 4, at * 4 + 4), 16).toString(16));
  const { start, length } = longestZeroRun(groups);
  if (length < 2) return groups.join(':'); // RFC 5952 section 4.2.2: a single zero group is not shortened
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
}

function longestZeroRun(groups: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === '0') end++;
    if (end - start > best.length) best = { start, length: end - start };
    if (end > start) start = end;
  }
  return best;
}
