/** Requests that two servers could read in two ways, one line each: what each mode does, and that nobody gets to see a second request. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Reason } from '#dataplane/balancer/http/classification.ts';
import { answering, cleanUp, eventually, OK, RawClient, targetOf, worldOf } from '#dataplane/balancer/http/world.fixture.ts';

afterEach(cleanUp);

const H = 'Host: h\r\n';
const GET = `GET / HTTP/1.1\r\n${H}`;
const POST = `POST / HTTP/1.1\r\n${H}`;
/** What an attacker wants to be read as a request of its own. */
const NEXT = `GET /smuggled HTTP/1.1\r\n${H}\r\n`;

/** Whatever the mode: an answer of this kind, and the connection ends. */
const refused: readonly (readonly [what: string, bytes: string, status?: number, reason?: Reason])[] = [
  ['two spaces before the target', `GET  / HTTP/1.1\r\n${H}\r\n`],
  ['a tab for a space', `GET\t/ HTTP/1.1\r\n${H}\r\n`, 400, 'BadMethod'],
  ['a space before the method', ` GET / HTTP/1.1\r\n${H}\r\n`, 400, 'BadMethod'],
  ['a method that is none', `G(T / HTTP/1.1\r\n${H}\r\n`, 400, 'BadMethod'],
  ['no version', `GET /\r\n${H}\r\n`, 505, 'BadVersion'],
  ['HTTP/0.9 by name', `GET / HTTP/0.9\r\n${H}\r\n`, 505, 'NonCompliantVersion'],
  ['HTTP/1.10', `GET / HTTP/1.10\r\n${H}\r\n`, 400, 'BadVersion'],
  ['HTTP/2.0', `GET / HTTP/2.0\r\n${H}\r\n`, 505, 'BadVersion'],
  ['a small http', `GET / http/1.1\r\n${H}\r\n`, 400, 'BadVersion'],
  ['two versions', `GET / HTTP/1.1 HTTP/1.1x\r\n${H}\r\n`, 400, 'BadVersion'],
  ['a bare LF behind the request line', `GET / HTTP/1.1\n${H}\r\n`],
  ['bare LFs alone', 'GET / HTTP/1.1\nHost: h\n\n'],
  ['a bare CR in the request line', `GET / HTTP/1.1\rX: y\r\n${H}\r\n`, 400, 'BadUri'],
  ['a NUL in the target', `GET /\0 HTTP/1.1\r\n${H}\r\n`, 400, 'BadUri'],
  ['a relative target', `GET a HTTP/1.1\r\n${H}\r\n`],
  ['a star for GET', `GET * HTTP/1.1\r\n${H}\r\n`],
  ['a target of another scheme', `GET ftp://h/ HTTP/1.1\r\n${H}\r\n`],
  ['an absolute target with a user', `GET http://user@h/ HTTP/1.1\r\n${H}\r\n`],
  ['an absolute target without a host', `GET http:///a HTTP/1.1\r\n${H}\r\n`],
  ['a tunnel', `CONNECT h:80 HTTP/1.1\r\n${H}\r\n`],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n'],
  ['two Hosts', `GET / HTTP/1.1\r\n${H}${H}\r\n`],
  ['a Host with a path', 'GET / HTTP/1.1\r\nHost: h/x\r\n\r\n'],
  ['a Host with a space', 'GET / HTTP/1.1\r\nHost: a h\r\n\r\n'],
  ['a Host list', 'GET / HTTP/1.1\r\nHost: a, h\r\n\r\n'],
  ['a folded field', `${GET}X-A: b\r\n c\r\n\r\n`, 400, 'BadHeader'],
  ['a fold before the first field', `GET / HTTP/1.1\r\n X-A: b\r\n${H}\r\n`, 400, 'BadHeader'],
  ['a folded encoding', `${POST}Transfer-Encoding:\r\n chunked\r\nContent-Length: 0\r\n\r\n`, 400, 'BadHeader'],
  ['a field without a colon', `${GET}X-A\r\n\r\n`, 400, 'BadHeader'],
  ['a NUL in a name', `${GET}X\0A: b\r\n\r\n`, 400, 'BadHeader'],
  ['a NUL in a value', `${GET}X-A: \0\r\n\r\n`, 400, 'BadHeader'],
  ['a bare CR in a value', `${GET}X-A: b\rTransfer-Encoding: chunked\r\n\r\n`, 400, 'BadHeader'],
  ['a bare LF in a value', `${GET}X-A: b\nTransfer-Encoding: chunked\r\n\r\n`, 400, 'BadHeader'],
  ['a length with a sign', `${POST}Content-Length: +5\r\n\r\nhello`, 400, 'BadContentLength'],
  ['a length below nothing', `${POST}Content-Length: -5\r\n\r\nhello`, 400, 'BadContentLength'],
  ['a length in hexadecimal', `${POST}Content-Length: 0x5\r\n\r\nhello`, 400, 'BadContentLength'],
  ['a length with a fraction', `${POST}Content-Length: 5.0\r\n\r\nhello`, 400, 'BadContentLength'],
  ['a length beyond all measure', `${POST}Content-Length: 18446744073709551616\r\n\r\n`, 400, 'BadContentLength'],
  ['an empty length', `${POST}Content-Length:\r\n\r\n`, 400, 'BadContentLength'],
  ['a list of lengths', `${POST}Content-Length: 5, 5\r\n\r\nhello`, 400, 'BadContentLength'],
  ['a length with a control octet', `${POST}Content-Length: 5\x11\r\n\r\nhello`, 400, 'BadContentLength'],
  ['two lengths', `${POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello${NEXT}`, 400, 'MultipleContentLength'],
  ['an unknown encoding', `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, 501, 'BadTransferEncoding'],
  ['an encoding before chunks', `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, 501, 'BadTransferEncoding'],
  ['chunks before identity', `${POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`, 501, 'BadTransferEncoding'],
  ['an encoding with a vertical tab', `${POST}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n`, 400, 'BadTransferEncoding'],
  ['an encoding in quotes', `${POST}Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n`, 400, 'BadTransferEncoding'],
  ['an empty encoding', `${POST}Transfer-Encoding:\r\n\r\n0\r\n\r\n`, 400, 'BadTransferEncoding'],
];

