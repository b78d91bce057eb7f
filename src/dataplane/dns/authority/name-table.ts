/**
 * A zone's names in few bytes: one buffer of entries, and a table of hashes that says where they are. A million names as objects would
 * cost a gigabyte and hold up every garbage collection; here they are as long as what they say, and some 20 bytes more.
 *
 * An entry: its length (4 bytes), the name's length (1), the name, flags (1), how many names are right below it (4), its sets.
 */
import { equalBytes, type WireName } from '#dataplane/dns/authority/wire-name.ts';

const LENGTH_BYTES = 4;
const FIRST_SLOTS = 8;
const FIRST_BYTES = 256;
/** Entries that are gone are let go of when they are more than this and more than half. */
const GARBAGE_BYTES = 4_096;
/** A slot that had an entry: searches go on behind it. */
const GONE = -1;

const WILDCARD = Uint8Array.of(1, 0x2a);

export class NameTable {
  /** Pairs: a hash, and where its entry is, plus one; 0 for none. */
  #slots = new Int32Array(FIRST_SLOTS * 2);
  #mask = FIRST_SLOTS - 1;
  /** Slots that are not free, gone ones with them. */
  #taken = 0;
  #garbage = 0;
  #end = 0;
  bytes = new Uint8Array(FIRST_BYTES);
  size = 0;

  /** Where the entry is of a name's end from a label on; −1 when there is none. */
  find(name: WireName, label: number): number {
    const start = name.starts[label] ?? 0;
    return this.#find(name.hashes[label] ?? 0, name.bytes, start, name.length - start);
  }

  /** As `find`, of the wildcard right below that end. */
  findWildcard(name: WireName, label: number): number {
    const start = name.starts[label] ?? 0;
    const length = name.length - start;
    wildcard.set(WILDCARD);
    for (let at = 0; at < length; at++) wildcard[WILDCARD.length + at] = name.bytes[start + at] ?? 0;
    return this.#find(name.wildcardHash(label), wildcard, 0, length + WILDCARD.length);
  }

