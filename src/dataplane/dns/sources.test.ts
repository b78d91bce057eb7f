/** Who is told what by which name: facts of the platform's sources, one a line. */
import { describe, expect, test } from 'vitest';
import { hostNames } from '#dataplane/dns/host-names.ts';
import { fixedNames, serviceNames } from '#dataplane/dns/platform-names.ts';
import { publicHostNames } from '#dataplane/dns/public-host-names.ts';
import { createResolver } from '#dataplane/dns/resolver.ts';
import { nameSources } from '#dataplane/dns/sources.ts';
import { host, ip, line, nameService, question, world } from '#dataplane/dns/world.fixture.ts';

const source = ip('10.0.0.9');
const platform = { ipv4: '198.19.255.1', ipv6: 'fd00:ec2::1' };
const eu = 'eu-west-1.compute.internal';
const euPublic = 'eu-west-1.compute.amazonaws.com';

describe('host names, asked in a network', () => {
  const { topology, services } = world();
  const names = hostNames(topology, services);

  test.each([
    ['dublin', `ip-10-0-0-4.${eu}`, '10.0.0.4'],
    ['dublin', `ip-10-0-0-5.${eu}`, '10.0.0.5'],
    ['dublin', `ip-10-0-0-5.${eu} AAAA`, `NODATA ${eu}`],
    ['dublin', `ip-10-0-0-5.${eu} ANY`, '10.0.0.5'],
    ['dublin', `ip-10-0-1-17.${eu}`, '10.0.1.17'], // in a delegated prefix
    ['dublin', `ip-10-0-0-2.${eu}`, '10.0.0.2'], // the resolver
    ['dublin', `ip-169-254-169-253.${eu}`, `NXDOMAIN ${eu}`],
    ['dublin', `ip-10-0-0-7.${eu}`, `NXDOMAIN ${eu}`], // the other network's
    ['dublin', `ip-10-0-0-04.${eu}`, `NXDOMAIN ${eu}`],
    ['dublin', `ip-10-0-0.${eu}`, `NXDOMAIN ${eu}`],
    ['dublin', `ip-10-0-0-4-1.${eu}`, `NXDOMAIN ${eu}`],
    ['dublin', `ip-10-0-0-256.${eu}`, `NXDOMAIN ${eu}`],
    ['dublin', `ip--10-0-0-4.${eu}`, `NXDOMAIN ${eu}`],
    ['dublin', `ip-10-0-0-4-.${eu}`, `NXDOMAIN ${eu}`],
    ['dublin', `ip-10.0.0.4.${eu}`, `NXDOMAIN ${eu}`],
    ['dublin', `a.ip-10-0-0-4.${eu}`, `NXDOMAIN ${eu}`],
    ['dublin', `whatever.${eu}`, `NXDOMAIN ${eu}`],
    ['dublin', eu, `NODATA ${eu}`],
    ['dublin', `${eu} SOA`, `SOA ns0.${eu}`],
    ['dublin', `${eu} NS`, `ns0.${eu}`],
    ['dublin', `x${eu}`, '-'],
    ['dublin', 'ip-10-0-0-4.ec2.internal', '-'],
    ['virginia', 'ip-10-0-0-7.ec2.internal', '10.0.0.7'],
    ['virginia', `ip-10-0-0-4.${eu}`, '-'],

    ['dublin', `i-1.${eu}`, '10.0.0.4'],
    ['dublin', `i-1.${eu} AAAA`, '2001:db8::4'],
    ['dublin', `i-1.${eu} TXT`, `NODATA ${eu}`],
    ['dublin', `i-2.${eu}`, `NXDOMAIN ${eu}`],

    ['dublin', '4.0.0.10.in-addr.arpa PTR', `ip-10-0-0-4.${eu}`],
    ['virginia', '7.0.0.10.in-addr.arpa PTR', 'ip-10-0-0-7.ec2.internal'],
    ['dublin', '2.0.0.10.in-addr.arpa PTR', `ip-10-0-0-2.${eu}`],
    ['dublin', '4.0.0.10.in-addr.arpa', 'NODATA 0.10.in-addr.arpa'],
    ['dublin', '7.0.0.10.in-addr.arpa PTR', 'NXDOMAIN 0.10.in-addr.arpa'],
    ['dublin', '0.0.10.in-addr.arpa PTR', 'NODATA 0.10.in-addr.arpa'],
    ['dublin', '10.in-addr.arpa SOA', 'SOA ns0.10.in-addr.arpa'],
    ['dublin', '4.0.16.10.in-addr.arpa PTR', '-'], // outside of its blocks
    ['dublin', '04.0.0.10.in-addr.arpa PTR', '-'],
    ['dublin', '4.0.0.0.10.in-addr.arpa PTR', '-'],
    ['dublin', 'in-addr.arpa PTR', '-'],
    ['dublin', `4.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa PTR`, `i-1.${eu}`],
    ['dublin', `5.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa PTR`, 'NXDOMAIN 0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa'],
    ['dublin', '8.b.d.0.1.0.0.2.ip6.arpa PTR', 'NODATA 8.b.d.0.1.0.0.2.ip6.arpa'],
    ['dublin', 'g.b.d.0.1.0.0.2.ip6.arpa PTR', '-'],

    ['dublin', `ec2-198-18-1-4.${euPublic}`, '10.0.0.4'],
    ['dublin', `ec2-198-18-1-4.${euPublic} AAAA`, `NODATA ${euPublic}`],
    ['virginia', `ec2-198-18-1-4.${euPublic}`, '198.18.1.4'],
    ['quiet', `ec2-198-18-1-4.${euPublic}`, '198.18.1.4'],
    ['dublin', 'ec2-198-18-2-7.compute-1.amazonaws.com', '198.18.2.7'],
    ['virginia', 'ec2-198-18-2-7.compute-1.amazonaws.com', '10.0.0.7'],
    ['dublin', `ec2-198-18-2-7.${euPublic}`, `NXDOMAIN ${euPublic}`], // not that Region's
    ['dublin', `ec2-198-18-3-4.${euPublic}`, `NXDOMAIN ${euPublic}`], // its network gives no names
    ['dublin', `ec2-198-18-9-9.${euPublic}`, `NXDOMAIN ${euPublic}`],
    ['dublin', euPublic, `NODATA ${euPublic}`],
    ['dublin', '4.1.18.198.in-addr.arpa PTR', `ec2-198-18-1-4.${euPublic}`],
    ['dublin', '7.2.18.198.in-addr.arpa PTR', 'ec2-198-18-2-7.compute-1.amazonaws.com'],
    ['dublin', '4.3.18.198.in-addr.arpa PTR', 'NXDOMAIN 3.18.198.in-addr.arpa'],
    ['dublin', '9.9.18.198.in-addr.arpa PTR', 'NXDOMAIN 9.18.198.in-addr.arpa'],
    ['dublin', '8.8.8.8.in-addr.arpa PTR', '-'],

    // Without host names the zones stay the network's, with nothing in them.
    ['quiet', `ip-10-9-0-4.${eu}`, `NXDOMAIN ${eu}`],
    ['quiet', `i-5.${eu}`, `NXDOMAIN ${eu}`],
    ['quiet', '4.0.9.10.in-addr.arpa PTR', 'NXDOMAIN 9.10.in-addr.arpa'],
    ['quiet', `${eu} SOA`, `SOA ns0.${eu}`],

    ['nowhere', `ip-10-0-0-4.${eu}`, '-'],
    [undefined, `ip-10-0-0-4.${eu}`, '-'],
  ])('%s: %s → %s', (networkId, asked, expected) => {
    expect(line(names.lookup(question(asked), { networkId, source }))).toBe(expected);
  });
});