/** Chunks that are none: the body ends with the fault, and so does the connection. */
const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`;
const badChunks: readonly (readonly [what: string, bytes: string])[] = [
  ['no size', '\r\nab\r\n0\r\n\r\n'],
  ['a size with a sign', '+2\r\nab\r\n0\r\n\r\n'],
  ['a size with a prefix', '0x2\r\nab\r\n0\r\n\r\n'],
  ['a size with a space before', ' 2\r\nab\r\n0\r\n\r\n'],
  ['a size with a space behind', '2 \r\nab\r\n0\r\n\r\n'],
  ['a size beyond all measure', 'fffffffffffffffff\r\nab'],
  ['a bare LF behind the size', '2\nab\r\n0\r\n\r\n'],
  ['a bare LF in an extension', '2;a\nab\r\n0\r\n\r\n'],
  ['a bare CR behind the size', '2\rab\r\n0\r\n\r\n'],
  ['more than the size', '2\r\nabc\r\n0\r\n\r\n'],
  ['less than the size', '3\r\nab\r\n0\r\n\r\n'],
  ['a bare LF behind the data', '2\r\nab\n0\r\n\r\n'],
  ['a trailer without a colon', '0\r\nX\r\n\r\n'],
  ['a folded trailer', '0\r\nX: a\r\n b\r\n\r\n'],
];

type Outcome = 'pass' | 'isolate' | 'block';

const acceptable: readonly Outcome[] = ['pass', 'pass', 'block'];
const ambiguous: readonly Outcome[] = ['pass', 'isolate', 'block'];
const severe: readonly Outcome[] = ['pass', 'block', 'block'];

/** What AWS's table decides: in monitor, defensive and strictest mode. `sent` is what goes to the target, `never` what must not. */
const classified: readonly {
  what: string;
  bytes: string;
  reason: Reason;
  outcomes: readonly Outcome[];
  sent?: string;
  never?: RegExp;
}[] = [
  {
    what: 'a space in the target',
    bytes: `GET /a b HTTP/1.1\r\n${H}\r\n`,
    reason: 'SpaceInUri',
    outcomes: acceptable,
    sent: 'GET /a%20b HTTP/1.1\r\n',
  },
  {
    what: 'HTTP/1.2',
    bytes: `GET / HTTP/1.2\r\n${H}\r\n`,
    reason: 'NonCompliantVersion',
    outcomes: acceptable,
    sent: 'GET / HTTP/1.1\r\n',
  },
  {
    what: 'a space behind the version',
    bytes: `GET / HTTP/1.1 \r\n${H}\r\n`,
    reason: 'NonCompliantVersion',
    outcomes: acceptable,
    sent: 'GET / HTTP/1.1\r\n',
  },
  {
    what: 'a value in UTF-8',
    bytes: `${GET}X-A: \xc3\xa4\r\n\r\n`,
    reason: 'NonCompliantHeader',
    outcomes: acceptable,
    sent: 'X-A: \xc3\xa4\r\n',
  },
  { what: 'a space before a colon', bytes: `${GET}X-Odd : b\r\n\r\n`, reason: 'NonCompliantHeader', outcomes: acceptable, never: /X-Odd/ },
  { what: 'a bracket in a name', bytes: `${GET}X(A): b\r\n\r\n`, reason: 'NonCompliantHeader', outcomes: acceptable, never: /X\(A/ },
  {
    what: 'GET with a length of 0',
    bytes: `${GET}Content-Length: 0\r\n\r\n`,
    reason: 'GetHeadZeroContentLength',
    outcomes: acceptable,
    never: /content-length/i,
  },
  {
    what: 'a control octet in the target',
    bytes: `GET /a\x01b HTTP/1.1\r\n${H}\r\n`,
    reason: 'AmbiguousUri',
    outcomes: ambiguous,
    sent: 'GET /a%01b HTTP/1.1\r\n',
  },
  { what: 'a field without a name', bytes: `${GET}: b\r\n\r\n`, reason: 'EmptyHeader', outcomes: ambiguous, never: /\n: b/ },
  { what: 'a line of blanks', bytes: `${GET} \t\r\nX: y\r\n\r\n`, reason: 'EmptyHeader', outcomes: ambiguous, never: /\n \t/ },
  {
    what: 'GET with a body',
    bytes: `${GET}Content-Length: ${NEXT.length}\r\n\r\n${NEXT}`,
    reason: 'UndefinedContentLengthSemantics',
    outcomes: ambiguous,
    sent: `Content-Length: ${NEXT.length}\r\n`,
  },
  {
    what: 'GET with chunks',
    bytes: `${GET}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    reason: 'UndefinedTransferEncodingSemantics',
    outcomes: ambiguous,
    sent: 'Transfer-Encoding: chunked\r\n',
  },
  {
    what: 'chunks in HTTP/1.0',
    bytes: `POST / HTTP/1.0\r\n${H}Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    reason: 'UndefinedTransferEncodingSemantics',
    outcomes: ambiguous,
    sent: 'Transfer-Encoding: chunked\r\n',
  },
  {
    what: 'the same length twice',
    bytes: `${POST}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`,
    reason: 'DuplicateContentLength',
    outcomes: ambiguous,
    sent: 'Content-Length: 5\r\n',
  },
  {
    what: 'a length beside chunks',
    bytes: `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    reason: 'BothTeClPresent',
    outcomes: ambiguous,
    never: /content-length/i,
  },
  {
    what: 'chunks beside a length',
    bytes: `${POST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
    reason: 'BothTeClPresent',
    outcomes: ambiguous,
    never: /content-length/i,
  },
  {
    what: 'an encoding with a space before its colon',
    bytes: `${POST}Transfer-Encoding : chunked\r\nContent-Length: 0\r\n\r\n`,
    reason: 'SuspiciousHeader',
    outcomes: ambiguous,
    never: /transfer/i,
  },
  {
    what: 'an encoding with a tab before its colon',
    bytes: `${POST}Transfer-Encoding\t: chunked\r\nContent-Length: 0\r\n\r\n`,
    reason: 'SuspiciousHeader',
    outcomes: ambiguous,
    never: /transfer/i,
  },
  {
    what: 'an encoding with an underscore',
    bytes: `${POST}Transfer_Encoding: chunked\r\nContent-Length: 0\r\n\r\n`,
    reason: 'SuspiciousHeader',
    outcomes: ambiguous,
    never: /transfer/i,
  },
  {
    what: 'an encoding behind a control octet',
    bytes: `${POST}\x01Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n`,
    reason: 'SuspiciousHeader',
    outcomes: ambiguous,
    never: /transfer/i,
  },
  {
    what: 'an encoding with a dotless i',
    bytes: `${POST}Transfer-Encod\xc4\xb1ng: chunked\r\nContent-Length: 0\r\n\r\n`,
    reason: 'SuspiciousHeader',
    outcomes: ambiguous,
    never: /transfer/i,
  },
  {
    what: 'a length with an underscore',
    bytes: `${POST}Content_Length: 5\r\nContent-Length: 0\r\n\r\n`,
    reason: 'SuspiciousHeader',
    outcomes: ambiguous,
    never: /content_length/i,
  },
  {
    what: 'chunks twice',
    bytes: `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    reason: 'MultipleTransferEncodingChunked',
    outcomes: severe,
    sent: 'Transfer-Encoding: chunked\r\n',
  },
  {
    what: 'chunks twice in a line',
    bytes: `${POST}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`,
    reason: 'MultipleTransferEncodingChunked',
    outcomes: severe,
    sent: 'Transfer-Encoding: chunked\r\n',
  },
];

