/** Where a request's body ends: a length, or chunks (RFC 9112 sections 6 and 7.1), whatever pieces the bytes come in. */
import { CHUNKED } from '#server/http1/request-head.ts';
import { COLON, CR, KIND, LF, SEMICOLON, TOKEN, VALUE } from '#server/http1/octets.ts';

/** Takes the body's own bytes. */
export type TakeBytes = (bytes: Buffer) => void;

/** Hexadecimal digits of a chunk's size, leading zeros too: 2^32 is more than any limit. */
const SIZE_DIGITS = 8;
/** Chunk extensions and trailers of one body, which are read and forgotten, in bytes. RFC 9112 section 7.1.1 asks for a limit. */
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

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

export class BodyFraming {
  #state: number;
  /** Bytes to come, of the body or of this chunk. */
  #left: number;
  #digits = 0;
  #aside = 0;
  readonly #chunked: boolean;

  /** @param length bytes, or CHUNKED */
  constructor(length: number) {
    this.#chunked = length === CHUNKED;
    this.#left = this.#chunked ? 0 : length;
    this.#state = this.#chunked ? SIZE : length === 0 ? DONE : DATA;
  }

  get done(): boolean {
    return this.#state === DONE;
  }

  /** The chunks are not what the standard says; there is no telling where the body ends. */
  get broken(): boolean {
    return this.#state === BROKEN;
  }

  /** Reads on from `start`, at most to the body's end. @returns where it stopped */
  read(bytes: Buffer, start: number, take: TakeBytes): number {
    let at = start;
    while (at < bytes.length && this.#state !== DONE && this.#state !== BROKEN) {
      if (this.#state === DATA) {
        const end = Math.min(bytes.length, at + this.#left);
        this.#left -= end - at;
        if (this.#left === 0) this.#state = this.#chunked ? DATA_CR : DONE;
        take(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
        at = end;
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
