/** Longest-prefix match: a map from CIDR blocks to values that finds, for an address, the most specific block holding it. */
import { canonicalCidr, cidrFamily, type Cidr } from '#model/cidr.ts';
import { isIpv4, type Ip, type IpFamily } from '#model/ip.ts';

/** A block of a PrefixMap with its value; the block is canonical. */
export interface PrefixEntry<T> {
  readonly cidr: Cidr;
  readonly value: T;
}

interface Level<T> {
  readonly prefixLength: number;
  readonly entries: Map<number | bigint, PrefixEntry<T>>;
}

/**
 * A mutable longest-prefix-match map of both families; they never mix. One hash map per prefix length in use, so a
 * lookup costs as many probes as there are distinct lengths (a route table has a handful), however many blocks there are.
 */
export class PrefixMap<T> {
  readonly #levels: Record<IpFamily, Level<T>[]> = { 4: [], 6: [] }; // longest prefix first
  #size = 0;

  /** Number of blocks. */
  get size(): number {
    return this.#size;
  }

  /** Sets the value of a block, host bits aside; returns the one it replaces. */
  insert(cidr: Cidr, value: T): T | undefined {
    const levels = this.#levels[cidrFamily(cidr)];
    let level = levels.find(({ prefixLength }) => prefixLength === cidr.prefixLength);
    if (level === undefined) {
      level = { prefixLength: cidr.prefixLength, entries: new Map() };
      levels.push(level);
      levels.sort((a, b) => b.prefixLength - a.prefixLength);
    }
    const key = keyOf(cidr.address, cidr.prefixLength);
    const before = level.entries.get(key);
    if (before === undefined) this.#size++;
    level.entries.set(key, { cidr: canonicalCidr(cidr), value });
    return before?.value;
  }

  /** Forgets exactly this block; returns the value it had. */
  remove(cidr: Cidr): T | undefined {
    const levels = this.#levels[cidrFamily(cidr)];
    const at = levels.findIndex(({ prefixLength }) => prefixLength === cidr.prefixLength);
    const level = levels[at];
    if (level === undefined) return undefined;
    const key = keyOf(cidr.address, cidr.prefixLength);
    const before = level.entries.get(key);
    if (before === undefined) return undefined;
    level.entries.delete(key);
    if (level.entries.size === 0) levels.splice(at, 1);
    this.#size--;
    return before.value;
  }

  /** The value of exactly this block. */
  get(cidr: Cidr): T | undefined {
    const level = this.#levels[cidrFamily(cidr)].find(({ prefixLength }) => prefixLength === cidr.prefixLength);
    return level?.entries.get(keyOf(cidr.address, cidr.prefixLength))?.value;
  }

  /** The most specific block that holds the address, and its value. */
  match(ip: Ip): PrefixEntry<T> | undefined {
    const levels = isIpv4(ip) ? this.#levels[4] : this.#levels[6];
    for (const level of levels) {
      const entry = level.entries.get(keyOf(ip, level.prefixLength));
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  /** The value of the most specific block that holds the address. */
  lookup(ip: Ip): T | undefined {
    return this.match(ip)?.value;
  }

  /** Every block, IPv4 first, longer prefixes first, else in the order of insertion. */
  *entries(): Generator<PrefixEntry<T>, void, undefined> {
    for (const family of [4, 6] as const) for (const level of this.#levels[family]) yield* level.entries.values();
  }
}

/** The bits before the prefix's end; IPv4 as a signed 32-bit number, which the engine hashes without allocating. */
function keyOf(address: Ip, prefixLength: number): number | bigint {
  if (isIpv4(address)) return prefixLength === 0 ? 0 : address >> (32 - prefixLength);
  return address >> BigInt(128 - prefixLength);
}
