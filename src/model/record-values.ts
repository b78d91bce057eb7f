/** Values of records: from the text that Route 53 takes (guide, "Supported DNS record types") to the bytes in messages. */
import { octalAt, writeDomainName } from '#model/domain-name.ts';
import type { RecordTypeName } from '#model/hosted-zone.ts';
import { parseIpv4, parseIpv6 } from '#model/ip.ts';
import { writeServiceBinding } from '#model/service-bindings.ts';
import { fieldsOf, hexadecimal, numberUpTo, type Written } from '#model/value-fields.ts';

export type ValueReading = { readonly bytes: Uint8Array } | { readonly fault: string };

/** "The maximum length of a value in a TXT record is 4,000 characters"; the API has it for every type. */
export const VALUE_LENGTH = 4000;
/** RFC 1035 section 3.3. */
const STRING_BYTES = 255;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Where values are put together, one at a time; it holds the longest that 4,000 characters can make (`ipv6hint=::,::,…`). */
const scratch = new Uint8Array(32_768);
/** Most values are short: they share blocks, because a block of its own for each would cost ten times its bytes and most of the time. */
const BLOCK = 16_384;
const SHORT = 512;
let block = new Uint8Array(BLOCK);
let used = 0;

/**
 * Reads one value: its uncompressed data as RFC 1035 and each type's own RFC lay it out, names in it as they are written.
 * The fault is AWS's code, words and what it met, as they stand behind `FATAL problem: `, e.g.
 * `ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with '1.2.3'`.
 */
export function readRecordValue(type: RecordTypeName, text: string): ValueReading {
  const end = writeRecordValue(type, text, scratch);
  return typeof end === 'string' ? { fault: end } : { bytes: kept(end) };
}

/**
 * As `readRecordValue`, to the head of a buffer of one's own, and gives the length; a text is the fault. For many values: it makes no object.
 * @param into at least 32,768 bytes
 */
export function writeRecordValue(type: RecordTypeName, text: string, into: Uint8Array): number | string {
  return text.length > VALUE_LENGTH ? tooLong(text) : writers[type](text, into);
}

/** A copy of the first bytes of `scratch`. */
function kept(length: number): Uint8Array {
  if (length > SHORT) return scratch.slice(0, length);
  if (used + length > BLOCK) [block, used] = [new Uint8Array(BLOCK), 0];
  const from = used;
  for (let at = 0; at < length; at++) block[used++] = scratch[at] ?? 0;
  return block.subarray(from, used);
}

const tooLong = (text: string): string => `CharacterStringTooLong (Value is too long) encountered with '${text}'`;
const unquoted = (text: string): string =>
  `InvalidCharacterString (Value should be enclosed in quotation marks) encountered with '${text}'`;

/** Writes a value to the head of `into` and gives its length; a text is AWS's fault. */
type Writer = (text: string, into: Uint8Array) => Written;

const writers: Readonly<Record<RecordTypeName, Writer>> = {
  A: writeIpv4,
  AAAA: writeIpv6,
  CAA: writeAuthorization,
  CNAME: nameWriter('CNAME'),
  DS: digestWriter('DS', [0xffff, 0xff, 0xff]),
  HTTPS: (text, into) => writeServiceBinding('HTTPS', text, into),
  MX: writeMailExchange,
  NAPTR: writeNamingPointer,
  NS: nameWriter('NS'),
  PTR: nameWriter('PTR'),
  SOA: writeAuthority,
  SPF: writeStrings,
  SRV: writeService,
  SSHFP: digestWriter('SSHFP', [0xff, 0xff]),
  SVCB: (text, into) => writeServiceBinding('SVCB', text, into),
  TLSA: digestWriter('TLSA', [0xff, 0xff, 0xff]),
  TXT: writeStrings,
};

/** AWS's words for a wrong number of fields, by type. */
const notFields = (type: string, count: string, digit: number, text: string): string =>
  `${type}RRDATANot${count}Fields (${type} record doesn't have ${digit} fields) encountered with '${text}'`;
const severalFields = (type: string, text: string): string =>
  `${type}RRDATANotSingleField (Value contains spaces) encountered with '${text}'`;

