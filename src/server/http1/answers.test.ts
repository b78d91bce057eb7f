/** How answers leave: whole, large, in chunks, in order, and what is said when one cannot. */
import { describe, expect, it } from 'vitest';
import type { Answer } from '#server/answer.ts';
import { converse, converseText, type Outcome } from '#server/http1/connection.fixture.ts';

const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n';
const POST = 'POST / HTTP/1.1\r\nHost: h\r\n';
const bodyOf = ({ written }: Outcome): string => written.slice(written.indexOf('\r\n\r\n') + 4);
const answering = (answer: unknown) => ({ respond: async () => answer as Answer }); // some are none, on purpose
const whole = (body: string | Buffer, status = 200, headers = {}) => answering({ status, headers, body });

describe('a whole answer', () => {
  it.each([
    ['short ASCII', 'abc'],
    ['long ASCII', 'abc\n'.repeat(100_000)],
    ['short text', '経路'],
    ['long text', '経路é'.repeat(50_000)],
    ['octets of Latin-1 in text', 'é\xff'],
    ['bytes', Buffer.from([0, 0xff, 0xe7])],
    ['nothing', ''],
  ])('of %s arrives as it is', async (_, body) => {
    const outcome = await converseText(GET, whole(body));
    const bytes = Buffer.from(body as string); // a Buffer's copy, or UTF-8
    expect(Buffer.from(bodyOf(outcome), 'latin1').equals(bytes)).toBe(true);
    expect(outcome.written).toContain(`\r\ncontent-length: ${bytes.length}\r\n`);
  });

  it('has date, length and the connection in its head, and says those itself', async () => {
    const headers = { 'content-type': 'text/xml', 'content-length': '999', Connection: 'upgrade', 'transfer-encoding': 'chunked' };
    const { written } = await converseText(GET, { ...whole('abc', 404, headers), limits: { idleMs: 7_500 } });
    expect(written.replace(/date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/, 'date: D')).toBe(
      'HTTP/1.1 404 Not Found\r\ncontent-type: text/xml\r\ndate: D\r\nconnection: keep-alive\r\nkeep-alive: timeout=7\r\ncontent-length: 3\r\n\r\nabc',
    );
  });

  it.each([
    [204, false],
    [304, false],
    [200, true],
    [503, true],
  ])('with %i has a length: %s', async (status, has) => {
    const { written } = await converseText(GET, whole('', status));
    expect(written.includes('content-length')).toBe(has);
  });

  it.each([
    ['a line break in a value', { status: 200, headers: { a: 'b\r\nc: d' }, body: '' }],
    ['a character beyond Latin-1 in a value', { status: 200, headers: { a: '経' }, body: '' }],
    ['a space in a name', { status: 200, headers: { 'a b': 'c' }, body: '' }],
    ['a value that is none', { status: 200, headers: { a: undefined }, body: '' }],
    ['a status that is none', { status: 99, headers: {}, body: '' }],
    ['a stream with a bad header', { status: 200, headers: { a: '\0' }, stream: () => () => undefined }],
    ['nothing at all', undefined],
  ])('that cannot be sent is a 500, and the next is served: %s', async (_, answer) => {
    let asked = 0;
    const respond = async () => (++asked === 1 ? answer : { status: 200, headers: {}, body: 'fine' }) as Answer; // see above
    const { statuses, failures, written } = await converseText(GET + GET, { respond });
    expect(statuses).toEqual([500, 200]);
    expect(failures).toHaveLength(1);
    expect(written).toMatch(/<Code>InternalFailure<\/Code>[^]*fine$/);
  });
});

