/** The head of an HTTP/1 request: request line and header fields, read strictly (RFC 9112 sections 2, 3, 5 and 6). */
import { lowerName } from '#server/http1/header-names.ts';
import { COLON, CR, KIND, LF, METHOD, SPACE, TAB, TARGET, TOKEN, VALUE } from '#server/http1/octets.ts';

export type Headers = Record<string, string | undefined>;

/** An object without a prototype that V8 still keeps as a fast one: `__proto__` is a name like others here. */
const NoHeaders = function (this: Headers) {} as unknown as new () => Headers; // TypeScript knows constructors as classes only
NoHeaders.prototype = Object.create(null);

/** `bodyLength` of a body that comes in chunks. */
export const CHUNKED = -1;

export interface RequestHead {
  /** Capitals, e.g. `POST`. */
  readonly method: string;
  /** As it came, at least `/`; `*` for OPTIONS. */
  readonly path: string;
  /** As it came, without `?`. */
  readonly query: string;
  /** Names in lower case; repeated ones joined by `, ` (`cookie` by `; `). */
  readonly headers: Headers;
  /** The 1 of HTTP/1.1. */
  readonly minorVersion: 0 | 1;
  /** Bytes, or CHUNKED. */
  readonly bodyLength: number;
  /** The client can send more requests after this one. */
  readonly keepAlive: boolean;
}

/** Not HTTP, or not what the standards let stand; or more header fields than the limit. */
export type HeadFault = 'bad-request' | 'headers-too-large';

/** Longest method name. The longest registered one, `UPDATEREDIRECTREF`, has 17 letters. */
const METHOD_LENGTH = 32;
/** Safe integers have 16 digits; no body has 15. */
const LENGTH = /^\d{1,15}$/;
/** RFC 9110 section 4.2: user information in an http URI is an error. */
const ABSOLUTE = /^https?:\/\/([^/?@]+)([^@]*)$/i;
/** RFC 3986 section 3.2.2, and the port; empty where the target has no authority. */
const HOST = /^(?:[\w.~!$&'()*+,;=%-]*|\[[\da-fA-F:.]+\])(?::\d{0,5})?$/;

/**
 * The head in `bytes` from `start` to `end`, which is behind the last header's line end and before the blank line.
 * @param count the most header fields
 */
export function parseRequestHead(bytes: Buffer, start: number, end: number, count: number): RequestHead | HeadFault {
  const text = bytes.toString('latin1', start, end);
  let at = start;
  while (((KIND[bytes[at] ?? 0] ?? 0) & METHOD) !== 0) at += 1;
  if (at === start || at - start > METHOD_LENGTH || bytes[at] !== SPACE) return 'bad-request';
  const method = text.slice(0, at - start);
  at += 1;
  const targetAt = at - start;
  while (((KIND[bytes[at] ?? 0] ?? 0) & TARGET) !== 0) at += 1;
  const target = text.slice(targetAt, at - start);
  if (target === '' || !text.startsWith(' HTTP/1.', at - start)) return 'bad-request';
  const minorVersion = (bytes[at + 8] ?? 0) - 0x30;
  if ((minorVersion !== 0 && minorVersion !== 1) || bytes[at + 9] !== CR || bytes[at + 10] !== LF) return 'bad-request';
  at += 11;

  const headers = new NoHeaders();
  let left = count;
  while (at < end) {
    const nameAt = at;
    while (((KIND[bytes[at] ?? 0] ?? 0) & TOKEN) !== 0) at += 1;
    // A folded line begins with a space and so has an empty name.
    if (at === nameAt || bytes[at] !== COLON) return 'bad-request';
    const name = lowerName(text.slice(nameAt - start, at - start));
    at += 1;
    while (bytes[at] === SPACE || bytes[at] === TAB) at += 1;
    const valueAt = at;
    while (((KIND[bytes[at] ?? 0] ?? 0) & VALUE) !== 0) at += 1;
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return 'bad-request';
    let valueEnd = at;
    while (valueEnd > valueAt && (bytes[valueEnd - 1] === SPACE || bytes[valueEnd - 1] === TAB)) valueEnd -= 1;
    at += 2;
    left -= 1;
    if (left < 0) return 'headers-too-large';
    const value = text.slice(valueAt - start, valueEnd - start);
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else if (name === 'host' || name === 'content-length' || name === 'transfer-encoding') return 'bad-request';
    else headers[name] = before + (name === 'cookie' ? '; ' : ', ') + value;
  }
  return interpret(method, target, minorVersion, headers);
}

/** What the fields say of the message itself. */
function interpret(method: string, target: string, minorVersion: 0 | 1, headers: Headers): RequestHead | HeadFault {
  const host = headers['host'];
  if (host === undefined ? minorVersion === 1 : !HOST.test(host)) return 'bad-request';
  const bodyLength = bodyLengthOf(minorVersion, headers);
  if (bodyLength === undefined) return 'bad-request';

  let path = target;
  if (target.charCodeAt(0) !== 0x2f && !(target === '*' && method === 'OPTIONS')) {
    // RFC 9112 section 3.2.2: a server takes the absolute form too, and its authority is the host.
    const absolute = ABSOLUTE.exec(target);
    const authority = absolute?.[1];
    if (authority === undefined || method === 'CONNECT' || !HOST.test(authority)) return 'bad-request';
    headers['host'] = authority;
    path = absolute?.[2] ?? '';
    if (!path.startsWith('/')) path = `/${path}`;
  }
  if (method === 'CONNECT') return 'bad-request';
  const mark = path.indexOf('?');
  return {
    method,
    path: mark < 0 ? path : path.slice(0, mark),
    query: mark < 0 ? '' : path.slice(mark + 1),
    headers,
    minorVersion,
    bodyLength,
    keepAlive: keepsAlive(minorVersion, headers['connection']),
  };
}

/**
 * RFC 9112 section 6.3. Whatever two servers could read in two ways is refused: a length beside an encoding, a list of
 * lengths, an encoding in HTTP/1.0, encodings other than chunks.
 */
function bodyLengthOf(minorVersion: 0 | 1, headers: Headers): number | undefined {
  const length = headers['content-length'];
  const encoding = headers['transfer-encoding'];
  if (encoding === undefined) {
    if (length === undefined) return 0;
    return LENGTH.test(length) ? Number(length) : undefined;
  }
  return length === undefined && minorVersion === 1 && encoding.toLowerCase() === 'chunked' ? CHUNKED : undefined;
}

/** RFC 9112 section 9.3. */
function keepsAlive(minorVersion: 0 | 1, connection: string | undefined): boolean {
  if (connection === undefined) return minorVersion === 1;
  if (connection === 'keep-alive') return true;
  const options = connection.toLowerCase().split(',');
  const has = (option: string): boolean => options.some((one) => one.trim() === option);
  return !has('close') && (minorVersion === 1 || has('keep-alive'));
}
