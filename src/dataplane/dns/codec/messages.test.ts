/** Whole messages: round trips, malformed bytes, what a server is told of a query, and replies cut to size. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseIpv4 } from '#model/ip.ts';
import { blank, edns, hex, messages, query } from '#dataplane/dns/codec/message.fixture.ts';
import { RecordType, type Message, type ResourceRecord } from '#dataplane/dns/codec/message.ts';
import { readMessage, readQuery } from '#dataplane/dns/codec/read-message.ts';
import { udpLimit, writeMessage, writeReply, type Reply } from '#dataplane/dns/codec/write-message.ts';

test('any message comes back as it was', () => {
  fc.assert(
    fc.property(messages, (message) => {
      const back = readMessage(writeMessage(message));
      expect(back).toEqual(message);
    }),
  );
});

test('a message without EDNS has no more than four bits of its code', () => {
  expect(readMessage(writeMessage({ ...blank, rcode: 16 }))?.rcode).toBe(0);
  expect(readMessage(writeMessage({ ...blank, rcode: 16, edns: edns(512) }))?.rcode).toBe(16);
});

describe('malformed bytes', () => {
  const survives = (bytes: Uint8Array): void => {
    const read = readQuery(bytes);
    expect(read === undefined || typeof read.rcode === 'number').toBe(true);
    readMessage(bytes);
  };

  test('whatever comes, nothing is thrown and reading ends', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), survives), { numRuns: 2_000 });
  });

  test('good messages with bytes changed, cut off or added', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 });
    fc.assert(
      fc.property(messages, changes, fc.nat(), fc.boolean(), (message, edits, cut, isCut) => {
        const bytes = writeMessage({ ...message, isResponse: false });
        for (const [at, value] of edits) bytes[at % bytes.length] = value;
        survives(isCut ? bytes.subarray(0, cut % (bytes.length + 1)) : bytes);
      }),
      { numRuns: 1_000 },
    );
  });

  test('the largest message of nothing but pointers and counts is over at once', () => {
    const bytes = Buffer.alloc(65_535, 0xc0);
    bytes.set([0, 1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    survives(bytes);
    bytes.fill(0, 12);
    survives(bytes);
  });

  test.each<[string, Buffer]>([
    ['a byte too many', Buffer.concat([query('a', 1), hex('00')])],
    ['an address of three bytes', hex('0001 8000 0000 0001 0000 0000 00 0001 0001 00000000 0003 7f0000')],
    ['an address of five bytes', hex('0001 8000 0000 0001 0000 0000 00 0001 0001 00000000 0005 7f00000000')],
    ['data beyond the end', hex('0001 8000 0000 0001 0000 0000 00 0063 0001 00000000 0003 7f00')],
    [
      'a name that ends inside its data',
      hex('0001 8000 0000 0001 0000 0000 00 0005 0001 00000000 0003 016100'.replace('0003', '0004') + '00'),
    ],
    ['a text of no string', hex('0001 8000 0000 0001 0000 0000 00 0010 0001 00000000 0000')],
    ['a string beyond its text', hex('0001 8000 0000 0001 0000 0000 00 0010 0001 00000000 0002 0561')],
    ['two OPT records', hex('0001 0100 0000 0000 0000 0002 00 0029 0200 00000000 0000 00 0029 0200 00000000 0000')],
    ['an OPT record with a name', hex('0001 0100 0000 0000 0000 0001 016100 0029 0200 00000000 0000')],
    ['an OPT record among the answers', hex('0001 0100 0000 0001 0000 0000 00 0029 0200 00000000 0000')],
    ['an option beyond its record', hex('0001 0100 0000 0000 0000 0001 00 0029 0200 00000000 0005 0001 0002 00')],
  ])('no message: %s', (_, bytes) => {
    expect(readMessage(bytes)).toBeUndefined();
  });

  test('a time to live with its first bit set is none', () => {
    const bytes = hex('0001 8000 0000 0001 0000 0000 00 0001 0001 80000001 0004 7f000001');
    expect(readMessage(bytes)?.answers[0]?.ttl).toBe(0);
  });
});

describe('a server is told', () => {
  const rcode = (bytes: Uint8Array) => readQuery(bytes)?.rcode;

  test('the question in lower case, with where it ends', () => {
    const bytes = query('www.example.com', RecordType.AAAA, { checkingDisabled: true, edns: edns(4096, { dnssecOk: true }) });
    bytes.write('WwW', 13);
    expect(readQuery(bytes)).toEqual({
      id: 0x1234,
      opcode: 0,
      recursionDesired: true,
      checkingDisabled: true,
      rcode: 0,
      question: { name: 'www.example.com', type: 28, class: 1 },
      questionEnd: 33,
      edns: edns(4096, { dnssecOk: true }),
    });
  });

  test('nothing of less than a header, and of answers', () => {
    expect(readQuery(hex('0001 0100 0001 0000 0000 00'))).toBeUndefined();
    expect(readQuery(query('a', 1, { isResponse: true }))).toBeUndefined();
  });

  const more: ResourceRecord = { name: 'a', class: 1, ttl: 0, data: { kind: 'opaque', type: 250, bytes: Buffer.of(1) } };
  const question = { name: 'a', type: 1, class: 1 };
  test.each<[string, Buffer, number]>([
    ['a query with a record in each section', query('a', 1, { answers: [more], authorities: [more], additionals: [more] }), 0],
    ['options that nobody knows', query('a', 1, { edns: edns(512, { options: [{ code: 65_001, bytes: Buffer.of(1, 2) }] }) }), 0],
    ['EDNS version 1', query('a', 1, { edns: edns(512, { version: 1 }) }), 16],
    ['a status query', query('a', 1, { opcode: 2 }), 4],
    ['an update', query('a', 6, { opcode: 5 }), 4],
    ['no question', writeMessage(blank), 1],
    ['two questions', writeMessage({ ...blank, questions: [question, question] }), 1],
    ['a header alone that promises a question', hex('0001 0100 0001 0000 0000 0000'), 1],
    ['a question that is cut off', query('a', 1).subarray(0, -1), 1],
    ['a byte too many', Buffer.concat([query('a', 1), hex('00')]), 1],
    ['a record that is missing', hex('0001 0100 0001 0000 0000 0001 0161 00 0001 0001'), 1],
  ])('of %s: %#', (_, bytes, expected) => {
    expect(rcode(bytes)).toBe(expected);
  });
});

describe('a reply', () => {
  const address = parseIpv4('10.0.0.4')!; // a literal
  const many = (name: string, count: number): ResourceRecord[] =>
    Array.from({ length: count }, () => ({ name, class: 1, ttl: 60, data: { kind: 'A', address } }));
  const soa: ResourceRecord = {
    name: 'example.com',
    class: 1,
    ttl: 60,
    data: {
      kind: 'SOA',
      primary: 'ns0.example.com',
      mailbox: 'hostmaster.example.com',
      serial: 1,
      refresh: 2,
      retry: 3,
      expire: 4,
      minimum: 5,
    },
  };
  function replyTo(bytes: Buffer, reply: Partial<Reply>, limit?: number): { message: Message; length: number; bytes: Buffer } {
    const read = readQuery(bytes)!; // queries of ours
    const whole: Reply = { rcode: 0, records: [], authority: [], authoritative: false, ...reply };
    const out = writeReply(read, bytes, whole, { limit: limit ?? udpLimit(read.edns), recursionAvailable: true });
    return { message: readMessage(out)!, length: out.length, bytes: out };
  }

  test('has the question as it was written, and points at it', () => {
    const asked = query('www.example.com', 1);
    asked.write('WwW', 13);
    const { message, bytes } = replyTo(asked, { records: many('www.example.com', 2), authority: [soa], authoritative: true });
    expect(bytes.subarray(12, 33)).toEqual(asked.subarray(12, 33));
    expect(bytes.toString('hex', 33, 35)).toBe('c00c');
    expect(bytes.toString('hex', 65, 67)).toBe('c010');
    expect(message).toEqual({
      ...blank,
      isResponse: true,
      authoritative: true,
      recursionAvailable: true,
      questions: [{ name: 'www.example.com', type: 1, class: 1 }],
      answers: many('www.example.com', 2),
      authorities: [soa],
    });
  });

  test('has EDNS if the query had, with the client’s wish for DNSSEC', () => {
    expect(replyTo(query('a', 1, { edns: edns(4096, { dnssecOk: true }) }), {}).message.edns).toEqual(edns(1232, { dnssecOk: true }));
    expect(replyTo(query('a', 1), {}).message.edns).toBeUndefined();
    expect(replyTo(query('a', 1, { edns: edns(4096) }), { rcode: 16 }).message.rcode).toBe(16);
  });

  test.each([
    ['none', undefined, 512],
    ['0', 0, 512],
    ['511', 511, 512],
    ['700', 700, 700],
    ['1232', 1232, 1232],
    ['4096', 4096, 1232],
  ])('EDNS size %s: at most %#', (_, size, most) => {
    const asked = query('www.example.com', 1, size === undefined ? {} : { edns: edns(size) });
    const overhead = 33 + (size === undefined ? 0 : 11);
    const fits = Math.floor((most - overhead) / 16);
    const whole = replyTo(asked, { records: many('www.example.com', fits) });
    expect([whole.message.truncated, whole.message.answers.length]).toEqual([false, fits]);
    expect(whole.length).toBeLessThanOrEqual(most);
    const cut = replyTo(asked, { records: many('www.example.com', fits + 1), authority: [soa] });
    expect([cut.message.truncated, cut.message.answers.length, cut.message.authorities.length]).toEqual([true, 0, 0]);
  });

  test('keeps the sets of records that fit', () => {
    const alias: ResourceRecord = { name: 'www.example.com', class: 1, ttl: 60, data: { kind: 'CNAME', target: 'b.example.com' } };
    const { message } = replyTo(query('www.example.com', 1), { records: [alias, ...many('b.example.com', 40)] });
    expect([message.truncated, message.answers]).toEqual([true, [alias]]);
  });

  test('is marked when its SOA does not fit', () => {
    const { message } = replyTo(query('www.example.com', 1), { records: many('www.example.com', 29), authority: [soa] });
    expect([message.truncated, message.answers.length, message.authorities.length]).toEqual([true, 29, 0]);
  });

  test('leaves out a record that is longer than any message', () => {
    const huge: ResourceRecord = { name: 'a', class: 1, ttl: 0, data: { kind: 'opaque', type: 99, bytes: Buffer.alloc(65_535) } };
    expect(replyTo(query('a', 99), { records: [huge] }, 65_535).message.truncated).toBe(true);
  });
});
