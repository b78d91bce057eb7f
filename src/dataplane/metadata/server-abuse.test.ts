/** Clients that send too much, too slowly, too often, or nonsense: none harms the service or another instance. */
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { ask, first, second, send, serve, workload } from './asking.fixture.ts';
import type { MetadataLimits, MetadataServer } from './server.ts';

const failures: unknown[] = [];
let server: MetadataServer | undefined;
afterEach(async () => {
  await server?.close();
  expect(failures.splice(0)).toEqual([]);
});

async function open(limits: Partial<MetadataLimits> = {}): Promise<MetadataServer> {
  const known = new Map([first, second].map((from) => [from, workload(`i-${from}`)]));
  return (server = await serve(known, { limits, onFailure: (error) => failures.push(error) }));
}

const isWell = async (open: MetadataServer, from = second): Promise<boolean> =>
  (await ask(open, '/latest/meta-data/ami-id', { from })).body === 'ami-1';

function hold({ port }: MetadataServer): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect({ host: first, port, localAddress: first }, () => resolve(socket));
    socket.on('error', () => undefined);
  });
}

const closed = (socket: Socket): Promise<void> => new Promise((resolve) => socket.resume().once('close', () => resolve()));

test('a header that is too long', async () => {
  const small = await open({ headerBytes: 1024 });
  expect(await send(small, `GET / HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(2000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
  expect(await send(small, `GET /${'x'.repeat(2000)} HTTP/1.1\r\nHost: a\r\n\r\n`)).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
  expect(await isWell(small)).toBe(true);
});

test('a body that is long, and one that is too long', async () => {
  const small = await open({ bodyBytes: 1000 });
  const put = (length: number) =>
    send(
      small,
      `PUT /latest/api/token HTTP/1.1\r\nHost: a\r\nX-aws-ec2-metadata-token-ttl-seconds: 9\r\nContent-Length: ${length}\r\n\r\n${'x'.repeat(length)}`,
    );
  expect(await put(1000)).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  expect(await put(1001)).toBeUndefined();
  expect(await isWell(small)).toBe(true);
});

test.each(['', 'GET / HT', 'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc'])(
  'one that does not go on after %j',
  async (begun) => {
    const quick = await open({ requestMs: 200 });
    const socket = await hold(quick);
    const end = closed(socket);
    socket.write(begun);
    await end;
    expect(await isWell(quick)).toBe(true);
  },
);

test('one that opens too many connections; the places come back', async () => {
  const narrow = await open({ connectionsPerAsker: 3 });
  const sockets = await Promise.all([1, 2, 3].map(() => hold(narrow)));
  await expect(ask(narrow, '/', { from: first })).rejects.toThrow(/hang up|ECONNRESET/);
  expect(await isWell(narrow, second)).toBe(true);
  const ends = sockets.map(closed);
  for (const socket of sockets) socket.end();
  await Promise.all(ends);
  for (let turn = 0; turn < 10; turn++) expect(await isWell(narrow, first)).toBe(true);
  await Promise.all([hold(narrow), hold(narrow)]);
  expect(await isWell(narrow, first)).toBe(true);
});

test('several questions in one go: the first is answered, then it ends', async () => {
  const said = await send(await open(), 'GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /latest/meta-data/ami-id HTTP/1.1\r\nHost: a\r\n\r\n');
  expect(said?.match(/HTTP\/1.1/g)).toHaveLength(1);
});

test('what is not HTTP is told so', async () => {
  const well = await open();
  for (const nonsense of ['\x16\x03\x01\x02\x00', 'hello\r\n\r\n', 'CONNECT a:80 HTTP/9.9\r\n\r\n']) {
    expect(await send(well, nonsense)).toMatch(/^HTTP\/1.1 400 Bad Request\r\nServer: EC2ws\r\n[^]*<title>400 - Bad Request<\/title>/);
  }
});

test('random bytes, and questions with random parts, never end the service', { timeout: 60_000 }, async () => {
  const hardy = await open({ requestMs: 300 });
  const text = fc.string({ unit: 'binary', maxLength: 40 });
  const line = fc.tuple(
    fc.constantFrom('GET', 'PUT', 'HEAD', 'POST', 'CONNECT', 'OPTIONS', 'get', ''),
    text,
    fc.constantFrom('HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', ''),
  );
  const header = fc.oneof(
    fc.constantFrom(
      'Host: a',
      'Upgrade: websocket\r\nConnection: Upgrade',
      'Expect: 100-continue',
      'Expect: x',
      'Transfer-Encoding: chunked',
      'Content-Length: 3',
      'X-aws-ec2-metadata-token-ttl-seconds: 60',
    ),
    text.map((value) => `X-aws-ec2-metadata-token: ${value}`),
    text,
  );
  const question = fc
    .tuple(line, fc.array(header, { maxLength: 4 }), text)
    .map(([[method, path, version], headers, body]) =>
      Buffer.from(`${method} /latest/${path} ${version}\r\n${headers.join('\r\n')}\r\n\r\n${body}`),
    );
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((array) => Buffer.from(array));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(bytes, question), { minLength: 20, maxLength: 40 }), async (all) => {
      await Promise.all(all.map((one) => send(hardy, one)));
      expect(await isWell(hardy)).toBe(true);
    }),
    { numRuns: 20 },
  );
});
