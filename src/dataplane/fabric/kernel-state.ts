/** What the kernel is to hold, as data: namespaces, the links between them, and what is set in each, in the words of `ip` and `nft`. */

import type { Ruleset } from './nftables.ts';

/** One end of a veth pair. */
export interface LinkEnd {
  readonly namespace: string;
  /** At most 15 characters, unique in its namespace. */
  readonly device: string;
  readonly mac: string;
  /**
   * Its number there; undefined: the kernel's next. One end of a pair has one of `linkIndex`, for when both had the same
   * number, the kernel would take the pair for no pair and wait up to a second before it lets packets through (linkwatch_urgent_event).
   */
  readonly index?: number;
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
  /** The sandbox that has the namespace as its network, and which of its starts; another one makes it anew. */
  readonly sandbox?: { readonly id: string; readonly boot: number };
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

/** Above what the kernel comes to by itself; `place` is unique in the namespace. */
export const linkIndex = (place: number): number => 2 ** 24 + place;

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
