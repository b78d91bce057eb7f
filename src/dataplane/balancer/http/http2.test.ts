/** HTTPS listeners: names choose certificates, HTTP/1.1 and HTTP/2 come the same way to targets. */
import { rmSync } from 'node:fs';
import { constants } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FrontTls } from '#dataplane/balancer/http/front-state.ts';
import { ask, makeTls, session } from '#dataplane/balancer/http/http2.fixture.ts';
import { answering, atEnd, cleanUp, eventually, OK, targetOf, worldOf } from '#dataplane/balancer/http/world.fixture.ts';

afterEach(cleanUp);

let folder = '';
let pem: { cert: Buffer; key: Buffer };
let tls: FrontTls;

beforeAll(() => {
  ({ folder, pem, tls } = makeTls());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('TLS', () => {
  it('brings HTTP/1.1 as clear text does, and says so', async () => {
    const target = await targetOf(answering(OK));
    const world = await worldOf([target.port], { forwardsTlsVersion: true }, { tls, listenerPort: 443 });
    const socket = connectTls({
      port: world.port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      servername: 'a.example',
      ALPNProtocols: ['http/1.1'],
    });
    let text = '';
    socket.on('data', (bytes) => (text += bytes.toString('latin1')));
    socket.write('GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\nX-Amzn-Tls-Version: forged\r\n\r\n');
    expect(await eventually(() => text.endsWith('ok'))).toBe(true);
    socket.destroy();
    expect(target.text).toContain(
      'X-Forwarded-Proto: https\r\nX-Forwarded-Port: 443\r\nX-Amzn-Tls-Version: TLSv1.3\r\nX-Amzn-Tls-Cipher-Suite: TLS_',
    );
    expect(target.text).not.toContain('forged');
    expect(world.records[0]).toMatchObject({ type: 'https', tlsProtocol: 'TLSv1.3', serverName: 'a.example', certificateId: 'arn' });
  });

  it('to targets is not looked into', async () => {
    const server = createTlsServer(pem, (_, response) => response.end('secret'));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    atEnd(async () => {
      server.closeAllConnections();
      server.close();
      await Promise.resolve();
    });
    const world = await worldOf([(server.address() as AddressInfo).port], {}, { tls, targetProtocol: 'HTTPS' }); // it listens on TCP
    expect(await ask(session(world), { ':path': '/' })).toMatchObject({ body: 'secret' });
  });

  it('that is none is closed', async () => {
    const world = await worldOf([], {}, { tls });
    const socket = connectTls({ port: world.port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: 'TLSv1', minVersion: 'TLSv1' });
    socket.on('error', () => undefined);
    expect(await eventually(() => socket.destroyed && world.front.connections === 0)).toBe(true);
  });
});

describe('HTTP/2', () => {
  it('becomes HTTP/1.1 for the target, and its answer comes back', async () => {
    const target = await targetOf(
      answering(
        'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: b\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nConnection: X-B\r\nX-B: c\r\n\r\nok',
      ),
    );
    const world = await worldOf([target.port], {}, { tls, listenerPort: 443 });
    world.router.cookies = ['AWSALB=x'];
    const { headers, body } = await ask(session(world), {
      ':path': '/a?b=c',
      cookie: ['x=1', 'y=2'],
      te: 'trailers',
      'x-forwarded-for': '1.2.3.4',
    });
    expect(body).toBe('ok');
    expect(headers).toMatchObject({ ':status': 200, 'x-a': 'b', 'content-length': '2', 'set-cookie': ['a=1', 'b=2', 'AWSALB=x'] });
    expect(headers['x-b']).toBeUndefined();
    expect(target.text).toMatch(
      /^GET \/a\?b=c HTTP\/1\.1\r\nX-Forwarded-For: 1\.2\.3\.4, 127\.0\.0\.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: 443\r\nHost: a\.example\r\n/,
    );
    expect(target.text).toContain('cookie: x=1; y=2\r\n');
    expect(target.text).not.toContain('te: ');
    expect(world.records[0]).toMatchObject({ type: 'h2', status: 200, request: 'GET https://a.example:443/a?b=c HTTP/2.0' });
  });

  it('carries bodies both ways', async () => {
    const target = await targetOf((socket) => {
      let text = '';
      socket.on('data', (bytes) => {
        text += bytes.toString('latin1');
        if (text.endsWith('0\r\n\r\n'))
          socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${text.slice(text.indexOf('\r\n\r\n') + 4)}`, 'latin1');
      });
    });
    const world = await worldOf([target.port], {}, { tls });
    const sent = Buffer.alloc(500_000, 'abc');
    expect((await ask(session(world), { ':path': '/', ':method': 'POST' }, sent)).body === sent.toString('latin1')).toBe(true);
  });

  it('has 100 requests at once on one connection', async () => {
    const target = await targetOf(answering(OK));
    const world = await worldOf([target.port], {}, { tls });
    const client = session(world);
    const answers = await Promise.all(Array.from({ length: 100 }, async () => ask(client, { ':path': '/' })));
    expect(answers.every(({ body }) => body === 'ok')).toBe(true);
    expect(world.router.seen).toMatchObject({ begun: 100, ended: 100 });
  });

  it.each([
    ['a path with a space', { ':path': '/a b' }],
    ['a relative path', { ':path': 'a' }],
    ['a host beside another authority', { ':path': '/', host: 'other' }],
    ['an authority with a path', { ':path': '/', ':authority': 'a/b' }],
  ])('refuses %s', async (_, headers) => {
    const target = await targetOf(answering(OK));
    const world = await worldOf([target.port], {}, { tls });
    const { headers: heard, code } = await ask(session(world), headers);
    expect(Number(heard[':status']) === 400 || code !== constants.NGHTTP2_NO_ERROR).toBe(true);
    expect(target.heard).toEqual([]);
  });

  it('answers by itself where nobody is there', async () => {
    const world = await worldOf([], {}, { tls });
    const { headers, body } = await ask(session(world), { ':path': '/' });
    expect(headers).toMatchObject({ ':status': 503, server: 'awselb/2.0' });
    expect(body).toContain('503 Service Temporarily Unavailable');
  });

  it('says so when a target breaks off', async () => {
    const target = await targetOf((socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')));
    const world = await worldOf([target.port], {}, { tls });
    expect((await ask(session(world), { ':path': '/' })).code).not.toBe(constants.NGHTTP2_NO_ERROR);
    expect(world.router.seen).toMatchObject({ begun: 1, ended: 1 });
  });

  it('lets streams finish when the front closes', async () => {
    const target = await targetOf((socket) => socket.on('data', () => setTimeout(() => socket.write(OK), 150)));
    const world = await worldOf([target.port], {}, { tls });
    const answer = ask(session(world), { ':path': '/' });
    await eventually(() => target.text !== '');
    await world.front.close({ graceMs: 3_000 });
    expect((await answer).body).toBe('ok');
  });

  it('is not offered where the attribute says no', async () => {
    const world = await worldOf([], { isHttp2Enabled: false }, { tls });
    const socket = connectTls({ port: world.port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2', 'http/1.1'] });
    await new Promise<void>((done) => socket.once('secureConnect', () => done()));
    expect(socket.alpnProtocol).toBe('http/1.1');
    socket.destroy();
  });
});
