/**
 * The SQLite file of a store while it is written to. SQLite writes (to the kernel's memory: microseconds) and never
 * syncs; all syncs are done here, on threads of libuv's pool, so that the event loop never waits for the disk:
 * - a commit is durable when the write-ahead log is synced after it;
 * - a checkpoint copies the write-ahead log into the file, after the former and before anything else is written is synced.
 *   Else a power failure could find a log that is overwritten and a file that is not yet written.
 */
import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import type { LogEntry } from '#store/driver.ts';
import { syncFailed, writeFailed } from '#store/sqlite-errors.ts';
import { syncDirectory, writeState } from '#store/sqlite-file.ts';
import type { FileState } from '#store/sqlite-file.ts';
import type { LogRead } from '#store/sqlite-reading.ts';
import { StoreError } from '#store/store-error.ts';

/** About what is written to the write-ahead log between two checkpoints: copying as much takes about a millisecond. */
const bytesPerCheckpoint = 1024 * 1024;

/** A write touches some pages beside those that its text fills. */
const bytesPerWrite = 8 * 1024;

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
  // Descriptors of our own. Closing the one of the file lets go of SQLite's lock on it: the directory's lock is what counts.
  readonly #walDescriptor: number;
  readonly #fileDescriptor: number;
  readonly #syncing = new Set<Promise<void>>();
  #state: FileState;
  #version: number;
  #length: number;
  #snapshot = { version: 0, lengthBehind: 0 };
  #bytesSinceCheckpoint = 0;
  #checkpointing: Promise<void> | undefined;
  #closed = false;
  /** Once a sync has failed, later ones may succeed without what was lost: so nothing is accepted any more. */
  #broken: StoreError | undefined;

  /** Writes to the file at once, so that one that cannot be written to is found out now. */
  constructor(path: string, database: DatabaseSync, state: FileState, read: LogRead) {
    this.path = path;
    this.database = database;
    this.#state = state;
    this.#version = read.version;
    this.#length = read.length;
    database.exec('PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 0');
    writeState(database, state);
    this.#walDescriptor = openSync(`${path}-wal`, 'r+');
    this.#fileDescriptor = openSync(path, 'r+');
    fdatasyncSync(this.#walDescriptor);
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
    let version = this.#version;
    let length = 0;
    await this.write(({ begin, commit, insert }) => {
      begin.run();
      for (const entry of entries) {
        insert.run(entry.version, version, crc32(entry.text), entry.text);
        version = entry.version;
        length += entry.text.length;
      }
      commit.run();
    });
    this.#version = version;
    this.#length += length;
    for (const entry of entries) if (entry.version > this.#snapshot.version) this.#snapshot.lengthBehind += entry.text.length;
    this.#bytesSinceCheckpoint += length;
    await this.#sync(this.#walDescriptor);
    if (this.#bytesSinceCheckpoint > bytesPerCheckpoint) this.#startCheckpoint();
  }

  /** From now on, entries behind `version` are counted apart: they stay when the snapshot that begins is installed. */
  beginSnapshot(version: number): void {
    this.#snapshot = { version, lengthBehind: 0 };
  }

  /** Puts the snapshot that began last in force; resolves when that is durable. */
  async install(state: FileState): Promise<void> {
    await this.write(() => writeState(this.database, state));
    this.#state = state;
    this.#length = this.#snapshot.lengthBehind;
    await this.#sync(this.#walDescriptor);
  }

  /** Runs SQL that takes effect whole or not at all, as soon as no checkpoint is under way. */
  async write(run: (statements: Statements) => void): Promise<void> {
    while (this.#checkpointing) await this.#checkpointing;
    if (this.#broken) throw this.#broken;
    if (this.#closed) throw new StoreError('Closed', `The store ${this.path} is closed.`);
    this.#bytesSinceCheckpoint += bytesPerWrite;
    try {
      run(this.#statements);
    } catch (error) {
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      throw writeFailed(error, this.path);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled([this.#checkpointing, ...this.#syncing]); // a descriptor must not be closed under a thread that uses it
    this.database.exec('PRAGMA synchronous = FULL'); // closing makes a last checkpoint
    this.database.close();
    closeSync(this.#walDescriptor);
    closeSync(this.#fileDescriptor);
  }

  #startCheckpoint(): void {
    this.#bytesSinceCheckpoint = 0;
    this.#checkpointing ??= this.#checkpoint().finally(() => {
      this.#checkpointing = undefined;
    });
  }

  /** Never rejects: a failed sync is told to whoever writes next. */
  async #checkpoint(): Promise<void> {
    try {
      await this.#sync(this.#walDescriptor);
      this.database.exec('PRAGMA wal_checkpoint(PASSIVE)');
      await this.#sync(this.#fileDescriptor);
    } catch {
      // Of the two syncs `#broken` knows. A copy that failed stays to be done: SQLite goes on using its write-ahead log.
    }
  }

  async #sync(descriptor: number): Promise<void> {
    const syncing = new Promise<void>((resolve, reject) => {
      fdatasync(descriptor, (error) => {
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
}
