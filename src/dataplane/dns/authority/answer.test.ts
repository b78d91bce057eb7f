/** What a zone answers: RFC 1034 section 4.3.2 by the table. */
import { beforeAll, describe, expect, test } from 'vitest';
import { query } from '#dataplane/dns/codec/message.fixture.ts';
import type { Responder } from '#dataplane/dns/authority/responder.ts';
import {
  apexLines,
  ask,
  hostedZone,
  namesOf,
  nothing,
  putZone,
  replyTo,
  responderOf,
  simple,
  zoneName,
} from '#dataplane/dns/authority/zones.fixture.ts';
import { ZoneIndex } from '#dataplane/dns/authority/zone-index.ts';
import { Zones } from '#dataplane/dns/authority/zones.ts';

const zones = new Zones();
let set: Responder;
const servers = 'example.com NS ns-1.awsdns-01.com, example.com NS ns-2.awsdns-02.net';
const soa = 'example.com SOA';

beforeAll(() => {
  set = responderOf({ index: zones.publicIndex, slot: 0 });
  putZone(zones, 'Z1', 'example.com', [
    'www A 10.0.0.1',
    'www AAAA 2001:db8::1',
    'two A 10.0.0.2',
    'two A 10.0.0.3',
    'a.deep.tree A 10.0.0.4',
    'mail MX 10 mx1.example.com.',
    'mail MX 20 mx.example.net.',
    'mx1 A 10.0.0.5',
    'alias CNAME www.example.com.',
    'chain CNAME alias.example.com.',
    'out CNAME www.example.net.',
    'broken CNAME nothing.example.com.',
    'half CNAME tree.example.com.',
    'loop CNAME pool.example.com.',
    'pool CNAME loop.example.com.',
    'into CNAME host.sub.example.com.',
    '*.wild A 10.0.1.1',
    '*.wild TXT "any"',
    'there.wild A 10.0.1.2',
    'x.below.wild A 10.0.1.3',
    '*.names CNAME www.example.com.',
    'sub NS ns.sub.example.com.',
    'sub NS ns.example.net.',
    'ns.sub A 10.0.2.1',
    'sub DS 1 8 2 00',
    'text TXT "one two" "three"',
    'spf SPF "v=spf1 -all"',
    'caa CAA 0 issue "amazon.com"',
    '_sip._tcp SRV 1 2 5060 www.example.com.',
    'svc HTTPS 0 www.example.com.',
    'b SVCB 0 c.example.com.',
    'c SVCB 1 . alpn=h2',
    'c A 10.0.5.1',
    'p PTR www.example.com.',
    '*.a.star A 10.0.3.1',
  ]);
  zones.take({ ...nothing, names: [zoneName('Z1', String.raw`od\144\056ity.example.com`, [simple('A', '10.0.4.1')])] });
  putZone(zones, 'Z2', 'deep.example.net', ['www A 10.1.0.1']);
  zones.take({ ...nothing, zones: [hostedZone('Z3', 'empty.org')] });
  putZone(zones, 'Z4', 'other.org', ['www A 10.1.0.2'], { serverSet: 1 });
});

const address = 'www.example.com A 10.0.0.1';

