/** The metadata service over real sockets: tokens, refusals, listings, and the clients that people have. */
import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { type Asked, ask, first, second, send, serve, stranger, workload } from './asking.fixture.ts';
import { versions } from './pages.ts';
import { type MetadataServer, type MetadataServerOptions, openMetadataServer } from './server.ts';

const tokenHeader = 'X-aws-ec2-metadata-token';
const ttl = (seconds: number | string) => ({ 'X-aws-ec2-metadata-token-ttl-seconds': `${seconds}` });

const opened: MetadataServer[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()));
});

async function open(metadata: Parameters<typeof workload>[1] = {}, options: Partial<MetadataServerOptions> = {}): Promise<MetadataServer> {
  const known = new Map([first, second].map((from) => [from, workload(from === first ? 'i-first' : 'i-second', metadata)]));
  const server = await serve(known, options);
  opened.push(server);
  return server;
}

const tokenFor = (server: MetadataServer, seconds = 60, from = first): Promise<Asked> =>
  ask(server, '/latest/api/token', { method: 'PUT', headers: ttl(seconds), from });

const page = (words: string) => new RegExp(`^<\\?xml[^]*<title>${words}</title>[^]*<h1>${words}</h1>[^]*</html>\n$`);

describe('data', () => {
  test('come with the headers of AWS', async () => {
    const server = await open({}, { nowMs: () => Date.UTC(2026, 0, 31, 12) });
    const { status, headers, body } = await ask(server, '/latest/meta-data/instance-id');
    expect([status, body]).toEqual([200, 'i-first']);
    expect(headers).toMatchObject({
      server: 'EC2ws',
      'content-type': 'text/plain',
      'content-length': '7',
      'last-modified': 'Sat, 31 Jan 2026 12:00:00 GMT',
      connection: 'close',
      etag: expect.stringMatching(/^"[0-9a-f]{16}"$/),
    });
    expect(headers).not.toHaveProperty('x-aws-ec2-metadata-token-ttl-seconds');
    expect((await ask(server, '/latest/meta-data/ami-id')).headers['etag']).not.toBe(headers['etag']);
  });

  test.each([
    ['/', versions.join('\n')],
    ['', versions.join('\n')],
    ['/latest', 'dynamic\nmeta-data'],
    ['/latest/', 'dynamic\nmeta-data'],
    ['/latest/meta-data', 'ami-id\ninstance-id\nnetwork/\nplacement/\nplacement-like\npublic-keys/\ntags/'],
    ['/latest/meta-data/', 'ami-id\ninstance-id\nnetwork/\nplacement/\nplacement-like\npublic-keys/\ntags/'],
    ['//latest//meta-data//placement', 'region'],
    ['/1.0/meta-data/ami-id', 'ami-1'],
    ['/2024-04-11/meta-data/ami-id', 'ami-1'],
    ['/latest/meta-data/ami-id/', 'ami-1'],
    ['/latest/meta-data/ami-id?recursive=true', 'ami-1'],
    ['http://169.254.169.254/latest/meta-data/ami-id', 'ami-1'],
    ['/latest/meta-data/network/interfaces/macs/', '02:00:00:00:00:01/'],
    ['/latest/meta-data/network/interfaces/macs/02:00:00:00:00:01/', 'device-number\nlocal-ipv4s'],
    ['/latest/meta-data/network/interfaces/macs/02%3A00:00:00:00:01/local-ipv4s', '10.0.0.4\n10.0.0.5'],
    ['/latest/meta-data/public-keys/', '0=my key'],
    ['/latest/meta-data/public-keys', '0=my key'],
    ['/latest/meta-data/public-keys/0/', 'openssh-key'],
    ['/latest/meta-data/public-keys/0/openssh-key', 'ssh-ed25519 AAAA me'],
    ['/latest/meta-data/tags/instance/%C3%9Cber', 'ä'],
    ['/latest/dynamic/instance-identity/', 'document'],
    ['/latest/dynamic/instance-identity/document', '{\n  "instanceId" : "i-first"\n}'],
  ])('at %j are %j', async (path, expected) => {
    const { status, body, headers } = await ask(await open(), path === '' ? 'http://169.254.169.254' : path);
    expect([status, body]).toEqual([200, expected]);
    expect(headers['content-length']).toBe(`${Buffer.byteLength(expected)}`);
  });

  test.each([
    '/2099-01-01/meta-data/ami-id',
    '/latest/meta-data/ami',
    '/latest/meta-data/ami-id/more',
    '/latest/meta-data/toString',
    '/latest/meta-data/__proto__/',
    '/latest/__proto__',
    '/latest/api',
    '/latest/user-data',
    '/meta-data/ami-id',
    '/latest/meta-data/../meta-data/ami-id',
  ])('are not at %s', async (path) => {
    const { status, body, headers } = await ask(await open(), path);
    expect([status, headers['content-type']]).toEqual([404, 'text/html']);
    expect(body).toMatch(page('404 - Not Found'));
  });

  test('come to HEAD without body', async () => {
    const { status, headers, body } = await ask(await open(), '/latest/meta-data/ami-id', { method: 'HEAD' });
    expect([status, headers['content-length'], body]).toEqual([200, '5', '']);
  });

  test('of the user come as their bytes', async () => {
    const bytes = Buffer.from([0x1f, 0x8b, 0, 255, 10]);
    const server = await open({ userData: bytes.toString('base64') });
    const answer = await fetch(`http://127.0.0.1:${server.port}/latest/user-data`);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes);
    expect(answer.headers.get('content-type')).toBe('application/octet-stream');
    expect((await ask(server, '/latest/')).body).toBe('dynamic\nmeta-data\nuser-data');
  });

  test('are of whoever asks, as they are now', async () => {
    const known = new Map([[first, workload('i-1', { tree: { 'meta-data/instance-id': 'i-1' } })]]);
    const server = await serve(known);
    opened.push(server);
    const id = async (from: string) => (await ask(server, '/latest/meta-data/instance-id', { from })).body;
    expect(await id(first)).toBe('i-1');
    known.set(first, workload('i-1', { tree: { 'meta-data/instance-id': 'changed' } }));
    known.set(second, workload('i-2', { tree: { 'meta-data/instance-id': 'i-2' } }));
    expect([await id(first), await id(second)]).toEqual(['changed', 'i-2']);
  });
});

