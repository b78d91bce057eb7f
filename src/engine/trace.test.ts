/** Facts of the whole walk, one line a fact: from, to, traffic, outcome, who decided. */
import { describe, expect, it } from 'vitest';
import { echoFlow, icmpFlow, protocolFlow, udpFlow, type Flow } from '#model/flow.ts';
import { formatIp } from '#model/ip.ts';
import { path, probe, verdict } from '#test/network/probe.ts';
import { accessList, cidr, group, networkInterface, sample, withPublic } from '#test/network/sample-network.ts';

describe('the open sample network', () => {
  const topology = sample();
  it.each([
    ['eni-web', '10.0.0.10', '10.0.0.11', 'delivered sg-open sgr-in4'],
    ['eni-web', '10.0.0.10', '10.0.1.10', 'delivered sg-open sgr-in4'],
    ['eni-web', '2001:db8:a::10', '2001:db8:a:1::10', 'delivered sg-open sgr-in6'],
    ['eni-web', '10.0.0.10', '10.0.0.10', 'delivered eni-web'],
    ['eni-web', '10.0.0.10', '198.51.100.7', 'delivered acl-pub 100'],
    ['eni-web', '10.0.0.10', '203.0.113.10', 'delivered sg-open sgr-in4'],
    ['eni-app', '10.0.1.10', '198.51.100.7', 'delivered acl-pub 100'],
    ['eni-app', '10.0.1.10', '203.0.113.10', 'delivered sg-open sgr-in4'],
    ['eni-app', '2001:db8:a:1::10', '2001:db8:ffff::1', 'delivered acl-prv 101'],
    ['eni-web', '2001:db8:a::10', '2001:db8:ffff::1', 'delivered acl-pub 101'],
    ['internet', '198.51.100.7', '203.0.113.10', 'delivered sg-open sgr-in4'],
    ['internet', '2001:db8:ffff::1', '2001:db8:a::10', 'delivered sg-open sgr-in6'],
    ['internet', '198.51.100.7', '192.0.2.1', 'delivered internet'],
    ['eni-web', '10.0.0.10', '10.0.0.2', 'delivered vpc-a'],
    ['eni-db', '10.0.2.10', '169.254.169.254', 'delivered vpc-a'],
    ['eni-db', '2001:db8:a:2::10', 'fd00:ec2::254', 'delivered vpc-a'],
    ['eni-db', '10.0.2.10', '10.0.2.1', 'delivered vpc-a'],
    ['eni-gone', '10.0.2.10', '10.0.2.11', 'noSuchSource eni-gone'],
    ['eni-web', '10.0.0.99', '10.0.1.10', 'sourceDestinationCheck eni-web'],
    ['eni-web', '10.0.0.10', '10.0.0.99', 'noSuchDestination subnet-pub'],
    ['eni-web', '10.0.0.10', '10.0.1.99', 'noSuchDestination vpc-a'],
    ['eni-web', '10.0.0.10', '203.0.113.99', 'noSuchDestination internet'],
    ['internet', '198.51.100.7', '203.0.113.99', 'noSuchDestination internet'],
    ['internet', '2001:db8:ffff::1', '2001:db8:a::99', 'noSuchDestination vpc-a'],
    ['eni-web', '10.0.0.10', '192.168.0.1', 'unroutableDestination internet'],
    ['eni-web', '10.0.0.10', '169.254.170.99', 'unroutableDestination vpc-a'],
    ['eni-web', '10.0.0.10', '224.0.0.1', 'unroutableDestination vpc-a'],
    ['eni-web', '10.0.0.10', '255.255.255.255', 'unroutableDestination vpc-a'],
    ['eni-web', '2001:db8:a::10', 'fd00:ec2::999', 'unroutableDestination vpc-a'],
    ['eni-web', '10.0.0.10', '2001:db8:a::11', 'unroutableDestination eni-web'],
    ['internet', '198.51.100.7', '10.0.0.10', 'unroutableDestination internet'],
    ['eni-adm', '10.0.0.11', '198.51.100.7', 'noPublicAddress igw-a'],
    ['eni-db', '10.0.2.10', '198.51.100.7', 'noRoute rtb-dbs'],
    ['eni-db', '2001:db8:a:2::10', '2001:db8:ffff::1', 'noRoute rtb-dbs'],
    ['internet', '198.51.100.7', '203.0.113.5', 'natGatewayRefused nat-a'],
    ['eni-app', '10.0.1.10', '10.0.0.5', 'natGatewayRefused nat-a'],
    ['internet', '2001:db8:ffff::1', '2001:db8:a:1::10', 'returnEgressOnlyGatewayRefused eigw-a'],
    ['internet', '2001:db8:ffff::1', '2001:db8:a:2::10', 'returnNoRoute rtb-dbs'],
  ])('%s from %s to %s: %s', (origin, source, destination, expected) => {
    expect(verdict(probe(topology, origin, source, destination))).toBe(expected);
  });
});

