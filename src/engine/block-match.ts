/** A CIDR block compiled to a shift and a comparison, and prefix sets compiled to longest-prefix maps. */
import { type Cidr } from '#model/cidr.ts';
import { type Ip, isIpv4 } from '#model/ip.ts';
import { PrefixMap } from '#model/lpm.ts';
import type { PrefixSet } from '#model/topology.ts';

/** The bits of a block before its prefix ends, for `blockHolds`. */
export interface BlockMatch {
  readonly isIpv4: boolean;
  /** Whether the prefix is empty, so that every address of the family is in the block. */
  readonly isAll: boolean;
  readonly shift4: number;
  readonly bits4: number;
  readonly shift6: bigint;
  readonly bits6: bigint;
}

export function compileBlock({ address, prefixLength }: Cidr): BlockMatch {
  const isAll = prefixLength === 0;
  if (isIpv4(address)) {
    const shift4 = (32 - prefixLength) & 31;
    return { isIpv4: true, isAll, shift4, bits4: address >> shift4, shift6: 0n, bits6: 0n };
  }
  const shift6 = BigInt(128 - prefixLength);
  return { isIpv4: false, isAll, shift4: 0, bits4: 0, shift6, bits6: address >> shift6 };
}

const blocks = new WeakMap<Cidr, BlockMatch>();

/** The compiled form of a block that is asked for again and again; compiled once per value. */
export function compiledBlock(cidr: Cidr): BlockMatch {
  let block = blocks.get(cidr);
  if (block === undefined) blocks.set(cidr, (block = compileBlock(cidr)));
  return block;
}

/** As `cidrContainsIp`. */
export function blockHolds(block: BlockMatch, ip: Ip): boolean {
  if (isIpv4(ip)) return block.isIpv4 && (block.isAll || ip >> block.shift4 === block.bits4);
  return !block.isIpv4 && (block.isAll || ip >> block.shift6 === block.bits6);
}

const prefixSets = new WeakMap<PrefixSet, PrefixMap<true>>();

/** Whether one of the set's blocks holds the address. Sets are compiled once per value. */
export function prefixSetHolds(set: PrefixSet, ip: Ip): boolean {
  let compiled = prefixSets.get(set);
  if (compiled === undefined) {
    compiled = new PrefixMap();
    for (const cidr of set.cidrs) compiled.insert(cidr, true);
    prefixSets.set(set, compiled);
  }
  return compiled.lookup(ip) === true;
}
