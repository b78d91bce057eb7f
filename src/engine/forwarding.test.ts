/** Facts of interfaces that forward for others: the source/destination check, NAT instances, appliances between segments. */
import { describe, expect, it } from 'vitest';
import { path, probe, verdict } from '#test/network/probe.ts';
import { group, networkInterface, routeTable, rule, sample, withPublic } from '#test/network/sample-network.ts';

const tcp443 = { protocol: 6, ports: { from: 443, to: 443 } };

describe('an interface as the route’s target', () => {
  const via = (change: object) =>
    networkInterface('eni-fwd', 'subnet-pub', ['10.0.0.20'], { ...withPublic('10.0.0.20', '203.0.113.20'), ...change });
  const table = routeTable('rtb-prv', '10.0.0.0/16 local', '0.0.0.0/0 eni-fwd');
  it.each([
    ['with the check on', { sourceDestinationCheck: true }, 'sourceDestinationCheck eni-fwd'],
    ['with the check off, whoever knows what it does', { sourceDestinationCheck: false }, 'handedOver sg-open sgr-in4'],
    [
      'that routes on plainly has no public address for the sender',
      { sourceDestinationCheck: false, forwards: 'plain' },
      'noPublicAddress igw-a',
    ],
    ['that masquerades is a NAT instance', { sourceDestinationCheck: false, forwards: 'masquerade' }, 'delivered acl-pub 100'],
    ['of another network', { sourceDestinationCheck: false, networkId: 'vpc-b' }, 'blackhole rtb-prv 0.0.0.0/0'],
    ['that is down', { sourceDestinationCheck: false, up: false }, 'blackhole rtb-prv 0.0.0.0/0'],
    ['whose group keeps the traffic out', { sourceDestinationCheck: false, groupIds: ['sg-none'] }, 'groupDeniedIn sg-none'],
  ] as const)('%s', (_, change, expected) => {
    expect(verdict(probe(sample(table, via(change)), 'eni-app', '10.0.1.10', '198.51.100.7'))).toBe(expected);
  });

  it('masquerading: the answer comes back by the same interface', () => {
    const { return: back } = probe(
      sample(table, via({ sourceDestinationCheck: false, forwards: 'masquerade' })),
      'eni-app',
      '10.0.1.10',
      '198.51.100.7',
    );
    expect(path(back)).toBe(
      'internet:send igw-a:translate acl-pub:allow(100) sg-open:established eni-fwd:translate eni-fwd:send sg-open:established ' +
        'rtb-pub:route(10.0.0.0/16) acl-pub:allow(100) acl-prv:allow(100) sg-open:established eni-app:receive',
    );
  });

  const between = [
    routeTable('rtb-prv', '10.0.0.0/16 local', '10.0.2.0/24 eni-fwd'),
    routeTable('rtb-dbs', '10.0.0.0/16 local', '10.0.1.0/24 eni-fwd'),
    via({ sourceDestinationCheck: false, forwards: 'plain' }),
    networkInterface('eni-db', 'subnet-dbs', ['10.0.2.10'], { groupIds: ['sg-db'] }),
  ];
  it('between two segments, both ways', () => {
    const {
      outcome,
      forward,
      return: back,
    } = probe(sample(...between, group('sg-db', rule('sgr-db', 'in', tcp443, '10.0.1.0/24'))), 'eni-app', '10.0.1.10', '10.0.2.10');
    expect(outcome).toBe('delivered');
    expect(path(forward)).toContain('rtb-prv:route(10.0.2.0/24)');
    expect(path(forward)).toContain('eni-fwd:forward eni-fwd:send');
    expect(path(back)).toContain('eni-fwd:forward eni-fwd:send');
  });

  it('hides the sender’s group', () => {
    const topology = sample(...between, group('sg-db', rule('sgr-db', 'in', tcp443, 'sg-open')));
    expect(verdict(probe(topology, 'eni-app', '10.0.1.10', '10.0.2.10'))).toBe('groupDeniedIn sg-db');
  });

  it('one way only, answers go straight: still home', () => {
    const topology = sample(
      ...between,
      routeTable('rtb-dbs', '10.0.0.0/16 local'),
      group('sg-db', rule('sgr-db', 'in', tcp443, '10.0.1.0/24')),
    );
    expect(probe(topology, 'eni-app', '10.0.1.10', '10.0.2.10').outcome).toBe('delivered');
  });

  it('a gateway’s own table takes what comes from the internet through it', () => {
    const gateway = { kind: 'internetGateway', id: 'igw-a', networkId: 'vpc-a', routeTableId: 'rtb-edge' } as const;
    const edge = routeTable('rtb-edge', '10.0.0.0/16 local', '10.0.2.0/24 eni-fwd');
    const db = networkInterface('eni-db', 'subnet-dbs', ['10.0.2.10'], withPublic('10.0.2.10', '203.0.113.30'));
    const home = routeTable('rtb-dbs', '10.0.0.0/16 local', '0.0.0.0/0 eni-fwd');
    const topology = sample(gateway, edge, db, home, via({ sourceDestinationCheck: false, forwards: 'plain' }));
    const { forward, return: back } = probe(topology, 'internet', '198.51.100.7', '203.0.113.30');
    expect(path(forward)).toContain('igw-a:translate rtb-edge:route(10.0.2.0/24) acl-pub:allow(100)');
    expect(path(back)).toContain('rtb-dbs:route(0.0.0.0/0)');
    expect(verdict(probe(sample(gateway, routeTable('rtb-edge')), 'internet', '198.51.100.7', '203.0.113.10'))).toBe('noRoute rtb-edge');
  });
});
