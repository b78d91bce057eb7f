/** Domain names between bytes and text, compressed both ways (RFC 1035 sections 3.1 and 4.1.4). */
import { HEADER_BYTES } from '#dataplane/dns/codec/message.ts';

/** A place in a message that is being read. */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

/** A name that was written, or the part of it before a pointer. Text and bytes run in step: a length stands where the dot before its label is. */
interface Place {
  readonly name: string;
  readonly at: number;
  /** How many characters were written as labels; the rest is a pointer to an earlier place. */
  readonly literal: number;
}

/** A message that is being written. */
export interface Writer {
  readonly bytes: Buffer;
  at: number;
  /** How long the message may be. Single records may be written past it, into the slack, and are then taken back. */
  readonly limit: number;
  /** Names that were written, to point into: the first ones, which is where the zone's are. */
  readonly places: Place[];
}

/** Limits of RFC 1035 section 2.3.4: of a label, and of a name with the length bytes and the root's. */
const LABEL_BYTES_MAX = 63;
export const NAME_BYTES_MAX = 255;

const POINTER = 0xc0;
/** A pointer has 14 bits. */
const POINTER_REACH = 0x4000;
/** How many names are searched for an end in common with the next one. */
const PLACES_MAX = 16;

const DOT = 46;
const BACKSLASH = 92;
const ZERO = 48;
/** `\255` is the longest text of a byte. */
const ESCAPE_CHARACTERS = 4;

/** The character for each byte of a label, lower case (RFC 4343); 0 for those that need a backslash. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte <= 0x20 || byte >= 0x7f || byte === DOT || byte === BACKSLASH) return 0;
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
});

/** Text is gathered here and made a string in one step; reading is synchronous, so that one will do. */
const text = Buffer.alloc(NAME_BYTES_MAX * ESCAPE_CHARACTERS) as LatinBuffer; // what `toString` calls in the end; types lack it

interface LatinBuffer extends Buffer {
  latin1Slice(start: number, end: number): string;
}

/**
 * Reads a name and moves behind it. Undefined for what is no name: cut off, too long, of unknown label types, or with a
 * pointer that does not lead further back than anything read so far, so that none can go round.
 */
export function readName(cursor: Cursor): string | undefined {
  const { bytes } = cursor;
  let at = cursor.at;
  let earliest = at;
  let behind = -1;
  let wireLength = 1;
  let length = 0;
  for (;;) {
    const size = bytes[at];
    if (size === undefined) return undefined;
    if (size === 0) break;
    if (size >= POINTER) {
      const low = bytes[at + 1];
      if (low === undefined) return undefined;
      if (behind < 0) behind = at + 2;
      at = ((size & ~POINTER) << 8) | low;
      if (at >= earliest || at < HEADER_BYTES) return undefined;
      earliest = at;
      continue;
    }
    wireLength += size + 1;
    const end = at + 1 + size;
    if (size > LABEL_BYTES_MAX || wireLength > NAME_BYTES_MAX || end > bytes.length) return undefined;
    if (length > 0) text[length++] = DOT;
    for (at++; at < end; at++) {
      const byte = bytes[at] ?? 0; // `end` is inside
      const plain = PLAIN[byte] ?? 0; // every byte has one
      if (plain !== 0) text[length++] = plain;
      else length = escape(byte, length);
    }
  }
  cursor.at = behind < 0 ? at + 1 : behind;
  return text.latin1Slice(0, length);
}

function escape(byte: number, length: number): number {
  let at = length;
  text[at++] = BACKSLASH;
  if (byte === DOT || byte === BACKSLASH) {
    text[at++] = byte;
    return at;
  }
  text[at++] = ZERO + Math.floor(byte / 100);
  text[at++] = ZERO + (Math.floor(byte / 10) % 10);
  text[at++] = ZERO + (byte % 10);
  return at;
}

/** Moves behind a name without reading it; false when it is cut off. Where it points to is not looked at. */
export function skipName(cursor: Cursor): boolean {
  const { bytes } = cursor;
  for (let at = cursor.at; ;) {
    const size = bytes[at];
    if (size === undefined) return false;
    if (size > LABEL_BYTES_MAX) {
      cursor.at = at + 2;
      return size >= POINTER && cursor.at <= bytes.length;
    }
    at += size + 1;
    if (size === 0) {
      cursor.at = at;
      return true;
    }
  }
}

