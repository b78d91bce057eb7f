/** Records as the answers of most questions need them: each behind a pointer to the question's name, ready to be copied. */
import { writeRecordValue } from '#model/record-values.ts';
import type { RecordTypeName } from '#model/hosted-zone.ts';
import { RecordClass, RecordType } from '#dataplane/dns/codec/message.ts';

/** A pointer to the question's name, type, class, TTL, length. */
export const RECORD_HEAD_BYTES = 12;
/** `writeRecordValue` wants so much. */
const VALUE_ROOM = 32_768;
const FIRST_BYTES = 65_536;

export const typeNumbers: Readonly<Record<RecordTypeName, number>> = RecordType;

/** Bytes that are put together, to be copied from here. */
export class Draft {
  bytes = new Uint8Array(FIRST_BYTES);
  at = 0;
  #value = new Uint8Array(VALUE_ROOM);

  uint8(value: number): void {
    this.#reserve(1);
    this.bytes[this.at++] = value;
  }

  uint16(value: number): void {
    this.#reserve(2);
    putUint16(this.bytes, this.at, value);
    this.at += 2;
  }

  uint32(value: number): void {
    this.#reserve(4);
    putUint32(this.bytes, this.at, value);
    this.at += 4;
  }

  /** Adds a record with its data. */
  record(type: number, ttl: number, data: Uint8Array, length: number): void {
    this.#reserve(RECORD_HEAD_BYTES + length);
    const { bytes, at } = this;
    putUint16(bytes, at, 0xc00c);
    putUint16(bytes, at + 2, type);
    putUint16(bytes, at + 4, RecordClass.IN);
    putUint32(bytes, at + 6, ttl);
    putUint16(bytes, at + 10, length);
    for (let from = 0; from < length; from++) bytes[at + RECORD_HEAD_BYTES + from] = data[from] ?? 0;
    this.at = at + RECORD_HEAD_BYTES + length;
  }

  /** Adds a record of a value in presentation format; false, and nothing is added, for what is none. */
  value(type: RecordTypeName, ttl: number, text: string): boolean {
    const length = writeRecordValue(type, text, this.#value);
    if (typeof length === 'string') return false;
    this.record(typeNumbers[type], ttl, this.#value, length);
    return true;
  }

  #reserve(length: number): void {
    if (this.at + length <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.at + length, this.bytes.length * 2));
    grown.set(this.bytes);
    this.bytes = grown;
  }
}

export function putUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value & 0xff;
}

export function putUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = (value >>> 16) & 0xff;
  bytes[at + 2] = (value >>> 8) & 0xff;
  bytes[at + 3] = value & 0xff;
}

export function getUint32(bytes: Uint8Array, at: number): number {
  return (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;
}
