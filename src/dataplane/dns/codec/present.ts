/** Records as text, as zone files and `dig` write them (RFC 1035 section 5.1, RFC 3597 section 5 for types that have no form of their own). */
import { formatIp } from '#model/ip.ts';
import { RecordType, typeOf, type RecordData, type ResourceRecord } from '#dataplane/dns/codec/message.ts';
import { readName, type Cursor } from '#dataplane/dns/codec/names.ts';
import { uint16 } from '#dataplane/dns/codec/read-records.ts';
import { escapedText, presentBinding } from '#dataplane/dns/codec/present-binding.ts';

const { FIRST_META: _, ...named } = RecordType;
/** Types that Keiro does not read, and people ask for (IANA "Resource Record TYPEs"). */
const others = { HINFO: 13, LOC: 29, DNAME: 39, RRSIG: 46, NSEC: 47, DNSKEY: 48, NSEC3: 50, NSEC3PARAM: 51, CDS: 59, CDNSKEY: 60, URI: 256 } as const; // prettier-ignore
const numberOf: ReadonlyMap<string, number> = new Map(Object.entries({ ...others, ...named }));
const nameOf: ReadonlyMap<number, string> = new Map([...numberOf].map(([name, number]) => [number, name]));
const classes: ReadonlyMap<number, string> = new Map([[1, 'IN'], [3, 'CH'], [4, 'HS'], [254, 'NONE'], [255, 'ANY']]); // prettier-ignore

/** `A`, or `TYPE65280` for a number that has no name (RFC 3597). */
export function typeName(type: number): string {
  return nameOf.get(type) ?? `TYPE${type}`;
}

/** The number of a type's name in any case, or of `TYPE65280`; undefined when it is none. */
export function typeNumber(text: string): number | undefined {
  const upper = text.toUpperCase();
  const digits = /^TYPE(\d{1,5})$/.exec(upper)?.[1];
  const number = digits === undefined ? numberOf.get(upper) : Number(digits);
  return number !== undefined && number <= 0xffff ? number : undefined;
}

/** `IN`, or `CLASS32`. */
export function className(number: number): string {
  return classes.get(number) ?? `CLASS${number}`;
}

/** A name of a message with its dot at the end; the root is `.`. */
export function presentName(name: string): string {
  return `${name}.`;
}

/** What a record says, e.g. `10 mail.example.com.`, `"v=spf1 -all"`. */
export function presentData(data: RecordData): string {
  switch (data.kind) {
    case 'A':
    case 'AAAA':
      return formatIp(data.address);
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return presentName(data.target);
    case 'SOA':
      return `${presentName(data.primary)} ${presentName(data.mailbox)} ${data.serial} ${data.refresh} ${data.retry} ${data.expire} ${data.minimum}`;
    case 'TXT':
      return data.strings.map(presentString).join(' ');
    case 'MX':
      return `${data.preference} ${presentName(data.exchange)}`;
    case 'SRV':
      return `${data.priority} ${data.weight} ${data.port} ${presentName(data.target)}`;
    case 'opaque':
      return presenters[data.type]?.(data.bytes) ?? presentBytes(data.bytes);
  }
}

/** A whole record as a line, with tabs between its fields. */
export function presentRecord({ name, ttl, class: kind, data }: ResourceRecord): string {
  return `${presentName(name)}\t${ttl}\t${className(kind)}\t${typeName(typeOf(data))}\t${presentData(data)}`;
}

/** A string of up to 255 bytes in quotation marks. */
export function presentString(bytes: Uint8Array): string {
  return `"${escapedText(bytes)}"`;
}

/** RFC 3597 section 5. */
function presentBytes(bytes: Uint8Array): string {
  return `\\# ${bytes.length}${bytes.length === 0 ? '' : ` ${hexadecimal(bytes)}`}`;
}

const hexadecimal = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();

/** Text of the data of each type; undefined when it is not as its RFC says. */
const presenters: Readonly<Record<number, (bytes: Uint8Array) => string | undefined>> = {
  [RecordType.NAPTR]: presentNamingPointer,
  [RecordType.DS]: (bytes) => presentDigest(bytes, 2, 2),
  [RecordType.SSHFP]: (bytes) => presentDigest(bytes, 1, 1),
  [RecordType.TLSA]: (bytes) => presentDigest(bytes, 1, 2),
  [RecordType.SVCB]: presentBinding,
  [RecordType.HTTPS]: presentBinding,
  [RecordType.SPF]: (bytes) => readStrings(bytes, 0, bytes.length)?.strings.map(presentString).join(' '),
  [RecordType.CAA]: presentAuthorization,
};

/** Numbers, the first of one or two bytes and others of one, then bytes. RFC 4034 section 5.3, RFC 4255 section 3.2, RFC 6698 section 2.2. */
function presentDigest(bytes: Uint8Array, first: 1 | 2, others: number): string | undefined {
  if (bytes.length <= first + others) return undefined;
  const numbers = [first === 2 ? uint16(bytes, 0) : bytes[0], ...bytes.subarray(first, first + others)];
  return `${numbers.join(' ')} ${hexadecimal(bytes.subarray(first + others))}`;
}

/** RFC 8659 section 4.1.1. */
function presentAuthorization(bytes: Uint8Array): string | undefined {
  const length = bytes[1] ?? 0;
  const tag = Buffer.from(bytes.subarray(2, 2 + length)).toString('latin1');
  if (!/^[0-9a-z]+$/i.test(tag) || tag.length !== length) return undefined;
  return `${bytes[0] ?? 0} ${tag} ${presentString(bytes.subarray(2 + length))}`;
}

/** RFC 3403 section 4.1. */
function presentNamingPointer(bytes: Uint8Array): string | undefined {
  const read = readStrings(bytes, 4, bytes.length, 3);
  if (read === undefined) return undefined;
  const cursor: Cursor = { bytes, at: read.end };
  const replacement = readName(cursor);
  if (replacement === undefined || cursor.at !== bytes.length) return undefined;
  return `${uint16(bytes, 0)} ${uint16(bytes, 2)} ${read.strings.map(presentString).join(' ')} ${presentName(replacement)}`;
}

/** So many strings with their lengths before them, or all up to `end`; undefined when there are fewer, or none. */
function readStrings(bytes: Uint8Array, start: number, end: number, count = Infinity): { strings: Uint8Array[]; end: number } | undefined {
  const strings: Uint8Array[] = [];
  let at = start;
  while (at < end && strings.length < count) {
    const behind = at + 1 + (bytes[at] ?? 0);
    if (behind > end) return undefined;
    strings.push(bytes.subarray(at + 1, behind));
    at = behind;
  }
  return strings.length === 0 || (count !== Infinity && strings.length < count) ? undefined : { strings, end: at };
}
