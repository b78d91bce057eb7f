/** Bytes through a connection without a network: what it makes of them, and what it says. */
import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import type { HttpRequest } from '#protocol/http.ts';
import type { Answer } from '#server/answer.ts';
import { Http1Connection } from '#server/http1/connection.ts';
import type { Traffic } from '#server/http1/traffic.ts';
import { DEFAULT_LIMITS, type Limits } from '#server/limits.ts';
import { refusal, type RefusalKind } from '#server/refusal.ts';

/** What a service sees of a request, in a form that can be compared. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

export interface Outcome {
  readonly requests: readonly Seen[];
  readonly refusals: readonly RefusalKind[];
  /** Statuses in the order in which they left. */
  readonly statuses: readonly number[];
  /** Everything that was written, as Latin-1. */
  readonly written: string;
  readonly failures: readonly unknown[];
  /** What is held when all is over. */
  readonly left: { readonly requestsInFlight: number; readonly bytes: number };
}

export interface Conversation {
  readonly limits?: Partial<Limits>;
  readonly respond?: (request: HttpRequest) => Promise<Answer>;
  /** The client does not close its sending side. */
  readonly staysOpen?: boolean;
}

const fine = async (): Promise<Answer> => ({ status: 200, headers: {}, body: 'fine' });

/** A socket of its own, with the few methods that a connection uses beside those of every stream. */
class FakeSocket extends Duplex {
  readonly chunks: Buffer[] = [];
  setTimeout(): this {
    return this;
  }
  override _read(): void {}
  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.chunks.push(chunk);
    done();
  }
}

/** Plays pieces of a client's bytes to a connection, then (usually) the end of its sending side, and waits until it is closed. */
export async function converse(
  pieces: readonly Buffer[],
  { limits, respond = fine, staysOpen = false }: Conversation = {},
): Promise<Outcome> {
  const requests: Seen[] = [];
  const refusals: RefusalKind[] = [];
  const failures: unknown[] = [];
  const all: Limits = { ...DEFAULT_LIMITS, ...limits };
  const traffic: Traffic = {
    limits: all,
    budget: { limit: all.bufferedBytes, used: 0 },
    requestsInFlight: 0,
    closing: false,
    respond(request) {
      requests.push({ ...request, headers: { ...request.headers }, body: request.body.toString('latin1') });
      return respond(request);
    },
    refuse(kind, request) {
      refusals.push(kind);
      return refusal(kind, request);
    },
    failed: (error) => void failures.push(error),
  };
  const socket = new FakeSocket({ allowHalfOpen: true });
  socket.on('error', (error) => failures.push(error));
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  const peer = { remoteAddress: '127.0.0.1', secure: false };
  const connection = new Http1Connection(socket as unknown as Socket, peer, traffic); // it uses no more of a socket
  socket.on('data', (piece: Buffer) => connection.receive(piece));
  for (const piece of pieces) {
    socket.push(piece);
    await new Promise(setImmediate); // as on a wire, what was asked before may be answered before the next comes
  }
  if (!staysOpen) socket.push(null);
  await closed;
  const written = Buffer.concat(socket.chunks).toString('latin1');
  const statuses = [...written.matchAll(/HTTP\/1\.1 ([2-5]\d\d) /g)].map((match) => Number(match[1]));
  return {
    requests,
    refusals,
    statuses,
    written,
    failures,
    left: { requestsInFlight: traffic.requestsInFlight, bytes: traffic.budget.used },
  };
}

/** The same for text in one piece. */
export const converseText = (text: string, conversation?: Conversation): Promise<Outcome> =>
  converse([Buffer.from(text, 'latin1')], conversation);
