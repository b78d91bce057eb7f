/** The rules of one group and direction as interval sets: all traffic, ports, protocols by number; ICMP types as lines of their own. */
import { formatCidr, type Cidr } from '#model/cidr.ts';
import { isIpv4 } from '#model/ip.ts';
import { ALL_PORTS, formatPortRange, type PortRange } from '#model/port-range.ts';
import { ALL_PROTOCOLS, hasPorts, ICMP, ICMPV6, isIcmp } from '#model/protocol-number.ts';
import type { Direction, Group, GroupRule, Id, Topology } from '#model/topology.ts';
import type { Traffic } from '#model/traffic.ts';
import { disjoint, joined, outermost } from './disjoint.ts';
import { matchTraffic } from './network-acls.ts';
import { setOf, type NftObject } from './nftables.ts';

/** The numbers of the classes that a group's members are in. */
export type ClassesOf = (groupId: Id) => readonly number[];

interface Compiled {
  readonly sets: NftObject[];
  readonly lines: string[];
}

interface BlockRule {
  readonly traffic: Traffic;
  readonly cidr: Cidr;
}

/** `name` begins the names of the sets. What matches goes on: outgoing traffic to the receiver's groups, incoming to its receiver. */
export function compileGroupRules(topology: Topology, group: Group, direction: Direction, name: string, classesOf: ClassesOf): Compiled {
  const compiled: Compiled = { sets: [], lines: [] };
  const rules = group.rules.filter((rule) => rule.direction === direction);
  const blocks = rules.flatMap((rule) => blocksOf(topology, rule).map((cidr) => ({ traffic: rule.traffic, cidr })));
  for (const isFour of [true, false]) {
    const family = blocks.filter(({ cidr }) => isIpv4(cidr.address) === isFour);
    if (family.length > 0) allowBlocks(compiled, name, direction, isFour, family);
  }
  allowClasses(compiled, name, direction, rules, classesOf);
  return compiled;
}

const verdictOf = (direction: Direction): string => (direction === 'out' ? 'goto receive' : 'accept');

function blocksOf(topology: Topology, { peer }: GroupRule): readonly Cidr[] {
  if (peer.kind === 'cidr') return [peer.cidr];
  return peer.kind === 'prefixSet' ? (topology.prefixSets.get(peer.id)?.cidrs ?? []) : [];
}

function allowBlocks({ sets, lines }: Compiled, name: string, direction: Direction, isFour: boolean, rules: readonly BlockRule[]): void {
  const suffix = isFour ? '4' : '6';
  const field = `${isFour ? 'ip' : 'ip6'} ${direction === 'in' ? 'saddr' : 'daddr'}`;
  const verdict = verdictOf(direction);
  const all = outermost(rules.filter(({ traffic }) => traffic.protocol === ALL_PROTOCOLS).map(({ cidr }) => cidr));
  if (all.some(({ prefixLength }) => prefixLength === 0)) {
    lines.push(`meta nfproto ${isFour ? 'ipv4' : 'ipv6'} ${verdict}`);
  } else if (all.length > 0) {
    // With the protocol in its key, whatever it is: of sets of intervals that have only one field, nft reads all elements of
    // each before it changes any set of the table.
    sets.push(
      setOf(
        `${name}_blocks${suffix}`,
        `typeof meta l4proto . ${field}`,
        all.map((cidr) => `0-255 . ${formatCidr(cidr)}`),
        true,
      ),
    );
    lines.push(`meta l4proto . ${field} @${name}_blocks${suffix} ${verdict}`);
  }
  const ports = portElements(rules);
  if (ports.length > 0) {
    sets.push(setOf(`${name}_ports${suffix}`, `typeof meta l4proto . th dport . ${field}`, ports, true));
    lines.push(`meta l4proto . th dport . ${field} @${name}_ports${suffix} ${verdict}`);
  }
  const protocols = protocolElements(rules);
  if (protocols.length > 0) {
    sets.push(setOf(`${name}_protocols${suffix}`, `typeof meta l4proto . ${field}`, protocols, true));
    lines.push(`meta l4proto . ${field} @${name}_protocols${suffix} ${verdict}`);
  }
  for (const [match, cidrs] of icmpMatches(rules, isFour))
    lines.push(`${match} ${field} { ${outermost(cidrs).map(formatCidr).join(', ')} } ${verdict}`);
}