function writeIpv4(text: string, into: Uint8Array): Written {
  const address = parseIpv4(text);
  if (address === undefined) {
    if (/\s/.test(text.trim())) return severalFields('A', text);
    return `ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with '${text}'`;
  }
  put32(into, 0, address);
  return 4;
}

function writeIpv6(text: string, into: Uint8Array): Written {
  let address = parseIpv6(text);
  if (address === undefined) {
    if (/\s/.test(text.trim())) return severalFields('AAAA', text);
    return `AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address) encountered with '${text}'`;
  }
  for (let at = 12; at >= 0; at -= 4) {
    put32(into, at, Number(BigInt.asUintN(32, address)));
    address = (address >> 32n) as typeof address; // still within the range
  }
  return 16;
}

function nameWriter(type: string): Writer {
  return (text, into) => {
    const end = writeDomainName(text, into, 0);
    return typeof end === 'string' && /\s/.test(text) ? severalFields(type, text) : end;
  };
}

/** Numbers, then bytes in hexadecimal. RFC 4034 section 5, RFC 4255, RFC 6698. */
function digestWriter(type: string, limits: readonly number[]): Writer {
  const count = limits.length === 3 ? 'Four' : 'Three';
  return (text, into) => {
    const fields = text.trim().split(/\s+/);
    const bytes = hexadecimal(fields[limits.length] ?? '');
    if (fields.length !== limits.length + 1) return notFields(type, count, limits.length + 1, text);
    let at = 0;
    for (const [index, limit] of limits.entries()) {
      const value = numberUpTo(fields[index] ?? '', limit);
      if (value === undefined) return badNumber(type, limit, text);
      if (limit > 0xff) into[at++] = value >>> 8;
      into[at++] = value & 0xff;
    }
    if (bytes === undefined) return `${type}RRDATAInvalidHexString (Value is not a valid hexadecimal string) encountered with '${text}'`;
    into.set(bytes, at);
    return at + bytes.length;
  };
}

const badNumber = (type: string, limit: number, text: string): string =>
  `${type}RRDATAInvalidNumber (Value is not a number between 0 and ${limit}) encountered with '${text}'`;

function writeMailExchange(text: string, into: Uint8Array): Written {
  const [preference = '', host = '', ...more] = text.trim().split(/\s+/);
  if (host === '' || more.length > 0) return notFields('MX', 'Two', 2, text);
  const value = numberUpTo(preference, 0xffff);
  if (value === undefined) return badNumber('MX', 0xffff, text);
  put16(into, 0, value);
  return writeDomainName(host, into, 2);
}

/** RFC 2782. */
function writeService(text: string, into: Uint8Array): Written {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 4) return notFields('SRV', 'Four', 4, text);
  for (let index = 0; index < 3; index++) {
    const value = numberUpTo(fields[index] ?? '', 0xffff);
    if (value === undefined) return badNumber('SRV', 0xffff, text);
    put16(into, index * 2, value);
  }
  return writeDomainName(fields[3] ?? '', into, 6);
}

function writeAuthority(text: string, into: Uint8Array): Written {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 7) return notFields('SOA', 'Seven', 7, text);
  const server = writeDomainName(fields[0] ?? '', into, 0);
  if (typeof server === 'string') return server;
  const mailbox = writeDomainName(fields[1] ?? '', into, server);
  if (typeof mailbox === 'string') return mailbox;
  for (let index = 2; index < 7; index++) {
    const value = numberUpTo(fields[index] ?? '', 0xffff_ffff);
    if (value === undefined) return badNumber('SOA', 0xffff_ffff, text);
    put32(into, mailbox + (index - 2) * 4, value);
  }
  return mailbox + 20;
}

