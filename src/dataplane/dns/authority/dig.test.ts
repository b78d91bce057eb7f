/** The whole server on real sockets, asked as users ask: `dig` over UDP and TCP, many at once, and clients that mean no good. */
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nameServerSet } from '#model/name-servers.ts';
import { query } from '#dataplane/dns/codec/message.fixture.ts';
import { readMessage } from '#dataplane/dns/codec/read-message.ts';
import { addressData, found } from '#dataplane/dns/name-source.ts';
import { messageReader } from '#dataplane/dns/tcp-connection.ts';
import { ip } from '#dataplane/dns/world.fixture.ts';
import { openAuthorityServer, type AuthorityServer, type Role } from '#dataplane/dns/authority/server.ts';
import { nothing, plainSeams, putZone, told } from '#dataplane/dns/authority/zones.fixture.ts';
import { Zones } from '#dataplane/dns/authority/zones.ts';

const run = promisify(execFile);
const zones = new Zones();
const errors: unknown[] = [];
const roles: readonly Role[] = [{ kind: 'set', set: 1 }, { kind: 'root' }, { kind: 'registry' }, { kind: 'any' }];
let server: AuthorityServer;

beforeAll(async () => {
  putZone(zones, 'Z', 'example.com', ['www A 10.0.0.1', 'www AAAA 2001:db8::1', '*.w TXT "wild"', ...Array.from({ length: 400 }, (_, at) => `many A 10.1.${at >> 8}.${at & 255}`)], { serverSet: 1 }); // prettier-ignore
  const nameServers = nameServerSet(1).map(({ name }) => ({ name, addresses: [] }));
  zones.take({ ...nothing, domains: [{ kind: 'registeredDomain', id: 'example.com', nameServers }] });
  server = await openAuthorityServer({
    ...plainSeams,
    zones,
    listeners: [
      ...roles.map((role) => ({ address: '127.0.0.1', port: 0, role })),
      { address: '::1', port: 0, role: { kind: 'set', set: 1 } },
    ],
    fallback: (question) => {
      if (question.name === 'throws.net') throw new Error('thrown');
      if (question.name === 'rejects.net') return Promise.reject(new Error('rejected'));
      return found(question, [addressData(ip('203.0.113.5'))], '');
    },
    onError: (error) => errors.push(error),
  });
});
afterAll(async () => server.close());

async function dig(kind: Role['kind'] | '::1', ...args: readonly string[]): Promise<string> {
  const listener = server.listeners.find(({ role, address }) => (kind === '::1' ? address === kind : role.kind === kind));
  const { stdout } = await run('dig', [`@${listener?.address}`, '-p', `${listener?.port}`, '+time=3', '+tries=1', ...args]);
  return stdout;
}

describe('dig', () => {
  test.each([
    ['UDP', 'set', ['www.example.com'], /flags: qr aa rd;[\s\S]*www\.example\.com\.\s+300\s+IN\s+A\s+10\.0\.0\.1/],
    ['no recursion', 'set', ['www.example.com'], /recursion requested but not available/],
    ['TCP', 'set', ['+tcp', 'www.example.com', 'AAAA'], /2001:db8::1/],
    ['IPv6', '::1', ['www.example.com'], /10\.0\.0\.1/],
    ['without EDNS', 'set', ['+noedns', 'www.example.com'], /10\.0\.0\.1/],
    ['a cookie, and flags of tomorrow', 'set', ['+cookie', '+ednsflags=0x7fff', 'www.example.com'], /10\.0\.0\.1/],
    ['another version of EDNS', 'set', ['+edns=1', '+noednsneg', 'www.example.com'], /BADVERS/],
    ['a subnet', 'set', ['+subnet=203.0.113.0/24', 'www.example.com'], /CLIENT-SUBNET: 203\.0\.113\.0\/24\/0/],
    ['a wildcard', 'set', ['a.b.w.example.com', 'TXT'], /a\.b\.w\.example\.com\.\s+300\s+IN\s+TXT\s+"wild"/],
    ['nothing', 'set', ['x.example.com'], /NXDOMAIN[\s\S]*example\.com\.\s+300\s+IN\s+SOA/],
    ['no zone', 'set', ['www.example.org'], /REFUSED[\s\S]*EDE: 20/],
    ['too long, so over TCP', 'set', ['many.example.com'], /Truncated, retrying in TCP mode[\s\S]*ANSWER: 400/],
    [
      'several over one connection',
      'set',
      ['+tcp', '+keepopen', 'www.example.com', 'www.example.com', 'AAAA'],
      /10\.0\.0\.1[\s\S]*2001:db8::1/,
    ],
    ['a zone transfer', 'set', ['+tcp', 'example.com', 'AXFR'], /Transfer failed/],
    ['an incremental one', 'set', ['+tcp', 'example.com', 'IXFR=1'], /Transfer failed/],
    ['the version', 'set', ['version.bind', 'CH', 'TXT'], /REFUSED/],
    ['the root', 'root', ['www.example.com'], /com\.\s+300\s+IN\s+NS\s+a\.gtld-servers\.net\.[\s\S]*198\.18\.0\.5/],
    ['a registry', 'registry', ['www.example.com'], /example\.com\.\s+300\s+IN\s+NS\s+ns-96\.awsdns-12\.com\.[\s\S]*198\.18\.0\.132/],
    ['all zones at once', 'any', ['www.example.com'], /flags: qr aa rd ra;[\s\S]*10\.0\.0\.1/],
    ['others’ names', 'any', ['www.example.org'], /flags: qr rd ra;[\s\S]*203\.0\.113\.5/],
    ['others’ names over TCP', 'any', ['+tcp', 'www.example.org'], /203\.0\.113\.5/],
    ['who throws', 'any', ['throws.net'], /SERVFAIL/],
    ['who rejects', 'any', ['+tcp', 'rejects.net'], /SERVFAIL/],
  ] as const)('%s', async (_, kind, args, expected) => {
    expect(await dig(kind, ...args)).toMatch(expected);
  });
  test('what others threw was told', () => {
    expect(errors.map(String).sort()).toEqual(['Error: rejected', 'Error: thrown']);
  });
});

