/** Writes a snapshot of the memory beside the running store, in slices between which requests are served. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Driver } from '#store/driver.ts';
import { encodeChunks } from '#store/log-entry.ts';
import type { Memory } from '#store/memory.ts';

/** UTF-16 units in a chunk: making one takes about a millisecond. */
const chunkLength = 128 * 1024;

/** A log shorter than this (UTF-16 units) is read faster at the next start than a snapshot is written now. */
const shortestLog = 16 * 1024 * 1024;

/** Whether the next start would have to read more than twice what it must. */
export function isCompactionDue({ size }: Driver): boolean {
  return size.log > Math.max(shortestLog, size.snapshot);
}

export interface CompactionTask {
  readonly driver: Driver;
  readonly memory: Memory;
  readonly format: number;
  /** Version of the last commit in memory. */
  readonly version: () => number;
  /** Resolves when all commits so far are durable, rejects when one was taken back. */
  readonly durable: () => Promise<void>;
  /** Once aborted, nothing more is written. */
  readonly signal: AbortSignal;
}

/**
 * Writes a snapshot, or nothing when the signal comes in time. The walk is fuzzy: a record that changes meanwhile may be in the snapshot in its old or its new state. That is why
 * the log behind `version` stays, and why the snapshot comes into force only when all that it may have seen is durable.
 */
export async function compact(task: CompactionTask): Promise<void> {
  await task.durable(); // also of a reset, which the driver must not see after the start
  if (task.signal.aborted) return;
  const writer = await task.driver.startSnapshot(task.version(), task.format);
  try {
    if (task.signal.aborted) return await writer.abandon();
    for (const chunk of encodeChunks(task.memory, chunkLength)) {
      await writer.write(chunk);
      await nextTurn();
      if (task.signal.aborted) return await writer.abandon();
    }
    await task.durable();
    if (task.signal.aborted) return await writer.abandon();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  await writer.install();
}
