/** Groups, access lists and route tables against deliberately naive second implementations, and facts of each. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockHolds, compileBlock } from '#engine/block-match.ts';
import { judgeByAccessList } from '#engine/network-acls.ts';
import { chooseRoute } from '#engine/route-tables.ts';
import { ruleThatAllows } from '#engine/security-groups.ts';
import { cidrContains, cidrContainsIp, cidrsEqual, formatCidr, type Cidr } from '#model/cidr.ts';
import { tcpFlow, type Flow } from '#model/flow.ts';
import { ipFamily, type Ip } from '#model/ip.ts';
import { LiveTopology } from '#model/live-topology.ts';
import type { AccessList, Blocks, Direction, NetworkInterface, PrefixSet, Route, Topology } from '#model/topology.ts';
import { trafficMatches } from '#model/traffic.ts';
import { anyCidr, anyFlow, anyIp, anyTraffic, nearbyCidr, nearbyIp } from '#test/network/arbitrary-addresses.ts';
import { accessList, cidr, entry, ip, networkInterface, routeTable, target } from '#test/network/sample-network.ts';

const runs = { numRuns: 600 };
const direction = fc.constantFrom('in', 'out');
const prefixSets: fc.Arbitrary<PrefixSet[]> = fc.uniqueArray(fc.record({ kind: fc.constant('prefixSet'), id: fc.constantFrom('pl-1', 'pl-2'), cidrs: fc.array(nearbyCidr, { maxLength: 4 }) }), { selector: ({ id }) => id }); // prettier-ignore
const blocks: fc.Arbitrary<Blocks> = fc.oneof(
  nearbyCidr.map((one): Blocks => ({ kind: 'cidr', cidr: one })),
  fc.constantFrom('pl-1', 'pl-2', 'pl-gone').map((id): Blocks => ({ kind: 'prefixSet', id })),
);

function cidrsOf(topology: Topology, one: Blocks): readonly Cidr[] {
  return one.kind === 'cidr' ? [one.cidr] : (topology.prefixSets.get(one.id)?.cidrs ?? []);
}

describe('compiled blocks', () => {
  it('hold what the block contains', () => {
    fc.assert(fc.property(fc.oneof(anyCidr, nearbyCidr), fc.oneof(anyIp, nearbyIp), (block, address) => blockHolds(compileBlock(block), address) === cidrContainsIp(block, address))); // prettier-ignore
  });
});

describe('access lists', () => {
  const open = { protocol: -1 };
  const list = accessList(
    'acl-1',
    entry(200, 'in', 'allow', open, '0.0.0.0/0'),
    entry(100, 'in', 'deny', { protocol: 6, ports: { from: 22, to: 22 } }, '0.0.0.0/0'),
    entry(50, 'in', 'allow', { protocol: 6, ports: { from: 22, to: 22 } }, '10.0.0.0/8'),
    entry(1, 'out', 'deny', open, '192.0.2.0/24'),
    entry(2, 'out', 'allow', open, '0.0.0.0/0'),
  );
  it.each([
    ['in', '10.0.0.1', '10.0.1.1', 22, true, '50'],
    ['in', '192.0.2.1', '10.0.1.1', 22, false, '100'],
    ['in', '192.0.2.1', '10.0.1.1', 23, true, '200'],
    ['in', '2001:db8::1', '2001:db8::2', 23, false, '*'],
    ['out', '10.0.0.1', '192.0.2.9', 80, false, '1'],
    ['out', '192.0.2.9', '10.0.0.1', 80, true, '2'],
  ] as const)('%s from %s to %s port %d: %s by %s', (way, source, destination, port, allowed, by) => {
    expect(judgeByAccessList(list, way, tcpFlow(ip(source), ip(destination), port))).toMatchObject({ allowed, rule: by });
  });

  function naive({ entries }: AccessList, way: Direction, flow: Flow): { allowed: boolean; rule: string } {
    let best: AccessList['entries'][number] | undefined;
    for (const one of entries) {
      const peer = way === 'in' ? flow.source : flow.destination;
      if (one.direction !== way || !trafficMatches(one.traffic, flow) || !cidrContainsIp(one.cidr, peer)) continue;
      if (best === undefined || one.number < best.number) best = one;
    }
    return best === undefined ? { allowed: false, rule: '*' } : { allowed: best.action === 'allow', rule: `${best.number}` };
  }

  it('equal a naive evaluation', () => {
    const entries = fc.uniqueArray(fc.record({ number: fc.integer({ min: 1, max: 20 }), direction, action: fc.constantFrom('allow', 'deny'), traffic: anyTraffic, cidr: nearbyCidr }), { maxLength: 15, selector: (one) => `${one.direction}${one.number}` }); // prettier-ignore
    fc.assert(
      fc.property(entries, direction, anyFlow, (all, way, flow) => {
        const one = accessList('acl-1', ...all);
        const { allowed, rule } = judgeByAccessList(one, way, flow);
        expect({ allowed, rule }).toEqual(naive(one, way, flow));
      }),
      runs,
    );
  });
});

describe('security groups', () => {
  const peer = fc.oneof(
    blocks,
    fc.constantFrom('sg-1', 'sg-2').map((id) => ({ kind: 'group', id }) as const),
  );
  const groups = fc
    .array(fc.array(fc.record({ direction, traffic: anyTraffic, peer }), { maxLength: 12 }), { minLength: 2, maxLength: 2 })
    .map((lists) =>
      lists.map(
        (rules, at) =>
          ({
            kind: 'group',
            id: `sg-${at + 1}`,
            networkId: 'vpc-a',
            rules: rules.map((one, nth) => ({ ...one, id: `sgr-${at + 1}-${nth}` })),
          }) as const,
      ),
    );
  const memberships = fc.array(fc.subarray(['sg-1', 'sg-2', 'sg-gone']), { minLength: 2, maxLength: 2 });

  function naive(
    topology: Topology,
    subject: NetworkInterface,
    way: Direction,
    flow: Flow,
    emitter: NetworkInterface | undefined,
  ): string | undefined {
    const address = way === 'in' ? flow.source : flow.destination;
    const owns = (one: NetworkInterface) =>
      one.addresses.includes(address) || one.prefixes.some((prefix) => cidrContainsIp(prefix, address));
    for (const groupId of subject.groupIds) {
      for (const rule of topology.groups.get(groupId)?.rules ?? []) {
        if (rule.direction !== way || !trafficMatches(rule.traffic, flow)) continue;
        const { peer: other } = rule;
        if (other.kind === 'group') {
          const members = topology.membersOf(other.id).map((id) => topology.interfaces.get(id)!); // relations name interfaces that are there
          const isMember = members.some((one) => owns(one) && (way === 'out' || one === emitter));
          if (isMember) return rule.id;
        } else if (cidrsOf(topology, other).some((block) => cidrContainsIp(block, address))) return rule.id;
      }
    }
    return undefined;
  }

  it('equal a naive evaluation, down to the rule that is named', () => {
    fc.assert(
      fc.property(groups, prefixSets, memberships, anyFlow, direction, fc.boolean(), (all, sets, [mine, theirs], flow, way, isDirect) => {
        const subject = networkInterface('eni-me', 'subnet', [], {
          addresses: [way === 'in' ? flow.destination : flow.source],
          groupIds: mine!,
        }); // two were made
        const neighbour = networkInterface('eni-you', 'subnet', [], {
          addresses: [way === 'in' ? flow.source : flow.destination],
          groupIds: theirs!,
        }); // as above
        const topology = new LiveTopology([...all, ...sets, subject, ...(flow.source === flow.destination ? [] : [neighbour])]);
        const emitter = isDirect ? topology.interfaceAt('vpc-a', flow.source) : undefined;
        expect(ruleThatAllows(topology, subject, way, flow, emitter)?.ruleId).toBe(naive(topology, subject, way, flow, emitter));
      }),
      runs,
    );
  });
});

describe('route tables', () => {
  const set: PrefixSet = { kind: 'prefixSet', id: 'pl-1', cidrs: [cidr('192.0.2.0/24'), cidr('198.51.100.0/24')] };
  const table = routeTable(
    'rtb-1',
    '10.0.0.0/16 local',
    '10.0.1.0/24 eni-fw',
    '10.0.2.0/24 nat-vpn propagated',
    '172.16.0.0/24 eni-old propagated',
    '172.16.0.0/24 eni-new',
    '192.0.2.0/24 igw-plain',
    'pl-1 nat-list',
    '198.51.100.0/24 nat-vpn propagated',
    '198.51.100.128/25 nat-vpn propagated',
    '0.0.0.0/0 igw-1',
  );
  it.each([
    ['10.0.0.1', 'local', '10.0.0.0/16', 'the local route'],
    ['10.0.1.1', 'eni-fw', '10.0.1.0/24', 'a static route beats a wider local one'],
    ['10.0.2.1', 'local', '10.0.0.0/16', 'local beats even a longer propagated route'],
    ['172.16.0.1', 'eni-new', '172.16.0.0/24', 'static beats propagated of the same destination'],
    ['192.0.2.1', 'igw-plain', '192.0.2.0/24', 'a CIDR beats a prefix set of the same length'],
    ['198.51.100.1', 'nat-list', 'pl-1', 'a prefix set beats propagated'],
    ['198.51.100.200', 'nat-vpn', '198.51.100.128/25', 'a longer propagated route beats a prefix set'],
    ['8.8.8.8', 'igw-1', '0.0.0.0/0', 'the default route'],
  ])('%s goes to %s by %s: %s', (destination, to, by) => {
    const route = chooseRoute(new LiveTopology([set]), table, ip(destination));
    expect(route?.rule).toBe(by);
    expect(route?.target).toEqual(target(to));
  });

  it('IPv4 routes are no way for IPv6', () => {
    expect(chooseRoute(new LiveTopology(), table, ip('2001:db8::1'))).toBeUndefined();
  });

  it('follow a prefix set as it changes', () => {
    const topology = new LiveTopology();
    const one = routeTable('rtb-1', 'pl-1 nat-list');
    expect(chooseRoute(topology, one, ip('192.0.2.1'))).toBeUndefined();
    topology.put(set);
    expect(chooseRoute(topology, one, ip('192.0.2.1'))?.rule).toBe('pl-1');
    topology.remove('prefixSet', 'pl-1');
    expect(chooseRoute(topology, one, ip('192.0.2.1'))).toBeUndefined();
  });

  /** Every block that holds the address, longest first, then static blocks, sets, propagated; the first that local does not overrule. */
  function naive(topology: Topology, routes: readonly Route[], destination: Ip): Route | undefined {
    const locals = routes.flatMap((route) =>
      route.target.kind === 'local' && route.destination.kind === 'cidr' ? [route.destination.cidr] : [],
    );
    const rank = ({ origin, destination: to }: Route) => (origin === 'propagated' ? 2 : to.kind === 'prefixSet' ? 1 : 0);
    let best: { route: Route; block: Cidr } | undefined;
    for (const route of routes) {
      for (const block of cidrsOf(topology, route.destination)) {
        if (!cidrContainsIp(block, destination)) continue;
        if (route.origin === 'propagated' && locals.some((local) => cidrContains(local, block))) continue;
        const isLonger = best === undefined || block.prefixLength > best.block.prefixLength;
        if (isLonger || (cidrsEqual(block, best!.block) && rank(route) < rank(best!.route))) best = { route, block }; // not longer: best is there
      }
    }
    return best?.route;
  }

  it('equal a naive scan', () => {
    const anyTarget = fc.constantFrom(
      { kind: 'local' } as const,
      { kind: 'interface', id: 'eni-1' } as const,
      { kind: 'natGateway', id: 'nat-1' } as const,
    );
    const routes = fc.array(fc.record({ destination: blocks, target: anyTarget, origin: fc.constantFrom('static', 'propagated') }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(routes, prefixSets, nearbyIp, (all, sets, destination) => {
        const topology = new LiveTopology(sets);
        const chosen = chooseRoute(topology, { kind: 'routeTable', id: 'rtb-1', networkId: 'vpc-a', routes: all }, destination);
        const expected = naive(topology, all, destination);
        expect(chosen?.target).toEqual(expected?.target);
        const rule = expected?.destination.kind === 'cidr' ? formatCidr(expected.destination.cidr) : expected?.destination.id;
        expect(chosen?.rule).toBe(rule);
      }),
      runs,
    );
  });

  it('the generators draw both families', () => {
    const families = new Set(fc.sample(nearbyIp, 200).map(ipFamily));
    expect([...families].sort((a, b) => a - b)).toEqual([4, 6]);
  });
});
