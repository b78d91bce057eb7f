import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HttpAnswer, type AnswerState } from '#dataplane/checker/http-answer.ts';

/** What an answer comes to whose bytes come in these pieces, and then the end. */
function read(pieces: readonly (string | Buffer)[], searched?: string): { state: AnswerState; status: number; reason: string } {
  const answer = new HttpAnswer(searched);
  const isOver = (state: AnswerState): boolean =>
    state === 'broken' || state === 'found' || state === 'missed' || (state === 'status' && searched === undefined);
  for (const piece of pieces) {
    const state = answer.push(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
    if (isOver(state) || answer.status >= 400) return { state, status: answer.status, reason: answer.reason };
  }
  return { state: answer.end(), status: answer.status, reason: answer.reason };
}

describe('a status', () => {
  test.each<[string, number, string]>([
    ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 200, 'OK'],
    ['HTTP/1.0 503 Service Temporarily Unavailable\r\n\r\n', 503, 'Service Temporarily Unavailable'],
    ['HTTP/1.1 204\r\n\r\n', 204, ''],
    ['HTTP/1.1 302 Found\nLocation: /\n\n', 302, 'Found'],
    ['HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 404 Not Found\r\n\r\n', 404, 'Not Found'],
    ['HTTP/1.1 200 OK\r\nX: \0\0\r\n\r\n', 200, 'OK'],
    ['HTTP/1.1 101 Switching Protocols\r\n\r\n', 101, 'Switching Protocols'],
  ])('%j', (text, status, reason) => {
    expect(read([text])).toEqual({ state: 'status', status, reason });
    expect(read(Array.from(text))).toEqual({ state: 'status', status, reason });
  });

  test.each([
    ['nothing', ''],
    ['a zero', '\0'],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['a number below 100', 'HTTP/1.1 099 No\r\n\r\n'],
    ['two spaces', 'HTTP/1.1  200 OK\r\n\r\n'],
    ['no number', 'HTTP/1.1 OK\r\n\r\n'],
    ['a head without its end', 'HTTP/1.1 200 OK\r\nX: y\r\n'],
    ['too long a head', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(70_000)}`],
    ['nothing but interim answers', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(30)],
  ])('is not in %s', (_, text) => {
    expect(read([text]).state).toBe('broken');
  });
});

describe('a string in a body', () => {
  const head = (more: string): string => `HTTP/1.1 200 OK\r\n${more}\r\n`;
  const filler = (bytes: number): string => '.'.repeat(bytes);

  test.each<[string, string, AnswerState]>([
    ['at its head', `${head('Content-Length: 8')}\r\nall good`, 'found'],
    ['up to the end of the connection', `${head('X: y')}\r\nall good`, 'found'],
    ['in capitals', `${head('X: y')}\r\nALL GOOD`, 'missed'],
    ['behind the end that the length has', `${head('Content-Length: 3')}\r\nall good`, 'missed'],
    ['in chunks', `${head('Transfer-Encoding: chunked')}\r\n3\r\nall\r\n5;x=y\r\n good\r\n0\r\n\r\n`, 'found'],
    [
      'in chunks that have it in their sizes alone',
      `${head('Transfer-Encoding: gzip, chunked')}\r\n4;all good\r\n....\r\n0\r\n\r\n`,
      'missed',
    ],
    ['in chunks without sizes', `${head('Transfer-Encoding: chunked')}\r\nall good\r\n`, 'broken'],
    ['in a chunk that says more than it has', `${head('Transfer-Encoding: chunked')}\r\nffffff\r\nall good`, 'found'],
    ['as the last of 5,120 bytes', `${head('X: y')}\r\n${filler(5_112)}all good`, 'found'],
    ['one byte too far', `${head('X: y')}\r\n${filler(5_113)}all good`, 'missed'],
    ['too far, in chunks', `${head('Transfer-Encoding: chunked')}\r\n13f9\r\n${filler(5_113)}\r\n8\r\nall good\r\n0\r\n\r\n`, 'missed'],
    ['in headers only', `${head('X: all good\r\nContent-Length: 0')}\r\n`, 'missed'],
    ['of an answer without a body', 'HTTP/1.1 204 No Content\r\n\r\nall good', 'missed'],
    ['of a redirect', 'HTTP/1.1 301 Moved Permanently\r\n\r\nall good', 'found'],
    ['nowhere', `${head('Content-Length: 0')}\r\n`, 'missed'],
    ['behind zeros', `${head('X: y')}\r\n\0\0all good`, 'found'],
  ])('%s', (_, text, state) => {
    const sound = text.replace('\r\n\r\n\r\n', '\r\n\r\n');
    expect(read([sound], 'all good').state).toBe(state);
    expect(read(Array.from(sound), 'all good').state).toBe(state);
  });

  test('is not looked for where the status fails', () => {
    expect(read(['HTTP/1.1 500 Internal Server Error\r\n\r\nall good'], 'all good')).toMatchObject({ state: 'status', status: 500 });
  });
});

test('however an answer is cut, it is the same', () => {
  const bodies = fc
    .string({ maxLength: 60 })
    .map((body) => `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}needle`);
  const chunked = fc.array(fc.string({ minLength: 1, maxLength: 20 }), { maxLength: 5 }).map((chunks) => {
    const text = chunks.map((chunk) => `${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`).join('');
    return `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${text}6\r\nneedle\r\n0\r\n\r\n`;
  });
  fc.assert(
    fc.property(fc.oneof(bodies, chunked), fc.array(fc.nat(300), { maxLength: 6 }), (text, cuts) => {
      const bytes = Buffer.from(text);
      const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length];
      const pieces = places.slice(1).map((end, index) => bytes.subarray(places[index] ?? 0, end));
      expect(read(pieces, 'needle')).toEqual(read([bytes], 'needle'));
    }),
  );
});

test('whatever comes, reading ends, is bounded and throws nothing', () => {
  const words = ['HTTP/1.1 ', '200 OK', '100 Continue', '\r\n', '\n', '\r', '\r\n\r\n', 'Content-Length: ', 'Transfer-Encoding: chunked', '5', 'fff', '0', '\0', 'x'.repeat(3_000), '999999999999999']; // prettier-ignore
  const piece = fc.oneof(
    fc.constantFrom(...words).map((word) => Buffer.from(word)),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  );
  const endsAtMs = Date.now() + 1_000;
  let runs = 0;
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.boolean(), (pieces, isSearched) => {
      if (Date.now() > endsAtMs) return;
      runs++;
      const beginning = Buffer.from('HTTP/1.1 200 OK\r\n');
      for (const all of [pieces, [beginning, ...pieces]]) {
        const { state, status } = read(all, isSearched ? 'x' : undefined);
        expect(['status', 'found', 'missed', 'broken']).toContain(state);
        expect(status).toBeLessThan(1_000);
      }
    }),
    { numRuns: 20_000 },
  );
  expect(runs).toBeGreaterThan(500);
});
