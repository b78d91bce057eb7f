/** SQLite's and the file system's errors, as what a person can do about them. */
import { dirname } from 'node:path';
import { StoreError } from '#store/store-error.ts';

// Primary result codes: https://www.sqlite.org/rescode.html
export const sqliteBusy = 5;
const sqliteCorrupt = 11;
const sqliteFull = 13;
const sqliteNotDatabase = 26;

/** Whether the error is one of SQLite's. */
export function isSqliteError(error: unknown): error is Error & { readonly errcode: number } {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
}

/** Whether a number in the file is larger than any that is ever written. */
export function isOutOfRange(error: unknown): boolean {
  return hasSystemCode(error, ['ERR_OUT_OF_RANGE']);
}

/** Whether SQLite failed with this primary result code. */
export function hasSqliteCode(error: unknown, code: number): boolean {
  return isSqliteError(error) && (error.errcode & 0xff) === code;
}

/** An error of SQLite or the file system about `path`. A StoreError stays what it is. */
export function toStoreError(error: unknown, path: string): StoreError {
  if (error instanceof StoreError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  if (hasSqliteCode(error, sqliteCorrupt) || hasSqliteCode(error, sqliteNotDatabase)) return damaged(path, reason, error);
  if (hasSqliteCode(error, sqliteFull) || hasSystemCode(error, ['ENOSPC', 'EDQUOT'])) return diskFull(path, error);
  return new StoreError(
    'NotWritable',
    `${path} cannot be used: ${reason}. Check its owner and permissions, and those of ${dirname(path)}.`,
    {
      cause: error,
    },
  );
}

/** The file is not, or no longer, a whole store. */
export function damaged(path: string, reason: string, cause?: unknown): StoreError {
  return new StoreError(
    'Damaged',
    `The store ${path} is damaged: ${reason}. Nothing was changed. Put a copy of the directory ${dirname(path)} back, ` +
      'or give up what it held and start anew with keiro reset.',
    { cause },
  );
}

/** A write that the disk refused, and that left no trace. */
export function writeFailed(error: unknown, path: string): StoreError {
  if (hasSqliteCode(error, sqliteFull) || hasSystemCode(error, ['ENOSPC', 'EDQUOT', 'EFBIG'])) return diskFull(path, error);
  const reason = error instanceof Error ? error.message : String(error);
  return new StoreError('WriteFailed', `Writing to ${path} failed: ${reason}. The change was taken back.`, { cause: error });
}

/** The disk took the data and then failed to make it durable: nobody knows what it holds. */
export function syncFailed(error: unknown, path: string): StoreError {
  const reason = error instanceof Error ? error.message : String(error);
  return new StoreError(
    'WriteFailed',
    `The disk did not confirm what was written to ${path}: ${reason}. Changes are refused from now on; check the disk and start Keiro again.`,
    { cause: error, lasting: true },
  );
}

function diskFull(path: string, cause: unknown): StoreError {
  return new StoreError('DiskFull', `The disk of ${path} is full, so nothing was changed. Free some space and try again.`, { cause });
}

function hasSystemCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
}
