/** Reads resource records and the OPT record out of a message; undefined for whatever is not well formed. */
import type { Ipv4, Ipv6 } from '#model/ip.ts';
import {
  RecordClass,
  RecordType,
  type Edns,
  type EdnsOption,
  type Question,
  type RecordData,
  type ResourceRecord,
} from '#dataplane/dns/codec/message.ts';
import { readName, skipName, type Cursor } from '#dataplane/dns/codec/names.ts';

/** Type, class, TTL and length, between a record's name and its data. */
const FIXED_BYTES = 10;
const OPTION_HEAD_BYTES = 4;
const SOA_NUMBERS_BYTES = 20;
/** RFC 2181 section 8: a TTL with its first bit set counts as zero. */
const TTL_MAX = 0x7fff_ffff;
/** RFC 3225. */
const DNSSEC_OK = 0x8000;
const NO_OPTIONS: readonly EdnsOption[] = [];

export function readQuestion(cursor: Cursor): Question | undefined {
  const name = readName(cursor);
  if (name === undefined || cursor.at + 4 > cursor.bytes.length) return undefined;
  const question = { name, type: uint16(cursor.bytes, cursor.at), class: uint16(cursor.bytes, cursor.at + 2) };
  cursor.at += 4;
  return question;
}

/** Moves behind a record; false when it is cut off. */
export function skipRecord(cursor: Cursor): boolean {
  if (!skipName(cursor) || cursor.at + FIXED_BYTES > cursor.bytes.length) return false;
  cursor.at += FIXED_BYTES + uint16(cursor.bytes, cursor.at + 8);
  return cursor.at <= cursor.bytes.length;
}

/** The type of the record that comes next; undefined when it is cut off. The cursor stays. */
export function nextType(cursor: Cursor): number | undefined {
  const start = cursor.at;
  const found = skipName(cursor) && cursor.at + 2 <= cursor.bytes.length ? uint16(cursor.bytes, cursor.at) : undefined;
  cursor.at = start;
  return found;
}

export function readRecord(cursor: Cursor): ResourceRecord | undefined {
  const { bytes } = cursor;
  const name = readName(cursor);
  const fixed = cursor.at;
  const start = fixed + FIXED_BYTES;
  if (name === undefined || start > bytes.length) return undefined;
  const type = uint16(bytes, fixed);
  const recordClass = uint16(bytes, fixed + 2);
  const seconds = uint32(bytes, fixed + 4);
  const end = start + uint16(bytes, fixed + 8);
  if (end > bytes.length) return undefined;
  cursor.at = start;
  const data = recordClass === RecordClass.IN ? readData(cursor, type, end) : opaque(cursor, type, end);
  if (data === undefined || cursor.at !== end) return undefined;
  return { name, class: recordClass, ttl: seconds > TTL_MAX ? 0 : seconds, data };
}

/** Reads an OPT record, and the upper bits of the response code that it carries (RFC 6891 section 6.1). */
export function readOpt(cursor: Cursor): { edns: Edns; rcodeHigh: number } | undefined {
  const { bytes } = cursor;
  const fixed = cursor.at + 1;
  if (bytes[cursor.at] !== 0 || fixed + FIXED_BYTES > bytes.length) return undefined; // its name is the root's
  const end = fixed + FIXED_BYTES + uint16(bytes, fixed + 8);
  if (end > bytes.length) return undefined;
  cursor.at = fixed + FIXED_BYTES;
  const options = readOptions(cursor, end);
  if (options === undefined) return undefined;
  const edns = {
    udpSize: uint16(bytes, fixed + 2),
    version: byteAt(bytes, fixed + 5),
    dnssecOk: (uint16(bytes, fixed + 6) & DNSSEC_OK) !== 0,
    options,
  };
  return { edns, rcodeHigh: byteAt(bytes, fixed + 4) };
}

function readOptions(cursor: Cursor, end: number): readonly EdnsOption[] | undefined {
  if (cursor.at === end) return NO_OPTIONS;
  const options: EdnsOption[] = [];
  while (cursor.at < end) {
    const start = cursor.at + OPTION_HEAD_BYTES;
    if (start > end) return undefined;
    const behind = start + uint16(cursor.bytes, cursor.at + 2);
    if (behind > end) return undefined;
    options.push({ code: uint16(cursor.bytes, cursor.at), bytes: copyOf(cursor.bytes, start, behind) });
    cursor.at = behind;
  }
  return options;
}

