/** One process per data directory: a lock that the operating system takes back when its holder dies, however it dies. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { StoreError } from '#store/store-error.ts';
import { hasSqliteCode, sqliteBusy, toStoreError } from '#store/sqlite-errors.ts';

export interface Lock {
  release(): void;
}

/** How long a new holder may take to write its pid. */
const namelessPatienceMs = 1_000;
/** How long the kernel may take to clear away a holder that was just killed. */
const dyingPatienceMs = 250;
const retryEveryMs = 10;

/**
 * Takes the lock of a data directory. The lock is SQLite's own on an empty file, hence the kernel's (`fcntl`): it ends
 * with the process, so nothing is left behind by `kill -9`, and two processes that start at once cannot both have it.
 * The file `store.pid` beside it only serves the message.
 * @throws StoreError `InUse`, naming the process that holds it, or `NotWritable`
 */
export async function lockDirectory(directory: string): Promise<Lock> {
  const start = performance.now();
  for (;;) {
    const lock = tryLock(directory);
    if (lock) return lock;
    const waitedMs = performance.now() - start;
    const holder = readPid(directory);
    if (waitedMs > dyingPatienceMs && holder !== undefined && isAlive(holder)) throw inUse(directory, `the process ${holder}`);
    if (waitedMs > namelessPatienceMs) throw inUse(directory, 'another process');
    await pause(retryEveryMs);
  }
}

function tryLock(directory: string): Lock | undefined {
  const path = join(directory, 'store.lock');
  const pidPath = join(directory, 'store.pid');
  let database: DatabaseSync | undefined;
  try {
    createPrivate(path);
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    writeFileSync(pidPath, `${process.pid}\n`, { mode: 0o600 });
  } catch (error) {
    database?.close();
    if (hasSqliteCode(error, sqliteBusy)) return undefined;
    throw toStoreError(error, path);
  }
  const held = database;
  return {
    release() {
      rmSync(pidPath, { force: true });
      held.close();
    },
  };
}

/** Never opens a file that is there: closing it again would let go of this process's own lock on it (`fcntl`). */
function createPrivate(path: string): void {
  if (!existsSync(path)) writeFileSync(path, '', { flag: 'a', mode: 0o600 });
}

function readPid(directory: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(directory, 'store.pid'), 'utf8'));
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined; // the holder has not written it yet, or is just leaving
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'; // alive, and another user's
  }
}

function inUse(directory: string, holder: string): StoreError {
  return new StoreError(
    'InUse',
    `The data directory ${directory} is in use by ${holder}. Stop that Keiro first (keiro stop), or choose another directory with --data.`,
  );
}
