/** Reads of one partition, from memory. */
import { partitionKey } from '#store/memory.ts';
import type { Memory } from '#store/memory.ts';
import { invariant } from '#store/store-error.ts';
import type { Reader } from '#store/store.ts';
import type { TableRecords } from '#store/table-records.ts';
import type { IndexKeys, Partition, StoreRecord, Table } from '#store/table.ts';

const noRecords: readonly never[] = [];

/** Follows the memory: what is written later is seen. */
export class View implements Reader {
  readonly partition: Partition;
  protected readonly memory: Memory;
  readonly #key: string;

  constructor(memory: Memory, partition: Partition) {
    this.memory = memory;
    this.partition = partition;
    this.#key = partitionKey(partition);
  }

  get<R extends StoreRecord>(table: Table<R, string>, id: string): R | undefined {
    return this.records(table)?.entry(id)?.record as R | undefined; // a table holds only what was put through it
  }

  list<R extends StoreRecord>(table: Table<R, string>, after = 0): Iterable<R> {
    return (this.records(table)?.list(after) ?? noRecords) as Iterable<R>; // as in `get`
  }

  find<R extends StoreRecord, I extends string>(table: Table<R, I>, index: I, key: string): readonly R[] {
    const keysOf = table.indexes[index];
    invariant(keysOf, `table ${table.name} has no index ${index}`);
    return (this.records(table)?.find(index, keysOf as IndexKeys<StoreRecord>, key) ?? noRecords) as readonly R[]; // as in `get`
  }

  count(table: Table<never, string>): number {
    return this.records(table)?.size ?? 0;
  }

  sequenceOf(table: Table<never, string>, id: string): number | undefined {
    return this.records(table)?.entry(id)?.sequence;
  }

  in(partition: Partition): Reader {
    return new View(this.memory, partition);
  }

  partitions(): readonly Partition[] {
    const held: Partition[] = [];
    for (const records of this.memory.all()) if (!records.isEmpty()) held.push(records.partition);
    return held;
  }

  protected records(table: { readonly name: string }): TableRecords | undefined {
    return this.memory.find(this.#key)?.tables.get(table.name);
  }
}
