/** The server on real sockets: UDP, TCP with pipelining, limits, and clients that mean no good. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { parseIpv4 } from '#model/ip.ts';
import { blank, edns, query } from '#dataplane/dns/codec/message.fixture.ts';
import { RecordType, type Message } from '#dataplane/dns/codec/message.ts';
import { readMessage } from '#dataplane/dns/codec/read-message.ts';
import { addressData, failed, found, record, type Answer } from '#dataplane/dns/name-source.ts';
import type { AnswerQuestion } from '#dataplane/dns/respond.ts';
import { openDnsServer, TCP_CONNECTIONS_MAX, type DnsServer, type DnsServerOptions } from '#dataplane/dns/server.ts';
import { messageReader } from '#dataplane/dns/tcp-connection.ts';
import { line } from '#dataplane/dns/world.fixture.ts';

const address = parseIpv4('10.0.0.4')!; // a literal
const errors: unknown[] = [];
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  errors.length = 0;
});

/** `many` has 100 addresses, `throws`, `rejects` and `broken` fail, `later-…` and `never` take their time. */
const answer: AnswerQuestion = (question): Answer | Promise<Answer> => {
  const { name } = question;
  const usual = found(question, [addressData(address)], '');
  if (name === 'many') return { ...usual, records: Array.from({ length: 100 }, () => record(name, addressData(address))) };
  if (name === 'throws') throw new Error('thrown');
  if (name === 'rejects') return Promise.reject(new Error('rejected'));
  if (name === 'broken') return { ...usual, records: [record('a..b', addressData(address))] };
  if (name.startsWith('later')) return sleep(30, usual);
  return name === 'never' ? new Promise(() => {}) : usual;
};

async function server(more: Partial<DnsServerOptions> = {}): Promise<DnsServer> {
  const opened = await openDnsServer({ address: '127.0.0.1', port: 0, answer, onError: (error) => errors.push(error), ...more });
  open.push(opened);
  return opened;
}

/** Sends datagrams, and gives the first reply. */
async function udp({ address: to, port }: DnsServer, ...datagrams: readonly Uint8Array[]): Promise<Message | undefined> {
  const socket = createSocket(to.includes(':') ? 'udp6' : 'udp4');
  const reply = once(socket, 'message');
  for (const datagram of datagrams) socket.send(datagram, port, to);
  const [bytes] = (await reply) as [Buffer];
  socket.close();
  return readMessage(bytes);
}

const framed = (message: Uint8Array): Buffer => Buffer.concat([Buffer.of(message.length >>> 8, message.length & 255), message]);

async function tcp({ address: host, port }: DnsServer): Promise<{ socket: Socket; replies: Message[]; ended: Promise<unknown> }> {
  const socket = connect({ host, port });
  open.push({ close: () => socket.destroy() });
  const replies: Message[] = [];
  const feed = messageReader((bytes) => replies.push(readMessage(bytes)!));
  socket.on('data', feed);
  socket.on('error', () => {});
  const ended = new Promise((resolve) => socket.once('close', resolve)); // reset or ended: `once` of node:events would fail at a reset
  await once(socket, 'connect');
  return { socket, replies, ended };
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; !isTrue(); tries++) {
    if (tries > 500) throw new Error('it never came');
    await sleep(10);
  }
}

const said = (message: Message | undefined): string =>
  message === undefined ? '-' : line({ rcode: message.rcode, records: message.answers, authority: [], authoritative: false });

describe.each(['127.0.0.1', '::1'])('on %s', (host) => {
  test('UDP and TCP answer on one port, and both close', async () => {
    const one = await server({ address: host });
    expect(said(await udp(one, query('a', 1)))).toBe('10.0.0.4');
    const { socket, replies, ended } = await tcp(one);
    socket.write(framed(query('a', 1)));
    await until(() => replies.length === 1);
    expect(said(replies[0])).toBe('10.0.0.4');
    await Promise.all([one.close(), one.close(), ended]);
    const again = await server({ address: host, port: one.port });
    expect(again.port).toBe(one.port);
  });
});

test('who asks, and how, is told', async () => {
  const asked: unknown[] = [];
  const one = await server({ answer: (_, client) => (asked.push(client), failed(5)) });
  expect((await udp(one, query('a', 1)))?.rcode).toBe(5);
  const { socket, replies } = await tcp(one);
  socket.write(framed(query('a', 1)));
  await until(() => replies.length === 1);
  const source = parseIpv4('127.0.0.1');
  expect(asked).toEqual([
    { source, transport: 'udp' },
    { source, transport: 'tcp' },
  ]);
});

test('a port that is taken is the system’s error, and nothing stays open', async () => {
  const one = await server();
  await expect(server({ port: one.port })).rejects.toThrow('EADDRINUSE');
  await one.close();
  await server({ port: one.port });
});

