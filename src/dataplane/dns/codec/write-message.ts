/** Messages to bytes: whole ones, and the short way for a server's replies, cut to the size that the client takes. */
import type { Ipv6 } from '#model/ip.ts';
import {
  Flag,
  HEADER_BYTES,
  MESSAGE_BYTES_MAX,
  RecordType,
  typeOf,
  type Edns,
  type Message,
  type RecordData,
  type ResourceRecord,
} from '#dataplane/dns/codec/message.ts';
import { noteQuestion, writeName, writePointer, type Writer } from '#dataplane/dns/codec/names.ts';
import type { Query } from '#dataplane/dns/codec/read-message.ts';

/** What is told to who asks. */
export interface Reply {
  readonly rcode: number;
  readonly records: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  readonly authoritative: boolean;
}

/** The largest UDP message that we send and say that we take: it passes every IPv6 link whole (DNS flag day 2020). */
export const UDP_BYTES_MAX = 1232;
/** RFC 1035 section 4.2.1: what every client takes, with or without EDNS. */
export const UDP_BYTES_MIN = 512;

/** An OPT record without options. */
const OPT_BYTES = 11;
/** More than the longest record whose parts are not measured before they are written: a SOA with names of full length. */
const SLACK_BYTES = 1024;
const DNSSEC_OK = 0x8000;
const NO_OPTIONS: Edns['options'] = [];

/** Where messages are made, one at a time; writing is synchronous. */
const bytes = Buffer.alloc(MESSAGE_BYTES_MAX + SLACK_BYTES);
const places: Writer['places'] = [];

/** How long a reply over UDP may be: what the client says (RFC 6891 section 6.2.3), but not more than ours. */
export function udpLimit(edns: Edns | undefined): number {
  return edns === undefined ? UDP_BYTES_MIN : Math.min(Math.max(edns.udpSize, UDP_BYTES_MIN), UDP_BYTES_MAX);
}

/**
 * The reply to a query, a fresh buffer of at most `limit` bytes, with `reserved` more bytes before it for the caller.
 * The question goes back byte by byte, with the case that the client wrote it in. What does not fit is left out in whole
 * sets of records, and then the reply is marked as truncated (RFC 2181 section 9).
 * @throws Error for records that cannot be written: what is no name, a string of more than 255 bytes
 */
export function writeReply(
  query: Query,
  queryBytes: Uint8Array,
  reply: Reply,
  options: { readonly limit: number; readonly recursionAvailable: boolean; readonly reserved?: number },
): Buffer {
  places.length = 0;
  const limit = query.edns === undefined ? options.limit : options.limit - OPT_BYTES;
  const writer: Writer = { bytes, at: HEADER_BYTES, limit, places };
  for (let at = HEADER_BYTES; at < query.questionEnd; at++) bytes[writer.at++] = queryBytes[at] ?? 0; // inside: it was read
  const asked = query.question?.name ?? '';
  noteQuestion(writer, asked);
  const answers = writeSection(writer, reply.records, asked);
  const isWhole = answers === reply.records.length;
  const authorities = isWhole ? writeSection(writer, reply.authority, asked) : 0;
  const isTruncated = !isWhole || authorities !== reply.authority.length;
  if (query.edns !== undefined) {
    const { dnssecOk } = query.edns; // goes back as it came: RFC 3225 section 3
    writeOpt(writer, { udpSize: UDP_BYTES_MAX, version: 0, dnssecOk, options: NO_OPTIONS }, reply.rcode);
  }
  const flags =
    Flag.QR |
    (query.opcode << 11) |
    (reply.authoritative ? Flag.AA : 0) |
    (isTruncated ? Flag.TC : 0) |
    (query.recursionDesired ? Flag.RD : 0) |
    (options.recursionAvailable ? Flag.RA : 0) |
    (query.checkingDisabled ? Flag.CD : 0) |
    (reply.rcode & 0xf);
  writeUint16(bytes, 0, query.id);
  writeUint16(bytes, 2, flags);
  writeUint16(bytes, 4, query.questionEnd > HEADER_BYTES ? 1 : 0);
  writeUint16(bytes, 6, answers);
  writeUint16(bytes, 8, authorities);
  writeUint16(bytes, 10, query.edns === undefined ? 0 : 1);
  return copied(writer.at, options.reserved ?? 0);
}

/**
 * The bytes of a message. Names come out in the lower case that they have.
 * @throws Error for what cannot be written: what is no name, a string of more than 255 bytes, more than 65,535 bytes in all
 */
export function writeMessage(message: Message): Buffer {
  places.length = 0;
  const writer: Writer = { bytes, at: HEADER_BYTES, limit: MESSAGE_BYTES_MAX, places };
  const { questions, answers, authorities, additionals, edns } = message;
  for (const question of questions) {
    writeName(writer, question.name, true);
    writeUint16(bytes, writer.at, question.type);
    writeUint16(bytes, writer.at + 2, question.class);
    writer.at += 4;
    if (writer.at > writer.limit) throw new Error('too long a message');
  }
  for (const record of [...answers, ...authorities, ...additionals]) {
    if (!writeRecord(writer, record, undefined)) throw new Error('too long a message');
  }
  if (edns) writeOpt(writer, edns, message.rcode);
  if (writer.at > writer.limit) throw new Error('too long a message');
  const flags =
    (message.isResponse ? Flag.QR : 0) |
    (message.opcode << 11) |
    (message.authoritative ? Flag.AA : 0) |
    (message.truncated ? Flag.TC : 0) |
    (message.recursionDesired ? Flag.RD : 0) |
    (message.recursionAvailable ? Flag.RA : 0) |
    (message.authenticData ? Flag.AD : 0) |
    (message.checkingDisabled ? Flag.CD : 0) |
    (message.rcode & 0xf);
  const counts = [questions.length, answers.length, authorities.length, additionals.length + (edns ? 1 : 0)];
  for (const [index, word] of [message.id, flags, ...counts].entries()) writeUint16(bytes, index * 2, word);
  return copied(writer.at, 0);
}