/** The data of a record up to `end`, where the cursor must be afterwards. */
function readData(cursor: Cursor, type: number, end: number): RecordData | undefined {
  const { bytes, at } = cursor;
  switch (type) {
    case RecordType.A:
      cursor.at = at + 4;
      return cursor.at > end ? undefined : { kind: 'A', address: uint32(bytes, at) as Ipv4 }; // any 32 bits are one
    case RecordType.AAAA:
      cursor.at = at + 16;
      return cursor.at > end ? undefined : { kind: 'AAAA', address: readIpv6(bytes, at) };
    case RecordType.CNAME:
      return readTarget(cursor, 'CNAME');
    case RecordType.NS:
      return readTarget(cursor, 'NS');
    case RecordType.PTR:
      return readTarget(cursor, 'PTR');
    case RecordType.SOA:
      return readSoa(cursor, end);
    case RecordType.TXT:
      return readStrings(cursor, end);
    case RecordType.MX: {
      cursor.at = at + 2;
      const exchange = cursor.at < end ? readName(cursor) : undefined;
      return exchange === undefined ? undefined : { kind: 'MX', preference: uint16(bytes, at), exchange };
    }
    case RecordType.SRV: {
      cursor.at = at + 6;
      const target = cursor.at < end ? readName(cursor) : undefined; // may be compressed (RFC 3597 section 4), though never by us
      if (target === undefined) return undefined;
      return { kind: 'SRV', priority: uint16(bytes, at), weight: uint16(bytes, at + 2), port: uint16(bytes, at + 4), target };
    }
    default:
      return opaque(cursor, type, end);
  }
}

function readTarget(cursor: Cursor, kind: 'CNAME' | 'NS' | 'PTR'): RecordData | undefined {
  const target = readName(cursor);
  return target === undefined ? undefined : { kind, target };
}

function readSoa(cursor: Cursor, end: number): RecordData | undefined {
  const primary = readName(cursor);
  const mailbox = primary === undefined ? undefined : readName(cursor);
  const { bytes, at } = cursor;
  if (primary === undefined || mailbox === undefined || at + SOA_NUMBERS_BYTES > end) return undefined;
  cursor.at = at + SOA_NUMBERS_BYTES;
  return {
    kind: 'SOA',
    primary,
    mailbox,
    serial: uint32(bytes, at),
    refresh: uint32(bytes, at + 4),
    retry: uint32(bytes, at + 8),
    expire: uint32(bytes, at + 12),
    minimum: uint32(bytes, at + 16),
  };
}

function readStrings(cursor: Cursor, end: number): RecordData | undefined {
  const strings: Uint8Array[] = [];
  while (cursor.at < end) {
    const start = cursor.at + 1;
    const behind = start + byteAt(cursor.bytes, cursor.at);
    if (behind > end) return undefined;
    strings.push(copyOf(cursor.bytes, start, behind));
    cursor.at = behind;
  }
  return strings.length === 0 ? undefined : { kind: 'TXT', strings }; // one or more: RFC 1035 section 3.3.14
}

function opaque(cursor: Cursor, type: number, end: number): RecordData {
  const bytes = copyOf(cursor.bytes, cursor.at, end);
  cursor.at = end;
  return { kind: 'opaque', type, bytes };
}

function readIpv6(bytes: Uint8Array, at: number): Ipv6 {
  const high = (BigInt(uint32(bytes, at)) << 32n) | BigInt(uint32(bytes, at + 4));
  const low = (BigInt(uint32(bytes, at + 8)) << 32n) | BigInt(uint32(bytes, at + 12));
  return ((high << 64n) | low) as Ipv6; // any 128 bits are one
}

/** A copy: the message's bytes may be another's the next moment. A Buffer's own `slice` would share them. */
function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.subarray(start, end));
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0; // callers have looked at the length
}

/** Two bytes as a number; zeros beyond the end. */
export function uint16(bytes: Uint8Array, at: number): number {
  return (byteAt(bytes, at) << 8) | byteAt(bytes, at + 1);
}

function uint32(bytes: Uint8Array, at: number): number {
  return ((uint16(bytes, at) << 16) | uint16(bytes, at + 2)) >>> 0;
}