function portElements(rules: readonly BlockRule[]): string[] {
  return [6, 17].flatMap((protocol) => {
    const own = rules.filter(({ traffic }) => traffic.protocol === protocol);
    const rectangles = own.map(({ traffic, cidr }) => ({ ports: traffic.ports ?? ALL_PORTS, cidr }));
    return disjoint(rectangles).map(({ ports, cidr }) => `${protocol} . ${formatPortRange(ports)} . ${formatCidr(cidr)}`);
  });
}

/** Protocols without ports or types. */
function protocolElements(rules: readonly BlockRule[]): string[] {
  const isOther = ({ protocol }: Traffic): boolean => protocol !== ALL_PROTOCOLS && !hasPorts(protocol) && !isIcmp(protocol);
  const protocols = new Set(rules.filter(({ traffic }) => isOther(traffic)).map(({ traffic }) => traffic.protocol));
  return [...protocols].flatMap((protocol) =>
    outermost(rules.filter(({ traffic }) => traffic.protocol === protocol).map(({ cidr }) => cidr)).map(
      (cidr) => `${protocol} . ${formatCidr(cidr)}`,
    ),
  );
}

/** Blocks by what they match; ICMP of the other family never comes. */
function icmpMatches(rules: readonly BlockRule[], isFour: boolean): ReadonlyMap<string, Cidr[]> {
  const matches = new Map<string, Cidr[]>();
  for (const { traffic, cidr } of rules) {
    if (traffic.protocol !== (isFour ? ICMP : ICMPV6)) continue;
    const match = matchTraffic(traffic).join(' ');
    matches.set(match, [...(matches.get(match) ?? []), cidr]);
  }
  return matches;
}

/** What rules that name other groups allow: who is at the other end is a class (security-groups.ts), in the packet's mark. */
function allowClasses(
  { sets, lines }: Compiled,
  name: string,
  direction: Direction,
  rules: readonly GroupRule[],
  classesOf: ClassesOf,
): void {
  const verdict = verdictOf(direction);
  const named = rules.flatMap(({ peer, traffic }) =>
    peer.kind === 'group' ? classesOf(peer.id).map((number) => ({ number, traffic })) : [],
  );
  const all = distinct(named.filter(({ traffic }) => traffic.protocol === ALL_PROTOCOLS).map(({ number }) => `${number}`));
  if (all.length > 0) {
    sets.push(setOf(`${name}_all_classes`, 'typeof meta mark', all));
    lines.push(`meta mark @${name}_all_classes ${verdict}`);
  }
  const ports = classPortElements(named);
  if (ports.length > 0) {
    sets.push(setOf(`${name}_ports_classes`, 'typeof meta mark . meta l4proto . th dport', ports, true));
    lines.push(`meta mark . meta l4proto . th dport @${name}_ports_classes ${verdict}`);
  }
  const isOther = ({ protocol }: Traffic): boolean => protocol !== ALL_PROTOCOLS && !hasPorts(protocol) && !isIcmp(protocol);
  const protocols = distinct(
    named.filter(({ traffic }) => isOther(traffic)).map(({ number, traffic }) => `${number} . ${traffic.protocol}`),
  );
  if (protocols.length > 0) {
    sets.push(setOf(`${name}_protocols_classes`, 'typeof meta mark . meta l4proto', protocols));
    lines.push(`meta mark . meta l4proto @${name}_protocols_classes ${verdict}`);
  }
  const icmp = new Map<string, string[]>();
  for (const { number, traffic } of named) {
    if (!isIcmp(traffic.protocol)) continue;
    const match = `meta nfproto ${traffic.protocol === ICMP ? 'ipv4' : 'ipv6'} ${matchTraffic(traffic).join(' ')}`;
    icmp.set(match, [...(icmp.get(match) ?? []), `${number}`]);
  }
  for (const [match, numbers] of icmp) lines.push(`${match} meta mark { ${distinct(numbers).join(', ')} } ${verdict}`);
}

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)];

/** Disjoint: a class may be named by several rules. */
function classPortElements(named: readonly { readonly number: number; readonly traffic: Traffic }[]): string[] {
  const ranges = new Map<string, PortRange[]>();
  for (const { number, traffic } of named) {
    if (!hasPorts(traffic.protocol)) continue;
    const key = `${number} . ${traffic.protocol}`;
    const some = ranges.get(key);
    if (some === undefined) ranges.set(key, [traffic.ports ?? ALL_PORTS]);
    else some.push(traffic.ports ?? ALL_PORTS);
  }
  return [...ranges].flatMap(([key, some]) => joined(some).map((range) => `${key} . ${formatPortRange(range)}`));
}