describe('public host names, asked on the internet', () => {
  const { topology, services } = world();
  const names = publicHostNames(topology, services);

  test.each([
    [undefined, `ec2-198-18-1-4.${euPublic}`, '198.18.1.4'],
    [undefined, 'ec2-198-18-2-7.compute-1.amazonaws.com', '198.18.2.7'],
    [undefined, `ec2-198-18-3-4.${euPublic}`, `NXDOMAIN ${euPublic}`],
    [undefined, `ec2-198-18-9-9.${euPublic}`, `NXDOMAIN ${euPublic}`],
    [undefined, `ec2-198-18-1-4.compute-1.amazonaws.com`, 'NXDOMAIN compute-1.amazonaws.com'],
    [undefined, `${euPublic} SOA`, `SOA ns0.${euPublic}`],
    [undefined, '4.1.18.198.in-addr.arpa PTR', `ec2-198-18-1-4.${euPublic}`],
    [undefined, '4.3.18.198.in-addr.arpa PTR', 'NXDOMAIN 3.18.198.in-addr.arpa'],
    [undefined, '4.0.0.10.in-addr.arpa PTR', '-'],
    [undefined, '18.198.in-addr.arpa PTR', '-'],
    [undefined, `ip-10-0-0-4.${eu}`, '-'],
    [undefined, 'ec2.eu-west-1.amazonaws.com', '-'],
    ['dublin', `ec2-198-18-1-4.${euPublic}`, '-'],
  ])('%s: %s → %s', (networkId, asked, expected) => {
    expect(line(names.lookup(question(asked), { networkId, source }))).toBe(expected);
  });
});

