import { request as httpRequest } from 'node:http';
import { describe, expect, it } from 'vitest';
import { echo, exchange, open, rawClient, until } from '#server/listener.fixture.ts';

const close = 'connection: close\r\n';

interface Echoed {
  method: string;
  path: string;
  query: string;
  headers: Record<string, string>;
  body: string;
  connection: { remoteAddress: string; secure: boolean };
}
const echoed = (answer: string): Echoed => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as Echoed; // what `echo` made

describe('listen', () => {
  it('hands a request over as a plain value', async () => {
    const { port } = await open();
    const answer = await exchange(
      port,
      `POST /a%20b/?x=1&y HTTP/1.1\r\nHost: h:1\r\nX-Amz-Note: a\r\nX-AMZ-note: b\r\n${close}content-length: 5\r\n\r\nhello`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(echoed(answer)).toEqual({
      method: 'POST',
      path: '/a%20b/',
      query: 'x=1&y',
      headers: { host: 'h:1', 'x-amz-note': 'a, b', connection: 'close', 'content-length': '5' },
      body: 'hello',
      connection: { remoteAddress: '127.0.0.1', secure: false },
    });
  });

  it('takes the absolute form, whose authority is the host', async () => {
    const { port } = await open();
    const got = echoed(await exchange(port, `GET http://ec2.localhost:1/p?q HTTP/1.1\r\nHost: other\r\n${close}\r\n`));
    expect(got).toMatchObject({ path: '/p', query: 'q', headers: { host: 'ec2.localhost:1' } });
    const bare = echoed(await exchange(port, `GET http://h?q HTTP/1.1\r\nHost: other\r\n${close}\r\n`));
    expect(bare).toMatchObject({ path: '/', query: 'q', headers: { host: 'h' } });
  });

  it('joins a chunked body, byte by byte too', async () => {
    const { port } = await open();
    const client = await rawClient(port);
    client.send(`PUT / HTTP/1.1\r\nHost: h\r\n${close}transfer-encoding: chunked\r\n\r\n`);
    const text = 'a chunked body '.repeat(20);
    for (const char of text) client.send(`1\r\n${char}\r\n`);
    client.send(`1000\r\n${'z'.repeat(4096)}\r\n0\r\n\r\n`);
    await client.closed;
    expect(echoed(client.received()).body).toBe(text + 'z'.repeat(4096));
  });

  it('gives a body of many pieces back as it was', async () => {
    const { port } = await open({ respond: async (request) => ({ status: 200, headers: {}, body: request.body }) });
    const sent = Buffer.alloc(3_000_000, 'abcdefghijk');
    const got = await new Promise<Buffer>((resolve, reject) => {
      const client = httpRequest({ port, host: '127.0.0.1', method: 'POST' }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks)));
      });
      client.on('error', reject);
      client.end(sent);
    });
    expect(got.equals(sent)).toBe(true);
  });

  it('always tells the length, and leaves the body out for HEAD', async () => {
    const { port } = await open({ respond: async () => ({ status: 200, headers: { 'content-type': 'text/xml' }, body: '経路' }) });
    expect(await exchange(port, `GET / HTTP/1.1\r\nHost: h\r\n${close}\r\n`)).toContain('content-length: 6\r\n');
    const head = await exchange(port, `HEAD / HTTP/1.1\r\nHost: h\r\n${close}\r\n`);
    expect(head).toContain('content-length: 6\r\n');
    expect(head.endsWith('\r\n\r\n')).toBe(true);
    expect(await exchange(port, `OPTIONS * HTTP/1.1\r\nHost: h\r\n${close}\r\n`)).toMatch(/^HTTP\/1\.1 200/);
  });

  it('tells no length with 204', async () => {
    const { port } = await open({ respond: async () => ({ status: 204, headers: {}, body: '' }) });
    const answer = await exchange(port, `DELETE / HTTP/1.1\r\nHost: h\r\n${close}\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 204 No Content/);
    expect(answer).not.toMatch(/content-length|transfer-encoding/i);
  });

  it('bids to continue when asked to', async () => {
    const { port } = await open();
    const client = await rawClient(port);
    client.send(`POST / HTTP/1.1\r\nHost: h\r\n${close}Expect: 100-continue\r\ncontent-length: 2\r\n\r\n`);
    await until(() => client.received() === 'HTTP/1.1 100 Continue\r\n\r\n', '100 Continue');
    client.send('ok');
    await client.closed;
    expect(client.received()).toContain('"body":"ok"');
  });

  it('answers pipelined requests in their order, however long each takes', async () => {
    const { port } = await open({
      respond: async (request) => {
        if (request.path === '/1') await new Promise((resolve) => setTimeout(resolve, 30));
        return { status: 200, headers: {}, body: `<${request.path}>` };
      },
    });
    const one = (n: number, more = ''): string => `GET /${n} HTTP/1.1\r\nHost: h\r\n${more}\r\n`;
    const answer = await exchange(port, one(1) + one(2) + one(3, close));
    expect(answer.match(/<\/\d>/g)).toEqual(['</1>', '</2>', '</3>']);
  });

  it('keeps a connection for the next request', async () => {
    const { port, load } = await open();
    const client = await rawClient(port);
    for (let i = 1; i <= 3; i += 1) {
      client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
      await until(() => client.received().split('HTTP/1.1 200').length === i + 1, `answer ${i}`);
    }
    await until(() => load().requestsInFlight === 0, 'idle');
    expect(load()).toEqual({ connections: 1, requestsInFlight: 0, buffered: 0 });
  });

  it('answers a client that has closed its sending side', async () => {
    const { port } = await open({
      respond: async (request, connection) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return echo(request, connection);
      },
    });
    const client = await rawClient(port);
    client.socket.end('GET /half HTTP/1.1\r\nHost: h\r\n\r\n');
    await client.closed;
    expect(client.received()).toContain('"path":"/half"');
  });

  it('answers 500 in the protocol of the request when there is no answer', async () => {
    const { port } = await open({
      respond: () => {
        throw new Error('a bug');
      },
    });
    const answer = await exchange(
      port,
      `POST / HTTP/1.1\r\nHost: h\r\ncontent-type: application/x-amz-json-1.1\r\n${close}content-length: 2\r\n\r\n{}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 500/);
    expect(answer).toContain('"__type":"InternalFailureException"');
    expect(answer).not.toContain('a bug');
  });

  it('does not let an answer split its headers', async () => {
    const { port } = await open({ respond: async () => ({ status: 200, headers: { 'x-a': 'b\r\nset-cookie: c' }, body: '' }) });
    const answer = await exchange(port, `GET / HTTP/1.1\r\nHost: h\r\n${close}\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 500/);
    expect(answer).not.toContain('set-cookie');
  });

  it('refuses a port that is taken', async () => {
    const { port } = await open();
    await expect(open({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('lets answers under way finish when it closes, and takes no more', async () => {
    let finish: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => (finish = resolve));
    const listener = await open({
      limits: { drainMs: 5_000 },
      respond: async () => {
        await waiting;
        return { status: 200, headers: {}, body: 'done' };
      },
    });
    const busy = await rawClient(listener.port);
    const idle = await rawClient(listener.port);
    busy.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await until(() => listener.load().requestsInFlight === 1, 'under way');
    const closed = listener.close();
    await idle.closed;
    await expect(rawClient(listener.port).then((late) => late.closed)).resolves.toBeUndefined();
    finish();
    await closed;
    await busy.closed;
    expect(busy.received()).toMatch(/connection: close[^]*done$/i);
  });
});

describe('a streaming answer', () => {
  const streaming = (started: (write: (text: string) => void, end: () => void) => void, stopped: () => void) => async () => ({
    status: 200,
    headers: { 'content-type': 'text/event-stream' },
    stream: (sink: { write(text: string): void; end(): void }) => {
      started(
        (text) => sink.write(text),
        () => sink.end(),
      );
      return stopped;
    },
  });

  it('goes on until its client leaves', async () => {
    let write: (text: string) => void = () => undefined;
    let stops = 0;
    const { port, load } = await open({
      respond: streaming(
        (one) => (write = one),
        () => (stops += 1),
      ),
    });
    const client = await rawClient(port);
    client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await until(() => client.received().includes('\r\n\r\n'), 'headers');
    write('one');
    await until(() => client.received().includes('one'), 'one');
    write('two');
    await until(() => client.received().includes('two'), 'two');
    expect(load().requestsInFlight).toBe(0);
    client.socket.destroy();
    await until(() => stops === 1, 'the stop');
    write('three');
    expect(stops).toBe(1);
  });

  it('drops a reader who does not keep up', async () => {
    let write: (text: string) => void = () => undefined;
    let stops = 0;
    const { port } = await open({
      limits: { streamBytes: 100_000 },
      respond: streaming(
        (one) => (write = one),
        () => (stops += 1),
      ),
    });
    const client = await rawClient(port);
    client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await until(() => client.received().includes('\r\n\r\n'), 'headers');
    client.socket.pause();
    const piece = 'x'.repeat(50_000);
    await until(() => (write(piece), stops === 1), 'the stop');
    client.socket.resume();
    await client.closed;
  });

  it('ends with the listener', async () => {
    let stops = 0;
    const listener = await open({
      limits: { drainMs: 5_000 },
      respond: streaming(
        (write) => write('hello'),
        () => (stops += 1),
      ),
    });
    const client = await rawClient(listener.port);
    client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await until(() => client.received().includes('hello'), 'hello');
    await listener.close();
    await client.closed;
    expect(stops).toBe(1);
  });

  it('can end itself, before it has begun even', async () => {
    let stops = 0;
    const { port } = await open({
      respond: streaming(
        (write, end) => (write('all'), end()),
        () => (stops += 1),
      ),
    });
    const answer = await exchange(port, `GET / HTTP/1.1\r\nHost: h\r\n${close}\r\n`);
    expect(answer).toContain('all');
    expect(stops).toBe(1);
  });
});
