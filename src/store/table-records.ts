/** The records of one table in one partition: by id, by index key, and in the order of their creation. */
import { SecondaryIndex } from '#store/secondary-index.ts';
import type { Keys } from '#store/secondary-index.ts';
import { lowerBound } from '#store/sorted-entries.ts';
import type { Entry } from '#store/sorted-entries.ts';
import { invariant } from '#store/store-error.ts';
import type { IndexKeys, Partition, StoreRecord } from '#store/table.ts';

/** Deleted entries stay in the order until there are this many and they are the majority: so deleting costs O(1). */
const tombstonesKept = 32;

export class TableRecords {
  readonly partition: Partition;
  readonly name: string;
  readonly #entries = new Map<string, Entry>();
  /** Replaced, never shortened in place, so that whoever walks it meanwhile misses nothing. */
  #order: Entry[] = [];
  #tombstones = 0;
  /** Built when first asked for: records are loaded without knowing their tables. */
  readonly #indexes = new Map<string, SecondaryIndex>();

  constructor(partition: Partition, name: string) {
    this.partition = partition;
    this.name = name;
  }

  get size(): number {
    return this.#entries.size;
  }

  entry(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  /** Inserts, or replaces when the id is there with the same sequence number. O(1) and the indexes' cost. */
  write(record: StoreRecord, sequence: number): void {
    const entry = this.#entries.get(record.id);
    if (entry?.sequence === sequence) {
      this.#replace(entry, record);
      return;
    }
    if (entry !== undefined) this.remove(record.id);
    this.#insert({ record: undefined, sequence }, record);
  }

  remove(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#reindex(entry, entry.record, undefined);
    this.#entries.delete(id);
    entry.record = undefined;
    this.#tombstones++;
    if (this.#tombstones > tombstonesKept && this.#tombstones * 2 > this.#order.length) {
      this.#order = this.#order.filter((other) => other.record !== undefined);
      this.#tombstones = 0;
    }
  }

  /** Takes a change back: the id has this very entry with this record again, or neither. */
  restore(id: string, entry: Entry | undefined, record: StoreRecord | undefined): void {
    const current = this.#entries.get(id);
    if (current !== undefined && current !== entry) this.remove(id);
    if (entry === undefined || record === undefined) return;
    if (current === entry) this.#replace(entry, record);
    else this.#insert(entry, record);
  }

  /** Records in the order of creation, behind the sequence number `after`. Those created meanwhile are not met. */
  *list(after = 0): Generator<StoreRecord, undefined> {
    for (const entry of this.entriesAfter(after)) if (entry.record !== undefined) yield entry.record;
  }

  *entriesAfter(after: number): Generator<Entry, undefined> {
    const order = this.#order;
    const end = order.length;
    for (let position = after > 0 ? lowerBound(order, after + 1) : 0; position < end; position++) {
      const entry = order[position];
      if (entry !== undefined) yield entry;
    }
  }

  /** Records under a key of an index, in the order of creation. The first call builds the index, in O(n). */
  find(index: string, keysOf: IndexKeys<StoreRecord>, key: string): StoreRecord[] {
    const records: StoreRecord[] = [];
    for (const entry of this.#index(index, keysOf).find(key)) if (entry.record !== undefined) records.push(entry.record);
    return records;
  }

  #index(name: string, keysOf: IndexKeys<StoreRecord>): SecondaryIndex {
    const known = this.#indexes.get(name);
    if (known !== undefined) {
      invariant(known.keysOf === keysOf, `table ${this.name} is declared twice, with another index ${name}`);
      return known;
    }
    const index = new SecondaryIndex(keysOf);
    for (const entry of this.#order) if (entry.record !== undefined) index.move(entry, undefined, keysOf(entry.record));
    this.#indexes.set(name, index);
    return index;
  }

  #replace(entry: Entry, record: StoreRecord): void {
    this.#reindex(entry, entry.record, record);
    entry.record = record;
  }

  #insert(entry: Entry, record: StoreRecord): void {
    this.#reindex(entry, undefined, record);
    this.#entries.set(record.id, entry);
    entry.record = record;
    const last = this.#order.at(-1);
    if (last === undefined || last.sequence < entry.sequence) {
      this.#order.push(entry);
      return;
    }
    const position = lowerBound(this.#order, entry.sequence);
    if (this.#order[position]?.sequence === entry.sequence) {
      this.#order[position] = entry;
      this.#tombstones--;
    } else {
      this.#order = this.#order.toSpliced(position, 0, entry);
    }
  }

  /** All keys are asked for before any is moved: a key function that throws leaves the indexes as they were. */
  #reindex(entry: Entry, before: StoreRecord | undefined, after: StoreRecord | undefined): void {
    if (this.#indexes.size === 0) return;
    const moves: [SecondaryIndex, Keys, Keys][] = [];
    for (const index of this.#indexes.values()) moves.push([index, before && index.keysOf(before), after && index.keysOf(after)]);
    for (const [index, from, to] of moves) index.move(entry, from, to);
  }
}
