/** Names of the internet from the root down, and private zones in networks. */
import { describe, expect, test } from 'vitest';
import { nameServerSet, registryServer, rootServer } from '#model/name-servers.ts';
import { regionPlaces } from '#model/places.ts';
import type { DelegatedServer } from '#model/registered-domain.ts';
import { ip, line, question } from '#dataplane/dns/world.fixture.ts';
import { privateSource } from '#dataplane/dns/authority/private-source.ts';
import { publicNames } from '#dataplane/dns/authority/public-names.ts';
import { ask, nothing, plainSeams, putZone, responderOf, zoneName } from '#dataplane/dns/authority/zones.fixture.ts';
import { Zones } from '#dataplane/dns/authority/zones.ts';

const serversOf = (set: number): DelegatedServer[] => nameServerSet(set).map(({ name }) => ({ name, addresses: [] }));
const [server] = nameServerSet(1);

function world(): Zones {
  const zones = new Zones();
  const domain = (id: string, nameServers: readonly DelegatedServer[]) => ({ kind: 'registeredDomain' as const, id, nameServers });
  zones.take({
    ...nothing,
    domains: [
      domain('example.com', serversOf(1)),
      domain('shop.co.uk', serversOf(2)),
      domain('away.org', [
        { name: 'ns1.away.org', addresses: ['203.0.113.1', '2001:db8:1::1'] },
        { name: 'ns.elsewhere.net', addresses: [] },
      ]),
      domain('lame.net', serversOf(6)),
      domain('new.museum', serversOf(1)),
      domain('empty.com', []),
      domain(server?.name.split('.').slice(1).join('.') ?? '', serversOf(7)),
    ],
  });
  putZone(zones, 'right', 'example.com', ['www A 10.0.0.1', 'out CNAME www.shop.co.uk.', ...delegated('sub', 3), 'gone NS ns.away.org.', 'gone NS ns.gone.example.com.', 'ns.gone A 203.0.113.7'], { serverSet: 1 }); // prettier-ignore
  putZone(zones, 'wrong', 'example.com', ['www A 10.6.6.6'], { serverSet: 0 });
  putZone(zones, 'sub', 'sub.example.com', ['www A 10.0.0.3'], { serverSet: 3 });
  putZone(zones, 'other', 'hidden.example.com', ['www A 10.6.6.7'], { serverSet: 4 });
  putZone(zones, 'uk', 'shop.co.uk', ['www A 10.0.0.2'], { serverSet: 2 });
  putZone(zones, 'museum', 'new.museum', ['www A 10.0.0.4'], { serverSet: 1 });
  return zones;
}

function delegated(label: string, set: number): string[] {
  return nameServerSet(set).map(({ name }) => `${label} NS ${name}.`);
}

