/** What can go wrong with a store, in words that a person can act on. */

export type StoreErrorCode =
  /** Another process holds the data directory. */
  | 'InUse'
  /** What is on disk is not a whole Keiro store. */
  | 'Damaged'
  /** A newer Keiro wrote the store. */
  | 'NewerFormat'
  /** The data directory or a file in it cannot be created, read or written. */
  | 'NotWritable'
  /** The disk is full: the transaction was taken back, later ones may succeed. */
  | 'DiskFull'
  /** The disk refused a write: see `lasting`. */
  | 'WriteFailed'
  /** The store was closed. */
  | 'Closed';

/** An expected failure of the store. The message names the file and says what to do. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;
  /** True when the store refuses every further write until it is opened again, since nobody knows what the disk holds. */
  readonly lasting: boolean;

  constructor(code: StoreErrorCode, message: string, options: { readonly cause?: unknown; readonly lasting?: boolean } = {}) {
    super(message, { cause: options.cause });
    this.name = 'StoreError';
    this.code = code;
    this.lasting = options.lasting ?? false;
  }
}

/** Refuses what only a mistake in Keiro's own code can bring about. */
export function invariant(condition: unknown, why: string): asserts condition {
  if (!condition) throw new Error(`store: ${why}`);
}
