/** Indexes from a key to the ids of the parts that claim it, in the order of ids, so that how they came never matters. */
import { type Cidr } from '#model/cidr.ts';
import { type Ip } from '#model/ip.ts';
import { PrefixMap } from '#model/lpm.ts';

const NONE: readonly string[] = [];

/** Many ids under one key. A pair added twice must be removed twice. */
export class Relation<K> {
  readonly #ids = new Map<K, string[]>();

  add(key: K, id: string): void {
    const ids = this.#ids.get(key);
    if (ids === undefined) this.#ids.set(key, [id]);
    else insertSorted(ids, id);
  }

  remove(key: K, id: string): void {
    const ids = this.#ids.get(key);
    if (ids === undefined) return;
    removeSorted(ids, id);
    if (ids.length === 0) this.#ids.delete(key);
  }

  /** The lowest id under the key. */
  first(key: K): string | undefined {
    return this.#ids.get(key)?.[0];
  }

  /** All ids under the key, in order; a view that follows later edits. */
  all(key: K): readonly string[] {
    return this.#ids.get(key) ?? NONE;
  }

  get isEmpty(): boolean {
    return this.#ids.size === 0;
  }
}

/** As Relation, keyed by blocks and asked by address: the most specific block decides. */
export class BlockRelation {
  readonly #ids = new PrefixMap<string[]>();

  add(cidr: Cidr, id: string): void {
    const ids = this.#ids.get(cidr);
    if (ids === undefined) this.#ids.insert(cidr, [id]);
    else insertSorted(ids, id);
  }

  remove(cidr: Cidr, id: string): void {
    const ids = this.#ids.get(cidr);
    if (ids === undefined) return;
    removeSorted(ids, id);
    if (ids.length === 0) this.#ids.remove(cidr);
  }

  /** The lowest id of the most specific block that holds the address. */
  first(ip: Ip): string | undefined {
    return this.#ids.lookup(ip)?.[0];
  }

  get isEmpty(): boolean {
    return this.#ids.size === 0;
  }
}

/** Where the id is, or where it would be. */
function placeOf(ids: readonly string[], id: string): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ids[middle]! < id) low = middle + 1; // within bounds: low ≤ middle < high
    else high = middle;
  }
  return low;
}

function insertSorted(ids: string[], id: string): void {
  ids.splice(placeOf(ids, id), 0, id);
}

function removeSorted(ids: string[], id: string): void {
  const at = placeOf(ids, id);
  if (ids[at] === id) ids.splice(at, 1);
}
