/** Takes a body out of its framing (RFC 9112 section 6) as far as a string is looked for in it, and looks for it. */
import { CHUNK_LINE_BYTES_MAX, SEARCHED_BYTES } from '#dataplane/checker/limits.ts';

type BodyState = 'more' | 'found' | 'missed' | 'broken';

const LINE_FEED = 10;
const NO_BYTES = Buffer.alloc(0);

export class BodyReader {
  readonly #searched: Buffer;
  readonly #body = Buffer.alloc(SEARCHED_BYTES);
  #length = 0;
  /** Bytes that still belong to the body, or to the chunk; infinite up to the connection's end. */
  #left: number;
  readonly #isChunked: boolean;
  /** What there is of a line between chunks. */
  #line: Buffer = NO_BYTES;
  #isInLine: boolean;

  /** @param head of the answer, as latin1 text */
  constructor(searched: Buffer, head: string, status: number) {
    this.#searched = searched;
    const length = /^content-length:[ \t]*(\d{1,15})[ \t]*\r?$/im.exec(head)?.[1];
    this.#isChunked = /^transfer-encoding:(?:.*,)?[ \t]*chunked[ \t]*\r?$/im.test(head);
    this.#isInLine = this.#isChunked;
    if (this.#isChunked) this.#left = 0;
    else if (status === 204 || status === 304) this.#left = 0;
    else this.#left = length === undefined ? Number.POSITIVE_INFINITY : Number(length);
  }

  push(bytes: Buffer): BodyState {
    let rest = bytes;
    for (;;) {
      if (this.#isInLine) {
        const line = this.#takeLine(rest);
        if (line === undefined) return this.#line.length > CHUNK_LINE_BYTES_MAX ? 'broken' : 'more';
        rest = line.rest;
        // The empty line behind a chunk is no size.
        if (line.text === '') continue;
        const size = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i.exec(line.text)?.[1];
        if (size === undefined) return 'broken';
        this.#left = Number.parseInt(size, 16);
        if (this.#left === 0) return this.#verdict();
        this.#isInLine = false;
      }
      const isFound = this.#take(rest.subarray(0, Math.min(rest.length, this.#left)));
      const taken = Math.min(rest.length, this.#left);
      this.#left -= taken;
      rest = rest.subarray(taken);
      if (isFound) return 'found';
      if (this.#length === SEARCHED_BYTES) return 'missed';
      if (this.#left > 0) return 'more';
      if (!this.#isChunked) return this.#verdict();
      this.#isInLine = true;
    }
  }

  /** A body that ends with the connection is whole; so is, for us, one that is cut off. */
  end(): BodyState {
    return this.#verdict();
  }

  #verdict(): BodyState {
    return this.#body.subarray(0, this.#length).includes(this.#searched) ? 'found' : 'missed';
  }

  /** Whether the string is there now. */
  #take(bytes: Buffer): boolean {
    const from = Math.max(0, this.#length - this.#searched.length + 1);
    this.#length += bytes.copy(this.#body, this.#length, 0, SEARCHED_BYTES - this.#length);
    return this.#body.subarray(from, this.#length).includes(this.#searched);
  }

  #takeLine(bytes: Buffer): { text: string; rest: Buffer } | undefined {
    const end = bytes.indexOf(LINE_FEED);
    if (end < 0) {
      this.#line = Buffer.concat([this.#line, bytes.subarray(0, CHUNK_LINE_BYTES_MAX + 1)]);
      return undefined;
    }
    const text = Buffer.concat([this.#line, bytes.subarray(0, end)])
      .toString('latin1')
      .trim();
    this.#line = NO_BYTES;
    return { text, rest: bytes.subarray(end + 1) };
  }
}
