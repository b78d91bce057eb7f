/** Any pieces of a stream are read as the whole is; any octets are survived; node:http reads valid requests the same. */
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { converse, converseText, type Seen } from '#server/http1/connection.fixture.ts';

const word = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,11}$/);
const fieldName = word.map((name) => `x-${name}`); // names that nobody gives a meaning
const fieldValue = fc
  .array(
    fc.integer({ min: 0x20, max: 0xff }).filter((code) => code !== 0x7f),
    { maxLength: 20 },
  )
  .map((codes) => String.fromCharCode(...codes).replace(/^ +| +$/g, ''));
const fields = fc
  .array(fc.tuple(fieldName, fieldValue, fc.constantFrom('', ' ', '\t ')), { maxLength: 6 })
  .map((list) => list.map(([name, value, space]) => `${name}:${space}${value}${space}\r\n`).join(''));
const bytes = fc.uint8Array({ maxLength: 60 }).map((list) => Buffer.from(list).toString('latin1'));

const lengthBody = bytes.map((body) => ({ field: `Content-Length: ${body.length}\r\n`, wire: body }));
const chunkedBody = fc
  .tuple(
    fc.array(
      bytes.filter((chunk) => chunk !== ''),
      { maxLength: 4 },
    ),
    fc.constantFrom('', ';a', ';a="b c"'),
    fc.constantFrom('', 'x-t: v\r\n'),
  )
  .map(([chunks, extension, trailer]) => ({
    field: 'Transfer-Encoding: chunked\r\n',
    wire: `${chunks.map((chunk) => `${chunk.length.toString(16)}${extension}\r\n${chunk}\r\n`).join('')}0\r\n${trailer}\r\n`,
  }));
const body = fc.oneof(fc.constant({ field: '', wire: '' }), lengthBody, chunkedBody);

const request = fc
  .record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'),
    path: fc.array(word),
    query: fc.option(word),
    fields,
    body,
  })
  .map(({ method, path, query, fields: more, body: { field, wire } }) => {
    const target = `/${path.join('/')}${query === null ? '' : `?${query}`}`;
    return `${method} ${target} HTTP/1.1\r\nHost: h\r\n${more}${field}\r\n${wire}`;
  });
const stream = fc.array(request, { minLength: 1, maxLength: 4 }).map((requests) => requests.join(''));

/** Bytes cut at random places. */
function cut(text: string, places: readonly number[]): Buffer[] {
  const whole = Buffer.from(text, 'latin1');
  const at = [...new Set(places.map((place) => place % (whole.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, index) => whole.subarray(from, at[index] ?? whole.length)).filter((piece) => piece.length > 0);
}

describe('whatever pieces a stream of requests comes in', () => {
  it('is read the same', async () => {
    await fc.assert(
      fc.asyncProperty(stream, fc.array(fc.nat(2_000), { maxLength: 12 }), async (text, places) => {
        const whole = await converseText(text);
        const pieces = await converse(cut(text, places));
        expect(whole.refusals).toEqual([]);
        expect(pieces.requests).toEqual(whole.requests);
        expect(pieces.statuses).toEqual(whole.statuses);
        expect(pieces.left).toEqual({ requestsInFlight: 0, bytes: 0 });
      }),
      { numRuns: 500, interruptAfterTimeLimit: 4_000 },
    );
  });

  it('octet by octet too', async () => {
    await fc.assert(
      fc.asyncProperty(stream, async (text) => {
        const whole = await converseText(text);
        const octets = await converse([...text].map((char) => Buffer.from(char, 'latin1')));
        expect(octets.requests).toEqual(whole.requests);
        expect(octets.refusals).toEqual([]);
      }),
      { numRuns: 100, interruptAfterTimeLimit: 4_000 },
    );
  });

  it('is refused or not, and reaches services, the same when it is broken somewhere', async () => {
    const broken = fc
      .tuple(stream, fc.nat(3_000), fc.constantFrom('\r', '\n', '\0', ' ', ':', '\r\n', '0', 'z'), fc.nat(2))
      .map(([text, place, put, taken]) => text.slice(0, place % text.length) + put + text.slice((place % text.length) + taken));
    await fc.assert(
      fc.asyncProperty(broken, fc.array(fc.nat(2_000), { maxLength: 12 }), async (text, places) => {
        const whole = await converseText(text);
        const pieces = await converse(cut(text, places));
        expect(pieces.requests).toEqual(whole.requests);
        expect(pieces.refusals).toEqual(whole.refusals);
      }),
      { numRuns: 500, interruptAfterTimeLimit: 4_000 },
    );
  });
});

describe('random octets', () => {
  it('throw nothing, and are answered with no 5xx', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'GET ',
        'POST ',
        '/ ',
        'HTTP/1.1\r\n',
        'Host: h\r\n',
        'Content-Length: 3\r\n',
        'Transfer-Encoding: chunked\r\n',
        '\r\n',
        '3\r\n',
      ),
      fc.uint8Array({ maxLength: 8 }).map((list) => Buffer.from(list).toString('latin1')),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(piece, { minLength: 1 }), { maxLength: 12 }), async (pieces) => {
        const buffers = pieces.map((parts) => Buffer.from(parts.join(''), 'latin1')).filter((buffer) => buffer.length > 0);
        const { failures, statuses, left } = await converse(buffers);
        expect(failures).toEqual([]);
        expect(statuses.filter((status) => status >= 500)).toEqual([]);
        expect(left).toEqual({ requestsInFlight: 0, bytes: 0 });
      }),
      { numRuns: 1_000, interruptAfterTimeLimit: 4_000 },
    );
  });
});

describe('beside the parser of node:http', () => {
  let seen: Seen[] = [];
  const server = createServer((message: IncomingMessage, response) => {
    const [path = '', query = ''] = (message.url ?? '').split('?');
    let text = '';
    message.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
    message.on('end', () => {
      const headers = message.headers as Seen['headers']; // none is sent of which Node makes a list
      seen.push({ method: message.method ?? '', path, query, headers: { ...headers }, body: text });
      response.end();
    });
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => void server.close());

  it('reads valid requests the same', async () => {
    const { port } = server.address() as AddressInfo; // it listens on TCP
    await fc.assert(
      fc.asyncProperty(stream, async (text) => {
        seen = [];
        const client = connect(port, '127.0.0.1');
        client.resume();
        client.end(text, 'latin1');
        await once(client, 'close');
        expect((await converseText(text)).requests).toEqual(seen);
      }),
      { numRuns: 300, interruptAfterTimeLimit: 4_000 },
    );
  });
});
