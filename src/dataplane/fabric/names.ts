/** Names and numbers in the kernel for ids, which are opaque: the same id has the same name each time. */
import { createHash } from 'node:crypto';
import type { Id } from '#model/topology.ts';

/** IFNAMSIZ − 1. */
const DEVICE_NAME_MAX = 15;
/** Devices of a router that no interface may be called like. */
const reserved = new Set(['lo', 'igw', 'eigw', 'platform', 'internet', 'all', 'default']);

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The id where it is a plain word, else a digest of it: good for namespaces and for the names of chains and sets. */
export function wordOf(id: Id): string {
  return /^[A-Za-z0-9_-]{1,64}$/.test(id) ? id : `x${digest(id).slice(0, 20)}`;
}

/** A device's name: the id when it fits, else its beginning and 48 bits of its digest. */
export function deviceOf(id: Id): string {
  if (/^[A-Za-z0-9_-]+$/.test(id) && id.length <= DEVICE_NAME_MAX && !reserved.has(id)) return id;
  return `${/^[a-z]{0,3}/.exec(id)?.[0] ?? ''}${digest(id).slice(0, 12)}`;
}

/** A locally administered unicast MAC address. */
export function macOf(key: string): string {
  return `02:${digest(key).slice(0, 10).match(/../g)!.join(':')}`; // ten digits have pairs
}

/** Where the numbers of `numberAll` start. */
export const LEAST_MARK = 4096;

/** Distinct numbers of so many bits (12 to 24) from 4096 up, mostly the same however the set of ids changes. */
export function numberAll(ids: Iterable<Id>, bits: number = 24): ReadonlyMap<Id, number> {
  const taken = new Set<number>();
  const numbers = new Map<Id, number>();
  for (const id of [...new Set(ids)].sort()) {
    let number = Number.parseInt(digest(id).slice(0, 6), 16) % 2 ** bits;
    while (number < LEAST_MARK || taken.has(number)) number = (number + 1) % 2 ** bits;
    taken.add(number);
    numbers.set(id, number);
  }
  return numbers;
}

/** A conntrack zone (16 bits, never the kernel's own 0). Two keys may have the same one. */
export function zoneOf(key: string): number {
  return 1 + (Number.parseInt(digest(key).slice(0, 6), 16) % 0xff_ff);
}
