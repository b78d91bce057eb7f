/** What keeps a store's log and snapshot: nothing, a file, a database server. */

/** One committed transaction as the log holds it; what the text means is `log-entry.ts`'s to know. */
export interface LogEntry {
  readonly version: number;
  readonly text: string;
}

/** Takes what a driver has stored, in this order: the snapshot's chunks, then the entries behind it by rising version. */
export interface Restoring {
  chunk(text: string): void;
  entry(entry: LogEntry): void;
}

/** What the next start has to read: bytes, or UTF-16 units where those are at hand. */
export interface StoredSize {
  readonly log: number;
  readonly snapshot: number;
}

/** Writes a snapshot beside the one in force, which stays in force until `install`. */
export interface SnapshotWriter {
  write(chunk: string): Promise<void>;
  /** Puts the snapshot in force, durably, in one step; then drops what it replaces, in slices. */
  install(): Promise<void>;
  /** Drops what was written; instead of `install`, also after a `write` that failed. */
  abandon(): Promise<void>;
}

export interface Driver {
  /** Where the data is, for messages: a path or an address. */
  readonly location: string;
  /** Format of the stored records (see `migrations.ts`); `undefined` for a store that is new. */
  readonly format: number | undefined;
  readonly size: StoredSize;
  /**
   * Called once, before anything is written. Returns the version of the last commit that is stored.
   * @throws StoreError `Damaged`
   */
  load(into: Restoring): Promise<number>;
  /**
   * Appends entries, all or none; resolves when they are durable. Called again only after it has settled.
   * @throws StoreError `DiskFull` or `WriteFailed`; `lasting` when it is unknown what is stored.
   */
  append(entries: readonly LogEntry[]): Promise<void>;
  /** Starts a snapshot of the state at `version` with records of `format`; the entries up to there go with `install`. */
  startSnapshot(version: number, format: number): Promise<SnapshotWriter>;
  /** Forgets every entry and chunk, durably; the state at `version` is empty. */
  clear(version: number, format: number): Promise<void>;
  close(): Promise<void>;
}