describe('other protocols', () => {
  const topology = sample();
  it.each([
    ['ping through NAT', 'eni-app', '10.0.1.10', '198.51.100.7', echoFlow, 'delivered acl-pub 100'],
    ['UDP through NAT', 'eni-app', '10.0.1.10', '198.51.100.7', (a, b) => udpFlow(a, b, 53, 53), 'delivered acl-pub 100'],
    ['GRE not through NAT', 'eni-app', '10.0.1.10', '198.51.100.7', (a, b) => protocolFlow(a, b, 47), 'natGatewayRefused nat-a'],
    ['GRE through the internet gateway', 'eni-web', '10.0.0.10', '198.51.100.7', (a, b) => protocolFlow(a, b, 47), 'delivered acl-pub 100'],
    ['unanswered ICMP', 'eni-web', '10.0.0.10', '10.0.1.10', (a, b) => icmpFlow(a, b, 3, 4), 'delivered sg-open sgr-in4'],
  ] satisfies [string, string, string, string, (a: Flow['source'], b: Flow['source']) => Flow, string][])(
    '%s',
    (_, origin, source, destination, make, expected) => {
      expect(verdict(probe(topology, origin, source, destination, make))).toBe(expected);
    },
  );

  it('ICMP that nobody answers has no way back', () => {
    expect(probe(topology, 'eni-web', '10.0.0.10', '10.0.1.10', (a, b) => icmpFlow(a, b, 3, 4)).return).toEqual([]);
  });
});

