/** How long an endpoint has for what (Route 53 guide, "How Amazon Route 53 determines whether a health check is healthy"), and how much it may say. */

export interface TimeLimits {
  /** Milliseconds to find the address of a host name. AWS does not say. */
  readonly resolveMs: number;
  /** Until there is a connection, for HTTP and HTTPS. */
  readonly connectMs: number;
  /** As above, for TCP. */
  readonly connectOnlyMs: number;
  /** From the connection to the status, TLS and headers with it. */
  readonly statusMs: number;
  /** From the status to the string in the body. */
  readonly bodyMs: number;
}

export const timeLimits: TimeLimits = { resolveMs: 4_000, connectMs: 4_000, connectOnlyMs: 10_000, statusMs: 2_000, bodyMs: 2_000 };

/** Where the string must be. */
export const SEARCHED_BYTES = 5_120;
/** A longer head is no answer. AWS does not say how long it may be. */
export const HEAD_BYTES_MAX = 65_536;
/** Answers before the one that counts (RFC 9110 section 15.2). */
export const INTERIM_MAX = 20;
/** Bytes of what frames a chunk: its size line, or the trailers. */
export const CHUNK_LINE_BYTES_MAX = 4_096;