describe('a stream', () => {
  const stream = (texts: readonly string[]) =>
    answering({
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      stream: (sink: { write(text: string): void; end(): void }) => {
        for (const text of texts) sink.write(text);
        queueMicrotask(() => sink.end());
        return () => undefined;
      },
    });

  it('comes in chunks, and the next answer after it', async () => {
    const outcome = await converseText(GET + GET, stream(['a', '', '経']));
    expect(outcome.statuses).toEqual([200, 200]);
    expect(bodyOf(outcome)).toMatch(/^1\r\na\r\n3\r\n\xe7\xb5\x8c\r\n0\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    expect(outcome.written).toContain('\r\ncache-control: no-store\r\n');
  });

  it('ends with the connection in HTTP/1.0', async () => {
    const outcome = await converseText('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', stream(['a', 'b']));
    expect(outcome.written).toMatch(/\r\nconnection: close\r\n/);
    expect(outcome.written).not.toContain('transfer-encoding');
    expect(bodyOf(outcome)).toBe('ab');
  });

  it('has no body for HEAD', async () => {
    const outcome = await converseText(`HEAD / HTTP/1.1\r\nHost: h\r\n\r\n${GET}`, stream(['a']));
    expect(bodyOf(outcome)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  it('that fails at its beginning ends the connection', async () => {
    const fails = () => {
      throw new Error('a bug');
    };
    const { failures, written } = await converseText(GET + GET, answering({ status: 200, headers: {}, stream: fails }));
    expect(failures).toMatchObject([{ message: 'a bug' }]);
    expect(written.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });
});

describe('a request with a body that is not wanted', () => {
  const limits = { bodyBytes: 4 };

  it.each([
    ['announced as too long', `${POST}Content-Length: 5\r\n\r\nhello`],
    ['of too many chunks', `${POST}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\nabc\r\n3\r\nabc\r\n0\r\n\r\n`],
  ])('and %s ends the connection', async (_, bytes) => {
    const { requests, statuses, written, left } = await converseText(bytes + GET, { limits });
    expect([requests.length, statuses]).toEqual([0, [413]]);
    expect(written).toContain('\r\nconnection: close\r\n');
    expect(left).toEqual({ requestsInFlight: 0, bytes: 0 });
  });

  it.each([
    ['of a length', `${POST}Content-Length: 4\r\n\r\nbody`],
    ['of chunks', `${POST}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n`],
    ['of nothing', `${POST}Content-Length: 0\r\n\r\n`],
  ])('now, %s, is put off, its body thrown away, and the next request served', async (_, bytes) => {
    const pieces = [GET + bytes, GET].map((text) => Buffer.from(text));
    const { requests, statuses, left } = await converse(pieces, { limits: { requestsInFlight: 1 } });
    expect([requests.map(({ method }) => method), statuses]).toEqual([
      ['GET', 'GET'],
      [200, 503, 200],
    ]);
    expect(left).toEqual({ requestsInFlight: 0, bytes: 0 });
  });

  it('ends the connection when the client waited to be told', async () => {
    const { requests, statuses, written } = await converseText(`${POST}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n${GET}`, {
      limits,
    });
    expect([requests.length, statuses]).toEqual([0, [413]]);
    expect(written).not.toContain('100 Continue');
  });

  it('ends the connection when its chunks are broken', async () => {
    const busy = { limits: { requestsInFlight: 0 } };
    const { requests, statuses } = await converseText(`${POST}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nz${GET}`, busy);
    expect([requests.length, statuses]).toEqual([0, [503]]);
  });
});

describe('a bid to continue', () => {
  const head = Buffer.from(`${POST}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n`);

  it('waits for the answers before it', async () => {
    const { written, requests } = await converse([Buffer.from(GET), head, Buffer.from('ok')]);
    expect(requests.map(({ body }) => body)).toEqual(['', 'ok']);
    expect(written).toMatch(/^HTTP\/1\.1 200 [^]*fineHTTP\/1\.1 (100 Continue\r\n\r\nHTTP\/1\.1 )?200 /);
  });

  it('is not made when the body is there', async () => {
    const { written } = await converse([Buffer.concat([head, Buffer.from('ok')])]);
    expect(written).not.toContain('100 Continue');
  });

  it('is not made in HTTP/1.0', async () => {
    const { written, statuses } = await converse([
      Buffer.from('POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n'),
      Buffer.from('ok'),
    ]);
    expect(statuses).toEqual([200]);
    expect(written).not.toContain('100 Continue');
  });
});

describe('a client that pipelines', () => {
  it('more than may be answered is held back, and loses nothing', async () => {
    const { requests, statuses, left } = await converseText(GET.repeat(50), { limits: { requestsPerConnection: 2 } });
    expect(statuses).toHaveLength(50);
    expect(statuses.filter((status) => status === 200)).toHaveLength(requests.length);
    expect(statuses.slice(0, 5)).toEqual([200, 200, 503, 503, 200]);
    expect(left).toEqual({ requestsInFlight: 0, bytes: 0 });
  });

  it('large answers is held back, and loses nothing', async () => {
    const { statuses } = await converseText(GET.repeat(50), whole('x'.repeat(100_000)));
    expect(statuses).toEqual(Array.from({ length: 50 }, () => 200));
  });
});
