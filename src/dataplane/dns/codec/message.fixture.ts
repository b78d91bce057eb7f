/** Messages for tests: queries by the line, and arbitrary ones for properties. */
import fc from 'fast-check';
import type { Ipv4, Ipv6 } from '#model/ip.ts';
import { RecordClass, type Edns, type Message, type RecordData, type ResourceRecord } from '#dataplane/dns/codec/message.ts';
import { writeMessage } from '#dataplane/dns/codec/write-message.ts';

export const blank: Message = {
  id: 0x1234,
  isResponse: false,
  opcode: 0,
  authoritative: false,
  truncated: false,
  recursionDesired: true,
  recursionAvailable: false,
  authenticData: false,
  checkingDisabled: false,
  rcode: 0,
  questions: [],
  answers: [],
  authorities: [],
  additionals: [],
};

export const edns = (udpSize: number, more: Partial<Edns> = {}): Edns => ({ udpSize, version: 0, dnssecOk: false, options: [], ...more });

/** The bytes of a query. */
export function query(name: string, type: number, more: Partial<Message> = {}): Buffer {
  return writeMessage({ ...blank, questions: [{ name, type, class: RecordClass.IN }], ...more });
}

/** The bytes of an ASCII text in hexadecimal digits, with spaces to read them by. */
export const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

const labelByte = fc.integer({ min: 0, max: 255 }).map((byte) => {
  if (byte >= 0x41 && byte <= 0x5a) return String.fromCharCode(byte + 0x20);
  if (byte === 46 || byte === 92) return `\\${String.fromCharCode(byte)}`;
  return byte <= 0x20 || byte >= 0x7f ? `\\${byte.toString().padStart(3, '0')}` : String.fromCharCode(byte);
});
const label = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('a', 'www', 'example', 'com', 'ip-10-0-0-4', 'x'.repeat(63)) },
  fc.array(labelByte, { minLength: 1, maxLength: 20 }).map((bytes) => bytes.join('')),
);
/** Names that often share their ends. */
export const names = fc.array(label, { maxLength: 3 }).map((labels) => labels.join('.'));

const uint8 = fc.integer({ min: 0, max: 0xff });
const uint16 = fc.integer({ min: 0, max: 0xffff });
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const octets = (maxLength: number) => fc.uint8Array({ maxLength });
const opaqueTypes = uint16.filter((type) => ![1, 2, 5, 6, 12, 15, 16, 28, 33, 41].includes(type));

const data: fc.Arbitrary<RecordData> = fc.oneof(
  uint32.map((value) => ({ kind: 'A' as const, address: value as Ipv4 })),
  fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }).map((value) => ({ kind: 'AAAA' as const, address: value as Ipv6 })),
  fc.record({ kind: fc.constantFrom('CNAME', 'NS', 'PTR'), target: names }),
  fc.record({
    kind: fc.constant('SOA' as const),
    primary: names,
    mailbox: names,
    serial: uint32,
    refresh: uint32,
    retry: uint32,
    expire: uint32,
    minimum: uint32,
  }),
  fc.record({ kind: fc.constant('TXT' as const), strings: fc.array(octets(255), { minLength: 1, maxLength: 4 }) }),
  fc.record({ kind: fc.constant('MX' as const), preference: uint16, exchange: names }),
  fc.record({ kind: fc.constant('SRV' as const), priority: uint16, weight: uint16, port: uint16, target: names }),
  fc.record({ kind: fc.constant('opaque' as const), type: opaqueTypes, bytes: octets(300) }),
);
const records: fc.Arbitrary<ResourceRecord> = fc.record({
  name: names,
  class: fc.constant(RecordClass.IN),
  ttl: fc.integer({ min: 0, max: 0x7fff_ffff }),
  data,
});
const sections = fc.array(records, { maxLength: 6 });

export const messages: fc.Arbitrary<Message> = fc
  .record({
    id: uint16,
    isResponse: fc.boolean(),
    opcode: fc.integer({ min: 0, max: 15 }),
    authoritative: fc.boolean(),
    truncated: fc.boolean(),
    recursionDesired: fc.boolean(),
    recursionAvailable: fc.boolean(),
    authenticData: fc.boolean(),
    checkingDisabled: fc.boolean(),
    rcode: fc.integer({ min: 0, max: 15 }),
    questions: fc.array(fc.record({ name: names, type: uint16, class: uint16 }), { maxLength: 2 }),
    answers: sections,
    authorities: sections,
    additionals: sections,
    edns: fc.option(
      fc.record({
        udpSize: uint16,
        version: uint8,
        dnssecOk: fc.boolean(),
        options: fc.array(fc.record({ code: uint16, bytes: octets(40) }), { maxLength: 3 }),
      }),
      { nil: undefined },
    ),
  })
  .map(({ edns: opt, ...message }) => (opt ? { ...message, edns: opt } : message));
