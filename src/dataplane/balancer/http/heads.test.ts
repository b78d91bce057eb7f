/** What is read in heads, and what is made of it: one line a fact. */
import { describe, expect, it } from 'vitest';
import { BodyReader } from '#dataplane/balancer/http/body-reader.ts';
import type { ClientFacts } from '#dataplane/balancer/http/client-facts.ts';
import { FIELD } from '#dataplane/balancer/http/fields.ts';
import { defaultAttributes, listenerAt } from '#dataplane/balancer/http/front.fixture.ts';
import type { FrontState } from '#dataplane/balancer/http/front-state.ts';
import { CHUNKED, RequestHead } from '#dataplane/balancer/http/request-head.ts';
import { traceIdAfter } from '#dataplane/balancer/http/trace-id.ts';
import { forwardedFor, hostFor } from '#dataplane/balancer/http/upstream-head.ts';

function headOf(text: string): RequestHead {
  // Something before and behind, as in memory that is used again.
  const bytes = Buffer.from(`junk${text}GET /behind HTTP/1.1\r\n`, 'latin1');
  return new RequestHead().parse(bytes, 4, 4 + text.length);
}

describe('a request’s head', () => {
  it.each([
    [
      'GET /a?b=c HTTP/1.1\r\nHost: h\r\n\r\n',
      { method: 'GET', target: '/a?b=c', path: '/a', query: 'b=c', host: 'h', hostPort: '', bodyLength: 0, keepsAlive: true },
    ],
    ['GET / HTTP/1.1\r\nHost: Example.COM:8080\r\n\r\n', { host: 'example.com', hostPort: '8080' }],
    ['GET / HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n', { host: '[2001:db8::1]', hostPort: '80' }],
    ['GET / HTTP/1.1\r\nHost: [2001:db8::1]\r\n\r\n', { host: '[2001:db8::1]', hostPort: '' }],
    ['GET / HTTP/1.1\r\nhost:h\r\n\r\n', { host: 'h' }],
    [
      'GET http://a.b:81/c?d HTTP/1.1\r\nHost: h\r\n\r\n',
      { host: 'a.b', hostPort: '81', target: '/c?d', plainLine: 'GET /c?d HTTP/1.1\r\n' },
    ],
    ['GET http://a.b?d HTTP/1.1\r\nHost: h\r\n\r\n', { target: '/?d' }],
    ['OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n', { target: '*', path: '*', status: 0 }],
    ['GET / HTTP/1.0\r\n\r\n', { keepsAlive: false, authority: '', plainLine: 'GET / HTTP/1.1\r\n' }],
    ['GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n', { keepsAlive: true }],
    ['GET / HTTP/1.1\r\nHost: h\r\nConnection: CLOSE\r\n\r\n', { keepsAlive: false }],
    ['GET / HTTP/1.1\r\nHost: h\r\nConnection: a, close\r\n\r\n', { keepsAlive: false }],
    ['POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 007 \r\n\r\n', { bodyLength: 7, reason: undefined }],
    ['POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: CHUNKED\r\n\r\n', { bodyLength: CHUNKED, reason: undefined }],
    ['POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n\r\n', { bodyLength: 0, reason: undefined }],
    ['get / HTTP/1.1\r\nHost: h\r\n\r\n', { method: 'get', status: 0 }],
    ['GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n', { upgrade: 'websocket' }],
    ['GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n', { upgrade: '' }],
  ])('%j', (text, facts) => {
    expect(headOf(text)).toMatchObject(facts);
  });

  it('gives values by name, one for each line, and lines but for some', () => {
    const head = headOf('GET / HTTP/1.1\r\nX-A: 1\r\nHost: h\r\nx-a:  2 \r\nTE: x\r\nX-B:\r\n\r\n');
    expect(head.header('x-a')).toEqual(['1', '2']);
    expect(head.header('x-b')).toEqual(['']);
    expect(head.header('x-c')).toEqual([]);
    expect(head.lines((1 << FIELD.host) | (1 << FIELD.hop))).toBe('X-A: 1\r\nx-a:  2 \r\nX-B:\r\n');
  });

  it('may have as many fields as there is room for', () => {
    const head = headOf(
      `GET / HTTP/1.1\r\nHost: h\r\n${Array.from({ length: 500 }, (_, index) => `X-${index}: ${index}\r\n`).join('')}\r\n`,
    );
    expect([head.count, head.header('x-499')]).toEqual([501, ['499']]);
  });
});

