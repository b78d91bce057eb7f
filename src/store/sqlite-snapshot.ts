/** Brings a snapshot into force beside the log in SQLite, and drops what it replaces. */
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SnapshotWriter } from '#store/driver.ts';
import { SnapshotFile } from '#store/snapshot-file.ts';
import { writeFailed } from '#store/sqlite-errors.ts';
import { syncDirectory } from '#store/sqlite-file.ts';
import type { SqliteLog } from '#store/sqlite-log.ts';

/** Log entries are deleted in slices of about this long; their sizes differ too much for a number of entries to say it. */
const sliceMs = 2;
const entriesPerDelete = 20;

/** The file of a snapshot of the store at `path`; number 0 is the empty snapshot, which has none. */
export function snapshotPath(path: string, snapshot: number): string {
  return `${path}-snapshot-${snapshot}`;
}

/** Deletes the store's snapshots but the one in force: left behind by a crash, or replaced. */
export async function dropOtherSnapshots(path: string, inForce: number): Promise<void> {
  const directory = dirname(path);
  const kept = basename(snapshotPath(path, inForce));
  for (const name of await readdir(directory)) {
    if (name.startsWith(`${basename(path)}-snapshot-`) && name !== kept) await rm(join(directory, name), { force: true });
  }
}

export async function sqliteSnapshot(log: SqliteLog, version: number, format: number): Promise<SnapshotWriter> {
  const snapshot = log.state.snapshot + 1;
  log.beginSnapshot(version);
  const file = await orWriteFailed(log, () => SnapshotFile.create(snapshotPath(log.path, snapshot)));
  return {
    write: (chunk) => orWriteFailed(log, () => file.write(chunk)),
    async install() {
      await orWriteFailed(log, async () => {
        await file.finish();
        syncDirectory(dirname(log.path));
      });
      try {
        await log.install({ format, snapshot, version, bytes: file.bytes });
        await dropOtherSnapshots(log.path, snapshot);
        await dropReplacedEntries(log);
      } catch (error) {
        if (!log.isClosed) throw error;
        // A reset came meanwhile: the file that this was a snapshot of is no more.
      }
    },
    abandon: () => file.abandon(),
  };
}

/** A crash in between leaves rows that nobody reads and that the next snapshot's turn deletes. */
async function dropReplacedEntries(log: SqliteLog): Promise<void> {
  const statement = log.database.prepare(
    'DELETE FROM log WHERE version IN (SELECT version FROM log WHERE version <= ? ORDER BY version LIMIT ?)',
  );
  for (let deleted: number | bigint = 1; deleted > 0;) {
    await nextTurn();
    await log.write(() => {
      const end = performance.now() + sliceMs;
      log.database.exec('BEGIN');
      do deleted = statement.run(log.state.version, entriesPerDelete).changes;
      while (deleted > 0 && performance.now() < end);
      log.database.exec('COMMIT');
    });
  }
}

async function orWriteFailed<T>(log: SqliteLog, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw writeFailed(error, log.path);
  }
}
