/** What a fabric is started with, and is never changed. */

export interface FabricSettings {
  /** Unix socket at which control answers AWS calls, for those that come from within; undefined: none are answered. */
  readonly apiSocket?: string;
  /** Unix socket at which the fabric relays connections of the host into its internet. */
  readonly dialSocket?: string;
  /** Unix socket at which it answers questions for names that come to the host's port. */
  readonly namesSocket?: string;
  /** A MaxMind database of where addresses are. */
  readonly geoFile?: string;
  /** A certificate authority (PEM) that instances trust beside the host's. */
  readonly trustFile?: string;
  /** Whether the internet leads on to the real one. */
  readonly isOutbound?: boolean;
  /** Folder of the files that take the place of buckets, by the bucket's name. */
  readonly bucketFolder?: string;
  /** Bytes that one instance's files may take. */
  readonly diskBytes?: number;
  /** Processes that one instance may have. */
  readonly processes?: number;
  /** Bytes of memory that one instance may have where control groups allow; else each of its processes. */
  readonly memoryBytes?: number;
}

export const DEFAULT_DISK_BYTES = 256 * 2 ** 20;
export const DEFAULT_PROCESSES = 512;
export const DEFAULT_MEMORY_BYTES = 1024 * 2 ** 20;
