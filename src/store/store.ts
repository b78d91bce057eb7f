/** The store's interface: transactions over records, a durable log behind them. */
import type { Partition, StoreRecord, Table } from '#store/table.ts';

/**
 * Reads of one partition: those of a transaction see its own writes and end with it, those of `Store.reader` follow
 * every commit.
 */
export interface Reader {
  readonly partition: Partition;
  get<R extends StoreRecord>(table: Table<R, string>, id: string): R | undefined;
  /**
   * Records in the order of their creation, lazily; `after` starts behind that sequence number (see `sequenceOf`), found
   * in O(log n). Records may be deleted and inserted while it runs; those inserted are not met.
   */
  list<R extends StoreRecord>(table: Table<R, string>, after?: number): Iterable<R>;
  /** Records under an index key, in the order of their creation. Costs what it finds. */
  find<R extends StoreRecord, I extends string>(table: Table<R, I>, index: I, key: string): readonly R[];
  count(table: Table<never, string>): number;
  /** Creation number of a record, unique and rising within a table of a partition; it survives updates and restarts. */
  sequenceOf(table: Table<never, string>, id: string): number | undefined;
  /** The same view of another partition. */
  in(partition: Partition): Reader;
  /** Every partition that holds at least one record. */
  partitions(): readonly Partition[];
}

/** A Reader that also writes; all or nothing over every partition it touches. */
export interface Transaction extends Reader {
  /** Inserts, or replaces the record with the same id. */
  put<R extends StoreRecord>(table: Table<R, string>, record: R): void;
  delete(table: Table<never, string>, id: string): void;
  in(partition: Partition): Transaction;
}

export interface Change {
  readonly partition: Partition;
  readonly table: string;
  readonly id: string;
  readonly before: StoreRecord | undefined;
  readonly after: StoreRecord | undefined;
}

export interface Commit {
  /** Rises by one with every commit of the store. */
  readonly version: number;
  readonly changes: readonly Change[];
}

export interface TransactOptions {
  /** Runs, then takes every write back. */
  readonly dryRun?: boolean;
}

export interface Store {
  /**
   * Runs `work` synchronously in a transaction; may run it again when a commit conflicts, so it must be pure but for
   * the transaction. The promise settles when all that `work` wrote *and read* is durable. A throw takes every write
   * back and is passed on.
   * @throws StoreError `DiskFull`, `WriteFailed` (the change was taken back), `Closed`
   */
  transact<T>(partition: Partition, work: (tx: Transaction) => T, options?: TransactOptions): Promise<T>;
  /** A view of the records as they are now, for reconcilers; it follows later commits. */
  reader(partition: Partition): Reader;
  /**
   * Called after each commit, in order, in the same turn, before it is durable. When the disk then refuses a commit, its
   * changes come once more, the other way round, in a commit of their own. One that throws harms nobody. Returns the way to stop.
   */
  subscribe(listener: (commit: Commit) => void): () => void;
  readonly version: number;
  /** Resolves when every commit so far is on disk; rejects when one of them was taken back. */
  durable(): Promise<void>;
  /** Writes a snapshot and drops the log behind it; happens by itself when the log is long. Requests go on meanwhile. */
  compact(): Promise<void>;
  /** Forgets every record, at once in memory; resolves when that is durable. */
  reset(): Promise<void>;
  /** Waits for what is pending; whatever comes later is refused. */
  close(): Promise<void>;
}