const MODES = ['monitor', 'defensive', 'strictest'] as const;

describe.each(MODES)('in mode %s', (desyncMode) => {
  it.each(refused)('%s is refused', async (_, bytes, status = 400, reason) => {
    const target = await targetOf(answering(OK));
    const { port, records } = await worldOf([target.port], { desyncMode });
    const client = new RawClient(port).send(bytes + NEXT);
    await client.all();
    expect(client.statuses).toEqual([status]);
    expect(client.isEnded).toBe(true);
    expect(target.heard).toEqual([]);
    expect(records).toHaveLength(1);
    if (reason !== undefined) expect(records[0]).toMatchObject({ status, classificationReason: reason });
  });

  it.each(badChunks)('%s in chunks is refused', async (_, bytes) => {
    const target = await targetOf(() => undefined);
    const { port } = await worldOf([target.port], { desyncMode });
    const client = new RawClient(port).send(CHUNKED + bytes + NEXT);
    await client.all();
    expect(client.statuses).toEqual([400]);
    expect(target.text).not.toContain('GET /smuggled');
  });

  it.each(classified)('$what', async ({ bytes, reason, outcomes, sent, never }) => {
    const outcome = outcomes[MODES.indexOf(desyncMode)];
    const target = await targetOf(answering(OK));
    const { port, records } = await worldOf([target.port], { desyncMode });
    const client = new RawClient(port).send(bytes);
    await client.answers(1);
    expect(client.statuses).toEqual([outcome === 'block' ? 400 : 200]);
    expect(records[0]?.classificationReason).toBe(reason);
    if (outcome === 'block') {
      expect(target.heard).toEqual([]);
    } else {
      if (sent !== undefined) expect(target.text).toContain(sent);
      if (never) expect(target.text).not.toMatch(never);
      expect(target.text.match(/content-length|transfer-encoding/gi)?.length ?? 0).toBeLessThan(2);
    }
    const closes = outcome !== 'pass';
    if (closes) {
      await client.all();
      expect(await eventually(() => target.sockets.size === 0)).toBe(true);
    }
    expect(client.isEnded).toBe(closes);
  });
});

