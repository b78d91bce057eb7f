import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { exchange, open, rawClient, until } from '#server/listener.fixture.ts';
import type { RefusalKind } from '#server/refusal.ts';

const GET = 'GET / HTTP/1.1\r\nHost: h\r\nconnection: close\r\n\r\n';
const POST = 'POST / HTTP/1.1\r\nHost: h\r\n';
const ok = async () => ({ status: 200, headers: {}, body: 'fine' });

/** Whoever comes after a bad client is served as ever. */
const expectServed = async (port: number): Promise<void> => expect(await exchange(port, GET)).toMatch(/^HTTP\/1\.1 200/);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void; // what the flag exposes

/** The bytes in buffers that somebody still holds: what the process has of memory counts garbage, of which there is more under load. */
function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

describe('a slow client', () => {
  it.each([
    ['says nothing', ''],
    ['never ends its headers', 'GET / HTTP/1.1\r\nHost: h\r\nx-a: '],
    ['never ends its first line', 'G'],
    ['never ends its TLS greeting', '\x16\x03\x01'],
  ])('that %s is dropped in time', async (_, text) => {
    const { port, load } = await open({ respond: ok, limits: { headersMs: 100 } });
    const client = await rawClient(port);
    client.send(text);
    await expectServed(port);
    await client.closed;
    expect(client.received()).toMatch(/^$|^HTTP\/1\.1 408 /);
    await until(() => load().connections === 0, 'no connection');
  });

  it('that sends a byte of a header now and then is dropped in time', async () => {
    const { port } = await open({ respond: ok, limits: { headersMs: 150 } });
    const client = await rawClient(port);
    client.send('GET / HTTP/1.1\r\nHost: h\r\nx-a: ');
    const timer = setInterval(() => client.send('b'), 10);
    await client.closed;
    clearInterval(timer);
    expect(client.received()).toMatch(/^HTTP\/1\.1 408 [^]*<Code>RequestTimeout<\/Code>/);
  });

  it('that never ends its body is dropped in time, and its bytes with it', async () => {
    const { port, load } = await open({ respond: ok, limits: { requestMs: 150 } });
    const client = await rawClient(port);
    client.send(`${POST}content-length: 1000\r\n\r\n`);
    const timer = setInterval(() => client.send('b'), 10);
    await until(() => load().buffered > 0, 'bytes held');
    await expectServed(port);
    await client.closed;
    clearInterval(timer);
    await until(() => load().connections === 0, 'no connection');
    expect(load()).toEqual({ connections: 0, requestsInFlight: 0, buffered: 0 });
  });

  it('that does not read its answers is dropped in time', async () => {
    const { port, load } = await open({
      respond: async () => ({ status: 200, headers: {}, body: Buffer.alloc(8_000_000) }),
      limits: { stalledMs: 150, idleMs: 150 },
    });
    const client = await rawClient(port);
    client.socket.pause();
    client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(3));
    await until(() => load().connections === 1, 'a connection');
    await until(() => load().connections === 0, 'no connection');
  });

  it('that goes quiet between requests is dropped in time', async () => {
    const { port } = await open({ respond: ok, limits: { idleMs: 50 } });
    const client = await rawClient(port);
    client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await client.closed;
    expect(client.received()).toContain('fine');
  });

  it('is not one whose answer takes long', async () => {
    const { port } = await open({
      limits: { stalledMs: 30 },
      respond: async () => {
        await new Promise((resolve) => setTimeout(resolve, 200));
        return ok();
      },
    });
    expect(await exchange(port, GET)).toContain('fine');
  });
});

describe('a client that goes away', () => {
  it('midway in its body leaves nothing behind', async () => {
    const { port, load } = await open({ respond: ok });
    const client = await rawClient(port);
    client.send(`${POST}content-length: 1000\r\n\r\nhalf`);
    await until(() => load().buffered === 4, 'bytes held');
    client.socket.destroy();
    await until(() => load().connections === 0, 'no connection');
    expect(load()).toEqual({ connections: 0, requestsInFlight: 0, buffered: 0 });
  });

  it('before its answer leaves nothing behind', async () => {
    let finish: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => (finish = resolve));
    const { port, load } = await open({ respond: () => waiting.then(ok) });
    const client = await rawClient(port);
    client.send(`${POST}content-length: 2\r\n\r\nab`);
    await until(() => load().requestsInFlight === 1, 'under way');
    client.socket.resetAndDestroy();
    await until(() => load().connections === 0, 'no connection');
    finish();
    await until(() => load().requestsInFlight === 0, 'idle');
    expect(load().buffered).toBe(0);
    await expectServed(port);
  });

  it('with its sending side closed and nothing asked is let go', async () => {
    const { port, load } = await open({ respond: ok });
    for (const text of ['', 'GET / HT', `${POST}content-length: 5\r\n\r\nab`]) {
      const client = await rawClient(port);
      client.socket.end(text);
      await client.closed;
    }
    await until(() => load().connections === 0, 'no connection');
    expect(load().requestsInFlight).toBe(0);
  });
});

