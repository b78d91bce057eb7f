/** A query, read in place: what an answer depends on, in fields that are used again for the next one. */
import { Flag, HEADER_BYTES, Opcode, OptionCode, Rcode, RecordType } from '#dataplane/dns/codec/message.ts';
import type { Cursor } from '#dataplane/dns/codec/names.ts';
import { skipRecord } from '#dataplane/dns/codec/read-records.ts';
import { WireName } from '#dataplane/dns/authority/wire-name.ts';

/** Root name, type, payload size, extended code and version, flags, length: RFC 6891 section 6.1.2. */
const OPT_BYTES = 11;
const DNSSEC_OK = 0x8000;
/** Family, lengths of source and scope: RFC 7871 section 6. */
const SUBNET_HEAD_BYTES = 4;
const FAMILY_BITS: Readonly<Record<number, number>> = { 1: 32, 2: 128 };

export class Query {
  readonly name = new WireName();
  bytes: Uint8Array = new Uint8Array(HEADER_BYTES);
  flags = 0;
  type = 0;
  class = 0;
  /** Not `NOERROR`: the query is refused with this code, and the rest is what could be read. */
  rcode: number = Rcode.NOERROR;
  /** Where the question ends; a header's length when there is none. */
  questionEnd = HEADER_BYTES;
  hasEdns = false;
  udpSize = 0;
  dnssecOk = false;
  /** Where the client's subnet is (RFC 7871), behind the option's head; 0: there is none. */
  subnetAt = 0;
  /** With its head. */
  subnetLength = 0;

  /** Reads a query; false for what gets no answer: less than a header, or an answer itself. */
  read(bytes: Uint8Array): boolean {
    if (bytes.length < HEADER_BYTES) return false;
    this.bytes = bytes;
    this.flags = uint16(bytes, 2);
    if ((this.flags & Flag.QR) !== 0) return false;
    this.questionEnd = HEADER_BYTES;
    this.hasEdns = false;
    this.subnetAt = 0;
    this.rcode = this.opcode === Opcode.QUERY ? this.#readBody() : Rcode.NOTIMP;
    return true;
  }

  get opcode(): number {
    return (this.flags >>> 11) & 0xf;
  }

  #readBody(): number {
    const { bytes } = this;
    if (uint16(bytes, 4) !== 1) return Rcode.FORMERR; // one question: RFC 9619
    const end = this.name.read(bytes, HEADER_BYTES);
    if (end < 0 || end + 4 > bytes.length) return Rcode.FORMERR;
    this.type = uint16(bytes, end);
    this.class = uint16(bytes, end + 2);
    this.questionEnd = end + 4;
    const additionals = uint16(bytes, 10);
    if (bytes.length === this.questionEnd) return additionals === 0 && uint16(bytes, 6) === 0 && uint16(bytes, 8) === 0 ? Rcode.NOERROR : Rcode.FORMERR; // prettier-ignore
    return this.#readRecords(uint16(bytes, 6) + uint16(bytes, 8), additionals);
  }

  /** Goes over the records behind the question to the message's end for the OPT record. */
  #readRecords(others: number, additionals: number): number {
    const cursor: Cursor = { bytes: this.bytes, at: this.questionEnd };
    for (let left = others; left > 0; left--) if (!skipRecord(cursor)) return Rcode.FORMERR;
    let rcode: number = Rcode.NOERROR;
    for (let left = additionals; left > 0; left--) {
      if (this.bytes[cursor.at] === 0 && uint16(this.bytes, cursor.at + 1) === RecordType.OPT) {
        if (this.hasEdns) return Rcode.FORMERR; // two of them: RFC 6891 section 6.1.1
        rcode = this.#readOpt(cursor.at);
        if (rcode === Rcode.FORMERR) return rcode;
      }
      if (!skipRecord(cursor)) return Rcode.FORMERR;
    }
    return cursor.at === this.bytes.length ? rcode : Rcode.FORMERR;
  }

  #readOpt(at: number): number {
    const { bytes } = this;
    const start = at + OPT_BYTES;
    const end = start + uint16(bytes, at + 9);
    if (end > bytes.length) return Rcode.FORMERR;
    this.hasEdns = true;
    this.udpSize = uint16(bytes, at + 3);
    this.dnssecOk = (uint16(bytes, at + 7) & DNSSEC_OK) !== 0;
    if (bytes[at + 6] !== 0) return Rcode.BADVERS; // of another version nothing more is known
    for (let from = start; from < end;) {
      const behind = from + 4 + uint16(bytes, from + 2);
      if (from + 4 > end || behind > end) return Rcode.FORMERR;
      if (uint16(bytes, from) === OptionCode.CLIENT_SUBNET && !this.#readSubnet(from + 4, behind)) return Rcode.FORMERR;
      from = behind;
    }
    return Rcode.NOERROR;
  }

  /** False for what is to be refused: RFC 7871 section 7.1.2 (a family of no kind, too many bits, bytes too few or too many, bits set behind the prefix). */
  #readSubnet(at: number, end: number): boolean {
    const { bytes } = this;
    if (at + SUBNET_HEAD_BYTES > end || this.subnetAt !== 0) return false;
    const bits = bytes[at + 2] ?? 0;
    const length = (bits + 7) >>> 3;
    if (bits > (FAMILY_BITS[uint16(bytes, at)] ?? -1) || bytes[at + 3] !== 0 || end - at - SUBNET_HEAD_BYTES !== length) return false;
    if ((bits & 7) !== 0 && ((bytes[end - 1] ?? 0) & (0xff >>> (bits & 7))) !== 0) return false;
    this.subnetAt = at;
    this.subnetLength = end - at;
    return true;
  }
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
