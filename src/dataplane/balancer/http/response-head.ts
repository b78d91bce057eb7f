/** The head of a target's answer: read as strictly as a request's, since a client's connection depends on it. */
import { UNTIL_CLOSE } from '#dataplane/balancer/http/body-reader.ts';
import { bit, FIELD, Fields, optionsOf } from '#dataplane/balancer/http/fields.ts';
import { CR, decimal, KIND, LF, LOOSE_VALUE, SPACE, TAB } from '#dataplane/balancer/http/octets.ts';
import { CHUNKED } from '#dataplane/balancer/http/request-head.ts';

/** ALB user guide, "HTTP 502: Bad gateway": the entire response header. */
export const RESPONSE_HEAD_BYTES = 32 * 1024;

/** Not passed on as they came: the engine says these things itself. */
const WITHHELD =
  bit(FIELD.connection) | bit(FIELD.hop) | bit(FIELD.upgrade) | bit(FIELD.contentLength) | bit(FIELD.transferEncoding) | bit(FIELD.dropped);

export class ResponseHead extends Fields {
  status = 0;
  /** `HTTP/1.1 200 OK` and the line's end, with the reason that the target gave. */
  statusLine = '';
  /** Octets, CHUNKED or UNTIL_CLOSE; of an answer to HEAD too. Undefined: the head says nothing and there is no body. */
  bodyLength: number = UNTIL_CLOSE;
  /** The target takes another request on this connection. */
  keepsAlive = true;
  /** The length that the head tells, also where no body follows; −1: none. */
  toldLength = -1;
  #isOdd = false;

  /** The head from `start` to `end`, which is behind the blank line. @returns false when it is none */
  parse(bytes: Buffer, start: number, end: number, isAnswerToHead: boolean): boolean {
    this.reset(bytes.toString('latin1', start, end));
    this.#isOdd = false;
    const fieldsAt = this.#readLine(bytes, start);
    if (fieldsAt < 0 || !this.scan(bytes, start, fieldsAt, end - 2) || this.#isOdd) return false;
    return this.#interpret(isAnswerToHead);
  }

  /** The fields that go on to the client, as they came. */
  get passedOn(): string {
    return this.lines(WITHHELD);
  }

  /** The protocol that the connection becomes, after 101. */
  get upgrade(): string {
    return this.first(FIELD.upgrade) ?? '';
  }

  get hasBody(): boolean {
    return this.bodyLength !== 0;
  }

  /** @returns where the fields begin; −1 when it is no status line */
  #readLine(bytes: Buffer, start: number): number {
    const { text } = this;
    if (!text.startsWith('HTTP/1.') || text.charCodeAt(8) !== SPACE) return -1;
    const minor = text.charCodeAt(7) - 0x30;
    const status = decimal(text.slice(9, 12));
    if ((minor !== 0 && minor !== 1) || status < 100) return -1;
    let at = start + 12;
    if (bytes[at] !== SPACE && bytes[at] !== CR) return -1;
    while (((KIND[bytes[at] ?? 0] ?? 0) & LOOSE_VALUE) !== 0) at += 1;
    if (bytes[at] !== CR || bytes[at + 1] !== LF) return -1;
    this.status = status;
    this.keepsAlive = minor === 1;
    const line = text.slice(0, at + 2 - start);
    this.statusLine = minor === 1 ? line : `HTTP/1.1${line.slice(8)}`;
    return at + 2;
  }

  /** Octets above ASCII in a value are forgiven. */
  protected override readOdd(bytes: Buffer, base: number, lineAt: number, last: number): number {
    const lineEnd = bytes.indexOf(LF, lineAt) - 1;
    if (lineEnd < lineAt || lineEnd >= last || bytes[lineEnd] !== CR) return -1;
    const line = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t\x20-\x7e\x80-\xff]*)$/.exec(bytes.toString('latin1', lineAt, lineEnd));
    const length = line?.[1]?.length;
    if (length === undefined) return -1;
    let valueAt = lineAt + length + 1;
    while (bytes[valueAt] === SPACE || bytes[valueAt] === TAB) valueAt += 1;
    const kind = this.identify(bytes, lineAt, length);
    if (kind === FIELD.contentLength || kind === FIELD.transferEncoding) return -1;
    this.put(kind, lineAt - base, lineAt + length - base, Math.min(valueAt, lineEnd) - base, lineEnd - base, lineEnd + 2 - base);
    return lineEnd + 2;
  }

  #interpret(isAnswerToHead: boolean): boolean {
    const { seen, status } = this;
    if ((seen & bit(FIELD.connection)) !== 0) {
      const options = optionsOf(this.all(FIELD.connection));
      this.keepsAlive = !options.includes('close') && (this.keepsAlive || options.includes('keep-alive'));
      this.dropNominated(options);
    }
    this.toldLength = -1;
    this.bodyLength = UNTIL_CLOSE;
    if ((seen & (bit(FIELD.contentLength) | bit(FIELD.transferEncoding))) !== 0 && !this.#readFraming()) return false;
    // RFC 9110 section 8.6: these have no length to tell.
    if (status < 200 || status === 204) this.toldLength = -1;
    if (isAnswerToHead || status < 200 || status === 204 || status === 304) this.bodyLength = 0;
    else if (this.bodyLength === UNTIL_CLOSE) this.keepsAlive = false;
    return true;
  }

  /** RFC 9112 section 6.3; what two readers could understand in two ways is refused. */
  #readFraming(): boolean {
    const hasEncoding = (this.seen & bit(FIELD.transferEncoding)) !== 0;
    const first = this.first(FIELD.contentLength);
    if (first !== undefined) {
      const length = decimal(first);
      if (hasEncoding || length < 0 || this.differs(FIELD.contentLength, length)) return false;
      this.toldLength = length;
      this.bodyLength = length;
      return true;
    }
    const encodings = this.all(FIELD.transferEncoding);
    if (encodings.length !== 1 || encodings[0]?.toLowerCase() !== 'chunked') return false;
    this.bodyLength = CHUNKED;
    return true;
  }
}