test('a hundred questions at once over one connection, in any pieces', async () => {
  const port = server.listeners[0]?.port ?? 0;
  const socket = connect({ host: '127.0.0.1', port });
  const replies: string[] = [];
  const all = new Promise<void>((resolve) => {
    const feed = messageReader((bytes) => {
      const message = readMessage(bytes);
      replies.push(message ? told(message) : '');
      if (replies.length === 100) resolve();
    });
    socket.on('data', feed);
  });
  const framed = (message: Buffer): Buffer => Buffer.concat([Buffer.of(message.length >>> 8, message.length & 255), message]);
  const bytes = Buffer.concat(Array.from({ length: 100 }, (_, at) => framed(query(at % 2 ? 'www.example.com' : 'x.example.com', 1))));
  for (let at = 0; at < bytes.length; at += 777) socket.write(bytes.subarray(at, at + 777));
  await all;
  socket.destroy();
  expect(replies.filter((text) => text.includes('10.0.0.1'))).toHaveLength(50);
  expect(replies.filter((text) => text.startsWith('NXDOMAIN'))).toHaveLength(50);
});

test('each datagram’s reply is its own, however many come at once', async () => {
  const socket = createSocket('udp4');
  const port = server.listeners[0]?.port ?? 0;
  const left = new Map(Array.from({ length: 300 }, (_, id) => [id, id % 2 ? 'www.example.com' : `a-${id}.w.example.com`]));
  const done = new Promise<void>((resolve) => {
    socket.on('message', (bytes) => {
      const message = readMessage(bytes);
      if (message && left.get(message.id) === message.questions[0]?.name) left.delete(message.id);
      if (left.size === 0) resolve();
    });
  });
  socket.send(Buffer.from('nonsense'), port, '127.0.0.1');
  for (const [id, name] of left) socket.send(query(name, id % 2 ? 1 : 16, { id }), port, '127.0.0.1');
  await done;
  socket.close();
  await once(socket, 'close');
});

test('processes share a port', async () => {
  const options = { ...plainSeams, zones, reusePort: true };
  const one = await openAuthorityServer({ ...options, listeners: [{ address: '127.0.0.1', port: 0, role: { kind: 'set', set: 1 } }] });
  const port = one.listeners[0]?.port ?? 0;
  const other = await openAuthorityServer({ ...options, listeners: [{ address: '127.0.0.1', port, role: { kind: 'set', set: 1 } }] });
  await one.close();
  const { stdout } = await run('dig', ['@127.0.0.1', '-p', `${port}`, '+time=3', '+short', 'www.example.com']);
  await other.close();
  expect(stdout).toBe('10.0.0.1\n');
});

test('an address that is taken is an error, and nothing stays open', async () => {
  const taken = server.listeners[0]?.port ?? 0;
  const listeners = [0, taken].map((port) => ({ address: '127.0.0.1', port, role: { kind: 'root' as const } }));
  await expect(openAuthorityServer({ ...plainSeams, zones, listeners })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
