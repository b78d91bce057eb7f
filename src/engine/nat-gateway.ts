/** NAT gateways, and instances that masquerade: many sources behind one address, remembered so that answers find back. */
import { answerOf, withDestination, withSource, type Flow } from '#model/flow.ts';
import { ipFamily, isIpv4, type Ip } from '#model/ip.ts';
import { hasPorts, ICMP, TCP, UDP } from '#model/protocol-number.ts';
import type { Id, NetworkInterface } from '#model/topology.ts';

/** A NAT gateway's lowest source port ("NAT gateways use ports 1024–65535", vpc-nat-gateway). */
export const LOWEST_NAT_PORT = 1024;

/** One remembered translation. */
export interface NatMapping {
  readonly interfaceId: Id;
  readonly before: Flow;
  readonly after: Flow;
}

/** Whether a NAT gateway takes the packet: IPv4 TCP, UDP and ICMP. (IPv6 behind it means NAT64, which is not modelled.) */
export function natGatewayTakes({ source, protocol }: Flow): boolean {
  return isIpv4(source) && (protocol === TCP || protocol === UDP || protocol === ICMP);
}

/** The interface's primary address of the source's family. */
export function primaryAddress(subject: NetworkInterface, like: Ip): Ip | undefined {
  return subject.addresses.find((ip) => ipFamily(ip) === ipFamily(like));
}

/**
 * The packet with another source. Which port a translator picks is its own affair; here it keeps the sender's, moved into
 * its range when it is below: what access lists see is then one port that the real one may differ from.
 */
export function translateSource(flow: Flow, source: Ip): Flow {
  if (!hasPorts(flow.protocol)) return withSource(flow, source);
  return withSource(flow, source, flow.sourcePort < LOWEST_NAT_PORT ? flow.sourcePort + LOWEST_NAT_PORT : flow.sourcePort);
}

/** The answer with its old destination put back; undefined when it answers nothing that the mapping sent. */
export function restoreAnswer({ before, after }: NatMapping, answer: Flow): Flow | undefined {
  const expected = answerOf(after);
  return expected !== undefined && flowsEqual(expected, answer)
    ? withDestination(answer, before.source, hasPorts(answer.protocol) ? before.sourcePort : answer.destinationPort)
    : undefined;
}

export function flowsEqual(a: Flow, b: Flow): boolean {
  return (
    a.source === b.source &&
    a.destination === b.destination &&
    a.protocol === b.protocol &&
    a.sourcePort === b.sourcePort &&
    a.destinationPort === b.destinationPort
  );
}
