/** Facts of groups that name groups. */
import { describe, expect, it } from 'vitest';
import { ALL_TRAFFIC } from '#model/traffic.ts';
import { probe, verdict } from '#test/network/probe.ts';
import { cidr, group, networkInterface, rule, sample, withPublic } from '#test/network/sample-network.ts';

const tcp443 = { protocol: 6, ports: { from: 443, to: 443 } };

describe('security groups that name groups', () => {
  const db = networkInterface('eni-db', 'subnet-dbs', ['10.0.2.10', '2001:db8:a:2::10'], { groupIds: ['sg-db'] });
  const closed = sample(db, group('sg-db', rule('sgr-db', 'in', tcp443, 'sg-app')));
  const member = networkInterface('eni-app', 'subnet-prv', ['10.0.1.10', '10.0.1.11', '2001:db8:a:1::10'], {
    groupIds: ['sg-open', 'sg-app'],
    prefixes: [cidr('10.0.1.64/28')],
  });
  const open = sample(db, group('sg-db', rule('sgr-db', 'in', tcp443, 'sg-app')), member);
  it.each([
    ['a stranger', closed, '10.0.1.10', '10.0.2.10', 'groupDeniedIn sg-db'],
    ['a member', open, '10.0.1.10', '10.0.2.10', 'delivered sg-db sgr-db'],
    ['a member’s secondary address', open, '10.0.1.11', '10.0.2.10', 'delivered sg-db sgr-db'],
    ['a member’s prefix', open, '10.0.1.70', '10.0.2.10', 'delivered sg-db sgr-db'],
    ['a member over IPv6', open, '2001:db8:a:1::10', '2001:db8:a:2::10', 'delivered sg-db sgr-db'],
  ] as const)('%s', (_, topology, source, destination, expected) => {
    expect(verdict(probe(topology, 'eni-app', source, destination))).toBe(expected);
  });

  it('do not hold for a member’s public address', () => {
    const web = networkInterface('eni-web', 'subnet-pub', ['10.0.0.10'], {
      ...withPublic('10.0.0.10', '203.0.113.10'),
      groupIds: ['sg-open', 'sg-app'],
    });
    const adm = networkInterface('eni-adm', 'subnet-pub', ['10.0.0.11'], {
      ...withPublic('10.0.0.11', '203.0.113.11'),
      groupIds: ['sg-db'],
    });
    const topology = sample(web, adm, group('sg-db', rule('sgr-db', 'in', tcp443, 'sg-app')));
    expect(verdict(probe(topology, 'eni-web', '10.0.0.10', '10.0.0.11'))).toBe('delivered sg-db sgr-db');
    expect(verdict(probe(topology, 'eni-web', '10.0.0.10', '203.0.113.11'))).toBe('groupDeniedIn sg-db');
  });

  it('hold outward too', () => {
    const web = networkInterface('eni-web', 'subnet-pub', ['10.0.0.10'], { groupIds: ['sg-web'] });
    const topology = sample(
      web,
      group('sg-web', rule('sgr-web', 'out', tcp443, 'sg-db')),
      db,
      group('sg-db', rule('sgr-db', 'in', ALL_TRAFFIC, '0.0.0.0/0')),
    );
    expect(verdict(probe(topology, 'eni-web', '10.0.0.10', '10.0.2.10'))).toBe('delivered sg-db sgr-db');
    expect(verdict(probe(topology, 'eni-web', '10.0.0.10', '10.0.1.10'))).toBe('groupDeniedOut sg-web');
  });
});