const client: ClientFacts = { address: '1.2.3.4', port: 55, localAddress: '', tlsVersion: undefined, tlsCipher: undefined };
const client6: ClientFacts = { ...client, address: '2001:db8::1' };
const withPort = { ...defaultAttributes, forwardsClientPort: true };

describe('X-Forwarded-For', () => {
  it.each([
    [[], client, defaultAttributes, '1.2.3.4'],
    [['9.9.9.9'], client, defaultAttributes, '9.9.9.9, 1.2.3.4'],
    [['9.9.9.9', '8.8.8.8'], client, defaultAttributes, '9.9.9.9, 8.8.8.8, 1.2.3.4'],
    [[], client6, defaultAttributes, '2001:db8::1'],
    [['9.9.9.9'], client6, defaultAttributes, '9.9.9.9, [2001:db8::1]'],
    [[], client, withPort, '1.2.3.4:55'],
    [[], client6, withPort, '[2001:db8::1]:55'],
    [['9.9.9.9'], client, { ...withPort, forwardedFor: 'preserve' as const }, '9.9.9.9'],
    [[], client, { ...defaultAttributes, forwardedFor: 'preserve' as const }, undefined],
    [['9.9.9.9'], client, { ...defaultAttributes, forwardedFor: 'remove' as const }, undefined],
  ])('of %j', (before, from, attributes, after) => {
    expect(forwardedFor(before, from, attributes)).toBe(after);
  });
});

describe('Host', () => {
  it.each([
    ['example.com', 80, false, 'example.com'],
    ['example.com:80', 80, false, 'example.com'],
    ['example.com:80', 80, true, 'example.com:80'],
    ['example.com', 8080, false, 'example.com:8080'],
    ['example.com:9', 8080, false, 'example.com:9'],
    ['example.com', 8080, true, 'example.com'],
    ['[::1]', 8080, false, '[::1]:8080'],
    ['[::1]:443', 443, false, '[::1]'],
  ])('%s at port %i, preserved %s: %s', (authority, port, preservesHostHeader, host) => {
    const state = { listener: listenerAt(port), attributes: { ...defaultAttributes, preservesHostHeader } } as FrontState; // no more is looked at
    expect(hostFor(authority, state)).toBe(host);
  });
});

describe('X-Amzn-Trace-Id', () => {
  it.each([
    [undefined, 100, /^Root=1-[\da-f]{8}-[\da-f]{24}$/],
    ['Root=1-67891233-abcdef012345678912345678', 100, /^Self=1-[\da-f]{8}-[\da-f]{24};Root=1-67891233-abcdef012345678912345678$/],
    ['Root=1-2-3;CalledFrom=app', 100, /^Self=1-[\da-f-]{33};Root=1-2-3;CalledFrom=app$/],
    ['Self=1-2-3;Root=1-2-3', 100, /^Self=1-[\da-f]{8}-[\da-f]{24};Root=1-2-3$/],
    ['CalledFrom=app', 100, /^Root=1-[\da-f-]{33};CalledFrom=app$/],
    ['Root=1-2-3', 8_000, /^Root=1-[\da-f]{8}-[\da-f]{24}$/],
  ])('after %s, %i octets', (before, size, after) => {
    expect(traceIdAfter(before, size)).toMatch(after);
  });
});

describe('a body', () => {
  it.each([
    [5, 'hello', 'hello', true],
    [5, 'hel', 'hel', false],
    [0, '', '', true],
    [CHUNKED, '5\r\nhello\r\n0\r\n\r\n', 'hello', true],
    [CHUNKED, '00005;a="b c"\r\nhello\r\n1\r\n!\r\n0;x\r\nT: r\r\n\r\n', 'hello!', true],
    [CHUNKED, '5\r\nhello\r\n0\r\n', 'hello', false],
  ])('%i: %j', (length, text, data, isDone) => {
    for (const step of [1, 2, text.length || 1]) {
      const reader = new BodyReader();
      reader.begin(length);
      let got = '';
      const bytes = Buffer.from(`${text}more`, 'latin1');
      for (let at = 0; at < text.length && !reader.isDone;) {
        at = reader.read(bytes, at, Math.min(text.length, at + step), undefined, {
          bodyBytes: (piece, from, end) => (got += piece.toString('latin1', from, end)),
        });
      }
      expect([got, reader.isDone, reader.isBroken]).toEqual([data, isDone, false]);
    }
  });
});
