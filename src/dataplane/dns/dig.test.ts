/** What `dig` makes of the server: the names of a network and of the internet, asked as a user would. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createResolver } from '#dataplane/dns/resolver.ts';
import { openDnsServer, type DnsServer } from '#dataplane/dns/server.ts';
import { nameSources } from '#dataplane/dns/sources.ts';
import { host, nameService, world } from '#dataplane/dns/world.fixture.ts';

const run = promisify(execFile);
const servers = new Map<string, DnsServer>();

beforeAll(async () => {
  const { topology, services } = world();
  const addresses = Array.from({ length: 120 }, (_, at) => `10.0.2.${at + 1}`);
  for (const [at, address] of addresses.entries()) topology.put(host(`eni-many-${at}`, 'dublin', address));
  const hosts = [...(services.get('dublin')?.hosts ?? []), { name: 'many.eu-west-1.compute.internal', addresses }];
  services.set('dublin', nameService('dublin', 'eu-west-1', { hosts }));
  const resolve = createResolver(
    nameSources({ balancers: new Map(), topology, services, platform: { ipv4: '198.19.255.1', ipv6: 'fd00:ec2::1' } }),
  );
  for (const [name, networkId] of [
    ['dublin', 'dublin'],
    ['internet', undefined],
  ] as const) {
    const answer: Parameters<typeof openDnsServer>[0]['answer'] = (question, { source }) => resolve(question, { networkId, source });
    servers.set(name, await openDnsServer({ address: '127.0.0.1', port: 0, answer }));
  }
});
afterAll(async () => {
  for (const server of servers.values()) await server.close();
});

async function dig(where: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run('dig', ['@127.0.0.1', '-p', `${servers.get(where)?.port}`, '+time=3', '+tries=1', ...args]);
  return stdout;
}

const eu = 'eu-west-1.compute.internal';
const euPublic = 'eu-west-1.compute.amazonaws.com';

describe('+short', () => {
  test.each([
    ['dublin', [`ip-10-0-0-4.${eu}`], '10.0.0.4'],
    ['dublin', ['+tcp', `ip-10-0-0-4.${eu}`], '10.0.0.4'],
    ['dublin', ['+noedns', `ip-10-0-0-4.${eu}`], '10.0.0.4'],
    ['dublin', ['+bufsize=512', '+dnssec', `ip-10-0-0-4.${eu}`], '10.0.0.4'],
    ['dublin', [`i-1.${eu}`, 'AAAA'], '2001:db8::4'],
    ['dublin', [`ip-10-0-0-4.${eu}`, 'AAAA'], ''],
    ['dublin', ['-x', '10.0.0.4'], `ip-10-0-0-4.${eu}.`],
    ['dublin', ['-x', '2001:db8::4'], `i-1.${eu}.`],
    ['dublin', ['-x', '198.18.1.4'], `ec2-198-18-1-4.${euPublic}.`],
    ['dublin', [`ec2-198-18-1-4.${euPublic}`], '10.0.0.4'],
    ['internet', [`ec2-198-18-1-4.${euPublic}`], '198.18.1.4'],
    ['internet', ['-x', '198.18.1.4'], `ec2-198-18-1-4.${euPublic}.`],
    ['internet', ['ec2.eu-west-1.amazonaws.com', 'AAAA'], 'fd00:ec2::1'],
    ['dublin', [eu, 'SOA'], `ns0.${eu}. hostmaster.amazon.com. 1 3600 3600 3600 60`],
    ['dublin', ['instance-data.ec2.internal'], '169.254.169.254'],
  ])('%s %j → %s', async (where, args, expected) => {
    expect((await dig(where, '+short', ...args)).trim()).toBe(expected);
  });
});

describe('in full', () => {
  test('an answer, without a complaint', async () => {
    const text = await dig('dublin', `IP-10-0-0-4.${eu}`);
    expect(text).toMatch(/status: NOERROR/);
    expect(text).toMatch(/flags: qr rd ra; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 1/);
    expect(text).toMatch(/EDNS: version: 0, flags:; udp: 1232/);
    expect(text).toMatch(/^IP-10-0-0-4\.eu-west-1\.compute\.internal\.\s+60\s+IN\s+A\s+10\.0\.0\.4$/m); // in the case that was asked
    expect(text).not.toMatch(/WARNING|;; Warning|malformed|extra/i);
  });

  test.each([
    [
      'no such name',
      ['dublin', `nobody.${eu}`],
      /status: NXDOMAIN[\s\S]*AUTHORITY SECTION:\neu-west-1\.compute\.internal\.\s+60\s+IN\s+SOA\s+ns0/,
    ],
    ['no such type', ['dublin', `ip-10-0-0-4.${eu}`, 'MX'], /status: NOERROR[\s\S]*ANSWER: 0, AUTHORITY: 1/],
    ['another class', ['dublin', 'version.bind', 'TXT', 'CH'], /status: REFUSED/],
    ['a status query', ['dublin', '+opcode=status', 'a'], /opcode: STATUS, status: NOTIMP/],
    ['EDNS version 1', ['dublin', '+edns=1', '+noednsnegotiation', 'a'], /status: BADVERS/],
    ['without EDNS', ['dublin', '+noedns', `i-1.${eu}`], /ADDITIONAL: 0\n/],
    ['too long', ['dublin', '+ignore', '+noedns', `many.${eu}`], /flags: qr tc rd ra/],
    ['too long, so once more over TCP', ['dublin', '+bufsize=1232', `many.${eu}`], /Truncated, retrying in TCP mode[\s\S]*ANSWER: 120/],
    ['several over one connection', ['dublin', '+tcp', '+keepopen', `i-1.${eu}`, `ip-10-0-0-5.${eu}`], /10\.0\.0\.4[\s\S]*10\.0\.0\.5/],
    ['a zone transfer', ['dublin', '+tcp', eu, 'AXFR'], /Transfer failed/],
  ])('%s', async (_, [where = '', ...args], expected) => {
    expect(await dig(where, ...args)).toMatch(expected);
  });
});