describe('names of the platform', () => {
  const fixed = fixedNames();
  test.each([
    ['dublin', 'localhost', '127.0.0.1'],
    [undefined, 'localhost AAAA', '::1'],
    [undefined, 'a.localhost', '127.0.0.1'],
    [undefined, 'localhost MX', 'NODATA localhost'],
    [undefined, 'localhost.example', '-'],
    [undefined, '1.0.0.127.in-addr.arpa PTR', 'localhost'],
    [undefined, '2.0.0.127.in-addr.arpa PTR', 'NXDOMAIN 127.in-addr.arpa'],
    [undefined, '127.in-addr.arpa NS', 'NODATA 127.in-addr.arpa'],
    [undefined, `1.${'0.'.repeat(31)}ip6.arpa PTR`, 'localhost'],
    ['dublin', 'instance-data.ec2.internal', '169.254.169.254'],
    ['dublin', 'instance-data.ec2.internal AAAA', 'NODATA instance-data.ec2.internal'],
    ['dublin', '254.169.254.169.in-addr.arpa PTR', 'instance-data.ec2.internal'],
    ['dublin', '253.169.254.169.in-addr.arpa PTR', 'resolver.ec2.internal'],
    ['dublin', 'resolver.ec2.internal AAAA', 'fd00:ec2::253'],
    [undefined, 'instance-data.ec2.internal', '-'],
    [undefined, '254.169.254.169.in-addr.arpa PTR', '-'],
    ['dublin', 'amazonaws.com', '-'],
  ])('%s: %s → %s', (networkId, asked, expected) => {
    expect(line(fixed.lookup(question(asked), { networkId, source }))).toBe(expected);
  });

  const services = serviceNames(platform);
  test.each([
    ['sts.amazonaws.com', '198.19.255.1'],
    ['ec2.eu-west-1.amazonaws.com AAAA', 'fd00:ec2::1'],
    ['bucket.s3.eu-west-1.amazonaws.com', '198.19.255.1'],
    ['amazonaws.com', '198.19.255.1'],
    ['ec2.eu-west-1.api.aws', '198.19.255.1'],
    ['ec2.cn-north-1.amazonaws.com.cn', '198.19.255.1'],
    ['sts.amazonaws.com MX', 'NODATA amazonaws.com'],
    ['ec2-1-2-3-4.eu-north-1.compute.amazonaws.com', 'NXDOMAIN compute.amazonaws.com'],
    ['compute.amazonaws.com', 'NODATA compute.amazonaws.com'],
    ['notamazonaws.com', '-'],
    ['com', 'NODATA .'],
    ['example.com', '-'],
  ])('%s → %s', (asked, expected) => {
    expect(line(services.lookup(question(asked), { networkId: undefined, source }))).toBe(expected);
  });

  test('addresses must be some', () => {
    expect(() => serviceNames({ ipv4: 'fd00::1' })).toThrow('no IPv4 address: fd00::1');
    expect(line(serviceNames({ ipv4: '1.2.3.4' }).lookup(question('a.amazonaws.com AAAA'), { networkId: undefined, source }))).toBe(
      'NODATA amazonaws.com',
    );
  });
});

describe('all in their order', () => {
  const { topology, services } = world();
  const resolve = createResolver(nameSources({ balancers: new Map(), topology, services, platform }));
  test.each([
    ['virginia', 'instance-data.ec2.internal', '169.254.169.254'], // before its own zone
    ['virginia', 'other.ec2.internal', 'NXDOMAIN ec2.internal'],
    ['dublin', `ec2-198-18-9-9.${euPublic}`, `NXDOMAIN ${euPublic}`], // before the services'
    [undefined, `ec2-198-18-1-4.${euPublic}`, '198.18.1.4'],
    [undefined, `ip-10-0-0-4.${eu}`, 'NXDOMAIN .'],
    ['dublin', 's3.amazonaws.com', '198.19.255.1'],
    ['dublin', 'example.org', 'NXDOMAIN .'],
    ['dublin', '. NS', 'NODATA .'],
  ])('%s: %s → %s', (networkId, asked, expected) => {
    expect(line(resolve(question(asked), { networkId, source }))).toBe(expected);
  });

  test('private zones come before the network’s own names', () => {
    const zone = {
      lookup: ({ name }: { name: string }) =>
        name === `ip-10-0-0-4.${eu}` ? resolve(question('localhost'), { networkId: undefined, source }) : undefined,
    };
    const own = createResolver(nameSources({ balancers: new Map(), topology, services, platform, privateZones: [zone] }));
    expect(line(own(question(`ip-10-0-0-4.${eu}`), { networkId: 'dublin', source }))).toBe('127.0.0.1');
    expect(line(own(question(`ip-10-0-0-5.${eu}`), { networkId: 'dublin', source }))).toBe('10.0.0.5');
  });

  test('what changes in the topology and the services is seen at once', () => {
    const ask = (asked: string, networkId?: string) => line(resolve(question(asked), { networkId, source }));
    const tokyo = 'ec2-198-18-7-7.ap-northeast-1.compute.amazonaws.com';
    expect(ask(tokyo)).toBe('NXDOMAIN compute.amazonaws.com');
    services.set('tokyo', nameService('tokyo', 'ap-northeast-1'));
    topology.put(host('eni-9', 'tokyo', '10.7.0.7=198.18.7.7'));
    expect(ask(tokyo)).toBe('198.18.7.7');
    topology.remove('interface', 'eni-9');
    expect(ask(tokyo)).toBe('NXDOMAIN ap-northeast-1.compute.amazonaws.com');
    expect(ask(`i-2.${eu}`, 'dublin')).toBe(`NXDOMAIN ${eu}`);
    services.set('dublin', nameService('dublin', 'eu-west-1', { hosts: [{ name: `i-2.${eu}`, addresses: ['10.0.0.5'] }] }));
    expect(ask(`i-2.${eu}`, 'dublin')).toBe('10.0.0.5');
  });
});
