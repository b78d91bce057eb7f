/** Reads the answer of an endpoint as it comes, however it is cut: its status, and the first bytes of its body. Nothing here throws. */
import { BodyReader } from '#dataplane/checker/http-body.ts';
import { HEAD_BYTES_MAX, INTERIM_MAX } from '#dataplane/checker/limits.ts';

/** `more`: go on reading. `status`: the head is whole. `found`, `missed`: whether the string is in the body. `broken`: it is no HTTP. */
export type AnswerState = 'more' | 'status' | 'found' | 'missed' | 'broken';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const NO_BYTES = Buffer.alloc(0);

export class HttpAnswer {
  readonly #searched: Buffer | undefined;
  #head: Buffer = NO_BYTES;
  /** Where to go on looking for the head's end. */
  #lookedAt = 0;
  #interims = 0;
  #body: BodyReader | undefined;
  /** Of the final answer, when the head is whole. */
  status = 0;
  reason = '';

  /** @param searched what must be in the body; undefined: the status is enough */
  constructor(searched: string | undefined) {
    this.#searched = searched === undefined ? undefined : Buffer.from(searched);
  }

  /** Takes bytes; the last state that they lead to. After `found`, `missed` and `broken` nothing more is to be given. */
  push(bytes: Buffer): AnswerState {
    if (this.#body !== undefined) return this.#body.push(bytes);
    this.#head = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes]);
    for (;;) {
      if (!this.#beginsWell()) return 'broken';
      const end = this.#endOfHead();
      if (end === undefined) return this.#head.length > HEAD_BYTES_MAX ? 'broken' : 'more';
      const head = this.#head.toString('latin1', 0, end);
      const rest = this.#head.subarray(end);
      const line = /^HTTP\/1\.[0-9] ([1-9][0-9]{2})(?: ([^\r\n]*))?\r?\n/.exec(head);
      if (line === null) return 'broken';
      const status = Number(line[1]);
      if (status >= 200 || status === 101) return this.#begin(status, line[2] ?? '', head, rest);
      if (++this.#interims > INTERIM_MAX) return 'broken';
      this.#head = rest;
      this.#lookedAt = 0;
    }
  }

  /** The endpoint has ended the connection. */
  end(): AnswerState {
    if (this.#body === undefined) return 'broken';
    return this.#body.end();
  }

  #begin(status: number, reason: string, head: string, rest: Buffer): AnswerState {
    this.status = status;
    this.reason = reason;
    this.#head = NO_BYTES;
    if (this.#searched === undefined || status >= 400) return 'status';
    this.#body = new BodyReader(this.#searched, head, status);
    const state = this.#body.push(rest);
    return state === 'more' ? 'status' : state;
  }

  /** An endpoint of another protocol need not be heard out. */
  #beginsWell(): boolean {
    const begins = this.#head.toString('latin1', 0, 7);
    return 'HTTP/1.'.startsWith(begins);
  }

  /** Where the head ends: behind an empty line, whether or not it has carriage returns. */
  #endOfHead(): number | undefined {
    const head = this.#head;
    for (let at = head.indexOf(LINE_FEED, this.#lookedAt); at >= 0; at = head.indexOf(LINE_FEED, at + 1)) {
      if (head[at + 1] === LINE_FEED) return at + 2;
      if (head[at + 1] === CARRIAGE_RETURN && head[at + 2] === LINE_FEED) return at + 3;
    }
    this.#lookedAt = Math.max(0, head.length - 3);
    return undefined;
  }
}