/** RFC 8659 section 4.1: the value has no length before it. */
function writeAuthorization(text: string, into: Uint8Array): Written {
  const fields = fieldsOf(text);
  const [flags = '', tag = '', value = ''] = fields ?? [];
  if (fields?.length !== 3) return notFields('CAA', 'Three', 3, text);
  const flag = numberUpTo(flags, 0xff);
  if (flag === undefined) return badNumber('CAA', 0xff, text);
  if (!/^[A-Za-z0-9]{1,255}$/.test(tag)) return `CAARRDATAInvalidTag (CAA tag contains unsupported characters) encountered with '${text}'`;
  into[0] = flag;
  into[1] = tag.length;
  for (let index = 0; index < tag.length; index++) into[2 + index] = tag.charCodeAt(index);
  const end = writeQuoted(value, 0, into, 2 + tag.length, text);
  return typeof end === 'string' ? end : end.at;
}

/** RFC 3403 section 4. */
function writeNamingPointer(text: string, into: Uint8Array): Written {
  const fields = fieldsOf(text);
  if (fields?.length !== 6) return notFields('NAPTR', 'Six', 6, text);
  for (const index of [0, 1]) {
    const value = numberUpTo(fields[index] ?? '', 0xffff);
    if (value === undefined) return badNumber('NAPTR', 0xffff, text);
    put16(into, index * 2, value);
  }
  let at = 4;
  for (const index of [2, 3, 4]) {
    const end = writeString(fields[index] ?? '', 0, into, at, text);
    if (typeof end === 'string') return end;
    ({ at } = end);
  }
  return writeDomainName(fields[5] ?? '', into, at);
}

/** One or more quoted strings, with spaces between them or none. */
function writeStrings(text: string, into: Uint8Array): Written {
  const simple = writePlainString(text, into);
  if (simple !== undefined) return simple;
  let from = 0;
  let at = 0;
  while (from < text.length) {
    const code = text.charCodeAt(from);
    if (code === 0x20 || code === 0x09) {
      from++;
      continue;
    }
    const end = writeString(text, from, into, at, text);
    if (typeof end === 'string') return end;
    ({ from, at } = end);
  }
  return at === 0 ? unquoted(text) : at;
}

/** The usual case, quickly: one string without escapes. Undefined where it is anything else. */
function writePlainString(text: string, into: Uint8Array): number | undefined {
  const last = text.length - 1;
  if (last < 1 || last > STRING_BYTES + 1 || text.charCodeAt(0) !== QUOTE || text.charCodeAt(last) !== QUOTE) return undefined;
  for (let index = 1; index < last; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) return undefined;
    into[index] = code;
  }
  into[0] = last - 1;
  return last;
}

/** One quoted string with its length before it. @param whole what a fault shows */
function writeString(text: string, from: number, into: Uint8Array, at: number, whole: string): { from: number; at: number } | string {
  const end = writeQuoted(text, from, into, at + 1, whole);
  if (typeof end === 'string') return end;
  const bytes = end.at - at - 1;
  if (bytes > STRING_BYTES) return tooLong(whole);
  into[at] = bytes;
  return end;
}

/** What stands between two quotation marks: `\ooo` is a byte in octal, `\c` the character itself. */
function writeQuoted(text: string, from: number, into: Uint8Array, start: number, whole: string): { from: number; at: number } | string {
  if (text.charCodeAt(from) !== QUOTE) return unquoted(whole);
  let at = start;
  for (let index = from + 1; index < text.length; index++) {
    let code = text.charCodeAt(index);
    if (code === QUOTE) return { from: index + 1, at };
    const octet = code === BACKSLASH ? octalAt(text, index) : undefined;
    if (octet !== undefined) {
      into[at++] = octet;
      index += 3;
      continue;
    }
    if (code === BACKSLASH) code = text.charCodeAt(++index);
    if (Number.isNaN(code)) break;
    if (code < 0x20 || code > 0x7e)
      return `UnsupportedCharacter (Value contains unsupported characters) encountered with '${text[index] ?? ''}'`;
    into[at++] = code;
  }
  return unquoted(whole); // it has no end
}

function put16(into: Uint8Array, at: number, value: number): void {
  into[at] = value >>> 8;
  into[at + 1] = value & 0xff;
}

function put32(into: Uint8Array, at: number, value: number): void {
  put16(into, at, value >>> 16);
  put16(into, at + 2, value & 0xffff);
}
