/** Records as text: there and back with the reader of values, and as `dig` prints them. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recordTypes, type RecordTypeName } from '#model/hosted-zone.ts';
import { parseIpv4, parseIpv6 } from '#model/ip.ts';
import { readRecordValue } from '#model/record-values.ts';
import { messages } from '#dataplane/dns/codec/message.fixture.ts';
import { RecordClass, RecordType, type RecordData, type ResourceRecord } from '#dataplane/dns/codec/message.ts';
import { presentData, presentRecord, typeName, typeNumber } from '#dataplane/dns/codec/present.ts';
import { openDnsServer } from '#dataplane/dns/server.ts';

const opaque = (type: number, bytes: Uint8Array): RecordData => ({ kind: 'opaque', type, bytes });
const written = (type: RecordTypeName, value: string): RecordData => {
  const reading = readRecordValue(type, value);
  if ('fault' in reading) throw new Error(reading.fault);
  return opaque(RecordType[type], reading.bytes);
};

const values: readonly (readonly [RecordTypeName, string])[] = [
  ['CAA', '0 issue "ca.example.net"'],
  ['CAA', '128 tbs "Unknown; \\"quoted\\""'],
  ['CAA', '0 iodef ""'],
  ['DS', '60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118'],
  ['SSHFP', '2 1 123456789ABCDEF67890123456789ABCDEF67890'],
  ['TLSA', '3 1 1 D2ABDE240D7CD3EE6B4B28C54DF034B97983A1D16E8A410E4561CB106618E971'],
  ['NAPTR', '100 50 "u" "E2U+sip" "!^.*$!sip:info@example.com!" .'],
  ['NAPTR', '10 100 "S" "SIP+D2U" "" _sip._udp.example.com.'],
  ['SPF', '"v=spf1 -all" "more"'],
  ['HTTPS', '1 . alpn="h2,h3" port=8443 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1'],
  ['SVCB', '16 foo.example.org. mandatory=alpn,ipv4hint alpn="h2" ipv4hint=192.0.2.1'],
  ['SVCB', '0 pool.svc.example.'],
  ['SVCB', '1 foo.example. key667="hello"'],
  ['HTTPS', '1 . alpn="h3" no-default-alpn'],
];

test.each(values)('%s %s is written as it was read', (type, value) => {
  expect(presentData(written(type, value))).toBe(value);
});

describe('records with a form of their own in messages', () => {
  test.each<[RecordData, string]>([
    [{ kind: 'A', address: parseIpv4('192.0.2.1') ?? expect.fail() }, '192.0.2.1'],
    [{ kind: 'AAAA', address: parseIpv6('2001:db8::1') ?? expect.fail() }, '2001:db8::1'],
    [{ kind: 'CNAME', target: 'a\\.b.example.com' }, 'a\\.b.example.com.'],
    [{ kind: 'NS', target: '' }, '.'],
    [{ kind: 'MX', preference: 10, exchange: 'mail.example.com' }, '10 mail.example.com.'],
    [{ kind: 'SRV', priority: 1, weight: 2, port: 443, target: 'x.test' }, '1 2 443 x.test.'],
    [{ kind: 'TXT', strings: [Buffer.from('a "b" \\ \n\x7f\xe9', 'latin1'), Buffer.alloc(0)] }, '"a \\"b\\" \\\\ \\010\\127\\233" ""'],
    [
      { kind: 'SOA', primary: 'ns.x', mailbox: 'me.x', serial: 4_294_967_295, refresh: 1, retry: 2, expire: 3, minimum: 4 },
      'ns.x. me.x. 4294967295 1 2 3 4',
    ],
    [opaque(65_280, Buffer.from('abcdef', 'hex')), '\\# 3 ABCDEF'],
    [opaque(65_280, Buffer.alloc(0)), '\\# 0'],
  ])('%$', (data, text) => expect(presentData(data)).toBe(text));
});

test('bytes that are not as their type says are written as bytes', () => {
  for (const type of recordTypes) {
    if (['A', 'AAAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT'].includes(type)) continue;
    expect(presentData(opaque(RecordType[type], Uint8Array.of(0xff)))).toBe('\\# 1 FF');
  }
});

test('types have names there and back', () => {
  for (const type of recordTypes) expect(typeNumber(typeName(RecordType[type]))).toBe(RecordType[type]);
  expect([typeNumber('aaaa'), typeNumber('TYPE1'), typeNumber('type65280'), typeName(65_280), typeName(1)]).toEqual([
    28,
    1,
    65_280,
    'TYPE65280',
    'A',
  ]);
  for (const none of ['', 'FIRST_META', 'TYPE', 'TYPE99999', 'constructor', '1']) expect(typeNumber(none)).toBeUndefined();
});

test('any record is written, in one line of printable text', () => {
  const data = fc.oneof(
    messages.filter(({ answers }) => answers.length > 0).map(({ answers }) => answers[0]?.data ?? expect.fail()),
    fc
      .tuple(fc.constantFrom(35, 43, 44, 52, 64, 65, 99, 257, 4_711), fc.uint8Array({ maxLength: 60 }))
      .map(([type, bytes]) => opaque(type, bytes)),
  );
  fc.assert(
    fc.property(data, (one) => {
      expect(presentData(one)).toMatch(/^[\x20-\x7e]*$/);
    }),
    { numRuns: 2_000 },
  );
});

test('dig prints the same', async () => {
  const name = 'x.example.com';
  const records = values.map(([type, value]): ResourceRecord => ({ name, class: RecordClass.IN, ttl: 60, data: written(type, value) }));
  const txt: ResourceRecord = {
    name,
    class: RecordClass.IN,
    ttl: 60,
    data: { kind: 'TXT', strings: [Buffer.from('a "b" \\ \n;', 'latin1')] },
  };
  const all = [...records, txt];
  const numbers = new Map(all.map((record) => [record, record.data.kind === 'opaque' ? record.data.type : RecordType.TXT]));
  const server = await openDnsServer({
    address: '127.0.0.1',
    port: 0,
    answer: ({ type }) =>
      Promise.resolve({ rcode: 0, records: all.filter((record) => numbers.get(record) === type), authority: [], authoritative: true }),
  });
  try {
    for (const type of new Set(numbers.values())) {
      const { stdout } = await promisify(execFile)('dig', [
        '@127.0.0.1',
        '-p',
        `${server.port}`,
        '+noall',
        '+answer',
        '+nosplit',
        '+time=3',
        name,
        typeName(type),
      ]);
      const plain = (text: string): string[] =>
        text
          .trim()
          .split('\n')
          .map((line) => line.replaceAll(/\s+/g, ' '))
          .toSorted();
      const ours = all
        .filter((record) => numbers.get(record) === type)
        .map(presentRecord)
        .join('\n');
      // `dig` leaves out the quotation marks where there is nothing to mark.
      expect(plain(ours.replaceAll(/(alpn|key667)="([^"]*)"/g, '$1=$2'))).toEqual(
        plain(stdout.replaceAll(/(alpn|key667)="([^"]*)"/g, '$1=$2')),
      );
    }
  } finally {
    await server.close();
  }
});
