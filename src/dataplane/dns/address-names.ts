/** Names that are made from addresses: `ip-10-0-0-4`, `4.0.0.10.in-addr.arpa`, `…ip6.arpa` (RFC 1035 section 3.5, RFC 3596 section 2.5). */
import { cidrOf, type Cidr } from '#model/cidr.ts';
import { formatIp, ipv4, ipv6, isIpv4, type Ipv4 } from '#model/ip.ts';
import { labelsBefore } from '#dataplane/dns/name-source.ts';

const IPV4_REVERSE = 'in-addr.arpa';
const IPV6_REVERSE = 'ip6.arpa';
const OCTETS = 4;
const NIBBLES = 32;
const DASH = 45;
const DOT = 46;
const ZERO = 48;

/** `ip-10-0-0-4` for the prefix `ip-`. */
export function hostLabel(prefix: string, ip: Ipv4): string {
  return `${prefix}${ip >>> 24}-${(ip >>> 16) & 255}-${(ip >>> 8) & 255}-${ip & 255}`;
}

/** The address in a label like `ip-10-0-0-4`; undefined for every other label, and for numbers with leading zeros. */
export function addressOfLabel(prefix: string, label: string): Ipv4 | undefined {
  if (!label.startsWith(prefix)) return undefined;
  let value = 0;
  let octet = -1;
  let octets = 1;
  for (let at = prefix.length; at < label.length; at++) {
    const code = label.charCodeAt(at);
    if (code === DASH) {
      if (octet < 0 || ++octets > OCTETS) return undefined;
      value = value * 256 + octet;
      octet = -1;
    } else if ((octet = withDigit(octet, code)) < 0) return undefined;
  }
  return octets === OCTETS && octet >= 0 ? ipv4(value * 256 + octet) : undefined;
}

/** A decimal number of a byte with one more digit, −1 as the empty one; −1 for what is no digit, too much, or behind a leading zero. */
function withDigit(octet: number, code: number): number {
  if (code < ZERO || code > ZERO + 9 || octet === 0) return -1;
  const longer = (octet < 0 ? 0 : octet * 10) + code - ZERO;
  return longer > 255 ? -1 : longer;
}

/**
 * The block that a name below `in-addr.arpa` or `ip6.arpa` stands for: one address for a whole name, a wider block for
 * one with fewer labels. Undefined for every other name.
 */
export function reverseBlock(name: string): Cidr | undefined {
  if (!name.endsWith('.arpa')) return undefined;
  const octets = labelsBefore(name, IPV4_REVERSE);
  if (octets !== undefined) return octetBlock(octets);
  const nibbles = labelsBefore(name, IPV6_REVERSE);
  return nibbles === undefined ? undefined : nibbleBlock(nibbles);
}

/** `4.0.0.10`: the last octet first. */
function octetBlock(text: string): Cidr | undefined {
  let value = 0;
  let weight = 1;
  let octet = -1;
  let octets = 1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      if (octet < 0 || ++octets > OCTETS) return undefined;
      value += octet * weight;
      weight *= 256;
      octet = -1;
    } else if ((octet = withDigit(octet, code)) < 0) return undefined;
  }
  const address = octet < 0 ? undefined : ipv4((value + octet * weight) * 256 ** (OCTETS - octets));
  return address === undefined ? undefined : cidrOf(address, octets * 8);
}

/** `4.0.0.0.….2`: one hexadecimal digit a label, the last first. */
function nibbleBlock(text: string): Cidr | undefined {
  const count = (text.length + 1) / 2;
  if (count > NIBBLES || !/^[0-9a-f](\.[0-9a-f])*$/.test(text)) return undefined;
  let digits = '0x';
  for (let at = text.length - 1; at >= 0; at -= 2) digits += text[at] ?? ''; // at is inside
  const address = ipv6(BigInt(digits) << BigInt(4 * (NIBBLES - count)));
  return address === undefined ? undefined : cidrOf(address, count * 4);
}

const zones = new WeakMap<Cidr, string>();

/** As `reverseZone`, kept for blocks that are asked about again and again. */
export function reverseZoneOf(cidr: Cidr): string {
  const known = zones.get(cidr);
  if (known !== undefined) return known;
  const made = reverseZone(cidr);
  zones.set(cidr, made);
  return made;
}

/** The name of the reverse zone that holds a block, at the next label boundary up: `0.10.in-addr.arpa` for 10.0.0.0/20. */
export function reverseZone({ address, prefixLength }: Cidr): string {
  if (isIpv4(address)) {
    const octets = formatIp(address)
      .split('.')
      .slice(0, Math.floor(prefixLength / 8));
    return [...octets.toReversed(), IPV4_REVERSE].join('.');
  }
  const nibbles = [...address.toString(16).padStart(NIBBLES, '0')].slice(0, Math.floor(prefixLength / 4));
  return [...nibbles.toReversed(), IPV6_REVERSE].join('.');
}
