/** A request's head as HTTP/2 brings it: checked, looked into by rules, and written as HTTP/1.1 for a target. */
import type { IncomingHttpHeaders } from 'node:http2';
import type { RequestView } from '#dataplane/balancer/decision.ts';
import { FIELD, fieldOf } from '#dataplane/balancer/http/fields.ts';
import type { FrontState } from '#dataplane/balancer/http/front-state.ts';
import { CHUNKED } from '#dataplane/balancer/http/request-head.ts';
import { hostFor, takesBody, type ForwardedLines } from '#dataplane/balancer/http/upstream-head.ts';

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const PATH = /^[\x21-\x7e\x80-\xff]+$/;
const AUTHORITY = /^(?:[\w.~!$&'()*+;=%-]+|\[[\da-fA-F:.]+\])(?::\d{0,5})?$/;
const PLAIN_NAME = /^[-a-z0-9]+$/;
const LENGTH = /^\d{1,15}$/;

/** RFC 9113 section 8.2.2: of a connection, which HTTP/2 has other means for. */
const CONNECTION_NAMES = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);

export class Http2Head implements RequestView {
  readonly method: string;
  readonly target: string;
  readonly authority: string;
  readonly sourceAddress: string;
  /** Octets, or CHUNKED. */
  readonly bodyLength: number;
  /** The request is answered with this, and not passed on; 0: it is good. */
  readonly status: number;
  /** About as many octets as the head had. */
  readonly size: number;
  /** Names and values in turn, no pseudo headers. */
  readonly #fields: readonly string[];

  /** @param raw names and values in turn @param isWhole no body follows */
  constructor(headers: IncomingHttpHeaders, raw: readonly string[], isWhole: boolean, sourceAddress: string) {
    this.method = headers[':method'] ?? '';
    this.target = headers[':path'] ?? '';
    this.sourceAddress = sourceAddress;
    this.#fields = fieldsOf(raw);
    const host = this.header('host')[0];
    this.authority = headers[':authority'] ?? host ?? '';
    const length = this.header('content-length')[0];
    this.bodyLength = isWhole ? 0 : length === undefined ? CHUNKED : Number(length);
    this.size = raw.reduce((size, text) => size + text.length + 2, 0);
    this.status = this.#judge(host, isWhole);
  }

  get path(): string {
    const mark = this.target.indexOf('?');
    return mark < 0 ? this.target : this.target.slice(0, mark);
  }

  get query(): string {
    const mark = this.target.indexOf('?');
    return mark < 0 ? '' : this.target.slice(mark + 1);
  }

  get host(): string {
    return this.authority.replace(/:\d*$/, '').toLowerCase();
  }

  get hostPort(): string {
    return /:(\d*)$/.exec(this.authority)?.[1] ?? '';
  }

  header(name: string): readonly string[] {
    const values: string[] = [];
    for (let at = 0; at < this.#fields.length; at += 2) if (this.#fields[at] === name) values.push(this.#fields[at + 1] ?? '');
    return values;
  }

  /** The same request for a target. */
  text(state: FrontState, forwarded: ForwardedLines, traceId: string): string {
    const { attributes } = state;
    let text = `${this.method} ${this.target} HTTP/1.1\r\n${forwarded.lines(this.header('x-forwarded-for'), state)}Host: ${hostFor(this.authority, state)}\r\nX-Amzn-Trace-Id: ${traceId}\r\n`;
    for (let at = 0; at < this.#fields.length; at += 2) {
      const name = this.#fields[at] ?? '';
      const kind = fieldOf(name);
      const isOwn = kind !== FIELD.other && kind !== FIELD.userAgent && kind !== FIELD.setCookie;
      if (kind === FIELD.tlsVersion ? attributes.forwardsTlsVersion : isOwn) continue;
      if (attributes.dropsInvalidHeaderFields && !PLAIN_NAME.test(name)) continue;
      text += `${name}: ${this.#fields[at + 1] ?? ''}\r\n`;
    }
    if (this.bodyLength === CHUNKED) text += 'Transfer-Encoding: chunked\r\n';
    else if (this.bodyLength > 0 || takesBody(this.method)) text += `Content-Length: ${this.bodyLength}\r\n`;
    return `${text}\r\n`;
  }

  #judge(host: string | undefined, isWhole: boolean): number {
    if (!TOKEN.test(this.method) || this.method === 'CONNECT' || !PATH.test(this.target)) return 400;
    if (!this.target.startsWith('/') && !(this.target === '*' && this.method === 'OPTIONS')) return 400;
    if (!AUTHORITY.test(this.authority)) return 400;
    if (host !== undefined && host.toLowerCase() !== this.authority.toLowerCase()) return 400;
    for (let at = 0; at < this.#fields.length; at += 2) {
      const name = this.#fields[at] ?? '';
      const value = this.#fields[at + 1] ?? '';
      if (!NAME.test(name) || !VALUE.test(value) || CONNECTION_NAMES.has(name)) return 400;
      if (name === 'te' && value !== 'trailers') return 400;
    }
    const lengths = this.header('content-length');
    if (lengths.length > 1 || lengths.some((length) => !LENGTH.test(length) || (isWhole && Number(length) !== 0))) return 400;
    return this.method === 'TRACE' ? 405 : 0;
  }
}

/** RFC 9113 section 8.2.3: pieces of a cookie are put together for HTTP/1.1. */
function fieldsOf(raw: readonly string[]): readonly string[] {
  const fields: string[] = [];
  let cookieAt = -1;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    const value = raw[at + 1] ?? '';
    if (name.startsWith(':')) continue;
    if (name === 'cookie' && cookieAt >= 0) fields[cookieAt] += `; ${value}`;
    else {
      fields.push(name, value);
      if (name === 'cookie') cookieAt = fields.length - 1;
    }
  }
  return fields;
}
