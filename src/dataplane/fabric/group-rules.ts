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

/** Names of the sets of a referenced group's members: `NAME_from4`, `NAME_to6` …. */
export interface MemberSets {
  readonly groupId: Id;
  readonly name: string;
}

interface Compiled {
  readonly sets: NftObject[];
  readonly lines: string[];
}

interface BlockRule {
  readonly traffic: Traffic;
  readonly cidr: Cidr;
}

/** `name` begins the names of the sets. What matches goes on: outgoing traffic to the receiver's groups, incoming to its receiver. */
export function compileGroupRules(
  topology: Topology,
  group: Group,
  direction: Direction,
  name: string,
  members: ReadonlyMap<Id, MemberSets>,
): Compiled {
  const compiled: Compiled = { sets: [], lines: [] };
  const rules = group.rules.filter((rule) => rule.direction === direction);
  const blocks = rules.flatMap((rule) => blocksOf(topology, rule).map((cidr) => ({ traffic: rule.traffic, cidr })));
  for (const isFour of [true, false]) {
    const family = blocks.filter(({ cidr }) => isIpv4(cidr.address) === isFour);
    if (family.length > 0) allowBlocks(compiled, name, direction, isFour, family);
  }
  for (const one of members.values()) {
    const traffics = rules.filter(({ peer }) => peer.kind === 'group' && peer.id === one.groupId).map(({ traffic }) => traffic);
    if (traffics.length > 0) allowMembers(compiled, name, direction, one, traffics);
  }
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
  if (all.length > 0) {
    sets.push(setOf(`${name}_all${suffix}`, `type ${isFour ? 'ipv4_addr' : 'ipv6_addr'}`, all.map(formatCidr), true));
    lines.push(`${field} @${name}_all${suffix} ${verdict}`);
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

/** Members of a group: what they may send is in one set of ports, who they are in another. */
function allowMembers(
  { sets, lines }: Compiled,
  name: string,
  direction: Direction,
  members: MemberSets,
  traffics: readonly Traffic[],
): void {
  const verdict = verdictOf(direction);
  const peers = ([4, 6] as const).map((family) => {
    const ip = family === 4 ? 'ip' : 'ip6';
    return direction === 'in' ? `iifname . ${ip} saddr @${members.name}_from${family}` : `${ip} daddr @${members.name}_to${family}`;
  });
  const allow = (match: string): void => void lines.push(...peers.map((peer) => `${match}${match === '' ? '' : ' '}${peer} ${verdict}`));
  if (traffics.some(({ protocol }) => protocol === ALL_PROTOCOLS)) return allow('');
  const ports = [6, 17].flatMap((protocol) =>
    joined(rangesOf(traffics, protocol)).map((range) => `${protocol} . ${formatPortRange(range)}`),
  );
  if (ports.length > 0) {
    const set = `${name}_${members.name}`;
    sets.push(setOf(set, 'typeof meta l4proto . th dport', ports, true));
    allow(`meta l4proto . th dport @${set}`);
  }
  for (const traffic of traffics) {
    if (hasPorts(traffic.protocol)) continue;
    const family = traffic.protocol === ICMP ? 0 : traffic.protocol === ICMPV6 ? 1 : undefined;
    const match = matchTraffic(traffic).join(' ');
    if (family === undefined) allow(match);
    else lines.push(`${match} ${peers[family]!} ${verdict}`); // two peers, by family
  }
}

function rangesOf(traffics: readonly Traffic[], protocol: number): PortRange[] {
  return traffics.filter((traffic) => traffic.protocol === protocol).map(({ ports }) => ports ?? ALL_PORTS);
}