function copied(length: number, reserved: number): Buffer {
  const copy = Buffer.allocUnsafe(reserved + length);
  bytes.copy(copy, reserved, 0, length);
  return copy;
}

/** Writes as many records as fit, without a part of a set (same name and type); how many they are. */
function writeSection(writer: Writer, records: readonly ResourceRecord[], asked: string): number {
  let setStart = writer.at;
  let setFirst = 0;
  for (let index = 0; index < records.length; index++) {
    const record = records[index];
    if (record === undefined) break; // never
    const before = records[setFirst];
    if (before !== undefined && (before.name !== record.name || typeOf(before.data) !== typeOf(record.data))) {
      setStart = writer.at;
      setFirst = index;
    }
    if (!writeRecord(writer, record, asked)) {
      writer.at = setStart;
      return setFirst;
    }
  }
  return records.length;
}

/** Writes a record; false, and no more is to be written, when the message is then too long. `asked`: the name that stands behind the header. */
function writeRecord(writer: Writer, record: ResourceRecord, asked: string | undefined): boolean {
  const { data } = record;
  if (writer.at + payloadBytes(data) > writer.limit) return false;
  if (asked === record.name && asked !== '') writePointer(writer, HEADER_BYTES);
  else writeName(writer, record.name, true);
  const fixed = writer.at;
  writeUint16(bytes, fixed, typeOf(data));
  writeUint16(bytes, fixed + 2, record.class);
  writeUint32(bytes, fixed + 4, record.ttl);
  writer.at = fixed + 10;
  writeData(writer, data);
  if (writer.at > writer.limit) return false;
  writeUint16(bytes, fixed + 8, writer.at - fixed - 10);
  return true;
}

/** How long the parts are that may be longer than the slack. */
function payloadBytes(data: RecordData): number {
  if (data.kind === 'opaque') return data.bytes.length;
  return data.kind === 'TXT' ? data.strings.reduce((sum, one) => sum + one.length + 1, 0) : 0;
}

function writeData(writer: Writer, data: RecordData): void {
  switch (data.kind) {
    case 'A':
      writeUint32(bytes, writer.at, data.address);
      writer.at += 4;
      return;
    case 'AAAA':
      writeIpv6(writer, data.address);
      return;
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return writeName(writer, data.target, true);
    case 'SOA':
      writeName(writer, data.primary, true);
      writeName(writer, data.mailbox, true);
      writeUint32(bytes, writer.at, data.serial);
      writeUint32(bytes, writer.at + 4, data.refresh);
      writeUint32(bytes, writer.at + 8, data.retry);
      writeUint32(bytes, writer.at + 12, data.expire);
      writeUint32(bytes, writer.at + 16, data.minimum);
      writer.at += 20;
      return;
    case 'TXT':
      for (const string of data.strings) {
        if (string.length > 255) throw new Error('too long a string');
        bytes[writer.at++] = string.length;
        bytes.set(string, writer.at);
        writer.at += string.length;
      }
      return;
    case 'MX':
      writeUint16(bytes, writer.at, data.preference);
      writer.at += 2;
      return writeName(writer, data.exchange, true);
    case 'SRV':
      writeUint16(bytes, writer.at, data.priority);
      writeUint16(bytes, writer.at + 2, data.weight);
      writeUint16(bytes, writer.at + 4, data.port);
      writer.at += 6;
      return writeName(writer, data.target, false); // RFC 2782: never compressed
    case 'opaque':
      bytes.set(data.bytes, writer.at);
      writer.at += data.bytes.length;
      return;
  }
}

function writeIpv6(writer: Writer, address: Ipv6): void {
  bytes.writeBigUInt64BE(address >> 64n, writer.at);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, address), writer.at + 8);
  writer.at += 16;
}

function writeOpt(writer: Writer, edns: Edns, rcode: number): void {
  const { at } = writer;
  bytes[at] = 0;
  writeUint16(bytes, at + 1, RecordType.OPT);
  writeUint16(bytes, at + 3, edns.udpSize);
  bytes[at + 5] = rcode >>> 4;
  bytes[at + 6] = edns.version;
  writeUint16(bytes, at + 7, edns.dnssecOk ? DNSSEC_OK : 0);
  writer.at = at + OPT_BYTES;
  for (const option of edns.options) {
    if (writer.at + 4 + option.bytes.length > MESSAGE_BYTES_MAX) throw new Error('too long a message');
    writeUint16(bytes, writer.at, option.code);
    writeUint16(bytes, writer.at + 2, option.bytes.length);
    bytes.set(option.bytes, writer.at + 4);
    writer.at += 4 + option.bytes.length;
  }
  writeUint16(bytes, at + 9, writer.at - at - OPT_BYTES);
}

function writeUint16(into: Buffer, at: number, value: number): void {
  into[at] = value >>> 8;
  into[at + 1] = value & 0xff;
}

function writeUint32(into: Buffer, at: number, value: number): void {
  writeUint16(into, at, value >>> 16);
  writeUint16(into, at + 2, value & 0xffff);
}
