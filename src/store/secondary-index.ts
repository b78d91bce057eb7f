/** One index of a table in one partition: from a key to the entries under it, in the order of their creation. */
import { insertSorted, removeSorted } from '#store/sorted-entries.ts';
import type { Entry } from '#store/sorted-entries.ts';
import type { IndexKeys, StoreRecord } from '#store/table.ts';

/** The keys of a record under an index. */
export type Keys = ReturnType<IndexKeys<StoreRecord>>;

const none: readonly Entry[] = [];

export class SecondaryIndex {
  readonly keysOf: IndexKeys<StoreRecord>;
  readonly #buckets = new Map<string, Entry[]>();

  constructor(keysOf: IndexKeys<StoreRecord>) {
    this.keysOf = keysOf;
  }

  /** The entries under a key; not to be kept, a later change changes it. */
  find(key: string): readonly Entry[] {
    return this.#buckets.get(key) ?? none;
  }

  /** Moves an entry from the keys it had to the keys it has; `undefined` stands for none. */
  move(entry: Entry, before: Keys, after: Keys): void {
    if (before === after) return;
    if (typeof before === 'string') this.#remove(before, entry);
    else if (before !== undefined) for (const key of new Set(before)) this.#remove(key, entry);
    if (typeof after === 'string') this.#add(after, entry);
    else if (after !== undefined) for (const key of new Set(after)) this.#add(key, entry);
  }

  #add(key: string, entry: Entry): void {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) this.#buckets.set(key, [entry]);
    else insertSorted(bucket, entry);
  }

  #remove(key: string, entry: Entry): void {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return;
    removeSorted(bucket, entry);
    if (bucket.length === 0) this.#buckets.delete(key);
  }
}