describe('the root and the registries', () => {
  const zones = world();
  const root = responderOf(zones.registry.rootView);
  const registry = responderOf(zones.registry.view);
  const glue = `${registryServer.name} A ${registryServer.ipv4}, ${registryServer.name} AAAA ${registryServer.ipv6}`;
  const [zone = ''] = [server?.name.slice(server.name.indexOf('.') + 1)];

  test.each([
    [
      '. NS',
      `NOERROR aa | . NS ${rootServer.name} |  | ${rootServer.name} A ${rootServer.ipv4}, ${rootServer.name} AAAA ${rootServer.ipv6}`,
    ],
    ['www.example.com', `NOERROR |  | com NS ${registryServer.name} | ${glue}`],
    ['www.shop.co.uk', `NOERROR |  | uk NS ${registryServer.name} | ${glue}`],
    ['new.museum', `NOERROR |  | museum NS ${registryServer.name} | ${glue}`],
    ['1.18.198.in-addr.arpa PTR', `NOERROR |  | arpa NS ${registryServer.name} | ${glue}`],
    ['www.example.nothing', 'NXDOMAIN aa |  | . SOA'],
  ])('the root: %s', (text, expected) => {
    expect(ask(root, text)).toBe(expected);
  });

  const four = (domain: string, set: number) =>
    nameServerSet(set)
      .map(({ name }) => `${domain} NS ${name}`)
      .join(', ');
  const addresses = (set: number) =>
    nameServerSet(set)
      .flatMap(({ name, ipv4, ipv6 }) => [`${name} A ${ipv4}`, `${name} AAAA ${ipv6}`])
      .join(', ');
  test.each([
    ['www.example.com', `NOERROR |  | ${four('example.com', 1)} | ${addresses(1)}`],
    ['www.shop.co.uk', `NOERROR |  | ${four('shop.co.uk', 2)} | ${addresses(2)}`],
    [
      'away.org',
      'NOERROR |  | away.org NS ns1.away.org, away.org NS ns.elsewhere.net | ns1.away.org A 203.0.113.1, ns1.away.org AAAA 2001:db8:1::1',
    ],
    ['www.nobody.com', 'NXDOMAIN aa |  | com SOA'],
    ['empty.com', 'NXDOMAIN aa |  | com SOA'],
    ['example.com DS', 'NOERROR aa |  | com SOA'],
    ['co.uk NS', `NOERROR aa | co.uk NS ${registryServer.name}`],
    [`${server?.name}`, `NOERROR aa | ${server?.name} A ${server?.ipv4} | ${zone} NS ${registryServer.name}`],
    [`${rootServer.name} AAAA`, `NOERROR aa | ${rootServer.name} AAAA ${rootServer.ipv6} | root-servers.net NS ${registryServer.name}`],
    ['1.18.198.in-addr.arpa PTR', 'NXDOMAIN aa |  | in-addr.arpa SOA'],
    ['example.nothing', 'REFUSED'],
  ])('the registries: %s', (text, expected) => {
    expect(ask(registry, text).replace(/( \| a\.gtld-servers\.net A.*)$/, '')).toBe(expected);
  });

  test('follow what is registered', () => {
    const own = world();
    const asked = (): string => ask(responderOf(own.registry.view), 'away.org');
    own.take({ ...nothing, domains: [{ kind: 'registeredDomain', id: 'away.org', nameServers: serversOf(5) }] });
    expect(asked()).toBe(`NOERROR |  | ${four('away.org', 5)} | ${addresses(5)}`);
    own.take({ ...nothing, goneDomains: ['away.org'] });
    expect(asked()).toBe('NXDOMAIN aa |  | org SOA');
    expect(ask(responderOf(own.registry.view), 'ns1.away.org')).toBe('NXDOMAIN aa |  | org SOA');
  });
});

describe('publicly', () => {
  const answer = publicNames(world(), plainSeams);
  const said = (text: string): string => {
    const found = answer(question(text), { source: ip('192.0.2.1') });
    if (found.kind === 'answer') return line(found.answer);
    return `${found.zone}: ${found.servers.map(({ name, addresses }) => [name, ...addresses].join(' ')).join(', ')}`;
  };
  test.each([
    ['www.example.com', '10.0.0.1'],
    ['nothing.example.com', 'NXDOMAIN example.com'],
    ['example.com MX', 'NODATA example.com'],
    ['www.sub.example.com', '10.0.0.3'],
    ['www.hidden.example.com', 'NXDOMAIN example.com'],
    ['out.example.com', 'www.shop.co.uk'],
    ['www.shop.co.uk', '10.0.0.2'],
    ['www.new.museum', '10.0.0.4'],
    ['x.gone.example.com', 'gone.example.com: ns.away.org, ns.gone.example.com 203.0.113.7'],
    ['away.org', 'away.org: ns1.away.org 203.0.113.1 2001:db8:1::1, ns.elsewhere.net'],
    ['www.lame.net', 'SERVFAIL'],
    ['www.nobody.com', 'NXDOMAIN com'],
    ['empty.com', 'NXDOMAIN com'],
    ['www.nobody.nothing', 'NXDOMAIN .'],
    ['com NS', registryServer.name],
    ['. NS', rootServer.name],
    [server?.name ?? '', server?.ipv4],
  ])('%s', (text, expected) => {
    expect(said(text)).toBe(expected);
  });
  test('by where the asker is', () => {
    const zones = world();
    const sets = ['us-east-1', 'eu-west-1'].map((region, at) => ({
      type: 'A' as const,
      ttl: 60,
      values: [`10.9.0.${at}`],
      routing: { policy: 'latency' as const, region },
      setIdentifier: region,
    }));
    zones.take({ ...nothing, names: [zoneName('right', 'near.example.com', sets)] });
    const near = publicNames(zones, { ...plainSeams, locate: () => regionPlaces.get('eu-west-2') });
    const from = (region?: string) =>
      near(question('near.example.com'), { source: ip('192.0.2.1'), place: region === undefined ? undefined : regionPlaces.get(region) });
    expect([from(), from('us-west-2')].map((found) => found.kind === 'answer' && line(found.answer))).toEqual(['10.9.0.1', '10.9.0.0']);
  });
});

