/** The head of an HTTP/1 request: read strictly, classified as AWS does, with one meaning as to where its body ends. */
import type { RequestView } from '#dataplane/balancer/decision.ts';
import { graver, type Reason } from '#dataplane/balancer/http/classification.ts';
import { isDisguised, mayBeDisguised } from '#dataplane/balancer/http/disguise.ts';
import { bit, FIELD, Fields, NOT_A_FIELD, optionsOf } from '#dataplane/balancer/http/fields.ts';
import { CR, decimal, KIND, LF, SPACE, TAB, TARGET, TOKEN } from '#dataplane/balancer/http/octets.ts';
import { readOddLine } from '#dataplane/balancer/http/request-line.ts';

/** `bodyLength` of a body that comes in chunks. */
export const CHUNKED = -1;

/** ALB user guide, "HTTP 400: Bad request": the request line, one header, all headers, in octets. */
export const LINE_BYTES = 16 * 1024;
export const FIELD_BYTES = 16 * 1024;
export const HEAD_BYTES = 64 * 1024;

/** RFC 3986 section 3.2.2, and the port. */
const HOST = /^(?:[\w.~!$&'()*+;=%-]+|\[[\da-fA-F:.]+\])(?::\d{0,5})?$/;
const ABSOLUTE = /^https?:\/\/([^/?#@]+)([^@#]*)$/i;
const CODINGS = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:[ \t]*,[ \t]*[!#$%&'*+\-.^_`|~0-9A-Za-z]+)*$/;

const HTTP_1_1 = ' HTTP/1.1\r\n';

/** Hosts that have been found in order: most requests name the one that the last one named. */
let goodHost = '';

function isHost(host: string): boolean {
  if (host === goodHost) return true;
  if (!HOST.test(host)) return false;
  goodHost = host;
  return true;
}

export class RequestHead extends Fields implements RequestView {
  method = '';
  /** In origin form, or `*`. */
  target = '';
  minorVersion: 0 | 1 = 1;
  /** Octets, or CHUNKED. */
  bodyLength = 0;
  /** Not 0: the request is answered with this, whatever the mode, and the connection ends. */
  status = 0;
  reason: Reason | undefined;
  /** As in `Host`, or in the target of an absolute one; '' for HTTP/1.0 without. */
  authority = '';
  keepsAlive = true;
  /** The protocol that the connection is to become, as the client asks. */
  upgrade = '';
  sourceAddress = '';
  /** The request line is good to go on as it is. */
  hasPlainLine = true;
  #lineEnd = 0;

  /** The head from `start` to `end`, which is behind the blank line. @returns this */
  parse(bytes: Buffer, start: number, end: number): this {
    this.reset(bytes.toString('latin1', start, end));
    this.status = 0;
    this.reason = undefined;
    this.bodyLength = 0;
    this.keepsAlive = true;
    this.upgrade = '';
    this.authority = '';
    const fieldsAt = this.#readLine(bytes, start, end);
    if (this.status !== 0) return this;
    if (!this.scan(bytes, start, fieldsAt, end - 2)) {
      if (this.status === 0) this.#refuse(400, 'BadHeader');
      return this;
    }
    this.#interpret();
    return this;
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
    const colon = this.#portAt();
    return (colon < 0 ? this.authority : this.authority.slice(0, colon)).toLowerCase();
  }

  get hostPort(): string {
    const colon = this.#portAt();
    return colon < 0 ? '' : this.authority.slice(colon + 1);
  }

  header(name: string): readonly string[] {
    return this.named(name);
  }

  /** The request line as it came, without its end. */
  get line(): string {
    return this.text.slice(0, this.#lineEnd);
  }

  /** The request line as it goes on, with its end. */
  get plainLine(): string {
    return this.hasPlainLine ? this.text.slice(0, this.#lineEnd + 2) : `${this.method} ${this.target}${HTTP_1_1}`;
  }

  #portAt(): number {
    const colon = this.authority.lastIndexOf(':');
    return colon > this.authority.indexOf(']') ? colon : -1;
  }

  #refuse(status: number, reason: Reason | undefined): void {
    this.status = status;
    if (reason !== undefined) this.#note(reason);
  }

  #note(reason: Reason): void {
    this.reason = graver(this.reason, reason);
  }

  /** @returns where the fields begin */
  #readLine(bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (((KIND[bytes[at] ?? 0] ?? 0) & TOKEN) !== 0) at += 1;
    const methodEnd = at;
    if (methodEnd > start && bytes[at] === SPACE) {
      at += 1;
      while (((KIND[bytes[at] ?? 0] ?? 0) & TARGET) !== 0) at += 1;
      // `HTTP/1.1` in its place, and the line's end.
      if (at > methodEnd + 1 && this.text.startsWith(HTTP_1_1, at - start)) {
        this.method = this.text.slice(0, methodEnd - start);
        this.target = this.text.slice(methodEnd + 1 - start, at - start);
        this.minorVersion = 1;
        this.hasPlainLine = true;
        this.#lineEnd = at + 9 - start;
        return at + 11;
      }
    }
    const lineEnd = this.text.indexOf('\n');
    this.#lineEnd = lineEnd - 1;
    if (bytes[start + lineEnd - 1] !== CR || lineEnd + start + 1 >= end) {
      this.#refuse(400, 'BadUri');
      this.#lineEnd = lineEnd;
      return end;
    }
    const odd = readOddLine(this.text.slice(0, lineEnd - 1));
    this.hasPlainLine = false;
    if ('status' in odd) this.#refuse(odd.status, odd.reason);
    else {
      ({ method: this.method, target: this.target, minorVersion: this.minorVersion } = odd);
      if (odd.reason !== undefined) this.#note(odd.reason);
    }
    return start + lineEnd + 1;
  }

  /** What AWS lets pass of a line that is not as it should be; nothing that this engine cannot pass on in one meaning. */
  protected override readOdd(bytes: Buffer, base: number, lineAt: number, last: number): number {
    let lineEnd = bytes.indexOf(LF, lineAt);
    if (lineEnd < 0 || lineEnd >= last || bytes[lineEnd - 1] !== CR || lineEnd === lineAt) return NOT_A_FIELD;
    lineEnd -= 1;
    const next = lineEnd + 2;
    const line = bytes.toString('latin1', lineAt, lineEnd);
    if (/[\0\r]/.test(line)) return NOT_A_FIELD;
    if (/^[ \t]/.test(line)) {
      // Lines of blanks are forgiven, folded lines are not.
      if (!/^[ \t]+$/.test(line)) return NOT_A_FIELD;
      this.#note('EmptyHeader');
      return this.#drop(lineAt - base, 0, next - base, next);
    }
    const colon = line.indexOf(':');
    if (colon < 0) return NOT_A_FIELD;
    const name = line.slice(0, colon);
    if (name === '') this.#note('EmptyHeader');
    else if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) this.#note(isDisguised(name) ? 'SuspiciousHeader' : 'NonCompliantHeader');
    else return this.#readOddValue(bytes, base, lineAt, colon, lineEnd);
    return this.#drop(lineAt - base, colon, next - base, next);
  }

  #drop(nameAt: number, nameLength: number, end: number, next: number): number {
    this.put(FIELD.dropped, nameAt, nameAt + nameLength, end, end, end);
    return next;
  }

  #readOddValue(bytes: Buffer, base: number, lineAt: number, colon: number, lineEnd: number): number {
    const kind = this.identify(bytes, lineAt, colon);
    this.#note('NonCompliantHeader');
    let valueAt = lineAt + colon + 1;
    let valueEnd = lineEnd;
    while (bytes[valueAt] === SPACE || bytes[valueAt] === TAB) valueAt += 1;
    while (valueEnd > valueAt && (bytes[valueEnd - 1] === SPACE || bytes[valueEnd - 1] === TAB)) valueEnd -= 1;
    this.put(kind, lineAt - base, lineAt + colon - base, valueAt - base, valueEnd - base, lineEnd + 2 - base);
    return lineEnd + 2;
  }

  protected override put(kind: number, nameAt: number, nameEnd: number, valueAt: number, valueEnd: number, next: number): void {
    if (next - nameAt > FIELD_BYTES) this.status = 400;
    super.put(kind, nameAt, nameEnd, valueAt, valueEnd, next);
  }

  protected override identify(bytes: Buffer, at: number, length: number): number {
    const kind = super.identify(bytes, at, length);
    if (kind !== FIELD.other || !mayBeDisguised(bytes, at, length)) return kind;
    if (!isDisguised(bytes.toString('latin1', at, at + length))) return kind;
    this.#note('SuspiciousHeader');
    return FIELD.dropped;
  }

  /** What the fields say of the message itself. */
  #interpret(): void {
    const { seen } = this;
    if ((seen & (bit(FIELD.contentLength) | bit(FIELD.transferEncoding))) !== 0) this.#readFraming();
    if ((seen & bit(FIELD.connection)) !== 0) this.#readConnection();
    else this.keepsAlive = this.minorVersion === 1;
    if (this.status === 0) this.#readHost();
    if (this.status !== 0) return;
    if (this.method === 'TRACE') this.status = 405; // "HTTP 405: Method not allowed"
    else if (this.target.charCodeAt(0) !== 0x2f) this.#readTarget();
  }

  #readHost(): void {
    const host = this.first(FIELD.host);
    // RFC 9112 section 3.2.
    if (this.hasSeveral(FIELD.host) || (host === undefined ? this.minorVersion === 1 : !isHost(host))) this.status = 400;
    else this.authority = host ?? '';
  }

  /** A target that does not begin with a slash. */
  #readTarget(): void {
    if (this.target === '*' && this.method === 'OPTIONS') return;
    const absolute = this.method === 'CONNECT' ? undefined : ABSOLUTE.exec(this.target);
    const authority = absolute?.[1] ?? '';
    if (!absolute || !isHost(authority)) {
      this.status = 400;
      return;
    }
    const rest = absolute[2] ?? '';
    this.authority = authority;
    this.target = rest.startsWith('/') ? rest : `/${rest}`;
    this.hasPlainLine = false;
  }

  #readConnection(): void {
    const value = this.all(FIELD.connection).join(',').toLowerCase();
    if (value === 'keep-alive') return;
    if (value === 'close') {
      this.keepsAlive = false;
      return;
    }
    const options = optionsOf([value]);
    this.keepsAlive = !options.includes('close') && (this.minorVersion === 1 || options.includes('keep-alive'));
    if (options.includes('upgrade') && this.minorVersion === 1) this.upgrade = this.first(FIELD.upgrade) ?? '';
    this.dropNominated(options);
  }

  /** RFC 9112 section 6.3, and what AWS says of requests that do not keep to it. */
  #readFraming(): void {
    const lengths = this.all(FIELD.contentLength);
    const encodings = this.all(FIELD.transferEncoding);
    const hasNoBody = this.method === 'GET' || this.method === 'HEAD';
    const length = lengths[0];
    if (length !== undefined) {
      if (lengths.some((one) => decimal(one) < 0)) return this.#refuse(400, 'BadContentLength');
      this.bodyLength = decimal(length);
      if (this.differs(FIELD.contentLength, this.bodyLength)) return this.#refuse(400, 'MultipleContentLength');
      if (lengths.length > 1) this.#note('DuplicateContentLength');
      if (hasNoBody) this.#note(this.bodyLength === 0 ? 'GetHeadZeroContentLength' : 'UndefinedContentLengthSemantics');
    }
    if (encodings.length === 0) return undefined;
    const codings = optionsOf(encodings);
    const isChunked = codings.every((coding) => coding === 'chunked');
    if (!isChunked && !(codings.length === 1 && codings[0] === 'identity')) {
      // "HTTP 501: Not implemented" is for codings that are none of the two; what is no coding at all is a bad request.
      return this.#refuse(encodings.every((one) => CODINGS.test(one)) ? 501 : 400, 'BadTransferEncoding');
    }
    if (isChunked) this.bodyLength = CHUNKED;
    if (codings.length > 1) this.#note('MultipleTransferEncodingChunked');
    if (hasNoBody || this.minorVersion === 0) this.#note('UndefinedTransferEncodingSemantics');
    if (length !== undefined) this.#note('BothTeClPresent');
    return undefined;
  }
}
