/** Whether there is a path between two ends: packets that fit are walked one after the other until one arrives and is answered. */
import { trace } from '#engine/trace.ts';
import { addressScope } from '#model/address-scope.ts';
import { cidrContainsIp } from '#model/cidr.ts';
import { type Flow, tcpFlow, udpFlow } from '#model/flow.ts';
import { isIpv4, parseIp, type Ip } from '#model/ip.ts';
import { ALL_PORTS, type PortRange, portRange } from '#model/port-range.ts';
import { TCP, UDP } from '#model/protocol-number.ts';
import type { Id, NetworkInterface, Topology } from '#model/topology.ts';
import type { Origin, Trace } from '#model/trace.ts';
import {
  destinationPorts,
  internetAddresses,
  rulesOnTheWay,
  sourcePorts,
} from '#services/ec2/network-insights/network-insights-candidates.ts';
import type { ExplanationCode } from '#services/ec2/network-insights/network-insights-codes.ts';
import type { PathFilterRecord } from '#services/ec2/tables/insights.ts';

/** The most packets of one search: at some microseconds each, what a request may take of everybody's time. */
const packetsPerSearch = 4096;

/** An end as the topology has it. An instance has its interfaces, the primary one first. */
export type SearchEnd =
  | { readonly kind: 'interfaces'; readonly interfaces: readonly NetworkInterface[] }
  /** The internet behind a gateway. */
  | { readonly kind: 'gateway'; readonly id: Id; readonly networkId: Id | undefined };

export interface Search {
  readonly topology: Topology;
  readonly source: SearchEnd;
  /** Undefined: whoever has `atSource.destinationAddress`. */
  readonly destination: SearchEnd | undefined;
  readonly protocol: 'tcp' | 'udp';
  readonly atSource: PathFilterRecord;
  readonly atDestination: PathFilterRecord;
}

export interface Attempt {
  readonly flow: Flow;
  readonly trace: Trace;
  /** The packet arrives, but not so as the path wants it. */
  readonly missed: ExplanationCode | undefined;
}

/** The packet that arrives, else the one that came nearest; or why there is none to send. */
export type SearchOutcome = Attempt | { readonly impossible: ExplanationCode };

export function isArrival({ trace: { outcome }, missed }: Attempt): boolean {
  return outcome === 'delivered' && missed === undefined;
}

export function searchPath(search: Search): SearchOutcome {
  const impossible = whyImpossible(search);
  if (impossible) return { impossible };
  let best: Attempt | undefined;
  let count = 0;
  for (const { flow, origin } of packets(search)) {
    if (++count > packetsPerSearch) break;
    const walked = trace(search.topology, flow, origin);
    const attempt: Attempt = { flow, trace: walked, missed: walked.outcome === 'delivered' ? whatIsMissed(search, walked) : undefined };
    if (isArrival(attempt)) return attempt;
    if (!best || nearness(attempt) > nearness(best)) best = attempt;
  }
  return best ?? { impossible: 'NO_PATH' };
}

/** An arrival elsewhere comes nearest; of losses the one on the answer, then the one after more hops. */
function nearness({ trace: { forward, return: back }, missed }: Attempt): number {
  return missed ? Number.POSITIVE_INFINITY : (back.length > 0 ? 1000 : 0) + forward.length + back.length;
}

function whyImpossible({ source, destination, atSource, atDestination }: Search): ExplanationCode | undefined {
  for (const end of [source, destination]) {
    if (end?.kind === 'gateway' && end.networkId === undefined) return 'UNASSOCIATED_COMPONENT';
    if (end?.kind === 'interfaces' && !end.interfaces.some(hasIpv4)) return 'UNASSOCIATED_COMPONENT'; // "… none of its network interfaces has an IPv4 address"
  }
  if (destination && source.kind === 'gateway' && destination.kind === 'gateway') return 'NO_PATH';
  if (destination && !networksOf(source).some((id) => networksOf(destination).includes(id))) return 'DISCONNECTED_VPCS';
  if (!sharedRange(atSource.destinationPorts, atDestination.destinationPorts)) return 'FILTER_AT_DESTINATION_DESTINATION_PORT_RANGE';
  if (!sharedRange(atSource.sourcePorts, atDestination.sourcePorts)) return 'FILTER_AT_DESTINATION_SOURCE_PORT_RANGE';
  const wanted = atDestination.destinationAddress;
  if (destination?.kind === 'interfaces' && wanted !== undefined && !destination.interfaces.some((one) => owns(one, address(wanted))))
    return 'FILTER_AT_DESTINATION_DESTINATION_ADDRESS';
  const outside = [
    ...(source.kind === 'gateway' ? [atSource.sourceAddress, atSource.destinationAddress] : []),
    ...(destination?.kind === 'gateway' ? [atDestination.sourceAddress, atDestination.destinationAddress] : []),
  ];
  return outside.some((text) => text !== undefined && !isPublic(address(text))) ? 'IGW_EXPECTS_PUBLIC_ADDRESS' : undefined;
}