describe('a body', () => {
  const limits = { bodyBytes: 1000, lingerMs: 300 };
  const tooLarge =
    /^HTTP\/1\.1 413 [^]*<ErrorResponse><Error><Type>Sender<\/Type><Code>RequestEntityTooLarge<\/Code><Message>The request entity is too large\.<\/Message>/;

  it('of just the limit is taken, one byte more is not', async () => {
    const { port } = await open({ respond: ok, limits });
    const send = (n: number): Promise<string> => exchange(port, `${POST}connection: close\r\ncontent-length: ${n}\r\n\r\n${'x'.repeat(n)}`);
    expect(await send(1000)).toMatch(/^HTTP\/1\.1 200/);
    expect(await send(1001)).toMatch(tooLarge);
  });

  it('that is announced too long is refused before it is sent', async () => {
    const { port } = await open({ respond: ok, limits });
    const plain = await exchange(port, `${POST}content-length: 104857600\r\n\r\n`, (text) => text.endsWith('</ErrorResponse>'));
    expect(plain).toMatch(tooLarge);
    const polite = await exchange(port, `${POST}content-length: 1001\r\nExpect: 100-continue\r\n\r\n`, (text) =>
      text.endsWith('</ErrorResponse>'),
    );
    expect(polite).toMatch(tooLarge);
  });

  it('that grows too long in chunks is refused on the way', async () => {
    const { port, load } = await open({ respond: ok, limits });
    const chunk = `100\r\n${'x'.repeat(256)}\r\n`;
    const answer = await exchange(port, `${POST}connection: close\r\ntransfer-encoding: chunked\r\n\r\n${chunk.repeat(5)}0\r\n\r\n`);
    expect(answer).toMatch(tooLarge);
    expect(load().buffered).toBe(0);
  });

  it('of 100 MB is refused while memory stays flat, and the client gets to read why', async () => {
    const { port, load } = await open({ respond: ok });
    const client = await rawClient(port);
    const piece = Buffer.alloc(1_000_000);
    const before = heldBytes();
    client.send(`${POST}connection: close\r\ncontent-length: 104857600\r\n\r\n`);
    let top = 0;
    for (let i = 0; i < 100; i += 1) {
      if (!client.socket.write(piece)) await until(() => !client.socket.writableNeedDrain, 'room for more, or the end');
      if (i % 10 === 9) top = Math.max(top, heldBytes());
    }
    await until(() => client.received().includes('</ErrorResponse>'), 'the refusal');
    expect(client.received()).toMatch(/^HTTP\/1\.1 413/);
    expect(load().buffered).toBe(0);
    expect((top - before) / 1e6).toBeLessThan(20);
  });

  it('that goes on without end after its refusal is cut off', async () => {
    const { port } = await open({ respond: ok, limits });
    const client = await rawClient(port);
    client.send(`${POST}content-length: 104857600\r\n\r\n`);
    const timer = setInterval(() => client.send('x'.repeat(1000)), 5);
    await client.closed;
    clearInterval(timer);
    expect(client.received()).toMatch(/^HTTP\/1\.1 413/);
  });

  it('for which there is no room now is put off', async () => {
    const { port, load } = await open({ respond: ok, limits: { bufferedBytes: 100 } });
    const first = await rawClient(port);
    first.send(`${POST}content-length: 100\r\n\r\n${'x'.repeat(90)}`);
    await until(() => load().buffered === 90, 'bytes held');
    const scope = 'authorization: AWS4-HMAC-SHA256 Credential=a/20260304/eu-west-1/ec2/aws4_request\r\n';
    const second = await exchange(port, `${POST}${scope}connection: close\r\ncontent-length: 20\r\n\r\n${'y'.repeat(20)}`);
    expect(second).toMatch(
      /^HTTP\/1\.1 503 [^]*<Response><Errors><Error><Code>RequestLimitExceeded<\/Code><Message>Request limit exceeded\.<\/Message>/,
    );
    first.send('x'.repeat(10));
    await until(() => first.received().includes('fine'), 'the answer');
  });
});