describe('a token', () => {
  test('is given for as long as was asked', async () => {
    const server = await open();
    const { status, headers, body } = await tokenFor(server, 21_600);
    expect([status, headers['x-aws-ec2-metadata-token-ttl-seconds'], headers['content-type']]).toEqual([200, '21600', 'text/plain']);
    expect(body).toMatch(/^[\w-]{54}==$/);
    expect((await tokenFor(server, 21_600)).body).not.toBe(body);
    expect((await tokenFor(server, 1)).status).toBe(200);
  });

  test.each(['0', '21601', '-1', '1.5', 'x', '', '1e3', '0x10', '99999999999999999999', '60, 60'])(
    'is not given for %j seconds',
    async (seconds) => {
      const { status, body } = await ask(await open(), '/latest/api/token', { method: 'PUT', headers: ttl(seconds) });
      expect(status).toBe(400);
      expect(body).toMatch(page('400 - Bad Request'));
    },
  );

  test('is not given without a time, to proxies, or at a version', async () => {
    const server = await open();
    const put = async (path: string, headers: Record<string, string>) => (await ask(server, path, { method: 'PUT', headers })).status;
    expect(await put('/latest/api/token', {})).toBe(400);
    expect(await put('/latest/api/token', { ...ttl(60), 'X-Forwarded-For': '10.0.0.9' })).toBe(403);
    expect(await put('/2021-03-23/api/token', ttl(60))).toBe(403);
    expect(await put('/2099-01-01/api/token', ttl(60))).toBe(405);
  });

  test('opens what needs one, and tells how long it is still good', async () => {
    let nowMs = Date.UTC(2026, 0, 1);
    const server = await open({ needsToken: true }, { nowMs: () => nowMs });
    const { body: token } = await tokenFor(server, 60);
    const get = (value: string) => ask(server, '/latest/meta-data/instance-id', { headers: { [tokenHeader]: value } });
    nowMs += 20_000;
    const answer = await get(token);
    expect([answer.status, answer.body, answer.headers['x-aws-ec2-metadata-token-ttl-seconds']]).toEqual([200, 'i-first', '40']);
    nowMs += 39_999;
    expect((await get(token)).status).toBe(200);
    nowMs += 1;
    expect((await get(token)).status).toBe(401);
  });

  test.each([true, false])('is checked when it is given (needed: %s)', async (needsToken) => {
    const server = await open({ needsToken });
    const get = async (token?: string, path = '/latest/meta-data/instance-id') =>
      (await ask(server, path, { headers: token === undefined ? {} : { [tokenHeader]: token } })).status;
    const { body: token } = await tokenFor(server);
    const { body: foreign } = await tokenFor(server, 60, second);
    const forged = token.slice(0, 30) + (token[30] === 'A' ? 'B' : 'A') + token.slice(31);
    const longer = `${token[0]}${token[1] === 'Z' ? 'a' : 'Z'}${token.slice(2)}`;
    // The last character has four bits that mean nothing.
    const spelt = `${token.slice(0, 53)}${String.fromCharCode(token.charCodeAt(53) + 1)}==`;
    const { body: ofAnother } = await tokenFor(await open());
    expect(await get(token)).toBe(200);
    for (const wrong of [
      '',
      'x',
      foreign,
      forged,
      longer,
      spelt,
      ofAnother,
      `${token}=`,
      token.slice(0, -2),
      `${token.slice(0, 54)}==, ${token}`,
    ]) {
      expect(await get(wrong)).toBe(401);
      expect(await get(wrong, '/')).toBe(401);
      expect(await get(wrong, '/latest/nowhere')).toBe(401);
    }
    expect(await get()).toBe(needsToken ? 401 : 200);
    expect(await get(undefined, '/latest/user-data')).toBe(needsToken ? 401 : 404);
  });
});

