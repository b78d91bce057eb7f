/** What is answered, as references to bytes that are held; and how it becomes a message: names compressed, cut to a limit in whole sets. */
import { Flag, HEADER_BYTES, MESSAGE_BYTES_MAX, OptionCode, Rcode, RecordType } from '#dataplane/dns/codec/message.ts';
import { Compressor } from '#dataplane/dns/authority/compressor.ts';
import type { Query } from '#dataplane/dns/authority/query.ts';
import { putUint16, putUint32, RECORD_HEAD_BYTES } from '#dataplane/dns/authority/record-bytes.ts';
import { compressibleFrom } from '#dataplane/dns/authority/zone.ts';

/** Some records of one name and type. */
export class SetReference {
  /** Whose they are; undefined: the question's name. */
  owner: Uint8Array | undefined;
  type = 0;
  count = 0;
  /** The records are here, each behind a pointer to the question's name. */
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  length = 0;
  /** The question's name ends with the owner: from this byte of the name on; −1: it does not. */
  ownerAt = -1;
}

/** Sets of one section; their objects are used again. */
export class Section {
  readonly sets: SetReference[] = [];
  length = 0;

  add(owner: Uint8Array | undefined, type: number, bytes: Uint8Array, at: number, length: number, count: number): SetReference {
    let set = this.sets[this.length];
    if (set === undefined) this.sets.push((set = new SetReference()));
    this.length++;
    set.owner = owner;
    set.type = type;
    set.bytes = bytes;
    set.at = at;
    set.length = length;
    set.count = count;
    set.ownerAt = -1;
    return set;
  }
}

export class Reply {
  readonly answers = new Section();
  readonly authority = new Section();
  readonly additional = new Section();
  rcode: number = Rcode.NOERROR;
  authoritative = false;
  /** Whether the authority section may be left out without a word: with an answer it is a courtesy. */
  isAuthorityOptional = false;
  /** Whether additional records that are left out must be asked for again: a referral's glue (RFC 9471). */
  isAdditionalNeeded = false;
  /** RFC 8914; −1: none. */
  extendedError = -1;
  /** The answer depends on where the client is (RFC 7871 section 7.2.1). */
  isByLocation = false;

  clear(): this {
    this.answers.length = 0;
    this.authority.length = 0;
    this.additional.length = 0;
    this.rcode = Rcode.NOERROR;
    this.authoritative = false;
    this.isAuthorityOptional = false;
    this.isAdditionalNeeded = false;
    this.extendedError = -1;
    this.isByLocation = false;
    return this;
  }

  fail(rcode: number, extendedError = -1): this {
    this.clear();
    this.rcode = rcode;
    this.extendedError = extendedError;
    return this;
  }
}

/** "Route 53 permits responses up to 4096 bytes over UDP" (guide, "DNS constraints and behaviors"). */
export const UDP_BYTES_MAX = 4_096;
/** RFC 1035 section 4.2.1. */
const UDP_BYTES_MIN = 512;
/** What may be written past the limit before it is taken back: a record's head, and names. */
const SLACK_BYTES = 1_024;
const OPT_BYTES = 11;
const OPTION_HEAD_BYTES = 4;
const DNSSEC_OK = 0x8000;
/** A pointer has 14 bits. */
const POINTER_REACH = 0x4000;

/** How long a reply over UDP may be. */
export function udpLimitOf(query: Query): number {
  return query.hasEdns ? Math.min(Math.max(query.udpSize, UDP_BYTES_MIN), UDP_BYTES_MAX) : UDP_BYTES_MIN;
}

/** Where replies are made, one at a time. */
export class ReplyWriter {
  readonly bytes = Buffer.alloc(MESSAGE_BYTES_MAX + SLACK_BYTES);
  readonly #names = new Compressor(this.bytes);
  readonly #random: () => number;
  readonly #order: number[] = [];
  #at = 0;
  #limit = 0;
  /** "Route 53 returns all values … in a random order": so does each reply's answer. */
  #isShuffling = false;

