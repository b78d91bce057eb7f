/** Requests that two servers could read in two ways, one line each: refused, or read in the one way that the standards name. */
import { describe, expect, it } from 'vitest';
import { converseText } from '#server/http1/connection.fixture.ts';

const H = 'Host: h\r\n';
const POST = `POST / HTTP/1.1\r\n${H}`;
const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`;
/** What an attacker wants to be read as a request of its own. */
const NEXT = `GET /smuggled HTTP/1.1\r\n${H}\r\n`;

/** Nothing behind the fault is read as a request: the connection ends with it. */
const refused: readonly (readonly [what: string, bytes: string])[] = [
  // Request line: RFC 9112 section 3.
  ['two spaces before the target', `GET  / HTTP/1.1\r\n${H}\r\n`],
  ['two spaces before the version', `GET /  HTTP/1.1\r\n${H}\r\n`],
  ['a tab for a space', `GET\t/ HTTP/1.1\r\n${H}\r\n`],
  ['a space before the method', ` GET / HTTP/1.1\r\n${H}\r\n`],
  ['a space behind the version', `GET / HTTP/1.1 \r\n${H}\r\n`],
  ['a space in the target', `GET /a b HTTP/1.1\r\n${H}\r\n`],
  ['a control octet in the target', `GET /a\x01b HTTP/1.1\r\n${H}\r\n`],
  ['an octet above ASCII in the target', `GET /\xe7 HTTP/1.1\r\n${H}\r\n`],
  ['a fragment in the target', `GET /a#b HTTP/1.1\r\n${H}\r\n`],
  ['a method in small letters', `get / HTTP/1.1\r\n${H}\r\n`],
  ['a method without end', `${'A'.repeat(33)} / HTTP/1.1\r\n${H}\r\n`],
  ['no version (HTTP/0.9)', `GET /\r\n${H}\r\n`],
  ['HTTP/0.9 by name', `GET / HTTP/0.9\r\n${H}\r\n`],
  ['HTTP/1.2', `GET / HTTP/1.2\r\n${H}\r\n`],
  ['HTTP/1.10', `GET / HTTP/1.10\r\n${H}\r\n`],
  ['HTTP/2.0', `GET / HTTP/2.0\r\n${H}\r\n`],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a small http', `GET / http/1.1\r\n${H}\r\n`],
  ['a bare LF behind the request line', `GET / HTTP/1.1\n${H}\r\n`],
  ['bare LFs alone', 'GET / HTTP/1.1\nHost: h\n\n'],
  ['a bare CR in the request line', `GET / HTTP/1.1\rX: y\r\n${H}\r\n`],
  ['a relative target', `GET a HTTP/1.1\r\n${H}\r\n`],
  ['a star for GET', `GET * HTTP/1.1\r\n${H}\r\n`],
  ['a target of another scheme', `GET ftp://h/ HTTP/1.1\r\n${H}\r\n`],
  ['an absolute target with a user', `GET http://user@h/ HTTP/1.1\r\n${H}\r\n`],
  ['an absolute target without a host', `GET http:///a HTTP/1.1\r\n${H}\r\n`],
  ['a tunnel', `CONNECT h:80 HTTP/1.1\r\n${H}\r\n`],
  ['a tunnel in absolute form', `CONNECT http://h/ HTTP/1.1\r\n${H}\r\n`],
  // Host: RFC 9112 section 3.2.
  ['no Host', 'GET / HTTP/1.1\r\n\r\n'],
  ['two Hosts', `GET / HTTP/1.1\r\n${H}${H}\r\n`],
  ['a Host with a path', 'GET / HTTP/1.1\r\nHost: h/x\r\n\r\n'],
  ['a Host with a user', 'GET / HTTP/1.1\r\nHost: a@h\r\n\r\n'],
  ['a Host with a space', 'GET / HTTP/1.1\r\nHost: a h\r\n\r\n'],
  ['a Host list', 'GET / HTTP/1.1\r\nHost: a, h, {}\r\n\r\n'],
  // Fields: RFC 9112 section 5.
  ['a space before the colon', `GET / HTTP/1.1\r\n${H}X-A : b\r\n\r\n`],
  ['a tab before the colon', `GET / HTTP/1.1\r\n${H}X-A\t: b\r\n\r\n`],
  ['a folded field', `GET / HTTP/1.1\r\n${H}X-A: b\r\n c\r\n\r\n`],
  ['a fold by tab', `GET / HTTP/1.1\r\n${H}X-A: b\r\n\tc\r\n\r\n`],
  ['a fold before the first field', `GET / HTTP/1.1\r\n X-A: b\r\n${H}\r\n`],
  ['a field without a colon', `GET / HTTP/1.1\r\n${H}X-A\r\n\r\n`],
  ['a field without a name', `GET / HTTP/1.1\r\n${H}: b\r\n\r\n`],
  ['a bracket in a name', `GET / HTTP/1.1\r\n${H}X(A): b\r\n\r\n`],
  ['an octet above ASCII in a name', `GET / HTTP/1.1\r\n${H}X\xe4: b\r\n\r\n`],
  ['a NUL in a name', `GET / HTTP/1.1\r\n${H}X\0A: b\r\n\r\n`],
  ['a NUL in a value', `GET / HTTP/1.1\r\n${H}X-A: \0\r\n\r\n`],
  ['a DEL in a value', `GET / HTTP/1.1\r\n${H}X-A: \x7f\r\n\r\n`],
  ['a bare CR in a value', `GET / HTTP/1.1\r\n${H}X-A: b\rTransfer-Encoding: chunked\r\n\r\n`],
  ['a bare LF in a value', `GET / HTTP/1.1\r\n${H}X-A: b\nTransfer-Encoding: chunked\r\n\r\n`],
  ['a CR before the line end', `GET / HTTP/1.1\r\n${H}X-A: b\r\r\n\r\n`],
  // Length: RFC 9112 section 6.
  ['a length and chunks', `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['chunks and a length', `${POST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`],
  ['two lengths', `${POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`],
  ['two equal lengths', `${POST}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`],
  ['a list of lengths', `${POST}Content-Length: 5, 5\r\n\r\nhello`],
  ['a negative length', `${POST}Content-Length: -1\r\n\r\n`],
  ['a length with a plus', `${POST}Content-Length: +5\r\n\r\nhello`],
  ['a hexadecimal length', `${POST}Content-Length: 0x5\r\n\r\nhello`],
  ['a length with a point', `${POST}Content-Length: 5.0\r\n\r\nhello`],
  ['a length with a letter', `${POST}Content-Length: 5a\r\n\r\nhello`],
  ['a length with a space inside', `${POST}Content-Length: 1 1\r\n\r\nhello`],
  ['an empty length', `${POST}Content-Length:\r\n\r\n`],
  ['a length beyond numbers', `${POST}Content-Length: 99999999999999999999\r\n\r\n`],
  ['an encoding other than chunked', `${POST}Transfer-Encoding: gzip\r\n\r\n`],
  ['identity', `${POST}Transfer-Encoding: identity\r\n\r\n`],
  ['gzip, chunked', `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
  ['chunked, identity', `${POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
  ['chunked twice', `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['chunked and something else', `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n`],
  ['xchunked', `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
  ['chunked with a vertical tab', `${POST}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n`],
  ['chunked in quotes', `${POST}Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n`],
  ['an empty encoding', `${POST}Transfer-Encoding:\r\n\r\n`],
  ['an encoding with a space before the colon', `${POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`],
  ['chunks in HTTP/1.0', `POST / HTTP/1.0\r\n${H}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  // Chunks: RFC 9112 section 7.1.
  ['no size', `${CHUNKED}\r\n\r\n`],
  ['a size that is no number', `${CHUNKED}zz\r\n`],
  ['a size with 0x', `${CHUNKED}0x5\r\nhello\r\n0\r\n\r\n`],
  ['a negative size', `${CHUNKED}-5\r\nhello\r\n0\r\n\r\n`],
  ['a size with a plus', `${CHUNKED}+5\r\nhello\r\n0\r\n\r\n`],
  ['a space before the size', `${CHUNKED} 5\r\nhello\r\n0\r\n\r\n`],
  ['a space behind the size', `${CHUNKED}5 \r\nhello\r\n0\r\n\r\n`],
  ['a size of nine digits', `${CHUNKED}100000005\r\nhello\r\n0\r\n\r\n`],
  ['a bare LF behind the size', `${CHUNKED}5\nhello\r\n0\r\n\r\n`],
  ['a bare CR behind the size', `${CHUNKED}5\rhello\r\n0\r\n\r\n`],
  ['a bare LF in an extension', `${CHUNKED}5;a\nhello\r\n0\r\n\r\n`],
  ['extensions without end', `${CHUNKED}5;${'a'.repeat(17_000)}\r\nhello\r\n0\r\n\r\n`],
  ['a chunk longer than its size', `${CHUNKED}4\r\nhello\r\n0\r\n\r\n`],
  ['a chunk shorter than its size', `${CHUNKED}6\r\nhello\r\n0\r\n\r\n`],
  ['a bare LF behind a chunk', `${CHUNKED}5\r\nhello\n0\r\n\r\n`],
  ['another octet for the CR behind a chunk', `${CHUNKED}5\r\nhellox\n0\r\n\r\n`],
  ['a bare LF at the end', `${CHUNKED}0\r\n\n`],
  ['a trailer without a colon', `${CHUNKED}0\r\nx\r\n\r\n`],
  ['a folded trailer', `${CHUNKED}0\r\nx: y\r\n z\r\n\r\n`],
  ['a NUL in a trailer', `${CHUNKED}0\r\nx: \0\r\n\r\n`],
  ['trailers without end', `${CHUNKED}0\r\n${'x: y\r\n'.repeat(6_000)}\r\n`],
];

describe('refuses', () => {
  it.each(refused)('%s', async (_, bytes) => {
    const { requests, refusals, statuses, written, left } = await converseText(bytes + NEXT);
    expect(requests).toEqual([]);
    expect(refusals).toEqual(['bad-request']);
    expect(statuses).toEqual([400]);
    expect(written).toMatch(
      /\r\nconnection: close\r\n[^]*<Code>MalformedHttpRequest<\/Code><Message>The request is not valid HTTP\.<\/Message>/,
    );
    expect(left).toEqual({ requestsInFlight: 0, bytes: 0 });
  });
});

/** One reading, and the next request found where this one ends. */
const read: readonly (readonly [what: string, bytes: string, seen: Readonly<Record<string, unknown>>])[] = [
  ['no body', `GET /a?b HTTP/1.1\r\n${H}\r\n`, { method: 'GET', path: '/a', query: 'b', body: '' }],
  ['a length', `${POST}Content-Length: 5\r\n\r\nhello`, { body: 'hello' }],
  ['a length of GET', `GET / HTTP/1.1\r\n${H}Content-Length: 5\r\n\r\nhello`, { method: 'GET', body: 'hello' }],
  ['a length with zeros before', `${POST}Content-Length: 0005\r\n\r\nhello`, { body: 'hello' }],
  ['a length of nothing', `${POST}Content-Length: 0\r\n\r\n`, { body: '' }],
  ['a body that looks like a request', `${POST}Content-Length: ${NEXT.length}\r\n\r\n${NEXT}`, { body: NEXT }],
  ['chunks', `${CHUNKED}5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n`, { body: 'hello world' }],
  ['chunks with capitals', `${POST}tRANSFER-eNCODING: Chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n`, { body: '0123456789' }],
  ['a size with zeros before and at the end', `${CHUNKED}00005\r\nhello\r\n000\r\n\r\n`, { body: 'hello' }],
  ['extensions, forgotten', `${CHUNKED}5;a=b;c="d e"\r\nhello\r\n0;x\r\n\r\n`, { body: 'hello' }],
  [
    'trailers, forgotten',
    `${CHUNKED}0\r\nContent-Length: 9\r\nHost: other\r\n\r\n`,
    { body: '', headers: { host: 'h', 'transfer-encoding': 'chunked' } },
  ],
  ['empty lines before', `\r\n\r\nGET / HTTP/1.1\r\n${H}\r\n`, { method: 'GET' }],
  ['no space behind the colon', `GET / HTTP/1.1\r\nHost:h\r\nX-A:b\r\n\r\n`, { headers: { host: 'h', 'x-a': 'b' } }],
  ['space around values', `GET / HTTP/1.1\r\n${H}X-A: \t b c \t\r\nX-B:\r\n\r\n`, { headers: { host: 'h', 'x-a': 'b c', 'x-b': '' } }],
  ['octets above ASCII in values', `GET / HTTP/1.1\r\n${H}X-A: \xe7\r\n\r\n`, { headers: { host: 'h', 'x-a': '\xe7' } }],
  [
    'repeated fields',
    `GET / HTTP/1.1\r\n${H}X-A: a\r\nCookie: a\r\nx-a: b\r\ncookie: b\r\n\r\n`,
    { headers: { host: 'h', 'x-a': 'a, b', cookie: 'a; b' } },
  ],
  [
    'a field named __proto__',
    `GET / HTTP/1.1\r\n${H}__proto__: a\r\nconstructor: b\r\n\r\n`,
    { headers: { host: 'h', ['__proto__']: 'a', constructor: 'b' } },
  ],
  ['an address as Host', 'GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n', { headers: { host: '[::1]:80' } }],
  ['an empty Host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n', { headers: { host: '' } }],
  ['the absolute form', `GET http://x:8/a?b HTTP/1.1\r\n${H}\r\n`, { path: '/a', query: 'b', headers: { host: 'x:8' } }],
  [
    'the absolute form with a query alone',
    `GET https://x?http://y/ HTTP/1.1\r\n${H}\r\n`,
    { path: '/', query: 'http://y/', headers: { host: 'x' } },
  ],
  ['OPTIONS *', `OPTIONS * HTTP/1.1\r\n${H}\r\n`, { method: 'OPTIONS', path: '*' }],
  ['a path of two slashes', `GET //x/y HTTP/1.1\r\n${H}\r\n`, { path: '//x/y', headers: { host: 'h' } }],
  ['HTTP/1.0 that stays', 'POST / HTTP/1.0\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok', { body: 'ok' }],
  [
    'an upgrade, not taken',
    `GET / HTTP/1.1\r\n${H}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: \r\n\r\n`,
    { method: 'GET' },
  ],
];

describe('reads', () => {
  it.each(read)('%s', async (_, bytes, seen) => {
    const { requests, refusals, statuses } = await converseText(bytes + NEXT);
    expect(refusals).toEqual([]);
    expect(requests).toHaveLength(2);
    expect(requests[0]).toMatchObject(seen);
    if (seen['headers']) expect({ ...requests[0]?.headers }).toEqual(seen['headers']);
    expect(requests[1]).toEqual({ method: 'GET', path: '/smuggled', query: '', headers: { host: 'h' }, body: '' });
    expect(statuses).toEqual([200, 200]);
  });

  it.each([
    ['Connection: close', `GET / HTTP/1.1\r\n${H}Connection: close\r\n\r\n`],
    ['close in a list', `GET / HTTP/1.1\r\n${H}Connection: foo , Close\r\n\r\n`],
    ['close beside keep-alive', `GET / HTTP/1.1\r\n${H}Connection: keep-alive\r\nConnection: close\r\n\r\n`],
    ['HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n'],
    ['HTTP/1.0 with close', 'GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n'],
  ])('nothing behind a request that ends its connection: %s', async (_, bytes) => {
    const { requests, refusals, statuses, written } = await converseText(bytes + NEXT);
    expect([requests.length, refusals, statuses]).toEqual([1, [], [200]]);
    expect(written).toContain('\r\nconnection: close\r\n');
  });

  it.each([
    ['fields', `GET / HTTP/1.1\r\n${H}${'a: b\r\n'.repeat(200)}\r\n`],
    ['octets', `GET / HTTP/1.1\r\n${H}a: ${'b'.repeat(32 * 1024)}\r\n\r\n`],
    ['octets of a target', `GET /${'b'.repeat(32 * 1024)} HTTP/1.1\r\n${H}\r\n`],
  ])('no head of too many %s', async (_, bytes) => {
    const { requests, refusals, statuses } = await converseText(bytes + NEXT);
    expect([requests, refusals, statuses]).toEqual([[], ['headers-too-large'], [431]]);
  });

  it('no expectation but 100-continue', async () => {
    const { requests, statuses, written } = await converseText(`${POST}Expect: miracles\r\nContent-Length: 2\r\n\r\nok${NEXT}`);
    expect([requests, statuses]).toEqual([[], [417]]);
    expect(written).toMatch(
      /<Code>ExpectationFailed<\/Code><Message>The expectation of the Expect header is not one that can be met\.<\/Message>/,
    );
  });
});

describe('refuses at once, without waiting for a head that cannot come,', () => {
  it.each([
    ['bare LFs', 'GET / HTTP/1.1\nHost: h\n\n'],
    ['a bare CR', 'GET / HTTP/1.1\rX'],
    ['a control octet', 'GET / HTTP/1.1\r\nX: \x01'],
  ])('%s', async (_, bytes) => {
    const { refusals, statuses } = await converseText(bytes, { staysOpen: true });
    expect([refusals, statuses]).toEqual([['bad-request'], [400]]);
  });
});
