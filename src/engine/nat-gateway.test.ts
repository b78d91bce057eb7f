/** Facts of NAT gateways. */
import { describe, expect, it } from 'vitest';
import { udpFlow } from '#model/flow.ts';
import { formatIp } from '#model/ip.ts';
import { ALL_TRAFFIC } from '#model/traffic.ts';
import { probe, verdict } from '#test/network/probe.ts';
import { accessList, entry, group, networkInterface, openEntries, routeTable, rule, sample } from '#test/network/sample-network.ts';

const tcp443 = { protocol: 6, ports: { from: 443, to: 443 } };
const ephemeral = { protocol: 6, ports: { from: 1024, to: 65535 } };

describe('NAT gateway', () => {
  it.each([
    [
      'needs a public address to reach the internet',
      sample(networkInterface('eni-nat', 'subnet-pub', ['10.0.0.5'], { groupIds: [], sourceDestinationCheck: false })),
      'noPublicAddress igw-a',
    ],
    ['gone', sample('natGateway nat-a'), 'blackhole rtb-prv 0.0.0.0/0'],
    ['down', sample({ kind: 'natGateway', id: 'nat-a', interfaceId: 'eni-nat', up: false }), 'blackhole rtb-prv 0.0.0.0/0'],
    ['its segment has no way out', sample(routeTable('rtb-pub', '10.0.0.0/16 local')), 'noRoute rtb-pub'],
    [
      'its segment’s list filters the sender',
      sample(accessList('acl-pub', entry(1, 'in', 'deny', tcp443, '10.0.1.0/24'), ...openEntries)),
      'aclDeniedIn acl-pub 1',
    ],
    [
      'its segment’s list filters it towards the internet',
      sample(accessList('acl-pub', entry(1, 'out', 'deny', tcp443, '0.0.0.0/0'), ...openEntries)),
      'aclDeniedOut acl-pub 1',
    ],
    [
      'its segment’s list filters the answer from the internet',
      sample(accessList('acl-pub', entry(1, 'in', 'allow', ALL_TRAFFIC, '10.0.0.0/8'), entry(2, 'out', 'allow', ALL_TRAFFIC, '0.0.0.0/0'))),
      'returnAclDeniedIn acl-pub *',
    ],
    ['its segment must know the way to the sender', sample(routeTable('rtb-pub', '0.0.0.0/0 igw-a')), 'returnNoPublicAddress igw-a'],
    [
      'the sender’s list filters the answer',
      sample(accessList('acl-prv', entry(1, 'out', 'allow', ALL_TRAFFIC, '0.0.0.0/0'), entry(2, 'in', 'allow', ephemeral, '10.0.0.0/8'))),
      'returnAclDeniedIn acl-prv *',
    ],
    ['that routes to itself', sample(routeTable('rtb-pub', '10.0.0.0/16 local', '0.0.0.0/0 nat-a')), 'loop eni-nat'],
  ] as const)('%s', (_, topology, expected) => {
    expect(verdict(probe(topology, 'eni-app', '10.0.1.10', '198.51.100.7'))).toBe(expected);
  });

  it('is nobody to talk to, even by a route that leads to it', () => {
    const topology = sample(routeTable('rtb-prv', '10.0.0.0/16 local', '10.0.0.0/24 nat-a'));
    expect(verdict(probe(topology, 'eni-app', '10.0.1.10', '10.0.0.5'))).toBe('natGatewayRefused nat-a');
  });

  it('sends from ports of 1024 and up, and gives the sender its own port back', () => {
    const { forward, return: back } = probe(sample(), 'eni-app', '10.0.1.10', '198.51.100.7', (a, b) => udpFlow(a, b, 123, 123));
    expect(forward.at(-1)!.flow.sourcePort).toBe(1147); // not empty
    expect(back.at(-1)!.flow.destinationPort).toBe(123); // not empty
  });

  it('inside the network shows its private address, and a rule that names the sender’s group does not hold', () => {
    const topology = sample(
      routeTable('rtb-prv', '10.0.0.0/16 local', '10.0.2.0/24 nat-a'),
      networkInterface('eni-db', 'subnet-dbs', ['10.0.2.10'], { groupIds: ['sg-db'] }),
      group('sg-db', rule('sgr-db', 'in', tcp443, 'sg-open')),
    );
    const { forward, ...rest } = probe(topology, 'eni-app', '10.0.1.10', '10.0.2.10');
    expect(verdict({ forward, ...rest })).toBe('groupDeniedIn sg-db');
    expect(formatIp(forward.at(-1)!.flow.source)).toBe('10.0.0.5'); // not empty
  });
});