  /** @param random 0 to 1, without 1: in which order records of a set come */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Makes a reply of at most `limit` bytes; its length. The question goes back byte by byte, in the case that it came in. */
  write(query: Query, reply: Reply, limit: number, recursionAvailable: boolean): number {
    const { bytes } = this;
    const from = query.bytes;
    const optLength = query.hasEdns ? optBytes(query, reply) : 0;
    this.#limit = limit - optLength;
    for (let at = HEADER_BYTES; at < query.questionEnd; at++) bytes[at] = from[at] ?? 0;
    this.#at = query.questionEnd;
    this.#names.reset(query);
    this.#isShuffling = true;
    const answers = this.#section(reply.answers);
    this.#isShuffling = false;
    let isCut = answers < 0;
    const authority = isCut ? 0 : this.#section(reply.authority);
    if (authority < 0 && !reply.isAuthorityOptional) isCut = true;
    const additional = isCut || authority < 0 ? 0 : this.#section(reply.additional);
    if (additional < 0 && reply.isAdditionalNeeded) isCut = true;
    if (query.hasEdns) this.#opt(query, reply);
    const flags =
      Flag.QR |
      (query.flags & (0x7800 | Flag.RD | Flag.CD)) | // the opcode as it came
      (reply.authoritative ? Flag.AA : 0) |
      (isCut ? Flag.TC : 0) |
      (recursionAvailable ? Flag.RA : 0) |
      (reply.rcode & 0xf);
    bytes[0] = from[0] ?? 0;
    bytes[1] = from[1] ?? 0;
    putUint16(bytes, 2, flags);
    putUint16(bytes, 4, query.questionEnd > HEADER_BYTES ? 1 : 0);
    putUint16(bytes, 6, answers < 0 ? ~answers : answers);
    putUint16(bytes, 8, authority < 0 ? ~authority : authority);
    putUint16(bytes, 10, (additional < 0 ? ~additional : additional) + (query.hasEdns ? 1 : 0));
    return this.#at;
  }