describe('too much', () => {
  it('in headers is refused', async () => {
    const refused: RefusalKind[] = [];
    const { port } = await open({ respond: ok, onRefusal: (kind) => refused.push(kind) });
    const long = await exchange(port, `GET / HTTP/1.1\r\nHost: h\r\nx-a: ${'b'.repeat(40_000)}\r\n\r\n`);
    expect(long).toMatch(/^HTTP\/1\.1 431 [^]*<Code>RequestHeaderSectionTooLarge<\/Code>/);
    const many = await exchange(port, `GET / HTTP/1.1\r\nHost: h\r\nconnection: close\r\n${'a: b\r\n'.repeat(300)}\r\n`);
    expect(many).toMatch(/^HTTP\/1\.1 431 [^]*<Code>RequestHeaderSectionTooLarge<\/Code>/);
    expect(refused).toEqual(['headers-too-large', 'headers-too-large']);
    await expectServed(port);
  });

  it('at once is put off, in words that SDKs retry on', async () => {
    let finish: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => (finish = resolve));
    const { port, load } = await open({ limits: { requestsInFlight: 2 }, respond: () => waiting.then(ok) });
    const busy = [await rawClient(port), await rawClient(port)];
    for (const client of busy) client.send(GET);
    await until(() => load().requestsInFlight === 2, 'under way');
    const json =
      'POST / HTTP/1.1\r\nHost: h\r\nconnection: close\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: 2\r\n\r\n{}';
    expect(await exchange(port, GET)).toMatch(/^HTTP\/1\.1 503 [^]*<Code>Throttling<\/Code><Message>Rate exceeded<\/Message>/);
    expect(await exchange(port, json)).toMatch(/^HTTP\/1\.1 503 [^]*"__type":"ThrottlingException","message":"Rate exceeded"/);
    finish();
    for (const client of busy) await client.closed;
    await expectServed(port);
  });

  it('on one connection is put off without a harm to the others', async () => {
    let finish: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => (finish = resolve));
    const { port } = await open({
      limits: { requestsPerConnection: 3 },
      respond: (request) => (request.path === '/slow' ? waiting.then(ok) : ok()),
    });
    const greedy = await rawClient(port);
    greedy.send('GET /slow HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(5));
    await expectServed(port);
    finish();
    await until(() => (greedy.received().match(/HTTP\/1\.1 \d+/g) ?? []).length === 5, 'five answers');
    expect(greedy.received().match(/HTTP\/1\.1 \d+/g)).toEqual([200, 200, 200, 503, 503].map((status) => `HTTP/1.1 ${status}`));
  });

  it('many connections are dropped, and the port serves on', async () => {
    const { port, load } = await open({ respond: ok, limits: { connections: 3 } });
    const clients = await Promise.all([1, 2, 3].map(() => rawClient(port)));
    await until(() => load().connections === 3, 'three connections');
    const fourth = await rawClient(port);
    await fourth.closed;
    clients[0]?.socket.destroy();
    await until(() => load().connections === 2, 'two connections');
    await expectServed(port);
  });
});

describe('what is not HTTP', () => {
  it.each([
    ['noise', '\x00\x01\x02\x03\r\n\r\n'],
    ['a bare line', 'hello\r\n\r\n'],
    ['HTTP/2 at once', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n'],
    ['a length and chunks', `${POST}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['two lengths', `${POST}content-length: 5\r\ncontent-length: 6\r\n\r\nhello!`],
    ['a negative length', `${POST}content-length: -1\r\n\r\n`],
    ['a chunk of no size', `${POST}transfer-encoding: chunked\r\n\r\nzz\r\n`],
    ['a space before the colon', 'GET / HTTP/1.1\r\nHost : h\r\n\r\n'],
    ['a folded header', 'GET / HTTP/1.1\r\nHost: h\r\nx-a: b\r\n c\r\n\r\n'],
    ['a NUL in a header', 'GET / HTTP/1.1\r\nHost: h\r\nx-a: \x00\r\n\r\n'],
    ['a target of another kind', 'GET ftp://x/ HTTP/1.1\r\nHost: h\r\nconnection: close\r\n\r\n'],
    ['a tunnel', 'CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['a TLS record of noise', '\x16\x03\x01\x00\x05hello'],
  ])('%s reaches no service', async (_, text) => {
    let reached = 0;
    const { port, load } = await open({ respond: () => ((reached += 1), ok()) });
    const client = await rawClient(port);
    client.send(text);
    await client.closed;
    expect(reached).toBe(0);
    expect(client.received().replaceAll('\r', '')).toMatch(/^$|^\x15|^HTTP\/1\.1 400 /);
    await until(() => load().connections === 0, 'no connection');
    expect(load().requestsInFlight).toBe(0);
  });

  it('random and broken messages never end in a 5xx or in silence for others', async () => {
    const { port, load } = await open({ respond: ok, limits: { headersMs: 500, requestMs: 500 } });
    const piece = fc.oneof(
      fc.constantFrom(
        'GET ',
        'POST ',
        '/ ',
        'HTTP/1.1',
        '\r\n',
        '\r\n\r\n',
        'Host: h',
        'content-length: ',
        'transfer-encoding: chunked',
        '0',
        '5',
        ':',
        ' ',
        '\x16',
        '\0',
      ),
      fc.string({ unit: 'binary', maxLength: 6 }),
    );
    const message = fc.array(piece, { minLength: 1, maxLength: 20 }).map((pieces) => pieces.join(''));
    const mutated = fc
      .tuple(fc.nat(GET.length - 1), fc.string({ maxLength: 3 }), fc.nat(3))
      .map(([at, text, cut]) => GET.slice(0, at) + text + GET.slice(at + cut));
    await fc.assert(
      fc.asyncProperty(fc.oneof(message, mutated), async (text) => {
        const client = await rawClient(port);
        client.socket.end(text, 'latin1');
        await client.closed;
        expect(client.received()).not.toMatch(/HTTP\/1\.1 5/);
      }),
      { numRuns: 300, interruptAfterTimeLimit: 5_000 },
    );
    await expectServed(port);
    await until(() => load().connections === 0, 'no connection');
    expect(load()).toEqual({ connections: 0, requestsInFlight: 0, buffered: 0 });
  });
});
