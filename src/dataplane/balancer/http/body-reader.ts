/** Where a message's body ends: a length, chunks, or the connection's end (RFC 9112 sections 6 and 7.1), in whatever pieces it comes. */
import type { Block } from '#dataplane/balancer/http/blocks.ts';
import { COLON, CR, hexDigit, KIND, LF, TOKEN, VALUE } from '#dataplane/balancer/http/octets.ts';
import { CHUNKED } from '#dataplane/balancer/http/request-head.ts';

/** `length` of a body that lasts as long as its connection. */
export const UNTIL_CLOSE = -2;

export interface BodySink {
  /** Octets of the body itself. */
  bodyBytes(bytes: Buffer, from: number, end: number, block: Block | undefined): void;
}

/** Hexadecimal digits of a chunk's size, leading zeros too: 2^52 octets are more than anybody sends. */
const SIZE_DIGITS = 13;
/** Chunk extensions and trailers of one body, which are read and forgotten, in octets. RFC 9112 section 7.1.1 asks for a limit. */
const ASIDE_BYTES = 16 * 1024;

const SIZE = 0;
const EXTENSION = 1;
const SIZE_LF = 2;
const DATA = 3;
const DATA_CR = 4;
const DATA_LF = 5;
const LINE = 6;
const TRAILER_NAME = 7;
const TRAILER_VALUE = 8;
const TRAILER_LF = 9;
const LAST_LF = 10;
const DONE = 11;
const BROKEN = 12;
const SEMICOLON = 0x3b;

export class BodyReader {
  #state = DONE;
  /** Octets to come, of the body or of this chunk. */
  #left = 0;
  #digits = 0;
  #aside = 0;
  #isChunked = false;

  /** @param length octets, CHUNKED or UNTIL_CLOSE */
  begin(length: number): void {
    this.#isChunked = length === CHUNKED;
    this.#left = length === UNTIL_CLOSE ? Number.POSITIVE_INFINITY : this.#isChunked ? 0 : length;
    this.#state = this.#isChunked ? SIZE : length === 0 ? DONE : DATA;
    this.#digits = 0;
    this.#aside = 0;
  }

  get isDone(): boolean {
    return this.#state === DONE;
  }

  /** The chunks are not what the standard says: there is no telling where the body ends. */
  get isBroken(): boolean {
    return this.#state === BROKEN;
  }

  /** Octets that are sure to come next, of a body or of a chunk. */
  get left(): number {
    return this.#state === DATA ? this.#left : 0;
  }

  /** Reads on from `from`, at most to the body's end. @returns where it stopped */
  read(bytes: Buffer, from: number, end: number, block: Block | undefined, sink: BodySink): number {
    let at = from;
    while (at < end && this.#state < DONE) {
      if (this.#state === DATA) {
        const pieceEnd = Math.min(end, at + this.#left);
        const pieceAt = at;
        this.#left -= pieceEnd - at;
        if (this.#left === 0) this.#state = this.#isChunked ? DATA_CR : DONE;
        at = pieceEnd;
        sink.bodyBytes(bytes, pieceAt, pieceEnd, block);
      } else {
        this.#state = this.#step(bytes[at] ?? 0);
        at += 1;
      }
    }
    return at;
  }

  /** The state after one octet that is not the body's own. */
  #step(code: number): number {
    switch (this.#state) {
      case SIZE:
        return this.#size(code);
      case EXTENSION:
        return code === CR ? SIZE_LF : this.#skip(code, VALUE, EXTENSION);
      case SIZE_LF:
        if (code !== LF) return BROKEN;
        this.#digits = 0;
        return this.#left === 0 ? LINE : DATA;
      case DATA_CR:
        return code === CR ? DATA_LF : BROKEN;
      case DATA_LF:
        return code === LF ? SIZE : BROKEN;
      case LINE:
        return code === CR ? LAST_LF : this.#skip(code, TOKEN, TRAILER_NAME);
      case TRAILER_NAME:
        return code === COLON ? TRAILER_VALUE : this.#skip(code, TOKEN, TRAILER_NAME);
      case TRAILER_VALUE:
        return code === CR ? TRAILER_LF : this.#skip(code, VALUE, TRAILER_VALUE);
      case TRAILER_LF:
        return code === LF ? LINE : BROKEN;
      case LAST_LF:
        return code === LF ? DONE : BROKEN;
      default:
        return BROKEN;
    }
  }

  #size(code: number): number {
    const digit = hexDigit(code);
    if (digit >= 0) {
      this.#digits += 1;
      this.#left = this.#left * 16 + digit;
      return this.#digits > SIZE_DIGITS ? BROKEN : SIZE;
    }
    if (this.#digits === 0) return BROKEN;
    if (code === CR) return SIZE_LF;
    return code === SEMICOLON ? this.#skip(code, VALUE, EXTENSION) : BROKEN;
  }

  #skip(code: number, kind: number, next: number): number {
    this.#aside += 1;
    return ((KIND[code] ?? 0) & kind) === 0 || this.#aside > ASIDE_BYTES ? BROKEN : next;
  }
}
