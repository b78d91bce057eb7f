/** Gathers the octets of a request's head, whatever pieces they come in, and parses it when it is whole. */
import { CR, KIND, LF, VALUE } from '#server/http1/octets.ts';
import { parseRequestHead, type HeadFault, type RequestHead } from '#server/http1/request-head.ts';

const END = Buffer.from('\r\n\r\n');

/** True for a control octet, or for a line that ends in other than CR LF, between `from` and the end: this will not become a head. */
function isHopeless(bytes: Buffer, from: number): boolean {
  for (let at = from; at < bytes.length; at += 1) {
    const code = bytes[at] ?? 0;
    if (((KIND[code] ?? 0) & VALUE) !== 0) continue;
    if (code === LF ? bytes[at - 1] !== CR : code !== CR || (at + 1 < bytes.length && bytes[at + 1] !== LF)) return true;
  }
  return false;
}

export class HeadReader {
  readonly #limits: { readonly headerBytes: number; readonly headerCount: number };
  #partial: Buffer | undefined;
  /** Octets of `#partial` without an end among them. */
  #lookedAt = 0;
  #end = 0;

  /** @param limits `headerBytes` of request line, fields and blank line together; `headerCount` fields */
  constructor(limits: { readonly headerBytes: number; readonly headerCount: number }) {
    this.#limits = limits;
  }

  /** A head has begun and is not whole. */
  get begun(): boolean {
    return this.#partial !== undefined;
  }

  /** Where in the piece that was read last the head ended. */
  get end(): number {
    return this.#end;
  }

  /** Reads a piece from `from` on. @returns undefined when the end has not come */
  read(piece: Buffer, from: number): RequestHead | HeadFault | undefined {
    const before = this.#partial;
    const bytes = before ? Buffer.concat([before, piece]) : piece;
    let start = before ? 0 : from;
    // RFC 9112 section 2.2: empty lines before a request are forgiven.
    while (bytes[start] === CR && bytes[start + 1] === LF) start += 2;
    const end = bytes.indexOf(END, Math.max(start, this.#lookedAt - END.length));
    if ((end < 0 ? bytes.length : end + END.length) - start > this.#limits.headerBytes) return 'headers-too-large';
    if (end < 0) {
      if (isHopeless(bytes, Math.max(start, this.#lookedAt - 1))) return 'bad-request';
      this.#partial = start === bytes.length ? undefined : bytes.subarray(start);
      this.#lookedAt = this.#partial?.length ?? 0;
      return undefined;
    }
    this.forget();
    this.#end = end + END.length - (before?.length ?? 0);
    return parseRequestHead(bytes, start, end + 2, this.#limits.headerCount);
  }

  forget(): void {
    this.#partial = undefined;
    this.#lookedAt = 0;
  }
}