describe('over UDP', () => {
  test('what is too long is cut, to the size that the client says', async () => {
    const one = await server();
    const short = await udp(one, query('many', 1));
    expect([short?.truncated, short?.answers.length]).toEqual([true, 0]);
    const long = await udp(one, query('many', 1, { edns: edns(4096) }));
    expect([long?.truncated, long?.edns?.udpSize]).toEqual([true, 1232]);
  });

  test('what makes no sense has its code, or no reply at all', async () => {
    const one = await server();
    expect((await udp(one, query('a', 1, { opcode: 4 })))?.rcode).toBe(4);
    const cut = await udp(one, query('a', 1).subarray(0, -2));
    expect([cut?.rcode, cut?.id, cut?.questions]).toEqual([1, 0x1234, []]);
    const silent = [Buffer.alloc(0), Buffer.alloc(11), query('a', 1, { isResponse: true })];
    expect((await udp(one, ...silent, query('a', 1, { id: 7 })))?.id).toBe(7);
  });

  test.each(['throws', 'rejects', 'broken'])('an answer that %s is SERVFAIL, and told', async (name) => {
    const one = await server();
    expect((await udp(one, query(name, 1)))?.rcode).toBe(2);
    expect(errors).toHaveLength(1);
    expect(said(await udp(one, query('a', 1)))).toBe('10.0.0.4');
  });

  test('noise stops nothing', async () => {
    const one = await server();
    for (let length = 0; length < 900; length += 30) {
      const noise = Buffer.from(Array.from({ length: length + 3 }, (_, at) => (at * length * 7919) >>> 3));
      noise[2] = 0x80; // as an answer, so that none is replied to
      expect((await udp(one, noise, noise, query('a', 1, { id: length })))?.id).toBe(length);
    }
  });
});

describe('over TCP', () => {
  test('questions in one piece are all answered, later ones when they are ready', async () => {
    const { socket, replies } = await tcp(await server());
    const ids = Array.from({ length: 50 }, (_, id) => id);
    socket.write(Buffer.concat([framed(query('later', 1, { id: 99 })), ...ids.map((id) => framed(query('a', 1, { id })))]));
    await until(() => replies.length === 51);
    expect(replies.map(({ id }) => id)).toEqual([...ids, 99]);
  });

  test('a question may come byte by byte', async () => {
    const { socket, replies } = await tcp(await server());
    socket.setNoDelay(true);
    for (const byte of framed(query('a', 1))) {
      socket.write(Buffer.of(byte));
      await sleep(1);
    }
    await until(() => replies.length === 1);
  });

  test('answers are whole', async () => {
    const { socket, replies } = await tcp(await server());
    socket.write(framed(query('many', 1)));
    await until(() => replies.length === 1);
    expect([replies[0]?.truncated, replies[0]?.answers.length]).toEqual([false, 100]);
  });

  test('a client that has ended its side still gets its answers, then the connection ends', async () => {
    const { socket, replies, ended } = await tcp(await server());
    socket.end(Buffer.concat([framed(query('later', 1)), framed(query('a', 1))]));
    await ended;
    expect(replies).toHaveLength(2);
  });

  test('a connection without a whole question is closed in time, bytes or not', async () => {
    const one = await server({ tcpIdleMs: 100 });
    const silent = await tcp(one);
    const slow = await tcp(one);
    const trickle = setInterval(() => slow.socket.write(Buffer.of(0)), 20);
    slow.socket.write(Buffer.of(0xff, 0xff));
    await Promise.all([silent.ended, slow.ended]);
    clearInterval(trickle);
  });

  test('questions keep it open', async () => {
    const { socket, replies } = await tcp(await server({ tcpIdleMs: 200 }));
    for (let count = 1; count <= 8; count++) {
      socket.write(framed(query('a', 1)));
      await until(() => replies.length === count);
      await sleep(50);
    }
  });

  test(`no more than ${TCP_CONNECTIONS_MAX} are open at a time`, async () => {
    const one = await server();
    const first = await Promise.all(Array.from({ length: TCP_CONNECTIONS_MAX }, () => tcp(one)));
    const more = await tcp(one);
    await more.ended;
    first[0]?.socket.destroy();
    await sleep(50);
    const { socket, replies } = await tcp(one);
    socket.write(framed(query('a', 1)));
    await until(() => replies.length === 1);
  });

  test('a client that does not read is not answered without end', async () => {
    let asked = 0;
    const one = await server({ tcpIdleMs: 300, answer: (question, client) => (asked++, answer(question, client)) });
    const { socket, ended } = await tcp(one);
    socket.pause();
    const many = framed(query('many', RecordType.A));
    const flood = Buffer.concat(Array.from({ length: 200_000 }, () => many)); // 320 MB of answers
    socket.write(flood);
    await sleep(250);
    expect(asked).toBeLessThan(20_000);
    socket.resume();
    socket.destroy();
    await ended;
  });

  test('questions that are never answered wait up to a limit', async () => {
    let asked = 0;
    const one = await server({ tcpIdleMs: 300, answer: (question, client) => (asked++, answer(question, client)) });
    const { socket, ended } = await tcp(one);
    for (let round = 0; round < 20; round++) {
      socket.write(Buffer.concat(Array.from({ length: 100 }, () => framed(query('never', 1)))));
      await sleep(5);
    }
    await ended;
    expect(asked).toBeLessThan(2_000);
  });

  test('noise stops nothing', async () => {
    const one = await server();
    const { socket } = await tcp(one);
    for (let length = 0; length < 300; length++) socket.write(framed(Buffer.alloc(length, length)));
    socket.write(Buffer.of(0xff, 0xff, 1));
    socket.resetAndDestroy();
    expect(said(await udp(one, query('a', 1)))).toBe('10.0.0.4');
  });
});

test('a stream gives its messages wherever its chunks end', () => {
  const all = [Buffer.alloc(0), Buffer.from('a'), Buffer.from('bcd'), Buffer.alloc(300, 'x')];
  const stream = Buffer.concat(all.map(framed));
  for (let size = 1; size <= stream.length; size++) {
    const got: string[] = [];
    const feed = messageReader((message) => got.push(message.toString()));
    for (let at = 0; at < stream.length; at += size) feed(stream.subarray(at, at + size));
    expect(got).toEqual(all.map(String));
  }
  expect(readMessage(query('a', 1))).toMatchObject({ id: blank.id });
});
