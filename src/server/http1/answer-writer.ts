/** Puts answers on a socket: small ones with a single write, large ones without a copy more than needed, streams in chunks. */
import type { Duplex } from 'node:stream';
import type { HttpResponse } from '#protocol/http.ts';
import type { StreamResponse, StreamSink } from '#server/answer.ts';
import { answerHead } from '#server/http1/answer-head.ts';

/** Head and body in one string up to here: joining longer ones costs more than handing over two. Bytes. */
const ONE_STRING = 16 * 1024;

export interface Framing {
  /** HEAD: the length stays, the body does not. */
  readonly headOnly: boolean;
  readonly minorVersion: 0 | 1;
  /** Lines that say whether the connection stays. */
  readonly connection: string;
}

/** RFC 9110 section 8.6: no length where there can be no content. */
const hasContent = (status: number): boolean => status !== 204 && status !== 304;

/** Writes a whole answer. @returns false when the socket wants a rest @throws as `answerHead`, with nothing written */
export function writeWhole(socket: Duplex, answer: HttpResponse, framing: Framing): boolean {
  const { body } = answer;
  const head = answerHead(answer, framing.connection);
  if (!hasContent(answer.status)) return socket.write(`${head}\r\n`, 'latin1');
  // Text of as many bytes as characters is ASCII, and Latin-1 is written faster than UTF-8.
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  const start = `${head}content-length: ${length}\r\n\r\n`;
  if (framing.headOnly || length === 0) return socket.write(start, 'latin1');
  const isAscii = typeof body === 'string' && length === body.length;
  if (isAscii && length <= ONE_STRING) return socket.write(start + body, 'latin1');
  socket.cork();
  socket.write(start, 'latin1');
  const goesOn = typeof body === 'string' ? socket.write(body, isAscii ? 'latin1' : 'utf8') : socket.write(body);
  socket.uncork();
  return goesOn;
}

export interface StreamCallbacks {
  /** The reader has left too much unread. */
  dropped(): void;
  /** The answer has failed after its head. */
  failed(error: unknown): void;
  /** The socket wants a rest. */
  full(): void;
  /** The last byte is written. */
  ended(): void;
}

/** An answer that goes on. */
export interface RunningStream {
  /** Ends it from outside, politely. */
  end(): void;
  /** The connection is gone. */
  abandon(): void;
}

/**
 * Starts a streaming answer: in chunks, or in HTTP/1.0 up to the connection's end.
 * @param backlogBytes what may wait for a reader who does not keep up
 * @throws as `answerHead`, with nothing written
 */
export function startStream(
  socket: Duplex,
  answer: StreamResponse,
  framing: Framing,
  backlogBytes: number,
  callbacks: StreamCallbacks,
): RunningStream {
  const chunked = framing.minorVersion === 1;
  const headers = { 'cache-control': 'no-store', ...answer.headers };
  const head = answerHead({ status: answer.status, headers }, framing.connection);
  socket.write(`${head}${chunked ? 'transfer-encoding: chunked\r\n' : ''}\r\n`, 'latin1');
  if (framing.headOnly) {
    callbacks.ended();
    return { end: () => undefined, abandon: () => undefined };
  }
  const body: { over: boolean; stop?: () => void } = { over: false };
  const finish = (): boolean => {
    if (body.over) return false;
    body.over = true;
    body.stop?.();
    return true;
  };
  const sink: StreamSink = {
    write(text) {
      if (body.over || text === '') return;
      const goesOn = socket.write(chunked ? `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n` : text);
      if (goesOn) return;
      if (socket.writableLength > backlogBytes) {
        finish();
        callbacks.dropped();
      } else {
        callbacks.full();
      }
    },
    end() {
      if (!finish()) return;
      if (chunked) socket.write('0\r\n\r\n', 'latin1');
      callbacks.ended();
    },
  };
  try {
    const stop = answer.stream(sink);
    if (body.over) stop();
    else body.stop = stop;
  } catch (error) {
    body.over = true;
    callbacks.failed(error);
  }
  return { end: () => sink.end(), abandon: () => void finish() };
}
