/** Reads a whole store out of its SQLite file, trusting nothing: checksums, counts and order are checked. */
import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import type { Restoring } from '#store/driver.ts';
import { damaged, isOutOfRange, isSqliteError, toStoreError } from '#store/sqlite-errors.ts';
import { readSnapshot } from '#store/snapshot-file.ts';
import type { FileState } from '#store/sqlite-file.ts';
import { snapshotPath } from '#store/sqlite-snapshot.ts';

export interface LogRead {
  /** Version of the last entry; the snapshot's when the log is empty. */
  readonly version: number;
  /** UTF-16 units of the entries behind the snapshot. */
  readonly length: number;
}

/** @throws StoreError `Damaged` */
export function readAll(database: DatabaseSync, state: FileState, path: string, into: Restoring): LogRead {
  try {
    readChunks(state, path, into);
    return readLog(database, state, path, into);
  } catch (error) {
    if (isOutOfRange(error)) throw damaged(path, 'it holds a number that is too large', error);
    throw isSqliteError(error) ? toStoreError(error, path) : error;
  }
}

function readChunks(state: FileState, path: string, into: Restoring): void {
  if (state.snapshot === 0) return;
  const file = snapshotPath(path, state.snapshot);
  if (!existsSync(file)) throw damaged(path, `its snapshot ${file} is missing`);
  readSnapshot(file, state.bytes, path, (chunk) => into.chunk(chunk));
}

function readLog(database: DatabaseSync, state: FileState, path: string, into: Restoring): LogRead {
  const rows = database.prepare('SELECT version, previous, crc, text FROM log WHERE version > ? ORDER BY version');
  let version = state.version;
  let length = 0;
  let isFirst = true;
  for (const row of rows.iterate(state.version)) {
    const { crc, text } = row;
    const [own, previous] = [Number(row['version']), Number(row['previous'])];
    // What came before the first may have been in the log and be in the snapshot now.
    if (isFirst ? previous > version : previous !== version) throw damaged(path, `its log lacks what comes before version ${own}`);
    if (typeof text !== 'string' || crc !== crc32(text)) throw damaged(path, `version ${own} of its log fails its checksum`);
    isFirst = false;
    version = own;
    length += text.length;
    into.entry({ version, text });
  }
  return { version, length };
}
