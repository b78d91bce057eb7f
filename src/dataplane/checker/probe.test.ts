import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { checkOf, listening, makeKeyPair, serve, type Served } from '#dataplane/checker/endpoints.fixture.ts';
import type { TimeLimits } from '#dataplane/checker/limits.ts';
import type { Outcome } from '#dataplane/checker/outcome.ts';
import { createProbe, type Resolve, type Source } from '#dataplane/checker/probe.ts';
import type { Endpoint } from '#dataplane/checker/request.ts';

const limits: TimeLimits = { resolveMs: 150, connectMs: 200, connectOnlyMs: 300, statusMs: 200, bodyMs: 200 };
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function served(answer: (socket: Socket, text: string) => void): Promise<Served> {
  const server = await serve(answer);
  closers.push(() => server.close());
  return server;
}

function ask(endpoint: Partial<Endpoint>, resolve: Resolve = unasked, source: Source = {}): Promise<Outcome | undefined> {
  const probe = createProbe({ resolve, limits });
  return new Promise((done) => void probe(checkOf(endpoint), source, done));
}

const unasked: Resolve = () => Promise.reject(new Error('nobody should ask'));
const says = (text: string) => (socket: Socket) => void socket.end(text);
const good = says('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
/** Takes no connections: nothing listens where something did. */
async function closedPort(): Promise<number> {
  const server = await serve(() => undefined);
  server.close();
  return server.port;
}

/** A port whose owner sleeps: the kernel takes as many connections as may wait, and answers no others. */
async function deafPort(): Promise<number> {
  const program = `const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port))`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  closers.push(() => child.kill('SIGKILL'));
  const [bytes] = (await once(child.stdout, 'data')) as [Buffer]; // the stream has no encoding
  child.kill('SIGSTOP');
  const port = Number(bytes.toString());
  for (let waiting = 0; waiting < 4; waiting++) {
    const socket = connect({ port, host: '127.0.0.1' }).on('error', () => undefined);
    closers.push(() => socket.destroy());
    await Promise.race([once(socket, 'connect'), new Promise((resolve) => setTimeout(resolve, 100))]);
  }
  return port;
}

describe('the request', () => {
  test.each<[string, Partial<Endpoint>, (port: number) => string, string]>([
    ['an address', { path: '/up?x=1' }, (port) => `127.0.0.1:${port}`, '/up?x=1'],
    ['a name and its port', { hostName: 'www.example.com' }, (port) => `www.example.com:${port}`, '/'],
  ])('has a Host of %s', async (_, endpoint, host, path) => {
    const server = await served(good);
    expect(await ask({ ...endpoint, port: server.port })).toEqual({ isHealthy: true, words: 'Success: HTTP Status Code 200, OK' });
    expect(server.heard.map(({ text }) => text.split('\r\n'))).toEqual([
      [
        `GET ${path} HTTP/1.1`,
        `Host: ${host(server.port)}`,
        'Connection: close',
        'User-Agent: Amazon-Route53-Health-Check-Service (ref hc-1; report http://amzn.to/1vsZADi)',
        'Accept: */*',
        'Accept-Encoding: identity',
        '',
        '',
      ],
    ]);
  });

  test("leaves from the checker's address", async () => {
    const server = await served(good);
    await ask({ port: server.port }, unasked, { ipv4: '127.0.0.77' });
    expect(server.heard.map(({ from }) => from)).toEqual(['127.0.0.77']);
  });
});

describe('a name', () => {
  test('is resolved, and AWS says to what', async () => {
    const server = await served(says('HTTP/1.1 503 Service Temporarily Unavailable\r\n\r\n'));
    const asked: string[] = [];
    const resolve: Resolve = (name) => {
      asked.push(name);
      return Promise.resolve({ address: '127.0.0.1' });
    };
    const endpoint = { ...checkOf({ hostName: 'www.example.com', port: server.port }) };
    delete (endpoint as { address?: string }).address; // a check by name has none
    const outcome = await new Promise((done) => void createProbe({ resolve, limits })(endpoint, {}, done));
    expect(asked).toEqual(['www.example.com']);
    expect(outcome).toEqual({
      isHealthy: false,
      words: 'Failure: HTTP Status Code 503, Service Temporarily Unavailable. Resolved IP: 127.0.0.1',
    });
  });

  const { address: _, ...byName } = checkOf({ hostName: 'www.example.com' });
  const resolved = (resolve: Resolve): Promise<Outcome | undefined> =>
    new Promise((done) => void createProbe({ resolve, limits })(byName, {}, done));

  test.each<[string, Resolve, string]>([
    ['that is not there', () => Promise.resolve({ rcode: 3 }), 'Failure: DNS resolution failed: Rcode NXDomain(3)'],
    ['without an address', () => Promise.resolve({ rcode: 0 }), 'Failure: DNS resolution failed: No answer'],
    ['that cannot be asked for', () => Promise.reject(new Error('broken')), 'Failure: DNS resolution failed: Rcode ServFail(2)'],
    ['that nobody answers for', () => new Promise(() => undefined), 'Failure: DNS resolution failed: Timed out'],
  ])('%s', async (_what, resolve, words) => {
    expect(await resolved(resolve)).toEqual({ isHealthy: false, words });
  });

  test('that leads to where nobody listens', async () => {
    const port = await closedPort();
    const outcome = await new Promise(
      (done) => void createProbe({ resolve: () => Promise.resolve({ address: '127.0.0.1' }), limits })({ ...byName, port }, {}, done),
    );
    expect(outcome).toEqual({ isHealthy: false, words: 'Failure: Resolved IP: 127.0.0.1. Connection refused.' });
  });
});

const TIMED_OUT =
  'Failure: Connection timed out. The endpoint or the internet connection is down, or requests are being blocked by your firewall. See https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-router-firewall-rules.html';
const NO_STATUS = 'Failure: The endpoint did not respond with an HTTP status code within the timeout limit.';

describe('an endpoint that', () => {
  test.each<[string, (socket: Socket) => void, boolean, string]>([
    ['redirects passes, and is not followed', says('HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\n\r\n'), true, 'Success: HTTP Status Code 302, Found'],
    ['says 399 passes', says('HTTP/1.1 399\r\n\r\n'), true, 'Success: HTTP Status Code 399'],
    ['says 404 fails', says('HTTP/1.1 404\r\n\r\n'), false, 'Failure: HTTP Status Code 404, Not Found'],
    ['lies in its reason is shown', says('HTTP/1.1 500 All\x01 good\r\n\r\n'), false, 'Failure: HTTP Status Code 500, All good'],
    ['hangs fails', () => undefined, false, NO_STATUS],
    ['closes fails', (socket) => socket.end(), false, 'Failure: The connection was closed by the endpoint.'],
    ['resets fails', (socket) => socket.resetAndDestroy(), false, 'Failure: The connection was closed by the endpoint.'],
    ['is no web server fails', says('220 mail.example.com ESMTP\r\n'), false, 'Failure: The response of the endpoint is not valid HTTP.'],
    ['closes within its headers fails', says('HTTP/1.1 200 OK\r\nX: '), false, 'Failure: The connection was closed by the endpoint.'],
    ['sends zeros fails', says('\0'.repeat(100)), false, 'Failure: The response of the endpoint is not valid HTTP.'],
  ])('%s', async (_, answer, isHealthy, words) => {
    const server = await served(answer);
    expect(await ask({ port: server.port })).toEqual({ isHealthy, words });
  }); // prettier-ignore

  test('drips its headers without end fails when its time is over', async () => {
    const server = await served((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket.write('X: y\r\n'), 10);
      socket.once('close', () => clearInterval(timer));
    });
    expect(await ask({ port: server.port })).toEqual({ isHealthy: false, words: NO_STATUS });
  });

  test('pours out headers without end fails', async () => {
    const server = await served((socket) => {
      const more = (): void => void (socket.destroyed || socket.write(`X: ${'y'.repeat(60_000)}\r\n`, more));
      socket.write('HTTP/1.1 200 OK\r\n', more);
    });
    expect(await ask({ port: server.port })).toMatchObject({
      isHealthy: false,
      words: 'Failure: The response of the endpoint is not valid HTTP.',
    });
  });

  test('is not there fails', async () => {
    expect(await ask({ port: await closedPort() })).toEqual({ isHealthy: false, words: 'Failure: Connection refused.' });
  });

  test('takes no connection fails, TCP and HTTP', async () => {
    const port = await deafPort();
    for (const type of ['HTTP', 'TCP'] as const) expect(await ask({ port, type })).toEqual({ isHealthy: false, words: TIMED_OUT });
  });

  test('takes connections passes for TCP, whatever it says', async () => {
    const server = await served((socket) => socket.resetAndDestroy());
    expect(await ask({ port: server.port, type: 'TCP' })).toEqual({ isHealthy: true, words: 'Success: Connection established' });
    expect(server.heard).toEqual([]);
    expect(await ask({ port: await closedPort(), type: 'TCP' })).toEqual({ isHealthy: false, words: 'Failure: Connection refused.' });
  });

  test('cannot be asked from here has no outcome', async () => {
    const server = await served(good);
    expect(await ask({ port: server.port }, unasked, { ipv4: '203.0.113.9' })).toBeUndefined();
    expect(await ask({ port: 70_000 })).toBeUndefined();
  });
});

