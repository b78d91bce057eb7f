/** The protocol around answers: EDNS, client subnets, limits, refusals, and bytes that are no query. */
import fc from 'fast-check';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, test } from 'vitest';
import { ExtendedError, OptionCode, RecordType } from '#dataplane/dns/codec/message.ts';
import { blank, edns, hex, messages, names, query } from '#dataplane/dns/codec/message.fixture.ts';
import { readMessage } from '#dataplane/dns/codec/read-message.ts';
import { writeMessage } from '#dataplane/dns/codec/write-message.ts';
import type { Responder } from '#dataplane/dns/authority/responder.ts';
import { hostedZone, namesOf, nothing, putZone, replyTo, responderOf, told, zoneName } from '#dataplane/dns/authority/zones.fixture.ts';
import { Zones } from '#dataplane/dns/authority/zones.ts';

/** What we use of it; it comes without types. */
interface Packet {
  decode(
    bytes: Buffer,
  ): Readonly<Record<'answers' | 'authorities' | 'additionals', readonly { readonly name: string; readonly type: string }[]>>;
}
const packet = createRequire(import.meta.url)('dns-packet') as Packet;

const zones = new Zones();
let server: Responder;

beforeAll(() => {
  const many = (count: number, label: string) => Array.from({ length: count }, (_, at) => `${label} A 10.0.${at >> 8}.${at & 255}`);
  putZone(zones, 'Z', 'example.com', [
    'www A 10.0.0.1',
    ...many(20, 'twenty'),
    ...many(400, 'many'),
    ...Array.from({ length: 16 }, (_, at) => `sub NS ns-${at}.a-long-label-for-a-server.sub.example.com.`),
    ...Array.from({ length: 16 }, (_, at) => `ns-${at}.a-long-label-for-a-server.sub A 10.0.1.${at}`),
    ...Array.from({ length: 20 }, (_, at) => `huge TXT "${`${at}`.repeat(120)}" "${'x'.repeat(255)}"`),
    'chain CNAME many.example.com.',
    '_s._tcp SRV 1 2 3 www.example.com.',
    'n NAPTR 1 2 "u" "E2U+sip" "!^.*$!sip:a@b!" .',
    't TLSA 3 1 1 00ff',
    `h SSHFP 1 1 ${'00ff'.repeat(10)}`,
    'svc SVCB 1 . alpn=h2',
    'mx MX 1 a.b.example.com.',
    'mx MX 2 c.b.example.com.',
    'caa CAA 0 issue ";"',
  ]);
  const latency = {
    type: 'A' as const,
    ttl: 60,
    values: ['10.0.0.9'],
    routing: { policy: 'latency' as const, region: 'us-east-1' },
    setIdentifier: 'a',
  };
  zones.take({ ...nothing, names: [zoneName('Z', 'near.example.com', [latency])] });
  server = responderOf({ index: zones.publicIndex, slot: 0 });
});

const raw = (bytes: Uint8Array, transport: 'udp' | 'tcp' = 'udp'): Buffer | undefined => {
  const length = server.respond(bytes, '192.0.2.1', transport);
  return length > 0 ? Buffer.from(server.bytes.subarray(0, length)) : undefined;
};