  #find(hash: number, name: Uint8Array, from: number, length: number): number {
    const slots = this.#slots;
    const bytes = this.bytes;
    for (let slot = spread(hash) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const place = slots[slot * 2 + 1] ?? 0;
      if (place === 0) return -1;
      if (slots[slot * 2] !== hash || place === GONE) continue;
      const at = place - 1 + LENGTH_BYTES;
      if (bytes[at] === length && equalBytes(bytes, at + 1, name, from, length)) return place - 1;
    }
  }

  /** Puts an entry in the place of what a name's end had; what stands behind the name is `rest`'s first bytes. Where it is. */
  put(name: WireName, label: number, rest: Uint8Array, restLength: number): number {
    const before = this.find(name, label);
    const start = name.starts[label] ?? 0;
    const nameLength = name.length - start;
    const length = LENGTH_BYTES + 1 + nameLength + restLength;
    if (before >= 0 && this.#lengthAt(before) === length) {
      this.bytes.set(rest.subarray(0, restLength), this.restOf(before));
      return before;
    }
    const place = this.#append(length);
    const { bytes } = this;
    bytes[place + LENGTH_BYTES] = nameLength;
    for (let at = 0; at < nameLength; at++) bytes[place + LENGTH_BYTES + 1 + at] = name.bytes[start + at] ?? 0;
    const from = place + LENGTH_BYTES + 1 + nameLength;
    for (let at = 0; at < restLength; at++) bytes[from + at] = rest[at] ?? 0;
    const hash = name.hashes[label] ?? 0;
    if (before < 0) this.#insert(hash, place);
    else {
      this.#garbage += this.#lengthAt(before);
      this.#slots[this.#slotOf(hash, before) * 2 + 1] = place + 1;
    }
    return this.#compacted(place);
  }

  /** Takes an entry out. */
  remove(name: WireName, label: number): void {
    const place = this.find(name, label);
    if (place < 0) return;
    this.#slots[this.#slotOf(name.hashes[label] ?? 0, place) * 2 + 1] = GONE;
    this.#garbage += this.#lengthAt(place);
    this.size--;
    this.#compacted(0);
  }

  /** Where what stands behind an entry's name begins. */
  restOf(place: number): number {
    const at = place + LENGTH_BYTES;
    return at + 1 + (this.bytes[at] ?? 0);
  }

  /** Where an entry ends. */
  endOf(place: number): number {
    return place + this.#lengthAt(place);
  }

  /** Where the entries are, in no order. */
  *places(): Generator<number> {
    for (let at = 1; at < this.#slots.length; at += 2) {
      const place = this.#slots[at] ?? 0;
      if (place > 0) yield place - 1;
    }
  }

  /** Bytes that are held. */
  get heldBytes(): number {
    return this.bytes.length + this.#slots.byteLength;
  }

  #lengthAt(place: number): number {
    const { bytes } = this;
    return (((bytes[place] ?? 0) << 24) | ((bytes[place + 1] ?? 0) << 16) | ((bytes[place + 2] ?? 0) << 8) | (bytes[place + 3] ?? 0)) >>> 0;
  }

  #append(length: number): number {
    const place = this.#end;
    this.#end += length;
    if (this.#end > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.#end, Math.ceil(this.bytes.length * 1.5)));
      grown.set(this.bytes);
      this.bytes = grown;
    }
    this.bytes[place] = length >>> 24;
    this.bytes[place + 1] = (length >>> 16) & 0xff;
    this.bytes[place + 2] = (length >>> 8) & 0xff;
    this.bytes[place + 3] = length & 0xff;
    return place;
  }

  #slotOf(hash: number, place: number): number {
    for (let slot = spread(hash) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      if (this.#slots[slot * 2 + 1] === place + 1) return slot; // it is in the table, so this ends
    }
  }

  #insert(hash: number, place: number): void {
    if ((this.#taken + 1) * 4 > (this.#mask + 1) * 3) this.#rehash();
    this.size++;
    this.#taken++;
    insertInto(this.#slots, this.#mask, hash, place + 1);
  }

  #rehash(): void {
    let count = FIRST_SLOTS;
    while (count * 3 < (this.size + 1) * 5) count *= 2; // between 0.3 and 0.6 full
    const slots = new Int32Array(count * 2);
    this.#mask = count - 1;
    for (let at = 0; at < this.#slots.length; at += 2) {
      const place = this.#slots[at + 1] ?? 0;
      if (place > 0) insertInto(slots, this.#mask, this.#slots[at] ?? 0, place);
    }
    this.#slots = slots;
    this.#taken = this.size;
  }

  /** Lets go of what is gone when it is much. @returns where an entry is now */
  #compacted(place: number): number {
    if (this.#garbage < GARBAGE_BYTES || this.#garbage * 2 < this.#end) return place;
    const kept = new Uint8Array(Math.max(FIRST_BYTES, Math.ceil((this.#end - this.#garbage) * 1.25)));
    let end = 0;
    let moved = place;
    for (let at = 1; at < this.#slots.length; at += 2) {
      const from = (this.#slots[at] ?? 0) - 1;
      if (from < 0) continue;
      const to = this.endOf(from);
      kept.set(this.bytes.subarray(from, to), end);
      this.#slots[at] = end + 1;
      if (from === place) moved = end;
      end += to - from;
    }
    this.bytes = kept;
    this.#end = end;
    this.#garbage = 0;
    return moved;
  }
}

const wildcard = new Uint8Array(512);

/** FNV's low bits say little of a name's first bytes. */
function spread(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  return mixed ^ (mixed >>> 13);
}

function insertInto(slots: Int32Array, mask: number, hash: number, place: number): void {
  let slot = spread(hash) & mask;
  while ((slots[slot * 2 + 1] ?? 0) !== 0) slot = (slot + 1) & mask;
  slots[slot * 2] = hash;
  slots[slot * 2 + 1] = place;
}