/** The likeliest packets first: ports vary last. */
function* packets(search: Search): Generator<{ readonly flow: Flow; readonly origin: Origin }> {
  const { topology, source, destination, protocol, atSource, atDestination } = search;
  const interfaces = [source, destination].flatMap((end) => (end?.kind === 'interfaces' ? end.interfaces : []));
  const rules = rulesOnTheWay(topology, interfaces, [...networksOf(source), ...(destination ? networksOf(destination) : [])]);
  const number = protocol === 'tcp' ? TCP : UDP;
  const hosts = internetAddresses(topology, rules);
  const pairs = sources(search, hosts).flatMap((from) => destinationsFrom(search, from, hosts).map((to) => ({ from, to })));
  const ports = destinationPorts(rules, number, sharedRange(atSource.destinationPorts, atDestination.destinationPorts) ?? ALL_PORTS);
  for (const sourcePort of sourcePorts(rules, number, sharedRange(atSource.sourcePorts, atDestination.sourcePorts) ?? ALL_PORTS)) {
    for (const port of ports) {
      for (const { from, to } of pairs) {
        const flow = (protocol === 'tcp' ? tcpFlow : udpFlow)(from.address, to, port, sourcePort);
        yield { flow, origin: from.interface ? { kind: 'interface', id: from.interface.id } : { kind: 'internet' } };
      }
    }
  }
}

interface From {
  readonly address: Ip;
  /** Undefined on the internet. */
  readonly interface: NetworkInterface | undefined;
}

function sources({ source, atSource, atDestination }: Search, hosts: readonly Ip[]): readonly From[] {
  if (source.kind === 'gateway') {
    const given = atSource.sourceAddress ?? atDestination.sourceAddress; // a gateway leaves it as it is on the way in
    return (given === undefined ? hosts : [address(given)]).map((host) => ({ address: host, interface: undefined }));
  }
  const { sourceAddress } = atSource;
  return source.interfaces.flatMap((sender) => {
    // An address that is not its own is sent all the same: the source check says what comes of it.
    const own = sourceAddress === undefined ? sender.addresses.filter(isIpv4) : [address(sourceAddress)];
    return own.map((ip) => ({ address: ip, interface: sender }));
  });
}

function destinationsFrom({ source, destination, atSource, atDestination }: Search, from: From, hosts: readonly Ip[]): readonly Ip[] {
  if (atSource.destinationAddress !== undefined) return [address(atSource.destinationAddress)];
  const wanted = atDestination.destinationAddress;
  if (destination?.kind !== 'interfaces') return wanted === undefined ? hosts : [address(wanted)];
  return destination.interfaces.flatMap((receiver) => {
    const own = wanted === undefined ? receiver.addresses.filter(isIpv4) : [address(wanted)].filter((ip) => owns(receiver, ip));
    if (source.kind === 'interfaces' && from.interface?.networkId === receiver.networkId) return own;
    // Without a public address the private one is sent to, and the gateway says what comes of it.
    return own.map((ip) => receiver.publicAddresses.find(({ privateAddress }) => privateAddress === ip)?.publicAddress ?? ip);
  });
}

/** What an arrival lacks of what the path asks for. */
function whatIsMissed({ source, destination, atDestination }: Search, { forward }: Trace): ExplanationCode | undefined {
  const last = forward.at(-1);
  const passes = (gateway: Id): boolean => forward.some(({ component }) => component === gateway);
  if (source.kind === 'gateway' && !passes(source.id)) return 'IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS';
  if (destination?.kind === 'gateway' && !passes(destination.id)) return 'FILTER_AT_SOURCE_DESTINATION_ADDRESS';
  if (destination?.kind === 'interfaces' && !destination.interfaces.some(({ id }) => id === last?.component))
    return 'FILTER_AT_SOURCE_DESTINATION_ADDRESS';
  const { sourceAddress, destinationAddress } = atDestination;
  if (sourceAddress !== undefined && last?.flow.source !== address(sourceAddress)) return 'FILTER_AT_DESTINATION_SOURCE_ADDRESS';
  if (destinationAddress !== undefined && last?.flow.destination !== address(destinationAddress))
    return 'FILTER_AT_DESTINATION_DESTINATION_ADDRESS';
  return undefined;
}

function networksOf(end: SearchEnd): readonly Id[] {
  if (end.kind === 'interfaces') return end.interfaces.map(({ networkId }) => networkId);
  return end.networkId === undefined ? [] : [end.networkId];
}

function sharedRange(one: PortRange = ALL_PORTS, other: PortRange = ALL_PORTS): PortRange | undefined {
  return portRange(Math.max(one.from, other.from), Math.min(one.to, other.to));
}

const hasIpv4 = ({ addresses }: NetworkInterface): boolean => addresses.some(isIpv4);
const owns = ({ addresses, prefixes }: NetworkInterface, ip: Ip): boolean =>
  addresses.includes(ip) || prefixes.some((prefix) => cidrContainsIp(prefix, ip));
const isPublic = (ip: Ip): boolean => addressScope(ip) === 'global';

function address(text: string): Ip {
  return parseIp(text)!; // checked before the path was written
}
