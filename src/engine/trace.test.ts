/** Facts of the whole walk, one line a fact: from, to, traffic, outcome, who decided. */
import { describe, expect, it } from 'vitest';
import {
  accessList,
  cidr,
  entry,
  group,
  ip,
  networkInterface,
  openEntries,
  routeTable,
  rule,
  sample,
  withPublic,
} from '#engine/sample-network.ts';
import { trace } from '#engine/trace.ts';
import { echoFlow, icmpFlow, protocolFlow, tcpFlow, udpFlow, type Flow } from '#model/flow.ts';
import { formatIp } from '#model/ip.ts';
import type { Topology } from '#model/topology.ts';
import type { Hop, Origin, Trace } from '#model/trace.ts';
import { ALL_TRAFFIC } from '#model/traffic.ts';

const tcp443 = { protocol: 6, ports: { from: 443, to: 443 } };
const ephemeral = { protocol: 6, ports: { from: 1024, to: 65535 } };

function from(text: string): Origin {
  return text === 'internet' ? { kind: 'internet' } : { kind: 'interface', id: text };
}

function probe(
  topology: Topology,
  origin: string,
  source: string,
  destination: string,
  make: (a: Flow['source'], b: Flow['source']) => Flow = https,
): Trace {
  return trace(topology, make(ip(source), ip(destination)), from(origin));
}

function https(source: Flow['source'], destination: Flow['source']): Flow {
  return tcpFlow(source, destination, 443);
}

function verdict({ outcome, decidedBy }: Trace): string {
  return `${outcome} ${decidedBy.component}${decidedBy.rule === undefined ? '' : ` ${decidedBy.rule}`}`;
}

/** `component:action` of each hop. */
function path(hops: readonly Hop[]): string {
  return hops.map(({ component, action, rule: by }) => `${component}:${action}${by === undefined ? '' : `(${by})`}`).join(' ');
}

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