describe('refused', () => {
  const header = '1234 0100 0001 0000 0000 0000';
  const question = '03777777 076578616d706c65 03636f6d 00 0001 0001';
  test.each([
    ['less than a header', '1234 0100 0001', '-'],
    ['an answer', `1234 8100 0001 0000 0000 0000 ${question}`, '-'],
    ['no question', '1234 0100 0000 0000 0000 0000', 'FORMERR'],
    ['two questions', `1234 0100 0002 0000 0000 0000 ${question} ${question}`, 'FORMERR'],
    ['half a name', `${header} 03777777 0765`, 'FORMERR'],
    ['half a question', `${header} 03777777 00 0001`, 'FORMERR'],
    ['a name that points to itself', `${header} c00c 0001 0001`, 'FORMERR'],
    ['a name that points to the header', `${header} c000 0001 0001`, 'FORMERR'],
    ['a label of an unknown kind', `${header} 4077 00 0001 0001`, 'FORMERR'],
    ['a label of 64 bytes', `${header} 40${'77'.repeat(64)} 00 0001 0001`, 'FORMERR'],
    ['a name of 256 bytes', `${header} ${`3f${'77'.repeat(63)}`.repeat(4)} 00 0001 0001`, 'FORMERR'],
    ['bytes behind the end', `${header} ${question} 00`, 'FORMERR'],
    ['records that are not there', `1234 0100 0001 0001 0000 0001 ${question}`, 'FORMERR'],
    ['a record with a lie about its length', `1234 0100 0001 0000 0000 0001 ${question} 00 0010 0001 00000000 00ff 00`, 'FORMERR'],
    ['two OPT records', `1234 0100 0001 0000 0000 0002 ${question} 000029100000000000 0000 000029100000000000 0000`, 'FORMERR'],
    ['an option that is longer than OPT', `1234 0100 0001 0000 0000 0001 ${question} 000029100000000000 0004 000a 0010`, 'FORMERR'],
    ['another version of EDNS', `1234 0100 0001 0000 0000 0001 ${question} 000029100000010000 0000`, 'BADVERS'],
    ['a STATUS query', `1234 1100 0001 0000 0000 0000 ${question}`, 'NOTIMP'],
    ['an UPDATE', `1234 2900 0001 0000 0000 0000 ${question}`, 'NOTIMP'],
    ['a NOTIFY', `1234 2400 0001 0000 0000 0000 ${question}`, 'NOTIMP'],
    ['class CH', `${header} 0776657273696f6e 0462696e64 00 0010 0003`, 'REFUSED'],
    ['class ANY', `${header} 03777777 076578616d706c65 03636f6d 00 0001 00ff`, 'REFUSED'],
  ])('%s', (_, text, expected) => {
    const bytes = hex(text);
    const message = replyTo(server, bytes, 'udp');
    expect(message === undefined ? '-' : told(message)).toBe(expected);
    if (message) expect(message.id).toBe(0x1234);
  });
});

describe('EDNS', () => {
  const options = (name: string, ...more: readonly { code: number; bytes: Uint8Array }[]) =>
    replyTo(server, query(name, 1, { edns: edns(1232, { options: more }) }), 'udp')?.edns;
  const subnet = (text: string) => ({ code: OptionCode.CLIENT_SUBNET, bytes: hex(text) });
  const echoed = (text: string) => ({ code: OptionCode.CLIENT_SUBNET, bytes: new Uint8Array(hex(text)) });

  test('is not answered to who does not speak it', () => {
    expect(replyTo(server, query('www.example.com', 1), 'udp')?.edns).toBeUndefined();
  });
  test('says what we take, and DO as it came', () => {
    const reply = replyTo(server, query('www.example.com', 1, { edns: edns(512, { dnssecOk: true }) }), 'udp');
    expect(reply?.edns).toEqual(edns(4096, { dnssecOk: true }));
  });
  test('with cookies and other options that are not known here', () => {
    expect(options('www.example.com', { code: 10, bytes: hex('0102030405060708') }, { code: 65001, bytes: hex('') })).toEqual(edns(4096));
  });
  test.each([
    ['matters', 'near.example.com', '0001 18 00 cb0071', '0001 18 18 cb0071'],
    ['does not matter', 'www.example.com', '0001 18 00 cb0071', '0001 18 00 cb0071'],
    ['matters, IPv6', 'near.example.com', '0002 38 00 20010db8000000', '0002 38 38 20010db8000000'],
    ['will not be told', 'near.example.com', '0001 00 00', '0001 00 00'],
    ['is a part of a byte', 'near.example.com', '0001 14 00 cb0070', '0001 14 14 cb0070'],
  ])('a subnet that %s', (_, name, sent, expected) => {
    expect(options(name, subnet(sent))?.options).toEqual([echoed(expected)]);
  });
  test.each([
    ['of no family', '0003 08 00 cb'],
    ['too long', '0001 21 00 cb00710101'],
    ['with too few bytes', '0001 18 00 cb00'],
    ['with too many bytes', '0001 18 00 cb007101'],
    ['with bits behind its prefix', '0001 14 00 cb007f'],
    ['with a scope', '0001 18 18 cb0071'],
    ['cut off', '0001 18'],
  ])('a subnet %s is a mistake', (_, sent) => {
    const reply = replyTo(server, query('near.example.com', 1, { edns: edns(1232, { options: [subnet(sent)] }) }), 'udp');
    expect(reply && told(reply)).toBe('FORMERR');
  });
  test.each([
    ['www.example.net', 1, ExtendedError.NOT_AUTHORITATIVE],
    ['example.com', RecordType.AXFR, ExtendedError.PROHIBITED],
  ])('why %s is refused', (name, type, code) => {
    const reply = replyTo(server, query(name, type, { edns: edns(1232) }), 'udp');
    expect(reply?.edns?.options).toEqual([{ code: OptionCode.EXTENDED_ERROR, bytes: Uint8Array.of(0, code) }]);
  });
});

