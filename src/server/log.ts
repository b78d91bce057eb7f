/** The server's log: structured lines on standard error, never a body and never a credential. */
import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import type { LogLevel } from '#server/log-level.ts';

export type Log = Pick<Logger, 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'isLevelEnabled' | 'flush'>;

/** What is written of a request; there is no room in it for what must not be written. */
export interface RequestLine {
  readonly requestId: string;
  readonly account: string;
  readonly region: string;
  readonly service: string;
  readonly operation: string;
  /** HTTP status. */
  readonly status: number;
  /** AWS's error code; absent when the call succeeded. */
  readonly code?: string | undefined;
  /** How long the request took, milliseconds. */
  readonly ms: number;
}

const STDERR = 2;

/**
 * Makes a log. It writes without waiting for standard error's reader, so that a stalled terminal does not stall the server.
 * @param destination where lines go; standard error when not told
 */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const options = {
    level,
    base: undefined,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, destination ?? pino.destination({ dest: STDERR, sync: false }));
}

/** One line per request: at `info` when the server failed, else at `debug`. */
export function logRequest(log: Log, line: RequestLine): void {
  const level = line.status >= 500 ? 'info' : 'debug';
  if (!log.isLevelEnabled(level)) return;
  // Member by member, so that a value with more in it does not bring a body or a key into the log.
  const { requestId, account, region, service, operation, status, code, ms } = line;
  log[level]({ requestId, account, region, service, operation, status, code, ms }, 'request');
}
