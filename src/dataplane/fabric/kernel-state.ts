/** What the kernel is to hold, as data: namespaces, the links between them, and what is set in each, in the words of `ip` and `nft`. */

import type { Ruleset } from './nftables.ts';

/** One end of a veth pair. */
export interface LinkEnd {
  readonly namespace: string;
  /** At most 15 characters, unique in its namespace. */
  readonly device: string;
  readonly mac: string;
  /** Whether it answers ARP for whatever it knows a way to (without the kernel's usual delay). */
  readonly proxiesArp?: boolean;
}

export interface Link {
  readonly ends: readonly [LinkEnd, LinkEnd];
  /** Bytes, both ways. */
  readonly mtu: number;
}

/** Lines are what follows `ip address add`, `ip route add` and so on; one that has a device ends in or contains `dev NAME`. */
export interface Namespace {
  readonly name: string;
  /** Path under /proc/sys → value; set once, when the namespace is made. */
  readonly sysctls: Readonly<Record<string, string>>;
  readonly addresses: readonly string[];
  readonly neighbours: readonly string[];
  readonly routes: readonly string[];
  readonly rules4: readonly string[];
  readonly rules6: readonly string[];
  /** What the one nftables table that is ours there holds. */
  readonly ruleset: Ruleset;
}

/** A whole desired state. */
export interface KernelState {
  /** Of the topology that it was made from. */
  readonly version: number;
  /** By name, no two alike. */
  readonly namespaces: readonly Namespace[];
  /** Both ends are in the namespaces above. */
  readonly links: readonly Link[];
}

export const NOTHING: KernelState = { version: 0, namespaces: [], links: [] };

/** A namespace that starts with nothing in it. */
export function emptyNamespace(name: string): MutableNamespace {
  return { name, sysctls: {}, addresses: [], neighbours: [], routes: [], rules4: [], rules6: [], ruleset: [] };
}

/** While it is compiled. */
export interface MutableNamespace extends Namespace {
  readonly sysctls: Record<string, string>;
  readonly addresses: string[];
  readonly neighbours: string[];
  readonly routes: string[];
  readonly rules4: string[];
  readonly rules6: string[];
  ruleset: Ruleset;
}
