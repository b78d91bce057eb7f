/** Random requests, against Node's own parser: what this engine lets pass, that one reads in the same way, and nothing ends the process. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { atEnd, cleanUp, eventually, RawClient, worldOf } from '#dataplane/balancer/http/world.fixture.ts';

afterEach(cleanUp);

const FUZZ_MS = 5_000;

/** A small generator of numbers that starts anew from the same seed (mulberry32). */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const LINES = [
  'GET / HTTP/1.1',
  'POST /p HTTP/1.1',
  'PUT /a?b HTTP/1.0',
  'HEAD / HTTP/1.1',
  'GET http://h/x HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'GET /a b HTTP/1.1',
];
const FIELDS = [
  'Host: h',
  'Host: h',
  'Content-Length: 5',
  'Content-Length: 0',
  'Content-Length: 05',
  'Content-Length: 5, 5',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: Chunked',
  'Transfer-Encoding: identity',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding: gzip, chunked',
  'Transfer_Encoding: chunked',
  'Connection: keep-alive',
  'Connection: close, X-A',
  'X-A: b',
  ' folded',
  'Expect: 100-continue',
  'X-Amzn-Trace-Id: Root=1-2-3',
];
const BODIES = [
  '',
  'hello',
  '5\r\nhello\r\n0\r\n\r\n',
  '0\r\n\r\n',
  '5;x=y\r\nhello\r\n0\r\nT: r\r\n\r\n',
  '5\nhello\n0\n\n',
  'GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n',
];
const NOISE = ['\r', '\n', '\0', ' ', '\t', ':', '\x0b', '\xff', 'a', '\r\n', ','];

function requestOf(random: (below: number) => number): string {
  const pick = (from: readonly string[]): string => from[random(from.length)] ?? '';
  const fields = Array.from({ length: 1 + random(4) }, () => pick(FIELDS));
  if (random(4) > 0) fields.unshift('Host: h');
  let text = `${pick(LINES)}\r\n${fields.join('\r\n')}\r\n\r\n${pick(BODIES)}`;
  for (let change = random(3); change > 0; change -= 1) {
    const at = random(text.length);
    text = random(2) === 0 ? text.slice(0, at) + pick(NOISE) + text.slice(at) : text.slice(0, at) + text.slice(at + 1);
  }
  return text;
}

it(
  'what goes to a target, Node reads as we meant it',
  async () => {
    /** What Node made of each connection's octets: requests, each with its body, and faults. */
    const read: string[] = [];
    const faults: string[] = [];
    const server = createServer({ insecureHTTPParser: false }, (request, response) => {
      let body = '';
      request.setEncoding('latin1');
      request.on('data', (text: string) => (body += text));
      request.on('end', () => {
        read.push(`${request.method ?? ''} ${request.url ?? ''} ${body}`);
        response.end('ok');
      });
    });
    server.on('clientError', (error: Error & { code?: string; rawPacket?: Buffer }, socket) => {
      if (error.code?.startsWith('HPE_') && error.code !== 'HPE_INVALID_EOF_STATE') {
        faults.push(`${error.code} ${JSON.stringify(error.rawPacket?.toString('latin1'))}`);
      }
      socket.destroy();
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    atEnd(async () => {
      server.closeAllConnections();
      server.close();
      await Promise.resolve();
    });
    const world = await worldOf([(server.address() as AddressInfo).port], { desyncMode: 'monitor' }); // it listens on TCP
    const seed = Date.now() & 0xffff;
    const random = numbersFrom(seed);
    const endMs = performance.now() + FUZZ_MS;
    let requests = 0;
    while (performance.now() < endMs) {
      const batch = Array.from({ length: 20 }, () => requestOf(random));
      const clients = batch.map((text) => new RawClient(world.port).send(text));
      await Promise.all(
        clients.map(async (client) => client.until(({ isEnded, isClosed, text }) => isEnded || isClosed || text !== '', 60)),
      );
      for (const client of clients) client.socket.destroy();
      requests += batch.length;
    }
    // Node knows a list of methods, and takes fewer octets in values and targets than AWS does. Nothing else may differ.
    const differences = faults.filter((fault) => !/^HPE_INVALID_(HEADER_TOKEN|URL|METHOD)/.test(fault));
    expect(differences, `seed ${seed}`).toEqual([]);
    expect(world.faults).toEqual([]);
    expect(requests).toBeGreaterThan(100);
    // As many as the engine counted, and no other: nothing was smuggled.
    await eventually(() => world.router.seen.begun === world.router.seen.ended);
    expect(world.router.seen.begun).toBe(world.router.seen.ended);
    expect(read.length, `seed ${seed}`).toBeLessThanOrEqual(world.router.seen.begun);
  },
  FUZZ_MS + 15_000,
);