describe('a refusal', () => {
  test('of every question, when the service is off', async () => {
    const server = await open({ isEnabled: false });
    for (const path of ['/', '/latest/meta-data/ami-id', '/latest/api/token']) {
      const { status, body } = await ask(server, path, { method: path.endsWith('token') ? 'PUT' : 'GET', headers: ttl(60) });
      expect(status).toBe(403);
      expect(body).toMatch(page('403 - Forbidden'));
    }
  });

  test('of methods, with those that there are', async () => {
    const server = await open();
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'TRACE']) {
      const { status, reason, headers, body } = await ask(server, '/latest/meta-data/ami-id', { method });
      expect([status, reason, headers['allow'], body]).toEqual([405, 'Not Allowed', 'OPTIONS, GET, HEAD', '']);
    }
    for (const method of ['GET', 'POST', 'HEAD']) {
      const { status, headers } = await ask(server, '/latest/api/token', { method, headers: ttl(60) });
      expect([status, headers['allow']]).toEqual([405, 'OPTIONS, PUT']);
    }
  });

  test('of what is no path', async () => {
    for (const path of ['/latest/%', '/%ff', '*']) expect((await ask(await open(), path)).status).toBe(400);
  });

  test('without a word, to strangers and to those who ended since', async () => {
    const known = new Map([[first, workload('i-1')]]);
    const server = await serve(known);
    opened.push(server);
    expect(await send(server, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', stranger)).toBeUndefined();
    expect(await send(server, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', first)).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    let hear: (said: string) => void = () => undefined;
    const heard = new Promise<string>((resolve) => (hear = resolve));
    const socket = connect({ host: first, port: server.port, localAddress: first }, () => {
      socket.write('GET / HTTP/1.1\r\n');
      setTimeout(() => {
        known.clear();
        socket.write('Host: a\r\n\r\n');
      }, 50);
    });
    let said = '';
    socket.on('data', (part) => (said += part.toString())).on('close', () => hear(said));
    expect(await heard).toBe('');
  });

  test('of IPv6 without a word until it is switched on; IPv4 has plain names on a socket of both', async () => {
    const asked: string[] = [];
    let isIpv6Enabled = false;
    const server = await openMetadataServer({
      address: '::',
      port: 0,
      workloadOf: (remote, local) => {
        asked.push(`${remote} ${local}`);
        return workload('i-1', { isIpv6Enabled });
      },
    });
    opened.push(server);
    const url = `http://[::1]:${server.port}/latest/meta-data/ami-id`;
    expect((await ask(server, '/latest/meta-data/ami-id')).body).toBe('ami-1');
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    isIpv6Enabled = true;
    expect(await (await fetch(url)).text()).toBe('ami-1');
    expect(new Set(asked)).toEqual(new Set(['127.0.0.1 127.0.0.1', '::1 ::1']));
  });

  test('is ours when something of ours fails, and we are told', async () => {
    const failures: unknown[] = [];
    let isBroken = false;
    const broken = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('broken tree');
        },
      },
    );
    const workloadOf = () => {
      if (isBroken) throw new Error('broken look-up');
      return workload('i-1', { tree: broken });
    };
    const server = await open({}, { workloadOf, onFailure: (error) => failures.push(error) });
    expect((await ask(server, '/latest/meta-data/')).status).toBe(500);
    isBroken = true;
    expect(await send(server, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).toBeUndefined();
    expect(failures.map(String)).toEqual(['Error: broken tree', 'Error: broken look-up']);
  });
});

test('a port that is taken is told', async () => {
  const { port } = await open();
  await expect(serve(new Map(), { port })).rejects.toThrow('EADDRINUSE');
});

test('curl does what AWS’s guide says', async () => {
  const server = await open({ needsToken: true, userData: Buffer.from('#!/bin/bash\necho hi\n').toString('base64') });
  const script = `
    TOKEN=$(curl -sf -X PUT "http://$HOST/latest/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 21600")
    curl -sf -H "X-aws-ec2-metadata-token: $TOKEN" "http://$HOST/latest/meta-data/instance-id"; echo
    curl -s -o /dev/null -w '%{http_code}\\n' "http://$HOST/latest/meta-data/instance-id"
    curl -sf -H "X-aws-ec2-metadata-token: $TOKEN" "http://$HOST/latest/user-data"
    curl -s --interface ${second} -o /dev/null -w '%{http_code}\\n' -H "X-aws-ec2-metadata-token: $TOKEN" "http://$HOST/latest/meta-data/"
    curl -sS -X PUT -d @/dev/null -H "X-aws-ec2-metadata-token-ttl-seconds: 60" "http://$HOST/latest/api/token" | wc -c
    curl -s --interface ${stranger} "http://$HOST/"; echo $?`;
  const env = { ...process.env, HOST: `127.0.0.1:${server.port}`, no_proxy: '*' };
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { env });
  const [id, without, ...rest] = stdout.split('\n');
  expect([id, without]).toEqual(['i-first', '401']);
  expect(rest.slice(0, 4)).toEqual(['#!/bin/bash', 'echo hi', '401', '56']);
  expect(['52', '56']).toContain(rest[4]); // an empty reply, or a reset connection
});
