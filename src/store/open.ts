/** Opens a store: in a data directory, or in memory alone. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compact } from '#store/compaction.ts';
import type { Driver } from '#store/driver.ts';
import { LocalStore } from '#store/local-store.ts';
import { lockDirectory } from '#store/lock.ts';
import { applyChunk, applyEntry } from '#store/log-entry.ts';
import { Memory } from '#store/memory.ts';
import { memoryDriver } from '#store/memory-driver.ts';
import { formatOf, migrations, upgradeFrom } from '#store/migrations.ts';
import type { Migration } from '#store/migrations.ts';
import { sqliteDriver } from '#store/sqlite-driver.ts';
import { toStoreError } from '#store/sqlite-errors.ts';
import type { Store } from '#store/store.ts';

export interface OpenOptions {
  /** Where the store is kept; made (0700) when absent. Without it, nothing outlives the process. */
  readonly directory?: string;
  /**
   * Records are checked to be plain JSON and deep-frozen as they are put: for tests and development, since it costs
   * microseconds per record. On by default for a store without a directory.
   */
  readonly checks?: boolean;
  /** Told of what fails with nobody to tell: a listener that throws, a compaction that the disk refuses. */
  readonly onError?: (error: unknown, doing: string) => void;
  /** For tests: the steps that bring older records up to date. */
  readonly migrations?: readonly Migration[];
}

const fileName = 'store.db';

/**
 * Opens a store, with every commit that was ever acknowledged in it.
 * @throws StoreError `InUse`, `Damaged`, `NewerFormat`, `NotWritable`, `DiskFull`; then nothing has been changed
 */
export async function openStore(options: OpenOptions = {}): Promise<Store> {
  const steps = options.migrations ?? migrations;
  if (options.directory === undefined)
    return openWith(memoryDriver(), { ...options, checks: options.checks ?? true }, steps, () => undefined);
  const directory = resolve(options.directory);
  makeDirectory(directory);
  const lock = await lockDirectory(directory);
  try {
    return await openWith(sqliteDriver(join(directory, fileName), formatOf(steps)), options, steps, () => lock.release());
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * Deletes the store of a data directory, damaged or not, and leaves everything else in it.
 * @throws StoreError `InUse`, `NotWritable`
 */
export async function removeStore(directory: string): Promise<void> {
  makeDirectory(directory);
  const lock = await lockDirectory(directory);
  try {
    for (const name of readdirSync(directory)) if (name.startsWith(fileName)) rmSync(join(directory, name), { force: true });
  } catch (error) {
    throw toStoreError(error, join(directory, fileName));
  } finally {
    lock.release();
  }
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw toStoreError(error, directory);
  }
}

async function openWith(driver: Driver, options: OpenOptions, steps: readonly Migration[], onClosed: () => void): Promise<Store> {
  try {
    const format = formatOf(steps);
    const upgrade = upgradeFrom(driver.format ?? format, steps, driver.location);
    const memory = new Memory();
    const version = await driver.load({
      chunk: (text) => applyChunk(memory, text, upgrade),
      entry: ({ text }) => applyEntry(memory, text, upgrade),
    });
    if (upgrade) {
      // Before anything else is written: the log must never hold records of two formats.
      const nothingPending = () => Promise.resolve();
      await compact({ driver, memory, format, version: () => version, durable: nothingPending, signal: new AbortController().signal });
    }
    const onError = options.onError ?? warn;
    return new LocalStore({ driver, memory, version, format, checks: options.checks ?? false, onError, onClosed });
  } catch (error) {
    await driver.close();
    throw error;
  }
}

function warn(error: unknown, doing: string): void {
  process.emitWarning(`${doing}: ${error instanceof Error ? error.message : String(error)}`, 'StoreWarning');
}
