/** Each way to be refused names its component and rule. */
import { describe, expect, it } from 'vitest';
import { ALL_TRAFFIC } from '#model/traffic.ts';
import { probe, verdict } from '#test/network/probe.ts';
import { accessList, entry, group, networkInterface, openEntries, routeTable, rule, sample } from '#test/network/sample-network.ts';

const tcp443 = { protocol: 6, ports: { from: 443, to: 443 } };
const ephemeral = { protocol: 6, ports: { from: 1024, to: 65535 } };

describe('each refusal names its rule', () => {
  it.each([
    [
      'group out',
      sample(group('sg-open', rule('sgr-1', 'in', ALL_TRAFFIC, '0.0.0.0/0'))),
      'eni-web',
      '10.0.1.10',
      'groupDeniedOut sg-open',
    ],
    ['group in', sample(group('sg-open', rule('sgr-1', 'out', ALL_TRAFFIC, '0.0.0.0/0'))), 'eni-web', '10.0.1.10', 'groupDeniedIn sg-open'],
    [
      'group in, same segment',
      sample(group('sg-open', rule('sgr-1', 'out', ALL_TRAFFIC, '0.0.0.0/0'))),
      'eni-web',
      '10.0.0.11',
      'groupDeniedIn sg-open',
    ],
    ['group that is gone', sample('group sg-open'), 'eni-web', '10.0.1.10', 'groupDeniedOut sg-open'],
    [
      'list out',
      sample(accessList('acl-pub', entry(50, 'out', 'deny', tcp443, '10.0.1.0/24'), ...openEntries)),
      'eni-web',
      '10.0.1.10',
      'aclDeniedOut acl-pub 50',
    ],
    ['list out by nothing', sample(accessList('acl-pub')), 'eni-web', '10.0.1.10', 'aclDeniedOut acl-pub *'],
    [
      'list in',
      sample(accessList('acl-prv', entry(7, 'in', 'deny', tcp443, '10.0.0.10/32'), ...openEntries)),
      'eni-web',
      '10.0.1.10',
      'aclDeniedIn acl-prv 7',
    ],
    ['list in by nothing', sample(accessList('acl-prv')), 'eni-web', '10.0.1.10', 'aclDeniedIn acl-prv *'],
    ['list that is gone', sample('accessList acl-prv'), 'eni-web', '10.0.1.10', 'aclDeniedIn acl-prv'],
    [
      'list on the answer, leaving',
      sample(accessList('acl-prv', entry(1, 'in', 'allow', ALL_TRAFFIC, '0.0.0.0/0'))),
      'eni-web',
      '10.0.1.10',
      'returnAclDeniedOut acl-prv *',
    ],
    [
      'list on the answer, entering',
      sample(
        accessList(
          'acl-pub',
          entry(1, 'out', 'allow', ALL_TRAFFIC, '0.0.0.0/0'),
          entry(2, 'in', 'deny', ephemeral, '10.0.1.0/24'),
          ...openEntries,
        ),
      ),
      'eni-web',
      '10.0.1.10',
      'returnAclDeniedIn acl-pub 2',
    ],
    ['lists keep out of a segment', sample(accessList('acl-pub')), 'eni-web', '10.0.0.11', 'delivered sg-open sgr-in4'],
    ['blackhole route', sample(routeTable('rtb-pub', '10.0.0.0/16 blackhole')), 'eni-web', '10.0.1.10', 'blackhole rtb-pub 10.0.0.0/16'],
    ['gateway gone', sample('internetGateway igw-a'), 'eni-web', '198.51.100.7', 'blackhole rtb-pub 0.0.0.0/0'],
    ['gateway detached', sample({ kind: 'internetGateway', id: 'igw-a' }), 'eni-web', '198.51.100.7', 'blackhole rtb-pub 0.0.0.0/0'],
    [
      'gateway of another network',
      sample({ kind: 'internetGateway', id: 'igw-a', networkId: 'vpc-b' }),
      'eni-web',
      '198.51.100.7',
      'blackhole rtb-pub 0.0.0.0/0',
    ],
    ['table gone', sample('routeTable rtb-pub'), 'eni-web', '10.0.1.10', 'noRoute rtb-pub'],
    ['no way back', sample('routeTable rtb-prv'), 'eni-web', '10.0.1.10', 'returnNoRoute rtb-prv'],
    [
      'way back is a blackhole',
      sample(routeTable('rtb-prv', '10.0.0.0/24 eni-gone')),
      'eni-web',
      '10.0.1.10',
      'returnBlackhole rtb-prv 10.0.0.0/24',
    ],
    ['network gone', sample('network vpc-a'), 'eni-web', '10.0.1.10', 'noRoute vpc-a'],
    ['segment gone', sample('segment subnet-pub'), 'eni-web', '10.0.1.10', 'noRoute subnet-pub'],
    [
      'receiver down',
      sample(networkInterface('eni-app', 'subnet-prv', ['10.0.1.10'], { up: false })),
      'eni-web',
      '10.0.1.10',
      'interfaceDown eni-app',
    ],
    [
      'sender down',
      sample(networkInterface('eni-web', 'subnet-pub', ['10.0.0.10'], { up: false })),
      'eni-web',
      '10.0.1.10',
      'interfaceDown eni-web',
    ],
  ] as const)('%s', (_, topology, origin, destination, expected) => {
    expect(verdict(probe(topology, origin, '10.0.0.10', destination))).toBe(expected);
  });

  it.each([
    ['no gateway towards the network', sample('internetGateway igw-a'), 'noInternetGateway vpc-a'],
    [
      'list on the edge',
      sample(accessList('acl-pub', entry(9, 'in', 'deny', tcp443, '198.51.100.0/24'), ...openEntries)),
      'aclDeniedIn acl-pub 9',
    ],
    ['group', sample(group('sg-open', rule('sgr-1', 'in', tcp443, '192.0.2.0/24'))), 'groupDeniedIn sg-open'],
    ['no way back to the internet', sample(routeTable('rtb-pub', '10.0.0.0/16 local')), 'returnNoRoute rtb-pub'],
    [
      'the way back is a NAT gateway',
      sample(routeTable('rtb-pub', '10.0.0.0/16 local', '0.0.0.0/0 nat-a')),
      'returnNatGatewayRefused nat-a',
    ],
    [
      'no group rule out is needed for the answer',
      sample(group('sg-open', rule('sgr-1', 'in', tcp443, '198.51.100.7/32'))),
      'delivered sg-open sgr-1',
    ],
  ] as const)('from the internet: %s', (_, topology, expected) => {
    expect(verdict(probe(topology, 'internet', '198.51.100.7', '203.0.113.10'))).toBe(expected);
  });

  it.each(['rtb-pub', 'rtb-prv'])('private IPv6 has no way to the internet through %s', (table) => {
    const app = networkInterface('eni-app', 'subnet-prv', ['fd12::10']);
    const topology = sample(app, { ...sample().segments.get('subnet-prv')!, routeTableId: table }); // the sample has it
    expect(probe(topology, 'eni-app', 'fd12::10', '2001:db8:ffff::1').outcome).toBe('noPublicAddress');
  });

  it('names every group that was asked', () => {
    const topology = sample(networkInterface('eni-web', 'subnet-pub', ['10.0.0.10'], { groupIds: ['sg-a', 'sg-b'] }));
    expect(probe(topology, 'eni-web', '10.0.0.10', '10.0.1.10').decidedBy).toEqual({
      kind: 'group',
      component: 'sg-a',
      rule: undefined,
      candidates: ['sg-a', 'sg-b'],
    });
  });
});