describe('privately', () => {
  const zones = world();
  putZone(zones, 'P1', 'example.com', ['www A 10.1.0.1', 'sub NS ns.example.org.', 'x.sub A 10.1.0.3', 'out CNAME www.example.org.'], {
    isPrivate: true,
    networkIds: ['vpc-1', 'vpc-2'],
  });
  putZone(zones, 'P2', 'deep.example.com', ['www A 10.1.0.2'], { isPrivate: true, networkIds: ['vpc-1'] });
  const regions = ['us-east-1', 'eu-west-1'].map((region, at) => ({
    type: 'A' as const,
    ttl: 60,
    values: [`10.9.0.${at}`],
    routing: { policy: 'latency' as const, region },
    setIdentifier: region,
  }));
  zones.take({ ...nothing, names: [zoneName('P1', 'near.example.com', regions)] });
  const source = privateSource(zones, { ...plainSeams, placeOf: (id) => regionPlaces.get(id === 'vpc-1' ? 'eu-west-1' : 'us-east-1') });
  const said = (networkId: string | undefined, text: string): string =>
    line(source.lookup(question(text), { networkId, source: ip('10.0.0.9') }));

  test.each([
    ['vpc-1', 'www.example.com', '10.1.0.1'],
    ['vpc-1', 'www.deep.example.com', '10.1.0.2'],
    ['vpc-2', 'www.deep.example.com', 'NXDOMAIN example.com'],
    ['vpc-1', 'nothing.deep.example.com', 'NXDOMAIN deep.example.com'],
    ['vpc-1', 'www.example.com MX', 'NODATA example.com'],
    ['vpc-1', 'out.example.com', 'www.example.org'],
    ['vpc-1', 'x.sub.example.com', '10.1.0.3'],
    ['vpc-1', 'near.example.com', '10.9.0.1'],
    ['vpc-2', 'near.example.com', '10.9.0.0'],
    ['vpc-1', 'www.shop.co.uk', '-'],
    ['vpc-3', 'www.example.com', '-'],
    [undefined, 'www.example.com', '-'],
  ])('%s: %s', (networkId, text, expected) => {
    expect(said(networkId, text)).toBe(expected);
  });

  test('until the network is no longer associated', () => {
    zones.take({ ...nothing, zones: [{ ...(zones.zone('P2')?.about ?? expect.fail()), networkIds: ['vpc-2'] }] });
    expect([said('vpc-1', 'www.deep.example.com'), said('vpc-2', 'www.deep.example.com')]).toEqual(['NXDOMAIN example.com', '10.1.0.2']);
    zones.take({ ...nothing, goneZones: ['P1', 'P2'] });
    expect(said('vpc-2', 'www.example.com')).toBe('-');
  });
  test('and the internet does not see it', () => {
    expect(ask(responderOf({ index: zones.publicIndex, slot: 1 }), 'www.example.com')).toContain('10.0.0.1');
  });
});
