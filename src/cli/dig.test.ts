/** `keiro dig` against real servers of names: what it asks, and what it prints. */
import { createSocket } from 'node:dgram';
import { createServer as createHttpServer } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { parseIp, parseIpv4 } from '#model/ip.ts';
import { createLocate } from '#dataplane/dns/geo/locate.ts';
import { RecordClass, type Message, type ResourceRecord } from '#dataplane/dns/codec/message.ts';
import { readMessage } from '#dataplane/dns/codec/read-message.ts';
import { writeMessage } from '#dataplane/dns/codec/write-message.ts';
import { openDnsServer } from '#dataplane/dns/server.ts';
import { dig, type DigOptions } from '#cli/dig.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const end of ends.splice(0)) await end();
});

async function said(name: string | undefined, type: string | undefined, options: DigOptions): Promise<string> {
  let text = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((piece) => {
    text += String(piece);
    return true;
  });
  try {
    await dig(name, type, options);
    return text;
  } finally {
    write.mockRestore();
  }
}

const a = (address: string, name = 'www.example.com'): ResourceRecord => ({
  name,
  class: RecordClass.IN,
  ttl: 60,
  data: { kind: 'A', address: parseIpv4(address) ?? expect.fail(address) },
});

/** A server that looks at the client's subnet, as an authoritative one does. @param answer told where the client is */
async function placedServer(answer: (query: Message, country: string | undefined) => Partial<Message> | undefined): Promise<string> {
  const locate = createLocate();
  const socket = createSocket('udp4');
  socket.on('message', (bytes, { port }) => {
    const query = readMessage(bytes) ?? expect.fail('no query');
    const subnet = query.edns?.options.find(({ code }) => code === 8)?.bytes;
    const country = subnet && locate(parseIp(`${subnet.subarray(4).join('.')}.0`) ?? expect.fail())?.country;
    const more = answer(query, country);
    if (more === undefined) return;
    const options = subnet ? [{ code: 8, bytes: Uint8Array.from([...subnet.subarray(0, 3), 24, ...subnet.subarray(4)]) }] : [];
    const reply: Message = {
      ...query,
      isResponse: true,
      authoritative: true,
      edns: { udpSize: 1232, version: 0, dnssecOk: false, options },
      ...more,
    };
    socket.send(writeMessage(reply), port);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  ends.push(() => socket.close());
  return `127.0.0.1:${socket.address().port}`;
}

describe('from a place', () => {
  const byCountry = () =>
    placedServer((_, country) => ({ answers: [a(country === 'JP' ? '198.18.1.1' : country === undefined ? '198.18.1.9' : '198.18.1.2')] }));

  test.each([
    ['JP', '198.18.1.1\n'],
    ['ap-northeast-3', '198.18.1.1\n'],
    ['Japan', '198.18.1.1\n'],
    ['US-CA', '198.18.1.2\n'],
    [undefined, '198.18.1.9\n'],
  ])('%s', async (from, expected) => {
    const server = await byCountry();
    expect(await said('www.example.com', undefined, { server, short: true, ...(from === undefined ? {} : { from }) })).toBe(expected);
  });

  test('all is said', async () => {
    const server = await byCountry();
    const text = await said('WWW.example.com.', 'a', { server, from: 'jp' });
    expect(text.replace(/id: \d+/, 'id: 7').replace(/time: \d+/, 'time: 0')).toBe(`; <<>> keiro dig <<>> WWW.example.com. a --from JP
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 7
;; flags: qr aa rd; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 1

;; OPT PSEUDOSECTION:
; EDNS: version: 0, flags:; udp: 1232
; CLIENT-SUBNET: 241.0.109.0/24/24

;; QUESTION SECTION:
;www.example.com.\t\tIN\tA

;; ANSWER SECTION:
www.example.com.\t60\tIN\tA\t198.18.1.1

;; Query time: 0 msec
;; SERVER: ${server.replace(':', '#')} (UDP)
;; ASKED FROM: Japan (JP, 241.0.109.1)
;; MSG SIZE  rcvd: 71
`);
  });

  test('in JSON', async () => {
    const server = await byCountry();
    expect(JSON.parse(await said('www.example.com', 'A', { server, from: 'EU', json: true }))).toMatchObject({
      question: { name: 'www.example.com.', class: 'IN', type: 'A' },
      from: { code: 'EU', name: 'Europe' },
      status: 'NOERROR',
      flags: ['qr', 'aa', 'rd'],
      answers: [{ name: 'www.example.com.', ttl: 60, class: 'IN', type: 'A', data: '198.18.1.9' }],
      server: { address: '127.0.0.1', transport: 'UDP' },
    });
  });

  test('nobody knows', async () => {
    const wrong = said('x.test', 'A', { server: '127.0.0.1:5353', from: 'Atlantis' });
    await expect(wrong).rejects.toThrow(
      /nobody knows where 'Atlantis' is\. Known are\n {2}Regions: us-east-1, .*\n {2}countries: AD, .*\n {2}subdivisions: UA-05.*\n {2}continents: Africa, AN, Asia, EU, /,
    );
  });

  test('--places lists them', async () => {
    const lines = (await said(undefined, undefined, { places: true })).trim().split('\n');
    expect(lines).toContainEqual(expect.stringMatching(/^JP +241\.0\.109\.1 +Japan$/));
    expect(lines).toContainEqual(expect.stringMatching(/^us-west-2 +242\.0\.3\.1 +Oregon, United States$/));
    expect(lines.length).toBeGreaterThan(350);
  });
});

describe('a server', () => {
  test('whose answer does not fit is asked over TCP', async () => {
    const records = Array.from({ length: 120 }, (_, index) => a(`198.18.2.${index}`));
    const answer = () => Promise.resolve({ rcode: 0, records, authority: [], authoritative: true });
    const server = await openDnsServer({ address: '127.0.0.1', port: 0, answer });
    ends.push(() => server.close());
    const text = await said('www.example.com', 'A', { server: `127.0.0.1:${server.port}` });
    expect(text).toMatch(/^;; flags: qr aa rd ra; QUERY: 1, ANSWER: 120,/m);
    expect(text).toMatch(/^;; SERVER: .* \(TCP\)$/m);
  });

  test('that loses questions is asked again, and answers of others are not taken', async () => {
    let times = 0;
    const server = await placedServer((query) => {
      if (++times === 1) return { id: query.id ^ 1, answers: [a('203.0.113.6')] };
      return { answers: [a('198.18.1.1')] };
    });
    expect(await said('www.example.com', 'A', { server, short: true })).toBe('198.18.1.1\n');
    expect(times).toBe(2);
  }, 10_000);

  test('says NXDOMAIN, with its authority', async () => {
    const soa: ResourceRecord = {
      name: 'example.com',
      class: 1,
      ttl: 900,
      data: { kind: 'SOA', primary: 'ns.x', mailbox: 'me.x', serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5 },
    };
    const server = await placedServer(() => ({ rcode: 3, authorities: [soa] }));
    const text = await said('no.example.com', 'TYPE65', { server });
    expect(text).toContain('status: NXDOMAIN');
    expect(text).toContain(';no.example.com.\t\tIN\tHTTPS');
    expect(text).toContain(';; AUTHORITY SECTION:\nexample.com.\t900\tIN\tSOA\tns.x. me.x. 1 2 3 4 5\n');
  });

  test('that is not there', async () => {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const { port } = socket.address();
    await new Promise<void>((resolve) => socket.close(() => resolve()));
    await expect(said('x.test', 'A', { server: `127.0.0.1:${port}` })).rejects.toThrow(`127.0.0.1#${port} cannot be asked (`);
  });

  test.each<[string | undefined, string, string]>([
    [undefined, 'A', 'which name?'],
    ['x.test', 'FOO', "'FOO' is no type of records"],
    [`${'a'.repeat(64)}.test`, 'A', 'is no name'],
    ['a..b', 'A', 'is no name'],
  ])('is not asked for %s %s', async (name, type, words) => {
    await expect(said(name, type, { server: '127.0.0.1:1' })).rejects.toThrow(words);
  });

  test.each(['localhost', 'dns.example.com:53', 'x'])('is not called %s', async (server) => {
    await expect(said('x.test', 'A', { server })).rejects.toThrow(/is no (server|end of a connection)/);
  });
});

describe('the running Keiro', () => {
  async function running(health: object): Promise<DigOptions> {
    const data = mkdtempSync(join(tmpdir(), 'keiro-dig-'));
    const http = createHttpServer((_, response) => response.end(JSON.stringify({ status: 'ok', version: '1', pid: 1, data, ...health })));
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const { port } = http.address() as { port: number }; // listens on TCP
    writeFileSync(join(data, 'server.json'), JSON.stringify({ pid: 1, host: '127.0.0.1', port }));
    ends.push(
      () => rmSync(data, { recursive: true }),
      () => http.close(),
      () => http.closeAllConnections(),
    );
    return { port };
  }

  test('is asked where its health says', async () => {
    const [address, port] = (await placedServer(() => ({ answers: [a('198.18.1.1')] }))).split(':');
    const dns = { dns: { address, port: Number(port) } };
    const options = await running(dns);
    expect(await said('www.example.com', 'A', { ...options, short: true })).toBe('198.18.1.1\n');
  });

  test('may answer for no names', async () => {
    await expect(said('x.test', 'A', await running({}))).rejects.toThrow(/answers for no names on this machine: start it with --dns/);
  });
});
