/** From Node's request to the plain value that the protocols read. */
import type { IncomingMessage } from 'node:http';
import type { HttpRequest } from '#protocol/http.ts';

/** RFC 9112 section 3.2.2: a server takes the absolute form too, and its authority is the host. */
const ABSOLUTE = /^https?:\/\/([^/?#]*)([^#]*)/i;

/** The value, or undefined when the request's target has none of the forms that a server takes. */
export function toHttpRequest(message: IncomingMessage, body: Buffer): HttpRequest | undefined {
  // Node types `set-cookie` as a list; it means nothing in a request, and no other header is one.
  const headers = message.headers as Record<string, string | undefined>;
  const method = message.method ?? 'GET';
  let target = message.url ?? '/';
  let host: string | undefined;
  if (!target.startsWith('/') && target !== '*') {
    const absolute = ABSOLUTE.exec(target);
    if (!absolute) return undefined;
    host = absolute[1];
    target = absolute[2]?.startsWith('/') ? absolute[2] : `/${absolute[2] ?? ''}`;
  }
  const mark = target.indexOf('?');
  return {
    method,
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? '' : target.slice(mark + 1),
    headers: host === undefined ? headers : { ...headers, host },
    body,
  };
}