  /** Writes the sets that fit whole; how many records they are, or that number's complement (`~`) when a set did not fit. */
  #section(section: Section): number {
    let count = 0;
    for (let index = 0; index < section.length; index++) {
      const set = section.sets[index];
      if (set === undefined) break; // never: there are so many
      const before = this.#at;
      if (!this.#set(set)) {
        this.#at = before;
        this.#names.forget(before);
        return ~count;
      }
      count += set.count;
    }
    return count;
  }

  #set(set: SetReference): boolean {
    const isPlain = compressibleFrom(set.type) < 0 || set.ownerAt >= 0;
    if (isPlain && (set.owner === undefined || set.ownerAt >= 0)) {
      if (this.#at + set.length > this.#limit) return false;
      if (set.count > 1 && this.#isShuffling) for (const from of this.#places(set)) this.#copy(set, from, recordLength(set.bytes, from));
      else this.#copyAll(set);
      return true;
    }
    return this.#compressed(set);
  }

  /** Copies records whose owner is the question's name or an end of it. */
  #copy(set: SetReference, from: number, length: number): void {
    const { bytes } = this;
    const to = this.#at;
    const source = set.bytes;
    for (let at = 0; at < length; at++) bytes[to + at] = source[from + at] ?? 0;
    this.#at = to + length;
    if (set.ownerAt > 0) putUint16(bytes, to, 0xc000 | (HEADER_BYTES + set.ownerAt));
  }

  #copyAll(set: SetReference): void {
    const { bytes, ownerAt } = set;
    const end = set.at + set.length;
    if (ownerAt <= 0) return this.#copy(set, set.at, set.length);
    for (let at = set.at; at < end;) {
      const length = recordLength(bytes, at);
      this.#copy(set, at, length);
      at += length;
    }
  }

  /** Where the records are, in the order that they are told. */
  #places(set: SetReference): readonly number[] {
    const order = this.#order;
    order.length = 0;
    for (let index = 0, at = set.at; index < set.count; index++) {
      order.push(at);
      at += recordLength(set.bytes, at);
    }
    for (let index = this.#isShuffling ? order.length - 1 : 0; index > 0; index--) {
      const other = Math.floor(this.#random() * (index + 1));
      const place = order[index] ?? 0;
      order[index] = order[other] ?? 0;
      order[other] = place;
    }
    return order;
  }

  #compressed(set: SetReference): boolean {
    let ownerPointer = set.owner === undefined ? HEADER_BYTES : POINTER_REACH;
    const names = compressibleFrom(set.type);
    for (const from of this.#places(set)) {
      const { bytes } = this;
      const length = recordLength(set.bytes, from);
      if (this.#at + (names < 0 ? length : RECORD_HEAD_BYTES) > this.#limit) return false;
      if (set.owner === undefined || ownerPointer < POINTER_REACH) {
        putUint16(bytes, this.#at, 0xc000 | ownerPointer);
        this.#at += 2;
      } else {
        ownerPointer = this.#at;
        this.#at = this.#names.write(this.#at, set.owner, 0);
      }
      const head = this.#at;
      for (let at = 2; at < RECORD_HEAD_BYTES; at++) bytes[this.#at++] = set.bytes[from + at] ?? 0;
      const data = from + RECORD_HEAD_BYTES;
      if (names < 0) for (let at = data; at < from + length; at++) bytes[this.#at++] = set.bytes[at] ?? 0;
      else this.#dataWithNames(set, data, from + length, names);
      putUint16(bytes, head + 8, this.#at - head - 10);
      if (this.#at > this.#limit) return false;
    }
    return true;
  }

  #dataWithNames(set: SetReference, from: number, end: number, before: number): void {
    let at = from;
    for (; at < from + before; at++) this.bytes[this.#at++] = set.bytes[at] ?? 0;
    for (let left = set.type === RecordType.SOA ? 2 : 1; left > 0; left--) {
      this.#at = this.#names.write(this.#at, set.bytes, at);
      while ((set.bytes[at] ?? 0) !== 0) at += (set.bytes[at] ?? 0) + 1;
      at++;
    }
    for (; at < end; at++) this.bytes[this.#at++] = set.bytes[at] ?? 0;
  }

  #opt(query: Query, reply: Reply): void {
    const { bytes } = this;
    const start = this.#at;
    bytes[start] = 0;
    putUint16(bytes, start + 1, RecordType.OPT);
    putUint16(bytes, start + 3, UDP_BYTES_MAX);
    putUint32(bytes, start + 5, ((reply.rcode >>> 4) << 24) | (query.dnssecOk ? DNSSEC_OK : 0));
    let at = start + OPT_BYTES;
    if (query.subnetAt > 0) {
      putUint16(bytes, at, OptionCode.CLIENT_SUBNET);
      putUint16(bytes, at + 2, query.subnetLength);
      at += OPTION_HEAD_BYTES;
      for (let index = 0; index < query.subnetLength; index++) bytes[at + index] = query.bytes[query.subnetAt + index] ?? 0;
      bytes[at + 3] = reply.isByLocation ? (bytes[at + 2] ?? 0) : 0;
      at += query.subnetLength;
    }
    if (reply.extendedError >= 0) {
      putUint16(bytes, at, OptionCode.EXTENDED_ERROR);
      putUint16(bytes, at + 2, 2);
      putUint16(bytes, at + 4, reply.extendedError);
      at += OPTION_HEAD_BYTES + 2;
    }
    putUint16(bytes, start + 9, at - start - OPT_BYTES);
    this.#at = at;
  }
}

function optBytes(query: Query, reply: Reply): number {
  const subnet = query.subnetAt > 0 ? OPTION_HEAD_BYTES + query.subnetLength : 0;
  return OPT_BYTES + subnet + (reply.extendedError >= 0 ? OPTION_HEAD_BYTES + 2 : 0);
}

/** With its head. */
export function recordLength(bytes: Uint8Array, at: number): number {
  return RECORD_HEAD_BYTES + (((bytes[at + 10] ?? 0) << 8) | (bytes[at + 11] ?? 0));
}
