/** Finds the end of a head, whatever pieces it comes in; keeps a copy of the pieces only when there is more than one. */
import { CR, LF } from '#dataplane/balancer/http/octets.ts';

const END = Buffer.from('\r\n\r\n');

/** Room for a head that comes in pieces, at first. */
const FIRST_ROOM = 1024;
const NOTHING = Buffer.alloc(0);

export class HeadReader {
  /** Where the head is, once `find` has found its end: `bytes` from `start` to `end`, which is behind the blank line. */
  bytes: Buffer = END;
  start = 0;
  end = 0;
  /** Where the head ended in the piece that was given last. */
  next = 0;
  /** What is kept of a head that has begun. */
  #room = NOTHING;
  #size = 0;
  /** Up to here it has been looked for what makes a head hopeless. */
  #checked = 0;

  /** A head has begun and is not whole. */
  get hasBegun(): boolean {
    return this.#size > 0;
  }

  /** Octets that are kept of a head that has begun. */
  get size(): number {
    return this.#size;
  }

  /** No line has ended yet. */
  get isInFirstLine(): boolean {
    return !this.#room.subarray(0, this.#size).includes(LF);
  }

  /** Takes a piece from `from` to `end`. @returns whether a head is whole now */
  find(piece: Buffer, from: number, end: number): boolean {
    const before = this.#size;
    if (before === 0) {
      // RFC 9112 section 2.2: empty lines before a request are forgiven.
      let start = from;
      while (start + 1 < end && piece[start] === CR && piece[start + 1] === LF) start += 2;
      const at = indexOfEnd(piece, start, end);
      if (at >= 0) {
        this.bytes = piece;
        this.start = start;
        this.end = at + END.length;
        this.next = this.end;
        return true;
      }
      if (start < end) this.#keep(piece, start, end);
      return false;
    }
    this.#keep(piece, from, end);
    const at = indexOfEnd(this.#room.subarray(0, this.#size), Math.max(0, before - END.length + 1), this.#size);
    if (at < 0) return false;
    this.bytes = this.#room;
    this.start = 0;
    this.end = at + END.length;
    this.next = from + this.end - before;
    this.forget();
    return true;
  }

  /** True for what has come when a line of it ends in other than CR LF, or holds a NUL: it will not become a head. */
  get isHopeless(): boolean {
    const room = this.#room;
    for (let at = this.#checked; at < this.#size; at += 1) {
      if (room[at] === 0 || (room[at] === LF && room[at - 1] !== CR)) return true;
    }
    this.#checked = this.#size;
    return false;
  }

  forget(): void {
    this.#room = NOTHING;
    this.#size = 0;
    this.#checked = 0;
  }

  #keep(piece: Buffer, from: number, end: number): void {
    const size = this.#size + end - from;
    if (size > this.#room.length) {
      const room = Buffer.allocUnsafeSlow(Math.max(FIRST_ROOM, size, this.#room.length * 2));
      this.#room.copy(room, 0, 0, this.#size);
      this.#room = room;
    }
    piece.copy(this.#room, this.#size, from, end);
    this.#size = size;
  }
}

function indexOfEnd(piece: Buffer, start: number, end: number): number {
  // The memory behind `end` is of an earlier read.
  const at = piece.indexOf(END, start);
  return at >= 0 && at + END.length <= end ? at : -1;
}
