/** The packets that could show a path: addresses and ports at which rules on the way begin to say something else. */
import { addressScope } from '#model/address-scope.ts';
import { ALL_IPV4, cidrFamily, firstIp, lastIp, nthIp, type Cidr } from '#model/cidr.ts';
import { EPHEMERAL_PORT } from '#model/flow.ts';
import { ipPlus, isIpv4, type Ip } from '#model/ip.ts';
import { portInRange, type PortRange } from '#model/port-range.ts';
import { ALL_PROTOCOLS } from '#model/protocol-number.ts';
import type { AccessEntry, Blocks, GroupRule, NetworkInterface, Topology } from '#model/topology.ts';
import { trafficKeys } from '#model/traffic.ts';
import { internetHost } from '#services/ec2/network-insights/trace-ends.ts';

/** The most values of one kind that are tried; a path that only a rule behind them opens is not found. */
const valuesPerKind = 64;
/** The destination port where nobody names one. */
const usualPort = 443;

/** The rules that a packet between two ends may meet. */
export interface RulesOnTheWay {
  readonly groupRules: readonly GroupRule[];
  readonly entries: readonly AccessEntry[];
  /** Where the routes of the networks lead. */
  readonly routes: readonly Cidr[];
}

/** Rules of the interfaces' groups; entries and routes of their networks. */
export function rulesOnTheWay(topology: Topology, interfaces: readonly NetworkInterface[], networkIds: Iterable<string>): RulesOnTheWay {
  const groupIds = new Set(interfaces.flatMap((one) => one.groupIds));
  const [lists, tables] = [new Set<string>(), new Set<string>()];
  for (const networkId of new Set(networkIds)) {
    for (const id of topology.segmentsOf(networkId)) {
      const segment = topology.segments.get(id);
      if (!segment) continue;
      lists.add(segment.accessListId);
      tables.add(segment.routeTableId);
    }
  }
  const routes = [...tables].flatMap((id) => topology.routeTables.get(id)?.routes ?? []);
  return {
    groupRules: [...groupIds].flatMap((id) => topology.groups.get(id)?.rules ?? []),
    entries: [...lists].flatMap((id) => topology.accessLists.get(id)?.entries ?? []),
    routes: routes.flatMap(({ destination, target }) => (target.kind === 'local' ? [] : cidrsOf(topology, destination))),
  };
}

/** Destination ports inside the range, the likeliest first: where a rule begins, or the one before it ends. */
export function destinationPorts({ groupRules, entries }: RulesOnTheWay, protocol: number, within: PortRange): readonly number[] {
  const ranges = [...groupRules, ...entries].flatMap(({ traffic }) => (isOf(traffic.protocol, protocol) ? [trafficKeys(traffic)] : []));
  return portsAt(ranges, usualPort, within);
}

/** Source ports inside the range: access lists see them as the destination ports of answers. */
export function sourcePorts({ entries }: RulesOnTheWay, protocol: number, within: PortRange): readonly number[] {
  const ranges = entries.flatMap(({ traffic }) => (isOf(traffic.protocol, protocol) ? [trafficKeys(traffic)] : []));
  return portsAt(ranges, EPHEMERAL_PORT, within);
}

/** Hosts on the internet: any, and those that a rule or route singles out. None is an address of these networks. */
export function internetAddresses(topology: Topology, { groupRules, entries, routes }: RulesOnTheWay): readonly Ip[] {
  const peers = groupRules.flatMap(({ peer }) => (peer.kind === 'group' ? [] : cidrsOf(topology, peer)));
  const found = new Set<Ip>(internetHost.filter(isIpv4));
  for (const cidr of [...peers, ...entries.map((entry) => entry.cidr), ...routes]) {
    if (cidrFamily(cidr) !== 4 || cidr.prefixLength === ALL_IPV4.prefixLength) continue;
    for (const ip of [cidr.prefixLength < 31 ? nthIp(cidr, 1) : firstIp(cidr), ipPlus(lastIp(cidr), 1)]) {
      if (ip !== undefined && isElsewhere(topology, ip)) found.add(ip);
    }
    if (found.size >= valuesPerKind) break;
  }
  return [...found];
}

function isElsewhere(topology: Topology, ip: Ip): boolean {
  return isIpv4(ip) && addressScope(ip) === 'global' && topology.interfaceOfPublic(ip) === undefined;
}

function portsAt(ranges: readonly PortRange[], usual: number, within: PortRange): readonly number[] {
  const found = new Set(
    [usual, within.from, ...ranges.flatMap(({ from, to }) => [from, to + 1])].filter((port) => portInRange(within, port)),
  );
  return [...found].slice(0, valuesPerKind);
}

function isOf(ruleProtocol: number, protocol: number): boolean {
  return ruleProtocol === ALL_PROTOCOLS || ruleProtocol === protocol;
}

function cidrsOf(topology: Topology, blocks: Blocks): readonly Cidr[] {
  return blocks.kind === 'cidr' ? [blocks.cidr] : (topology.prefixSets.get(blocks.id)?.cidrs ?? []);
}
