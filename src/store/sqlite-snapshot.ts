/** A snapshot on its way into the SQLite file of a store. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { SnapshotWriter } from '#store/driver.ts';
import type { SqliteLog } from '#store/sqlite-log.ts';

/** How much is deleted in one slice: each takes a few milliseconds at most. */
const chunksPerSlice = 8;
const entriesPerSlice = 500;

export function sqliteSnapshot(log: SqliteLog, version: number, format: number): SnapshotWriter {
  const { database } = log;
  const snapshot = log.state.snapshot + 1;
  const logLength = log.length;
  const insert = database.prepare('INSERT INTO chunk (snapshot, crc, text) VALUES (?, ?, ?)');
  let chunks = 0;
  let length = 0;
  deleteChunks(log, -1); // of a snapshot that a crash ended
  return {
    write(chunk) {
      log.write(() => insert.run(snapshot, crc32(chunk), chunk));
      chunks++;
      length += chunk.length;
    },
    async install() {
      await log.install({ format, snapshot, version, chunks, length }, logLength);
      await dropReplaced(log);
    },
    abandon() {
      if (log.isClosed) return;
      try {
        deleteChunks(log, -1);
      } catch {
        // The disk is in trouble, which others tell; the next snapshot deletes them.
      }
    },
  };
}

/** Frees what the snapshot in force replaces. A crash in between leaves rows that nobody reads and the next time deletes. */
async function dropReplaced(log: SqliteLog): Promise<void> {
  const deleteEntries = log.database.prepare(
    'DELETE FROM log WHERE version IN (SELECT version FROM log WHERE version <= ? ORDER BY version LIMIT ?)',
  );
  for (const slice of [() => deleteChunks(log, chunksPerSlice), () => deleteEntries.run(log.state.version, entriesPerSlice).changes]) {
    for (let deleted: number | bigint = 1; deleted > 0;) {
      await nextTurn();
      if (log.isClosed) return;
      log.write(() => {
        deleted = slice();
      });
    }
  }
}

/** Deletes at most `limit` chunks (all, for -1) that are not of the snapshot in force. Returns how many. */
function deleteChunks(log: SqliteLog, limit: number): number | bigint {
  const statement = log.database.prepare('DELETE FROM chunk WHERE id IN (SELECT id FROM chunk WHERE snapshot <> ? LIMIT ?)');
  return statement.run(log.state.snapshot, limit).changes;
}
