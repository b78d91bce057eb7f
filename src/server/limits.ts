/** How much one client, and all of them together, may ask of the front door. */

export interface Limits {
  /** Longest request body, bytes. */
  readonly bodyBytes: number;
  /** All request bodies that wait to be complete or answered, bytes. */
  readonly bufferedBytes: number;
  /** Request line and headers, bytes. */
  readonly headerBytes: number;
  readonly headerCount: number;
  /** From the first byte (or the opening of the connection) to the end of the headers. */
  readonly headersMs: number;
  /** From the first byte to the end of the body. */
  readonly requestMs: number;
  /** How long a connection is kept between two requests. */
  readonly idleMs: number;
  /** How long an answer may wait for its client to read on. */
  readonly stalledMs: number;
  /** How long the rest of a refused body is read and thrown away, so that the client gets to read the refusal. */
  readonly lingerMs: number;
  /** How long a closing listener waits for the answers under way. */
  readonly drainMs: number;
  readonly connections: number;
  readonly requestsInFlight: number;
  /** Requests under way on one connection, i.e. pipelined. */
  readonly requestsPerConnection: number;
  /** What a streaming answer may hold for a reader who does not keep up, bytes. */
  readonly streamBytes: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

export const DEFAULT_LIMITS: Limits = {
  bodyBytes: 16 * MIB,
  bufferedBytes: 256 * MIB,
  headerBytes: 32 * KIB,
  headerCount: 200,
  headersMs: 10_000,
  requestMs: 30_000,
  idleMs: 60_000,
  stalledMs: 60_000,
  lingerMs: 5_000,
  drainMs: 5_000,
  connections: 4_096,
  requestsInFlight: 1_024,
  requestsPerConnection: 128,
  streamBytes: MIB,
};
