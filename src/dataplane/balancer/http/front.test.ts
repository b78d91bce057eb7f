/** Requests through the engine to targets that behave, and to some that do not. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  answering,
  atEnd,
  cleanUp,
  converse,
  eventually,
  OK,
  RawClient,
  targetOf,
  worldOf,
} from '#dataplane/balancer/http/world.fixture.ts';

afterEach(cleanUp);

const GET = 'GET /a?b=c HTTP/1.1\r\nHost: example.com\r\n\r\n';
const LAST = 'GET /last HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n';

const bodyOf = (answer: string): string => answer.slice(answer.indexOf('\r\n\r\n') + 4);

describe('a request', () => {
  it('reaches its target with the load balancer’s headers, and its answer comes back', async () => {
    const target = await targetOf(answering('HTTP/1.1 200 Fine\r\nX-Case: Kept\r\nContent-Length: 2\r\n\r\nok'));
    const { port, router, records } = await worldOf([target.port]);
    const answer = await converse(port, 'GET /a?b=c HTTP/1.1\r\nX-One: 1\r\nHost: example.com\r\nConnection: close\r\nX-TWO:2\r\n\r\n');
    expect(answer).toBe('HTTP/1.1 200 Fine\r\nX-Case: Kept\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
    expect(target.text).toMatch(
      /^GET \/a\?b=c HTTP\/1\.1\r\nX-Forwarded-For: 127\.0\.0\.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Port: 80\r\nHost: example\.com\r\nX-Amzn-Trace-Id: Root=1-[\da-f]{8}-[\da-f]{24}\r\nX-One: 1\r\nX-TWO:2\r\n\r\n$/,
    );
    expect(router.seen).toEqual({ begun: 1, ended: 1, answered: 1, failed: 0 });
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({
      type: 'http',
      status: 200,
      targetStatus: 200,
      request: 'GET http://example.com:80/a?b=c HTTP/1.1',
      clientAddress: '127.0.0.1',
      target: { address: '127.0.0.1', port: target.port },
      rulePriority: 0,
      action: 'forward',
      sentBytes: answer.length,
    });
  });

  it('shares connections with the ones before it, on both sides', async () => {
    const target = await targetOf(answering(OK));
    const { port } = await worldOf([target.port]);
    const client = new RawClient(port);
    for (let count = 1; count <= 5; count += 1) await client.send(GET).answers(count);
    expect(client.statuses).toEqual([200, 200, 200, 200, 200]);
    expect(target.heard).toHaveLength(1);
  });

  it('waits its turn behind others in a pipeline', async () => {
    const target = await targetOf(answering(OK));
    const { port } = await worldOf([target.port]);
    const answer = await converse(port, GET.repeat(20) + LAST);
    expect(answer.split('HTTP/1.1 200 OK').length - 1).toBe(21);
    expect(target.text.split('GET ').length - 1).toBe(21);
  });

  it('may come octet by octet', async () => {
    const target = await targetOf(answering(OK));
    const { port } = await worldOf([target.port]);
    const client = new RawClient(port);
    for (const octet of `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc`) {
      client.send(octet);
      await new Promise((done) => setImmediate(done));
    }
    await client.answers(1);
    expect(client.statuses).toEqual([200]);
    expect(target.text.endsWith('\r\n\r\nabc')).toBe(true);
  });

  it('of HTTP/1.0 gets an answer without chunks', async () => {
    const target = await targetOf(answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'));
    const { port } = await worldOf([target.port]);
    const answer = await converse(port, 'GET / HTTP/1.0\r\n\r\n');
    expect(bodyOf(answer)).toBe('abc');
    expect(answer).not.toContain('chunked');
    expect(target.text).toContain('Host: 127.0.0.1\r\n');
  });

  it('of HEAD has an answer with a length and no body', async () => {
    const target = await targetOf(answering('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n'));
    const { port } = await worldOf([target.port]);
    const answer = await converse(port, `HEAD / HTTP/1.1\r\nHost: h\r\n\r\n${LAST.replace('GET', 'HEAD')}`);
    expect(answer.match(/Content-Length: 1000\r\n/g)).toHaveLength(2);
    expect(target.heard).toHaveLength(1);
  });
});

describe('bodies', () => {
  async function echo(): Promise<number> {
    const server = createServer((request: IncomingMessage, response) => {
      request.pipe(response);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    atEnd(async () => {
      server.closeAllConnections();
      server.close();
      await Promise.resolve();
    });
    return (server.address() as AddressInfo).port; // it listens on TCP
  }

  it.each([0, 1, 8_192, 8_193, 65_536, 3_000_000])('of %i octets go there and back, by length and by chunks', async (size) => {
    const { port } = await worldOf([await echo()]);
    const body = Buffer.from(Array.from({ length: size }, (_, index) => index % 251)).toString('latin1');
    const head = 'POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n';
    const byLength = await converse(port, `${head}Content-Length: ${size}\r\n\r\n${body}`);
    expect(unchunk(bodyOf(byLength)) === body).toBe(true);
    const chunks = size === 0 ? '' : `${size.toString(16)};ext=1\r\n${body}\r\n`;
    const byChunks = await converse(port, `${head}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\nTrailer: x\r\n\r\n`);
    expect(unchunk(bodyOf(byChunks)) === body).toBe(true);
  });

  it('that last as long as the target’s connection end with it', async () => {
    const target = await targetOf((socket) => {
      socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\nuntil the end'));
    });
    const { port } = await worldOf([target.port]);
    const client = new RawClient(port).send(GET);
    await client.until(({ text }) => text.endsWith('0\r\n\r\n'));
    expect(unchunk(bodyOf(client.text))).toBe('until the end');
    expect(client.isEnded).toBe(false);
  });

  it('of a slow reader hold no memory here', async () => {
    const target = await targetOf((socket) => {
      socket.once('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${24 << 20}\r\n\r\n`);
        socket.write(Buffer.alloc(24 << 20));
      });
    });
    const { port } = await worldOf([target.port]);
    const client = new RawClient(port);
    client.socket.pause();
    client.send(GET);
    await new Promise((done) => setTimeout(done, 300));
    const [socket] = target.sockets;
    expect(socket?.writableLength).toBeGreaterThan(8 << 20);
    client.socket.resume();
    await client.until(({ text }) => text.length > 24 << 20);
    expect(client.text.length).toBeGreaterThan(24 << 20);
  });

  it('are asked for at once, and the target does not hear of it', async () => {
    const target = await targetOf(answering(OK));
    const { port } = await worldOf([target.port]);
    const client = new RawClient(port).send('POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n');
    await client.until(({ text }) => text.includes('100 Continue'));
    await client.send('hi').answers(2);
    expect(client.statuses).toEqual([100, 200]);
    expect(target.text).not.toContain('Expect');
  });
});

function unchunk(text: string): string {
  if (!/^[\da-f]+\r\n/.test(text)) return text;
  let body = '';
  for (let at = 0; ;) {
    const end = text.indexOf('\r\n', at);
    const size = Number.parseInt(text.slice(at, end), 16);
    if (size === 0) return body;
    body += text.slice(end + 2, end + 2 + size);
    at = end + 2 + size + 2;
  }
}

describe('targets that misbehave', () => {
  const bad: readonly (readonly [what: string, answer: string])[] = [
    ['no HTTP', 'hello\r\n\r\n'],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['no status', 'HTTP/1.1 OK\r\n\r\n'],
    ['a bare LF', 'HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n'],
    ['a folded field', 'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n'],
    ['a space before a colon', 'HTTP/1.1 200 OK\r\nX : a\r\nContent-Length: 0\r\n\r\n'],
    ['a NUL in a value', 'HTTP/1.1 200 OK\r\nX: \0\r\nContent-Length: 0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'],
    ['a length beside chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['an encoding of its own', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
    ['101 that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n'],
    ['a head of more than 32 K', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(33_000)}\r\nContent-Length: 0\r\n\r\n`],
    ['interim answers without end', 'HTTP/1.1 103 Early\r\n\r\n'.repeat(50)],
  ];
  it.each(bad)('by %s: 502', async (_, answer) => {
    const target = await targetOf(answering(answer));
    const { port, router } = await worldOf([target.port]);
    const client = new RawClient(port).send(GET);
    await client.until(({ statuses }) => statuses.some((status) => status !== 103));
    expect(client.statuses.at(-1)).toBe(502);
    expect(client.text).toContain(
      '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n',
    );
    expect(client.text).toContain('Server: awselb/2.0\r\n');
    expect(router.seen.ended).toBe(1);
    expect(await eventually(() => target.sockets.size === 0)).toBe(true);
  });

  it('by closing before they answer: 502', async () => {
    const target = await targetOf((socket) => socket.once('data', () => socket.destroy()));
    const { port, router } = await worldOf([target.port]);
    const client = new RawClient(port).send(GET);
    await client.answers(1);
    expect(client.statuses).toEqual([502]);
    expect(router.seen).toEqual({ begun: 1, ended: 1, answered: 0, failed: 0 });
  });

  it('by closing within the answer: the client’s connection ends too', async () => {
    const target = await targetOf((socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')));
    const { port } = await worldOf([target.port]);
    const client = new RawClient(port).send(GET);
    await client.all();
    expect(bodyOf(client.text)).toBe('half');
    expect(client.isEnded || client.isClosed).toBe(true);
  });

  it('by saying more than the length: their connection is not used again', async () => {
    const target = await targetOf(answering(`${OK}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`));
    const { port } = await worldOf([target.port]);
    const client = new RawClient(port).send(GET);
    await client.answers(1);
    await client.send(GET).answers(2);
    expect(client.text).not.toContain('poison');
    expect(target.heard).toHaveLength(2);
  });

  it('by speaking unasked: the connection is dropped', async () => {
    const target = await targetOf((socket) => {
      socket.on('data', () => {
        socket.write(OK);
        setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'), 30);
      });
    });
    const { port } = await worldOf([target.port]);
    const client = new RawClient(port).send(GET);
    await client.answers(1);
    await new Promise((done) => setTimeout(done, 80));
    await client.send(GET).answers(2);
    expect(client.text).not.toContain('poison');
  });

  it('by not being there: 502, or another target', async () => {
    const target = await targetOf(answering(OK));
    const gone = await targetOf(answering(OK));
    const { port: gonePort } = gone;
    gone.server.close();
    const alone = await worldOf([gonePort]);
    expect(await new RawClient(alone.port).send(GET).answers(1)).toContain('502 Bad Gateway');
    expect(alone.router.seen).toEqual({ begun: 1, ended: 1, answered: 0, failed: 1 });
    const { port, router } = await worldOf([gonePort, target.port]);
    for (let count = 0; count < 4; count += 1) {
      const client = new RawClient(port).send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody');
      await client.answers(1);
      expect(client.statuses).toEqual([200]);
    }
    expect(router.seen.begun).toBe(router.seen.ended);
    expect(router.seen.failed).toBeGreaterThan(0);
    expect(target.text.match(/\r\n\r\nbody/g)).toHaveLength(4);
  });

  it('by closing a waiting connection just when a request comes: it goes again', async () => {
    let count = 0;
    const target = await targetOf((socket) => {
      count += 1;
      const isFirst = count === 1;
      let requests = 0;
      socket.on('data', () => {
        requests += 1;
        if (isFirst && requests === 2) socket.destroy();
        else socket.write(OK);
      });
    });
    const { port, router } = await worldOf([target.port]);
    const client = new RawClient(port).send(GET);
    await client.answers(1);
    await client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody').answers(2);
    expect(client.statuses).toEqual([200, 200]);
    expect(target.heard[1]).toMatch(/^POST .*\r\n\r\nbody$/s);
    expect(router.seen.ended).toBe(2);
  });

  it('by answering before the request is whole: the answer comes, and the connection ends', async () => {
    const target = await targetOf((socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n')),
    );
    const { port } = await worldOf([target.port]);
    const answer = await converse(port, 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\nsome');
    expect(answer).toBe('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
});

describe('time', () => {
  it('of a target that does not answer: 504', async () => {
    const target = await targetOf(() => undefined);
    const { port, records } = await worldOf([target.port], { idleSeconds: 0.3 });
    const client = new RawClient(port).send(GET);
    await client.answers(1);
    expect(client.statuses).toEqual([504]);
    expect(records[0]).toMatchObject({ status: 504, targetStatus: undefined });
  });

  it('of a head that does not come: 408', async () => {
    const { port } = await worldOf([], { idleSeconds: 0.3 });
    expect(await converse(port, 'GET / HTTP/1.1\r\nHo')).toMatch(/^HTTP\/1\.1 408 Request Time-out\r\n/);
  });

  it('of a head that trickles: 408', async () => {
    const { port } = await worldOf([], { idleSeconds: 0.5 });
    const client = new RawClient(port).send('GET / HTTP/1.1\r\nX: ');
    const trickle = setInterval(() => client.send('x'), 50);
    expect(await client.all()).toMatch(/^HTTP\/1\.1 408 /);
    clearInterval(trickle);
  });

  it('of a body that does not come: 408', async () => {
    const target = await targetOf(answering(''));
    const { port } = await worldOf([target.port], { idleSeconds: 0.3 });
    expect(await converse(port, 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc')).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('of a client that waits: the connection closes without a word', async () => {
    const { port } = await worldOf([], { idleSeconds: 0.3 });
    expect(await converse(port, '')).toBe('');
  });

  it('of a client that goes away: 460 in the log, and the target’s connection ends', async () => {
    const target = await targetOf((socket) => socket.on('end', () => socket.end()));
    const { port, records, router } = await worldOf([target.port]);
    const client = new RawClient(port).send(GET);
    await eventually(() => target.text !== '');
    client.socket.end();
    expect(await eventually(() => records.length === 1 && target.sockets.size === 0)).toBe(true);
    expect(records[0]).toMatchObject({ status: 460 });
    expect(router.seen).toMatchObject({ begun: 1, ended: 1 });
  });
});

describe('own answers', () => {
  it.each([
    ['a line of more than 16 K', `GET /${'a'.repeat(17_000)} HTTP/1.1\r\nHost: h\r\n\r\n`, '414 Request-URI Too Large'],
    ['a line of more than 16 K without end', `GET /${'a'.repeat(17_000)}`, '414 Request-URI Too Large'],
    ['a header of more than 16 K', `GET / HTTP/1.1\r\nHost: h\r\nX: ${'a'.repeat(17_000)}\r\n\r\n`, '400 Bad Request'],
    ['headers of more than 64 K', `GET / HTTP/1.1\r\nHost: h\r\n${`X: ${'a'.repeat(8_000)}\r\n`.repeat(9)}\r\n`, '400 Bad Request'],
    ['TRACE', 'TRACE / HTTP/1.1\r\nHost: h\r\n\r\n', '405 Not Allowed'],
    ['an encoding of another kind', 'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n', '501 Not Implemented'],
    ['HTTP/2 without its introduction', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '505 HTTP Version Not Supported'],
    ['31 addresses', `GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: ${'1.1.1.1,'.repeat(31)}1.1.1.1\r\n\r\n`, '463'],
  ])('to %s', async (_, request, status) => {
    const { port } = await worldOf([]);
    expect(await converse(port, request)).toContain(`HTTP/1.1 ${status}`);
  });

  it('say nobody is there, redirect, and give what is fixed', async () => {
    const { port, router, records } = await worldOf([]);
    const client = new RawClient(port).send(GET);
    await client.answers(1);
    expect(client.text).toContain('503 Service Temporarily Unavailable');
    const rule = { id: 'r', priority: 5, conditions: [], action: { type: 'fixed-response' as const, status: 200 } };
    router.instead = () => ({ kind: 'redirect', rule, status: 301, location: 'https://example.com:443/' });
    await client.send(GET).answers(2);
    expect(client.text).toContain('Content-Length: 134\r\nConnection: keep-alive\r\nLocation: https://example.com:443/\r\n');
    router.instead = () => ({ kind: 'fixed', rule, status: 200, contentType: 'text/plain', body: Buffer.from('fixed') });
    await client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody').answers(3);
    await client.send(LAST).all();
    expect(client.text.endsWith('\r\n\r\nfixed')).toBe(true);
    expect(client.statuses).toEqual([503, 301, 200, 200]);
    expect(records.map(({ action }) => action)).toEqual(['forward', 'redirect', 'fixed-response', 'fixed-response']);
  });
});
