/**
 * Keeps a store in one SQLite file. A group of commits is written by SQLite on the main thread (some 10 µs) and made
 * durable by `fdatasync` on a thread of libuv's pool (some 200 µs), so that the event loop goes on meanwhile: see
 * docs/decisions/0002-store-commits.md.
 */
import { existsSync } from 'node:fs';
import type { Driver } from '#store/driver.ts';
import { syncFailed, toStoreError, writeFailed } from '#store/sqlite-errors.ts';
import { createFile, openFile, prepareFile, putFileInPlace, readState } from '#store/sqlite-file.ts';
import { SqliteLog } from '#store/sqlite-log.ts';
import { readAll } from '#store/sqlite-reading.ts';
import { dropOtherSnapshots, sqliteSnapshot } from '#store/sqlite-snapshot.ts';
import { invariant } from '#store/store-error.ts';

/**
 * Opens the store under `path`, or makes one with records of `format` when there is none. The caller holds the lock of
 * the directory until `close`.
 * @throws StoreError `Damaged`, `NotWritable`, `DiskFull`
 */
export function sqliteDriver(path: string, format: number): Driver {
  const isNew = !existsSync(path) && !existsSync(`${path}-wal`);
  try {
    if (isNew) createFile(path, { version: 0, format });
  } catch (error) {
    throw toStoreError(error, path);
  }
  const database = openFile(path);
  let log: SqliteLog | undefined;
  const opened = (): SqliteLog => {
    invariant(log, 'the driver must load before it writes');
    return log;
  };
  try {
    const state = readState(database, path);
    return {
      location: path,
      format: isNew ? undefined : state.format,
      get size() {
        return { log: log?.length ?? 0, snapshot: log?.state.bytes ?? 0 };
      },
      async load(into) {
        const read = readAll(database, state, path, into);
        log = openLog(() => new SqliteLog(path, database, state, read), path);
        await dropOtherSnapshots(path, state.snapshot);
        return read.version;
      },
      append: (entries) => opened().append(entries),
      startSnapshot: (version, formatOfRecords) => sqliteSnapshot(opened(), version, formatOfRecords),
      clear: (version, formatOfRecords) =>
        replaceFile(opened(), version, formatOfRecords).then((empty) => {
          log = empty;
        }),
      close: () => (log ? log.close() : Promise.try(() => database.close())),
    };
  } catch (error) {
    database.close();
    throw toStoreError(error, path);
  }
}

/** An empty file in the place of the old one: quicker than deleting rows, and it gives the disk its space back. */
async function replaceFile(log: SqliteLog, version: number, format: number): Promise<SqliteLog> {
  const { path } = log;
  try {
    prepareFile(path, { version, format });
  } catch (error) {
    throw writeFailed(error, path);
  }
  try {
    await log.close(); // takes its write-ahead log away, which the new file must not inherit
    putFileInPlace(path);
    await dropOtherSnapshots(path, 0);
    const database = openFile(path);
    return new SqliteLog(path, database, readState(database, path), { version, length: 0 });
  } catch (error) {
    throw syncFailed(error, path);
  }
}

function openLog(open: () => SqliteLog, path: string): SqliteLog {
  try {
    return open();
  } catch (error) {
    throw toStoreError(error, path);
  }
}
