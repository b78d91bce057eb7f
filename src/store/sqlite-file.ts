/** The SQLite file of a store: how it is made, opened, and what its one row of `meta` says. */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { damaged, toStoreError } from '#store/sqlite-errors.ts';

/** "Keir": tells a store from any other SQLite file, also for file(1). */
const applicationId = 0x4b_65_69_72;

const schema = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, crc INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
  CREATE TABLE log (version INTEGER PRIMARY KEY, previous INTEGER NOT NULL, crc INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
`;

/** Which snapshot is in force. */
export interface FileState {
  /** Format of all records in the file, see `migrations.ts`. */
  readonly format: number;
  /** Number of the snapshot in force; 0 is the empty one. */
  readonly snapshot: number;
  /** Version of the state that the snapshot holds: the log goes on from there. */
  readonly version: number;
  /** Length of the snapshot's file. */
  readonly bytes: number;
}

/** Makes an empty store under `path`, in one step: what is there under that name is whole or not there. */
export function createFile(path: string, state: Pick<FileState, 'version' | 'format'>): void {
  prepareFile(path, state);
  putFileInPlace(path);
}

/** Makes an empty store beside `path`. */
export function prepareFile(path: string, state: Pick<FileState, 'version' | 'format'>): void {
  const draft = `${path}.new`;
  for (const left of [draft, `${draft}-wal`, `${draft}-journal`]) rmSync(left, { force: true });
  closeSync(openSync(draft, 'wx', 0o600)); // SQLite gives its other files the mode of this one
  const database = new DatabaseSync(draft);
  try {
    database.exec(`PRAGMA application_id = ${applicationId}; BEGIN; ${schema}`);
    writeState(database, { ...state, snapshot: 0, bytes: 0 });
    database.exec('COMMIT; PRAGMA journal_mode = WAL');
  } finally {
    database.close();
  }
}

/** Puts the prepared store in the place of what is under `path`, which must be closed. */
export function putFileInPlace(path: string): void {
  renameSync(`${path}.new`, path);
  syncDirectory(dirname(path));
}

/** Makes the names of files in a directory durable. */
export function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Opens the store under `path` without changing it.
 * @throws StoreError `Damaged` or `NotWritable`
 */
export function openFile(path: string): DatabaseSync {
  if (!existsSync(path)) throw damaged(path, 'the file is missing');
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    const found = database.prepare('PRAGMA application_id').get()?.['application_id'];
    if (found !== applicationId) throw damaged(path, 'it is not a store of Keiro');
    return database;
  } catch (error) {
    database?.close();
    throw toStoreError(error, path);
  }
}

/** @throws StoreError `Damaged` */
export function readState(database: DatabaseSync, path: string): FileState {
  const row = database.prepare("SELECT crc, text FROM meta WHERE name = 'state'").get();
  const text = row?.['text'];
  if (typeof text !== 'string' || row?.['crc'] !== crc32(text)) throw damaged(path, 'its description of itself is not readable');
  return JSON.parse(text) as FileState; // the checksum vouches for what writeState wrote
}

export function writeState(database: DatabaseSync, state: FileState): void {
  const text = JSON.stringify(state);
  database.prepare("INSERT OR REPLACE INTO meta VALUES ('state', ?, ?)").run(crc32(text), text);
}