/**
 * Writes a name, with a pointer to where its end was written before unless `mayPoint` is false.
 * @throws Error for a name that cannot be written (an empty or too long label, a broken escape): our own mistake, not the network's
 */
export function writeName(writer: Writer, name: string, mayPoint: boolean): void {
  const { bytes, places } = writer;
  const start = writer.at;
  const isPlain = !name.includes('\\'); // else text and bytes are not in step; such names are rare
  if (isPlain && name.length > NAME_BYTES_MAX - 2) throw new Error(`no domain name: ${name}`);
  const pointAt = isPlain && mayPoint ? pointerFor(places, name) : undefined;
  const literal = pointAt === undefined ? name.length : found.from;
  let from = 0;
  while (from < literal) {
    const lengthAt = writer.at++;
    from = writeLabel(writer, name, from);
    const size = writer.at - lengthAt - 1;
    if (size === 0 || size > LABEL_BYTES_MAX || writer.at - start >= NAME_BYTES_MAX) throw new Error(`no domain name: ${name}`);
    bytes[lengthAt] = size;
  }
  if (isPlain && literal > 0) notePlace(writer, { name, at: start, literal });
  if (pointAt === undefined) bytes[writer.at++] = 0;
  else writePointer(writer, pointAt);
}

/** Where in the name the end begins that was written before: the second result of `pointerFor`. */
const found = { from: 0 };

/** Where the longest end of a name was written before; undefined when not even its last label was. */
function pointerFor(places: readonly Place[], name: string): number | undefined {
  let best: number | undefined;
  found.from = name.length;
  for (const place of places) {
    const from = commonEnd(name, place.name);
    const index = place.name.length - name.length + from;
    if (from >= found.from || index >= place.literal) continue;
    found.from = from;
    best = place.at + index;
  }
  return best;
}

/** Where the labels begin in `name` that it has in common with the end of `other`; its length when there are none. */
function commonEnd(name: string, other: string): number {
  const shift = other.length - name.length;
  let at = name.length - 1;
  let from = name.length;
  for (; at >= 0 && at + shift >= 0; at--) {
    const code = name.charCodeAt(at);
    if (code !== other.charCodeAt(at + shift)) return from;
    if (code === DOT) from = at + 1;
  }
  // One is out of characters: the labels up to there are common too when the other has a dot, or nothing, before them.
  const isNameOut = at < 0 ? shift <= 0 || other.charCodeAt(shift - 1) === DOT : name.charCodeAt(at) === DOT;
  return isNameOut ? at + 1 : from;
}

/** Writes the bytes of a label; where the next one begins, or the end of the text. */
function writeLabel(writer: Writer, name: string, start: number): number {
  const { bytes } = writer;
  const end = writer.at + LABEL_BYTES_MAX + 1; // one byte more than a label may have, to see that it is too long
  let from = start;
  for (; from < name.length && writer.at < end; from++) {
    let code = name.charCodeAt(from);
    if (code === DOT) {
      if (from === name.length - 1) throw new Error(`no domain name: ${name}`);
      return from + 1;
    }
    if (code === BACKSLASH) {
      const digits = /^[0-9]{3}/.exec(name.slice(from + 1, from + ESCAPE_CHARACTERS))?.[0];
      code = digits === undefined ? name.charCodeAt(from + 1) : Number(digits);
      from += digits?.length ?? 1;
    }
    if (!(code <= 0xff)) throw new Error(`no domain name: ${name}`); // NaN too: a backslash at the end
    bytes[writer.at++] = code;
  }
  return from;
}

/** Keeps the question's name, which stands behind the header, for what follows it to point into. */
export function noteQuestion(writer: Writer, name: string): void {
  if (name !== '' && !name.includes('\\')) notePlace(writer, { name, at: HEADER_BYTES, literal: name.length });
}

function notePlace({ places }: Writer, place: Place): void {
  if (places.length < PLACES_MAX && place.at + place.literal < POINTER_REACH) places.push(place);
}

export function writePointer(writer: Writer, to: number): void {
  writer.bytes[writer.at++] = POINTER | (to >>> 8);
  writer.bytes[writer.at++] = to & 0xff;
}
