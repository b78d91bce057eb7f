/** Small topologies and the kernel state they make, in the kernel's words. */
import { describe, expect, it } from 'vitest';
import { isForwardable } from '#model/address-scope.ts';
import { cidrContainsIp, parseCidr } from '#model/cidr.ts';
import { LiveTopology } from '#model/live-topology.ts';
import type { Part } from '#model/topology.ts';
import { accessList, entry, group, networkInterface, routeTable, rule, sample } from '#test/network/sample-network.ts';
import { nearbyIp } from '#test/network/arbitrary-addresses.ts';
import fc from 'fast-check';
import { compile } from './compile.ts';
import { rulesetText, type Ruleset } from './nftables.ts';
import { UNROUTABLE4, UNROUTABLE6 } from './router-ruleset.ts';

type Change = Part | `${Part['kind']} ${string}`;

function namespaceOf(name: string, ...changes: Change[]) {
  const found = compile(sample(...changes)).namespaces.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no namespace ${name}`);
  return found;
}

/** The rules of a chain. */
function chain(ruleset: Ruleset, name: string): readonly string[] {
  const found = ruleset.find((one) => one.kind === 'chain' && one.name === name);
  if (found?.kind !== 'chain') throw new Error(`no chain ${name}`);
  return found.rules;
}

const tcp = (from: number, to: number = from) => ({ protocol: 6, ports: { from, to } });

describe('the namespaces', () => {
  it('are one for each network, gateway and holder, and the internet', () => {
    expect(compile(sample()).namespaces.map(({ name }) => name)).toEqual([
      'router-vpc-a', 'igw-vpc-a', 'host-eni-adm', 'host-eni-app', 'host-eni-db', 'nat-nat-a', 'host-eni-web', 'internet', 'platform',
    ]); // prettier-ignore
  });

  it('interfaces of one instance share one', () => {
    const second = networkInterface('eni-x', 'subnet-prv', ['10.0.1.99'], { attachment: { kind: 'instance', id: 'i-1', index: 1 } });
    const first = networkInterface('eni-web', 'subnet-pub', ['10.0.0.10'], { attachment: { kind: 'instance', id: 'i-1', index: 0 } });
    const { addresses, routes, rules4 } = namespaceOf('host-i-1', first, second);
    expect(addresses).toEqual(['10.0.0.10/24 dev eth0', '10.0.1.99/24 dev eth1']);
    expect(routes).toEqual([
      '0.0.0.0/0 via 10.0.0.1 dev eth0 onlink',
      '0.0.0.0/0 via 10.0.1.1 dev eth1 onlink metric 101',
      '0.0.0.0/0 via 10.0.1.1 dev eth1 onlink table 101',
    ]);
    expect(rules4).toEqual(['from 10.0.1.99 lookup 101 pref 101']);
  });

  it('what is down is not there', () => {
    const state = compile(sample(networkInterface('eni-db', 'subnet-dbs', ['10.0.2.10'], { up: false })));
    expect(state.namespaces.map(({ name }) => name)).not.toContain('host-eni-db');
    expect(state.namespaces[0]?.routes).toContain('blackhole 10.0.2.10/32');
  });
});

describe('an interface', () => {
  it('has its addresses as AWS’s DHCP gives them', () => {
    expect(namespaceOf('host-eni-web')).toMatchObject({
      addresses: ['10.0.0.10/24 dev eth0', '2001:db8:a::10/128 dev eth0 nodad'],
      routes: ['0.0.0.0/0 via 10.0.0.1 dev eth0 onlink', '::/0 via fe80::1 dev eth0'],
      ruleset: [],
    });
  });
});

describe('route tables', () => {
  const tableOf = (...changes: Change[]): string[] =>
    namespaceOf('router-vpc-a', ...changes).routes.filter((line) => / table \d{4,}/.test(line)).map((line) => line.replace(/ table \d+/, '')); // prettier-ignore

  it('lead to devices, to the network’s own routes, or nowhere', () => {
    const change = routeTable(
      'rtb-dbs',
      '10.0.0.0/16 local',
      '10.0.1.0/24 eni-web',
      '0.0.0.0/0 nat-a',
      '192.0.2.0/24 eni-gone',
      '::/0 eigw-a',
      '198.51.100.0/24 eigw-a',
    );
    const lines = tableOf(change, routeTable('rtb-pub'), routeTable('rtb-prv')); // prettier-ignore
    expect(lines.filter((line) => !/^blackhole (0\.0\.0\.0\/0|::\/0)$/.test(line))).toEqual([
      '10.0.1.0/24 via 169.254.0.2 dev eni-web onlink',
      'blackhole 192.0.2.0/24',
      'blackhole 198.51.100.0/24',
      'throw 10.0.0.0/16',
      '0.0.0.0/0 via 169.254.0.2 dev eni-nat onlink',
      '::/0 via fe80::2 dev eigw',
    ]);
  });

  it('static wins over propagated, and local over longer propagated ones', () => {
    const change = routeTable(
      'rtb-dbs',
      '10.0.0.0/16 local',
      '10.0.1.0/24 eni-web propagated',
      '192.0.2.0/24 eni-adm propagated',
      '192.0.2.0/24 eni-app',
    );
    const lines = tableOf(change, routeTable('rtb-pub'), routeTable('rtb-prv')).join('\n'); // prettier-ignore
    expect(lines).not.toContain('eni-web');
    expect(lines).toContain('192.0.2.0/24 via 169.254.0.2 dev eni-app onlink');
  });
});

describe('access lists', () => {
  it('are chains in the order of their numbers that end in a denial', () => {
    const list = accessList('acl-pub', entry(200, 'in', 'allow', { protocol: 1, icmp: { type: 8, code: -1 } }, '0.0.0.0/0'), entry(100, 'in', 'deny', tcp(22), '10.0.1.0/24'), entry(1, 'in', 'allow', { protocol: 58 }, '0.0.0.0/0')); // prettier-ignore
    expect(chain(namespaceOf('router-vpc-a', list).ruleset, 'list_acl-pub_in')).toEqual([
      'ip saddr 10.0.1.0/24 tcp dport 22-22 drop',
      'meta nfproto ipv4 icmp type 8 return',
      'drop',
    ]);
  });
});

describe('groups', () => {
  it('are sets, however many rules they have', () => {
    const many = Array.from({ length: 1_000 }, (_, at) => rule(`sgr-${at}`, 'in', tcp(1_000 + at), `192.0.2.${at % 256}/32`));
    expect(chain(namespaceOf('router-vpc-a', group('sg-open', ...many)).ruleset, 'group_sg-open_in')).toEqual([
      'meta l4proto . th dport . ip saddr @group_sg-open_in_ports4 accept',
    ]);
  });

  it('what they name of each other is a set of classes of members', () => {
    const { ruleset } = namespaceOf(
      'router-vpc-a',
      group('sg-open', rule('sgr-1', 'in', tcp(443), 'sg-open'), rule('sgr-2', 'in', tcp(80), 'sg-open')),
    );
    expect(chain(ruleset, 'group_sg-open_in')).toEqual(['meta mark . meta l4proto . th dport @group_sg-open_in_ports_classes accept']);
    expect(rulesetText(ruleset)).toMatch(/elements = \{ \d+ \. 6 \. 80, \d+ \. 6 \. 443 \}/);
  });

  it('that allow nothing, or are gone, drop', () => {
    expect(chain(namespaceOf('router-vpc-a', 'group sg-open').ruleset, 'together_sg-open_in')).toEqual(['drop']);
  });
});

it('the blocks never forwarded to are the model’s', () => {
  const blocks = [...UNROUTABLE4, ...UNROUTABLE6].map((text) => parseCidr(text)!); // literals
  const edges = blocks.flatMap(({ address }) => [address]);
  fc.assert(
    fc.property(fc.oneof(nearbyIp, fc.constantFrom(...edges)), (ip) => {
      expect(blocks.some((block) => cidrContainsIp(block, ip))).toBe(!isForwardable(ip));
    }),
  );
});

it('the same topology makes the same state, in whatever order its parts came', () => {
  const parts = [...sample().parts()];
  const { version: _, ...state } = compile(new LiveTopology(parts.toReversed()));
  expect(compile(new LiveTopology(parts))).toMatchObject(state);
});
