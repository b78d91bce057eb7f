/** What the front door sends back: whole answers, and answers that go on (server-sent events). */
import type { ServerResponse } from 'node:http';
import type { HttpResponse } from '#protocol/http.ts';

/** Where a streaming answer writes to. Writing after the end does nothing. */
export interface StreamSink {
  /** Sends text. A reader that leaves more than the limit unread is dropped. */
  write(text: string): void;
  end(): void;
}

/** An answer whose body comes over time. */
export interface StreamResponse {
  readonly status: number;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Starts the body; what it returns is called once when the answer is over, whoever ended it. */
  readonly stream: (sink: StreamSink) => () => void;
}

export type Answer = HttpResponse | StreamResponse;

/** Writes a whole answer. HEAD leaves the body out, its length stays. */
export function sendWhole(response: ServerResponse, answer: HttpResponse): void {
  const headers: Record<string, string | number> = { ...answer.headers };
  const { body } = answer;
  // RFC 9110 section 8.6: no length where there can be no content.
  if (answer.status >= 200 && answer.status !== 204 && answer.status !== 304) {
    headers['content-length'] = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  }
  response.writeHead(answer.status, headers);
  response.end(body);
}

/**
 * Starts a streaming answer.
 * @param backlogBytes what may wait for a reader who does not keep up
 * @returns the way to end it from outside
 */
export function sendStream(response: ServerResponse, answer: StreamResponse, backlogBytes: number): () => void {
  const socket = response.socket;
  response.writeHead(answer.status, { 'cache-control': 'no-store', ...answer.headers });
  if (response.req.method === 'HEAD') {
    response.end();
    return () => undefined;
  }
  response.flushHeaders();
  const body: { over: boolean; stop?: () => void } = { over: false };
  const finish = (): void => {
    if (body.over) return;
    body.over = true;
    body.stop?.();
  };
  const end = (): void => {
    finish();
    response.end();
  };
  const write = (text: string): void => {
    if (body.over) return;
    response.write(text);
    if (response.writableLength > backlogBytes) {
      finish();
      socket?.destroy();
    }
  };
  // Half a connection is enough for an answer, but nobody waits for events on one.
  socket?.once('end', end);
  response.on('close', () => {
    socket?.off('end', end);
    finish();
  });
  const stop = answer.stream({ write, end });
  if (body.over) stop();
  else body.stop = stop;
  return end;
}