describe('a limit', () => {
  const counts = (name: string, type: number, size?: number, transport: 'udp' | 'tcp' = 'udp') => {
    const reply = replyTo(server, query(name, type, size === undefined ? {} : { edns: edns(size) }), transport);
    return (
      reply && [reply.truncated ? 'tc' : '', reply.answers.length, reply.authorities.length, reply.additionals.length].join(' ').trim()
    );
  };
  test.each([
    ['512 bytes: name servers stay away without a word', 'twenty.example.com', 1, undefined, 'udp', '20 2 0'],
    ['512 bytes with EDNS of less', 'many.example.com', 1, 100, 'udp', 'tc 0 0 0'],
    ['a set is cut whole', 'many.example.com', 1, 4096, 'udp', 'tc 0 0 0'],
    ['not what the client takes, but what we send', 'many.example.com', 1, 65_535, 'udp', 'tc 0 0 0'],
    ['TCP has none of these', 'many.example.com', 1, undefined, 'tcp', '400 2 0'],
    ['a chain up to what does not fit', 'chain.example.com', 1, 512, 'udp', 'tc 1 0 0'],
    ['a referral without all its glue says so', 'x.sub.example.com', 1, 512, 'udp', 'tc 0 16 8'],
    ['a referral with all its glue', 'x.sub.example.com', 1, 4096, 'udp', '0 16 16'],
    ['texts', 'huge.example.com', 16, 4096, 'udp', 'tc 0 0 0'],
    ['texts over TCP', 'huge.example.com', 16, undefined, 'tcp', '20 2 0'],
  ] as const)('%s', (_, name, type, size, transport, expected) => {
    expect(counts(name, type, size, transport)).toBe(expected);
  });
  test('is kept by every reply', () => {
    for (let size = 512; size < 1_400; size += 7) {
      for (const name of ['twenty.example.com', 'x.sub.example.com', 'mx.example.com']) {
        expect(raw(query(name, 255, { edns: edns(size) }))?.length).toBeLessThanOrEqual(size);
      }
    }
  });
});

test('the question comes back in the case that it came in, and names point to it', () => {
  const bytes = query('www.example.com', 1);
  bytes.write('wWw', 13);
  bytes.write('ExAmPlE', 17);
  const reply = raw(bytes);
  expect(reply?.subarray(12, 29).toString('latin1')).toBe('\x03wWw\x07ExAmPlE\x03com\0');
  expect(reply?.readUInt16BE(33)).toBe(0xc00c);
});

describe('another opinion', () => {
  const questions = [
    'www A',
    'twenty A',
    'many A',
    'x.sub A',
    'huge TXT',
    'chain A',
    '_s._tcp SRV',
    'n NAPTR',
    't TLSA',
    'h SSHFP',
    'mx MX',
    'caa CAA',
    'nothing A',
    'www MX',
  ];
  test.each(questions)('reads the reply to %s as we do', (text) => {
    const [label = '', type = ''] = text.split(' ');
    const numbers: Readonly<Record<string, number>> = RecordType;
    const bytes = raw(query(`${label}.example.com`, numbers[type] ?? 0, { edns: edns(4096) }), 'tcp');
    const ours = bytes && readMessage(bytes);
    const theirs = bytes && packet.decode(bytes);
    expect(theirs?.answers.map(({ name, type: kind }) => [name, kind])).toEqual(
      ours?.answers.map(({ name }, at) => [name, at === 0 && label === 'chain' ? 'CNAME' : type]),
    );
    expect(theirs?.authorities.map(({ name }) => name)).toEqual(ours?.authorities.map(({ name }) => name));
    expect(theirs?.additionals.length).toBe((ours?.additionals.length ?? 0) + 1);
  });
});