describe('asked', () => {
  test.each([
    ['www.example.com', `NOERROR aa | ${address} | ${servers}`],
    ['WWW.Example.COM', `NOERROR aa | ${address} | ${servers}`],
    ['www.example.com AAAA', `NOERROR aa | www.example.com AAAA 2001:db8::1 | ${servers}`],
    ['www.example.com MX', `NOERROR aa |  | ${soa}`],
    ['www.example.com ANY', `NOERROR aa | ${address}, www.example.com AAAA 2001:db8::1 | ${servers}`],
    ['nothing.example.com', `NXDOMAIN aa |  | ${soa}`],
    ['below.www.example.com', `NXDOMAIN aa |  | ${soa}`],
    ['example.com NS', `NOERROR aa | ${servers}`],
    ['example.com SOA', `NOERROR aa | example.com SOA | ${servers}`],
    ['example.com', `NOERROR aa |  | ${soa}`],
    ['example.com DS', `NOERROR aa |  | ${soa}`],
    ['example.com ANY', `NOERROR aa | example.com SOA, ${servers}`],
    // Names that are there for those below them.
    ['tree.example.com', `NOERROR aa |  | ${soa}`],
    ['deep.tree.example.com ANY', `NOERROR aa |  | ${soa}`],
    ['b.deep.tree.example.com', `NXDOMAIN aa |  | ${soa}`],
    // Hosts that records name come along.
    [
      'mail.example.com MX',
      `NOERROR aa | mail.example.com MX 10 mx1.example.com, mail.example.com MX 20 mx.example.net | ${servers} | mx1.example.com A 10.0.0.5`,
    ],
    [
      '_sip._tcp.example.com SRV',
      `NOERROR aa | _sip._tcp.example.com SRV www.example.com | ${servers} | ${address}, www.example.com AAAA 2001:db8::1`,
    ],
    [
      'svc.example.com HTTPS',
      `NOERROR aa | svc.example.com HTTPS 000003777777076578616d706c6503636f6d00 | ${servers} | ${address}, www.example.com AAAA 2001:db8::1`,
    ],
    [
      'b.example.com SVCB',
      `NOERROR aa | b.example.com SVCB 00000163076578616d706c6503636f6d00 | ${servers} | c.example.com SVCB 00010000010003026832, c.example.com A 10.0.5.1`,
    ],
    ['c.example.com SVCB', `NOERROR aa | c.example.com SVCB 00010000010003026832 | ${servers} | c.example.com A 10.0.5.1`],
    // CNAMEs.
    ['alias.example.com', `NOERROR aa | alias.example.com CNAME www.example.com, ${address} | ${servers}`],
    ['alias.example.com CNAME', `NOERROR aa | alias.example.com CNAME www.example.com | ${servers}`],
    ['alias.example.com ANY', `NOERROR aa | alias.example.com CNAME www.example.com | ${servers}`],
    ['alias.example.com TXT', `NOERROR aa | alias.example.com CNAME www.example.com | ${soa}`],
    [
      'chain.example.com',
      `NOERROR aa | chain.example.com CNAME alias.example.com, alias.example.com CNAME www.example.com, ${address} | ${servers}`,
    ],
    ['out.example.com', `NOERROR aa | out.example.com CNAME www.example.net | ${servers}`],
    ['broken.example.com', `NXDOMAIN aa | broken.example.com CNAME nothing.example.com | ${soa}`],
    ['half.example.com', `NOERROR aa | half.example.com CNAME tree.example.com | ${soa}`],
    ['loop.example.com', 'SERVFAIL'],
    [
      'into.example.com',
      `NOERROR aa | into.example.com CNAME host.sub.example.com | sub.example.com NS ns.sub.example.com, sub.example.com NS ns.example.net | ns.sub.example.com A 10.0.2.1`,
    ],
    // Wildcards: RFC 4592 section 2.2.1.
    ['x.wild.example.com', `NOERROR aa | x.wild.example.com A 10.0.1.1 | ${servers}`],
    ['x.y.wild.example.com TXT', `NOERROR aa | x.y.wild.example.com TXT any | ${servers}`],
    ['x.wild.example.com MX', `NOERROR aa |  | ${soa}`],
    ['*.wild.example.com', `NOERROR aa | *.wild.example.com A 10.0.1.1 | ${servers}`],
    ['there.wild.example.com', `NOERROR aa | there.wild.example.com A 10.0.1.2 | ${servers}`],
    ['there.wild.example.com TXT', `NOERROR aa |  | ${soa}`],
    ['x.there.wild.example.com', `NXDOMAIN aa |  | ${soa}`],
    ['below.wild.example.com', `NOERROR aa |  | ${soa}`],
    ['y.below.wild.example.com', `NXDOMAIN aa |  | ${soa}`],
    ['wild.example.com', `NOERROR aa |  | ${soa}`],
    ['x.names.example.com', `NOERROR aa | x.names.example.com CNAME www.example.com, ${address} | ${servers}`],
    ['star.example.com', `NOERROR aa |  | ${soa}`],
    ['b.star.example.com', `NXDOMAIN aa |  | ${soa}`],
    // Delegations.
    [
      'host.sub.example.com',
      'NOERROR |  | sub.example.com NS ns.sub.example.com, sub.example.com NS ns.example.net | ns.sub.example.com A 10.0.2.1',
    ],
    [
      'sub.example.com NS',
      'NOERROR |  | sub.example.com NS ns.sub.example.com, sub.example.com NS ns.example.net | ns.sub.example.com A 10.0.2.1',
    ],
    [
      'ns.sub.example.com',
      'NOERROR |  | sub.example.com NS ns.sub.example.com, sub.example.com NS ns.example.net | ns.sub.example.com A 10.0.2.1',
    ],
    ['sub.example.com DS', `NOERROR aa | sub.example.com DS 0001080200 | ${servers}`],
    [
      'host.sub.example.com DS',
      'NOERROR |  | sub.example.com NS ns.sub.example.com, sub.example.com NS ns.example.net | ns.sub.example.com A 10.0.2.1',
    ],
    // Types.
    ['text.example.com TXT', `NOERROR aa | text.example.com TXT one two three | ${servers}`],
    ['spf.example.com SPF', `NOERROR aa | spf.example.com SPF 0b763d73706631202d616c6c | ${servers}`],
    ['caa.example.com CAA', `NOERROR aa | caa.example.com CAA 00056973737565616d617a6f6e2e636f6d | ${servers}`],
    ['p.example.com PTR', `NOERROR aa | p.example.com PTR www.example.com | ${servers}`],
    ['www.example.com 65280', `NOERROR aa |  | ${soa}`],
    [String.raw`odd\.ity.example.com`, String.raw`NOERROR aa | odd\.ity.example.com A 10.0.4.1 | ${servers}`],
    ['odd.ity.example.com', `NXDOMAIN aa |  | ${soa}`],
    // Zones.
    [
      'www.deep.example.net',
      'NOERROR aa | www.deep.example.net A 10.1.0.1 | deep.example.net NS ns-1.awsdns-01.com, deep.example.net NS ns-2.awsdns-02.net',
    ],
    ['example.net', 'REFUSED'],
    ['com', 'REFUSED'],
    ['. NS', 'REFUSED'],
    ['www.other.org', 'REFUSED'],
    ['www.empty.org', 'SERVFAIL'],
    ['example.com AXFR', 'REFUSED'],
    ['example.com IXFR', 'REFUSED'],
    ['example.com OPT', 'REFUSED'],
  ])('%s', (question, expected) => {
    expect(ask(set, question)).toBe(expected);
  });

  test('by the order that chance gives, a set is whole', () => {
    const random = (value: number) => responderOf({ index: zones.publicIndex, slot: 0 }, { random: () => value });
    expect(ask(random(0), 'two.example.com')).toContain('two.example.com A 10.0.0.3, two.example.com A 10.0.0.2');
    expect(ask(random(0.9), 'two.example.com')).toContain('two.example.com A 10.0.0.2, two.example.com A 10.0.0.3');
  });
});

