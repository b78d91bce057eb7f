/** The SQLite file of a store while it is written to. */
import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import type { LogEntry } from '#store/driver.ts';
import { syncFailed, writeFailed } from '#store/sqlite-errors.ts';
import { syncDirectory, writeState } from '#store/sqlite-file.ts';
import type { FileState } from '#store/sqlite-file.ts';
import type { LogRead } from '#store/sqlite-reading.ts';
import type { StoreError } from '#store/store-error.ts';

/** What a group of entries needs; compiled once. */
interface Statements {
  readonly begin: StatementSync;
  readonly commit: StatementSync;
  readonly insert: StatementSync;
}

export class SqliteLog {
  readonly path: string;
  readonly database: DatabaseSync;
  readonly #statements: Statements;
  /** SQLite's write-ahead log: its own descriptor, so that any thread may sync it. SQLite's locks are on other files. */
  readonly #wal: number;
  #state: FileState;
  #version: number;
  #length: number;
  #closed = false;
  readonly #syncing = new Set<Promise<void>>();
  /** Once a sync has failed, later ones may succeed without what was lost: so nothing is accepted any more. */
  #broken: StoreError | undefined;

  /** Writes to the file at once, so that one that cannot be written to is found out now. */
  constructor(path: string, database: DatabaseSync, state: FileState, read: LogRead) {
    this.path = path;
    this.database = database;
    this.#state = state;
    this.#version = read.version;
    this.#length = read.length;
    this.write(() => writeState(database, state));
    this.#wal = openSync(`${path}-wal`, 'r+');
    fdatasyncSync(this.#wal);
    syncDirectory(dirname(path));
    this.#statements = {
      begin: database.prepare('BEGIN'),
      commit: database.prepare('COMMIT'),
      insert: database.prepare('INSERT INTO log VALUES (?, ?, ?, ?)'),
    };
  }

  get state(): FileState {
    return this.#state;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** UTF-16 units of the entries behind the snapshot. */
  get length(): number {
    return this.#length;
  }

  /** Resolves when the entries are durable. */
  async append(entries: readonly LogEntry[]): Promise<void> {
    const { begin, commit, insert } = this.#statements;
    let version = this.#version;
    let length = this.#length;
    this.write(() => {
      begin.run();
      for (const entry of entries) {
        insert.run(entry.version, version, crc32(entry.text), entry.text);
        version = entry.version;
        length += entry.text.length;
      }
      commit.run();
    });
    this.#version = version;
    this.#length = length;
    await this.sync();
  }

  /** Puts a snapshot in force; resolves when that is durable. `logLength` is what was in the log when it began. */
  async install(state: FileState, logLength: number): Promise<void> {
    this.write(() => writeState(this.database, state));
    this.#state = state;
    this.#length -= logLength;
    await this.sync();
  }

  /** Runs SQL that either takes effect whole or not at all. */
  write(statements: () => void): void {
    if (this.#broken) throw this.#broken;
    try {
      statements();
    } catch (error) {
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      throw writeFailed(error, this.path);
    }
  }

  /** Makes all that was written durable, without holding the event loop up. */
  async sync(): Promise<void> {
    const syncing = new Promise<void>((resolve, reject) => {
      fdatasync(this.#wal, (error) => {
        if (error) reject((this.#broken = syncFailed(error, this.path)));
        else resolve();
      });
    });
    this.#syncing.add(syncing);
    try {
      await syncing;
    } finally {
      this.#syncing.delete(syncing);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled(this.#syncing); // a descriptor must not be closed under a thread that uses it
    closeSync(this.#wal);
    this.database.close();
  }
}
