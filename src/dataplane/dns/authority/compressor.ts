/** Names into a message, each end of one that was written before as a pointer there (RFC 1035 section 4.1.4). */
import { HEADER_BYTES } from '#dataplane/dns/codec/message.ts';
import type { Query } from '#dataplane/dns/authority/query.ts';

/** Labels that can be pointed to: the first ones, which is where the zone's names are. */
const PLACES_MAX = 64;
const POINTER = 0xc0;
const POINTER_REACH = 0x4000;

export class Compressor {
  readonly #bytes: Uint8Array;
  /** Where labels begin that were written. */
  readonly #places = new Uint16Array(PLACES_MAX);
  #count = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Begins a message with its question. */
  reset(query: Query): void {
    this.#count = 0;
    if (query.questionEnd === HEADER_BYTES) return;
    const { labels, starts } = query.name;
    for (let label = 0; label < labels && this.#count < PLACES_MAX; label++)
      this.#places[this.#count++] = HEADER_BYTES + (starts[label] ?? 0);
  }

  /** Forgets what was written from a place on. */
  forget(from: number): void {
    while (this.#count > 0 && (this.#places[this.#count - 1] ?? 0) >= from) this.#count--;
  }

  /** Writes a name that stands uncompressed in `name`; where it ends. */
  write(to: number, name: Uint8Array, from: number): number {
    const bytes = this.#bytes;
    const before = this.#count; // its own labels are not pointed to while it has no end
    let at = to;
    for (let label = from; ;) {
      const size = name[label] ?? 0;
      if (size === 0) {
        bytes[at] = 0;
        return at + 1;
      }
      const known = this.#find(name, label, before);
      if (known > 0) {
        bytes[at] = POINTER | (known >>> 8);
        bytes[at + 1] = known & 0xff;
        return at + 2;
      }
      if (at < POINTER_REACH && this.#count < PLACES_MAX) this.#places[this.#count++] = at;
      for (let left = size; left >= 0; left--) bytes[at++] = name[label++] ?? 0;
    }
  }

  /** Where a name's end was written before; 0 when it was not. */
  #find(name: Uint8Array, label: number, count: number): number {
    for (let index = 0; index < count; index++) {
      const place = this.#places[index] ?? 0;
      if (this.#isAt(place, name, label)) return place;
    }
    return 0;
  }

  #isAt(place: number, name: Uint8Array, label: number): boolean {
    const bytes = this.#bytes;
    let at = place;
    let from = label;
    for (;;) {
      let size = bytes[at] ?? 0;
      while (size >= POINTER) {
        at = ((size & ~POINTER) << 8) | (bytes[at + 1] ?? 0);
        size = bytes[at] ?? 0;
      }
      if (size !== name[from]) return false;
      if (size === 0) return true;
      for (let left = size; left > 0; left--) if (lower(bytes[++at] ?? 0) !== lower(name[++from] ?? 0)) return false;
      at++;
      from++;
    }
  }
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}