describe('DS between two zones of one server', () => {
  const both = new Zones();
  putZone(both, 'P', 'example.com', ['sub NS ns-3.awsdns-03.org.', 'sub DS 1 8 2 00']);
  putZone(both, 'C', 'sub.example.com', ['www A 10.2.0.1']);
  const server = responderOf({ index: both.publicIndex, slot: 0 });
  test('is the upper one’s', () => {
    expect(ask(server, 'sub.example.com DS')).toMatch(/^NOERROR aa \| sub\.example\.com DS 0001080200 \| example\.com NS/);
    expect(ask(server, 'sub.example.com NS')).toMatch(/^NOERROR aa \| sub\.example\.com NS ns-1/);
    expect(ask(server, 'www.sub.example.com')).toMatch(/^NOERROR aa \| www/);
  });
});

test('a name that only has the hash of one in the zone is refused', () => {
  const all = new Zones();
  putZone(all, 'Z', 'example.com', ['www A 10.0.0.1']);
  const index = new ZoneIndex();
  index.find = () => true; // as if the hashes were equal
  index.found = all.zone('Z');
  expect(ask(responderOf({ index, slot: 0 }), 'www.example.net')).toBe('REFUSED');
});

test('what is not there is remembered as long as the shorter of two times', () => {
  const one = new Zones();
  one.take({ ...nothing, zones: [hostedZone('Z', 'example.com')], names: namesOf('Z', 'example.com', apexLines.map((text) => text.replace('86400', '60'))) }); // prettier-ignore
  const other = new Zones();
  putZone(other, 'Z', 'example.com', []);
  const ttl = (all: Zones) => replyTo(responderOf({ index: all.publicIndex, slot: 0 }), query('x.example.com', 1))?.authorities[0]?.ttl;
  expect([ttl(one), ttl(other)]).toEqual([60, 300]);
});