describe('what is between two requests', () => {
  it('empty lines are forgiven', async () => {
    const target = await targetOf(answering(OK));
    const { port } = await worldOf([target.port]);
    const client = new RawClient(port).send(`\r\n\r\n${GET}\r\n\r\n${GET}\r\n`);
    await client.answers(2);
    expect(client.statuses).toEqual([200, 200]);
  });

  it('a body that is longer than its length is a request, and a bad one', async () => {
    const target = await targetOf(answering(OK));
    const { port } = await worldOf([target.port]);
    const client = new RawClient(port).send(`${POST}Content-Length: 2\r\n\r\nhello world\r\n\r\n`);
    await client.all();
    expect(client.statuses).toEqual([200, 505]);
    expect(target.text.endsWith('\r\n\r\nhe')).toBe(true);
  });

  it.each(['X-Forwarded-For', 'Host', 'Content-Length', 'X-Amzn-Trace-Id', 'X-Forwarded-Proto'])(
    'naming %s in Connection takes nothing away',
    async (name) => {
      const target = await targetOf(answering(OK));
      const { port } = await worldOf([target.port]);
      const client = new RawClient(port).send(`${POST}Connection: ${name}, X-Gone\r\nX-Gone: 1\r\nContent-Length: 2\r\n\r\nhi`);
      await client.answers(1);
      expect(target.text).toContain(`${name}: `);
      expect(target.text).not.toContain('X-Gone');
    },
  );
});