describe('a string', () => {
  const searched = { type: 'HTTP_STR_MATCH', searchString: 'all good' } as const;
  const missing = 'Failure: HTTP Status Code 200, OK. The search string was not found in the first 5120 bytes of the response body';

  test.each<[string, (socket: Socket) => void, boolean, string]>([
    ['that is there', says('HTTP/1.1 200 OK\r\n\r\nall good'), true, 'Success: HTTP Status Code 200, OK'],
    ['that is not there', says('HTTP/1.1 200 OK\r\n\r\nall bad'), false, missing],
    ['of a page that fails', says('HTTP/1.1 500 Oh\r\n\r\nall good'), false, 'Failure: HTTP Status Code 500, Oh'],
    ['before a reset', (socket) => socket.write('HTTP/1.1 200 OK\r\n\r\nall go', () => setTimeout(() => socket.resetAndDestroy(), 20)), false, missing],
    ['that does not come', (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nall'), false, missing],
    ['in a body that goes on', (socket) => void socket.write('HTTP/1.1 200 OK\r\n\r\nall good, and'), true, 'Success: HTTP Status Code 200, OK'],
  ])('%s', async (_, answer, isHealthy, words) => {
    const server = await served(answer);
    expect(await ask({ ...searched, port: server.port })).toEqual({ isHealthy, words });
  }); // prettier-ignore

  test('has its own time, from the status on', async () => {
    const server = await served((socket) => {
      setTimeout(() => socket.write('HTTP/1.1 200 OK\r\n\r\nall '), 120);
      setTimeout(() => socket.write('good'), 240);
    });
    expect(await ask({ ...searched, port: server.port })).toMatchObject({ isHealthy: true });
  });
});

describe('HTTPS', () => {
  let pair: { readonly key: string; readonly cert: string };
  beforeAll(() => void (pair = makeKeyPair()));

  async function secure(
    answer: (socket: Socket) => void,
    options: TlsOptions = {},
  ): Promise<Served & { readonly names: (string | undefined)[] }> {
    const names: (string | undefined)[] = [];
    const server = createTlsServer({ ...pair, ...options }, (socket) => {
      names.push(typeof socket.servername === 'string' ? socket.servername : undefined);
      socket.on('error', () => undefined).once('data', () => answer(socket));
    });
    const listens = await listening(server, [], () => undefined);
    closers.push(() => listens.close());
    return { ...listens, names };
  }

  test('takes any certificate, and names the host only when it is to', async () => {
    const server = await secure(good);
    const endpoint = { type: 'HTTPS', hostName: 'www.example.com', port: server.port } as const;
    for (const sendsServerName of [false, true])
      expect(await ask({ ...endpoint, sendsServerName })).toEqual({ isHealthy: true, words: 'Success: HTTP Status Code 200, OK' });
    expect(server.names).toEqual([undefined, 'www.example.com']);
  });

  test('finds a string, also when the end comes at once', async () => {
    const server = await secure(says(`HTTP/1.1 200 OK\r\n\r\n${'.'.repeat(4_000)}all good`));
    const endpoint = { type: 'HTTPS_STR_MATCH', searchString: 'all good', port: server.port } as const;
    expect(await ask(endpoint)).toMatchObject({ isHealthy: true });
    expect(await ask({ ...endpoint, searchString: 'all bad' })).toMatchObject({ isHealthy: false });
  });

  test('says which alert ended the handshake', async () => {
    const server = await secure(good, { SNICallback: (_, done) => done(new Error('no such name')) });
    const words = (await ask({ type: 'HTTPS', hostName: 'x.test', sendsServerName: true, port: server.port }))?.words ?? '';
    expect(words).toMatch(/^Failure: (SSL alert [a-z_]+|The connection was closed by the endpoint\.)$/);
    const strict = await secure(good, {
      requestCert: true,
      rejectUnauthorized: true,
      maxVersion: 'TLSv1.2',
      ciphers: 'ECDHE-RSA-AES128-GCM-SHA256',
    });
    expect(await ask({ type: 'HTTPS', port: strict.port })).toEqual({ isHealthy: false, words: 'Failure: SSL alert handshake_failure' });
  });

  test('is not plain HTTP, and may not hang', async () => {
    const plain = await served(good);
    expect(await ask({ type: 'HTTPS', port: plain.port })).toEqual({ isHealthy: false, words: 'Failure: SSL handshake failed.' });
    const silent = await served(() => undefined);
    expect(await ask({ type: 'HTTPS', port: silent.port })).toEqual({ isHealthy: false, words: NO_STATUS });
  });
});

test('a question that is called off says nothing', async () => {
  const server = await served(good);
  const called: unknown[] = [];
  const probe = createProbe({ resolve: () => Promise.resolve({ address: '127.0.0.1' }), limits });
  const { address: _, ...byName } = checkOf({ hostName: 'x.test', port: server.port });
  for (const endpoint of [checkOf({ port: server.port }), byName, checkOf({ port: 70_000 })])
    probe(endpoint, {}, (outcome) => called.push(outcome))();
  expect(await ask({ port: server.port })).toMatchObject({ isHealthy: true });
  expect(called).toEqual([]);
});
