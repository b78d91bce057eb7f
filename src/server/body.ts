/** The body of a request, collected into one buffer within limits. */
import type { IncomingMessage } from 'node:http';

export const EMPTY_BODY: Buffer = Buffer.alloc(0);

/** Bytes of request bodies that are held at once, over all connections. */
export interface BodyBudget {
  readonly limit: number;
  used: number;
}

/** Why a body was not collected: longer than one may be, no room for it now, or its client went away. */
export type BodyFailure = 'too-large' | 'no-room' | 'gone';

const FIRST_GROWTH_BYTES = 64 * 1024;

/** True when neither a length nor chunks are announced, or a length of 0. */
export function hasNoBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length'];
  return (length === undefined || length === '0') && request.headers['transfer-encoding'] === undefined;
}

/** The announced length in bytes; 0 when the body comes in chunks. */
export const announcedLength = (request: IncomingMessage): number => Number(request.headers['content-length'] ?? 0);

/**
 * Collects a body and calls `done` once. A body in one piece is handed on without a copy; more pieces grow one buffer,
 * since a list of them would cost a hundred times its bytes when they are tiny.
 * The budget holds the bytes until the caller gives them back (`budget.used -= body.length`); after a failure it holds none.
 */
export function collectBody(request: IncomingMessage, limit: number, budget: BodyBudget, done: (body: Buffer | BodyFailure) => void): void {
  let body = EMPTY_BODY;
  let length = 0;
  let settled = false;

  const settle = (result: Buffer | BodyFailure): void => {
    if (settled) return;
    settled = true;
    if (typeof result === 'string') {
      budget.used -= length;
      body = EMPTY_BODY;
    }
    done(result);
  };

  const append = (chunk: Buffer): void => {
    if (settled) return;
    const total = length + chunk.length;
    if (total > limit) return settle('too-large');
    if (budget.used + chunk.length > budget.limit) return settle('no-room');
    budget.used += chunk.length;
    if (length === 0) {
      body = chunk;
    } else {
      if (total > body.length || length === body.length) {
        const grown = Buffer.allocUnsafeSlow(Math.min(limit, Math.max(FIRST_GROWTH_BYTES, 2 * total)));
        body.copy(grown, 0, 0, length);
        body = grown;
      }
      chunk.copy(body, length);
    }
    length = total;
  };

  request.on('data', append);
  request.on('end', () => settle(length === body.length ? body : body.subarray(0, length)));
  // A client that goes away midway: `close` comes without `end`.
  request.on('close', () => settle('gone'));
}