describe('bytes of any kind', () => {
  const time = { interruptAfterTimeLimit: 2_000, numRuns: 5_000 };
  const isSound = (bytes: Uint8Array, transport: 'udp' | 'tcp'): void => {
    const reply = raw(bytes, transport);
    if (reply === undefined) return;
    expect(readMessage(reply)?.isResponse).toBe(true);
    expect(reply.length).toBeLessThanOrEqual(transport === 'udp' ? 4_096 : 65_535);
    expect(reply.readUInt16BE(0)).toBe(Buffer.from(bytes).readUInt16BE(0));
  };
  test('get a sound reply, or none', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), fc.constantFrom('udp', 'tcp'), isSound), time);
  });
  test('as messages', () => {
    fc.assert(fc.property(messages, fc.constantFrom('udp', 'tcp'), (message, transport) => isSound(writeMessage({ ...message, isResponse: false }), transport)), time); // prettier-ignore
  });
  test('as queries with a byte of another kind', () => {
    const sound = fc
      .constantFrom('www', 'x.sub', 'near', 'huge', 'mx', 'chain', 'nothing')
      .map((label) =>
        query(`${label}.example.com`, 255, { edns: edns(1232, { options: [{ code: 8, bytes: hex('0001 18 00 cb0071') }] }) }),
      );
    fc.assert(
      fc.property(sound, fc.nat(80), fc.integer({ min: 0, max: 255 }), fc.nat(80), (bytes, at, byte, cut) => {
        const changed = Buffer.from(bytes);
        changed[at % bytes.length] = byte;
        isSound(changed, 'udp');
        isSound(changed.subarray(0, cut), 'tcp');
      }),
      time,
    );
  });
  test('of 65,535', () => {
    isSound(Buffer.alloc(65_535), 'tcp');
    isSound(Buffer.concat([query('www.example.com', 1).fill(0xff, 4, 12), Buffer.alloc(65_000, 0xc0)]), 'tcp');
  });
});

test('any names and values come back as they were put', () => {
  const label = fc.string({ unit: fc.constantFrom(...'abcxyz019-_'), minLength: 1, maxLength: 20 });
  const name = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.'));
  fc.assert(
    fc.property(name, fc.array(name, { minLength: 1, maxLength: 8 }), fc.constantFrom('NS', 'MX', 'PTR', 'SRV'), (owner, targets, type) => {
      const own = new Zones();
      const unique = [...new Set(targets)];
      const before = { NS: '', PTR: '', MX: '5 ', SRV: '1 2 3 ' }[type];
      own.take({ ...nothing, zones: [hostedZone('Z', 'z')], names: namesOf('Z', 'z', unique.map((target) => `${owner} ${type} ${before}${target}.z.`)) }); // prettier-ignore
      const numbers: Readonly<Record<string, number>> = RecordType;
      const responder = responderOf({ index: own.publicIndex, slot: 0 });
      const reply = replyTo(responder, query(`${owner}.z`, numbers[type] ?? 0));
      const sent = type === 'NS' ? reply?.authorities : reply?.answers;
      const found = sent?.map(({ data }) => ('target' in data ? data.target : data.kind === 'MX' ? data.exchange : ''));
      expect(found?.sort()).toEqual(unique.map((target) => `${target}.z`).sort());
    }),
    { numRuns: 200 },
  );
});

test('questions with any names get the code that is theirs', () => {
  fc.assert(
    fc.property(names, (name) => {
      const code = replyTo(server, writeMessage({ ...blank, questions: [{ name, type: 1, class: 1 }] }))?.rcode;
      expect(code).toBe(
        /(^|\.)example\.com$/.test(name) && !name.endsWith('\\.example.com')
          ? ['www.example.com', 'example.com'].includes(name)
            ? 0
            : 3
          : 5,
      );
    }),
    { numRuns: 500 },
  );
});