describe('paths', () => {
  it('neighbours in one segment', () => {
    const { forward, return: back } = probe(sample(), 'eni-web', '10.0.0.10', '10.0.0.11');
    expect(path(forward)).toBe('eni-web:send sg-open:allow(sgr-out4) sg-open:allow(sgr-in4) eni-adm:receive');
    expect(path(back)).toBe('eni-adm:send sg-open:established sg-open:established eni-web:receive');
  });

  it('across segments', () => {
    const { forward, return: back } = probe(sample(), 'eni-web', '10.0.0.10', '10.0.1.10');
    expect(path(forward)).toBe(
      'eni-web:send sg-open:allow(sgr-out4) rtb-pub:route(10.0.0.0/16) acl-pub:allow(100) acl-prv:allow(100) sg-open:allow(sgr-in4) eni-app:receive',
    );
    expect(path(back)).toBe(
      'eni-app:send sg-open:established rtb-prv:route(10.0.0.0/16) acl-prv:allow(100) acl-pub:allow(100) sg-open:established eni-web:receive',
    );
  });

  it('out through NAT and the internet gateway, and back', () => {
    const { forward, return: back } = probe(sample(), 'eni-app', '10.0.1.10', '198.51.100.7');
    expect(path(forward)).toBe(
      'eni-app:send sg-open:allow(sgr-out4) rtb-prv:route(0.0.0.0/0) acl-prv:allow(100) acl-pub:allow(100) nat-a:translate ' +
        'eni-nat:send rtb-pub:route(0.0.0.0/0) acl-pub:allow(100) igw-a:translate internet:receive',
    );
    expect(forward.map(({ flow }) => formatIp(flow.source)).filter((text, at, all) => text !== all[at - 1])).toEqual([
      '10.0.1.10',
      '10.0.0.5',
      '203.0.113.5',
    ]);
    expect(path(back)).toBe(
      'internet:send igw-a:translate acl-pub:allow(100) nat-a:translate eni-nat:send rtb-pub:route(10.0.0.0/16) acl-pub:allow(100) ' +
        'acl-prv:allow(100) sg-open:established eni-app:receive',
    );
    expect(back.map(({ flow }) => formatIp(flow.destination)).filter((text, at, all) => text !== all[at - 1])).toEqual([
      '203.0.113.5',
      '10.0.0.5',
      '10.0.1.10',
    ]);
  });

  it('to a public address of the same network and back, under public addresses', () => {
    const topology = sample(networkInterface('eni-adm', 'subnet-pub', ['10.0.0.11'], withPublic('10.0.0.11', '203.0.113.11')));
    const { outcome, forward, return: back } = probe(topology, 'eni-web', '10.0.0.10', '203.0.113.11');
    expect(outcome).toBe('delivered');
    expect(path(forward)).toBe(
      'eni-web:send sg-open:allow(sgr-out4) rtb-pub:route(0.0.0.0/0) acl-pub:allow(100) igw-a:translate igw-a:translate acl-pub:allow(100) ' +
        'sg-open:allow(sgr-in4) eni-adm:receive',
    );
    expect(formatIp(forward.at(-1)!.flow.source)).toBe('203.0.113.10'); // not empty
    expect(formatIp(back.at(-1)!.flow.source)).toBe('203.0.113.11'); // not empty
  });

  it('IPv6 out through the egress-only gateway and back in through it', () => {
    const { forward, return: back } = probe(sample(), 'eni-app', '2001:db8:a:1::10', '2001:db8:ffff::1');
    expect(path(forward)).toBe(
      'eni-app:send sg-open:allow(sgr-out6) rtb-prv:route(::/0) acl-prv:allow(101) eigw-a:forward internet:receive',
    );
    expect(path(back)).toBe('internet:send eigw-a:established acl-prv:allow(101) sg-open:established eni-app:receive');
  });

  it('the resolver is past all filters', () => {
    const topology = sample(accessList('acl-dbs'), group('sg-open'), 'routeTable rtb-dbs');
    const { forward, return: back } = probe(topology, 'eni-db', '10.0.2.10', '10.0.0.2', (a, b) => udpFlow(a, b, 53));
    expect(path(forward)).toBe('eni-db:send vpc-a:receive');
    expect(path(back)).toBe('vpc-a:send eni-db:receive');
  });
});

describe('two networks with the same addresses', () => {
  it('do not meet', () => {
    const topology = sample(
      { kind: 'network', id: 'vpc-b', cidrs: [cidr('10.0.0.0/16')], platformAddresses: [], reserved: [] },
      {
        kind: 'segment',
        id: 'subnet-b',
        networkId: 'vpc-b',
        cidrs: [cidr('10.0.1.0/24')],
        zone: 'z',
        routeTableId: 'rtb-dbs',
        accessListId: 'acl-dbs',
        routerAddresses: [],
      },
      networkInterface('eni-0', 'subnet-b', ['10.0.1.10', '10.0.1.77'], { networkId: 'vpc-b' }),
    );
    expect(probe(topology, 'eni-web', '10.0.0.10', '10.0.1.10').forward.at(-1)!.component).toBe('eni-app'); // not empty
    expect(verdict(probe(topology, 'eni-web', '10.0.0.10', '10.0.1.77'))).toBe('noSuchDestination vpc-a');
    expect(verdict(probe(topology, 'eni-0', '10.0.1.10', '10.0.0.10'))).toBe('noSuchDestination vpc-b');
  });
});
