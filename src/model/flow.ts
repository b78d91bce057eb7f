/** A flow: the first packet of a conversation, by addresses, protocol, and ports or ICMP type and code. */
import { formatIp, isIpv6, type Ip } from '#model/ip.ts';
import { hasPorts, ICMP, ICMPV6, isIcmp, protocolName, TCP, UDP } from '#model/protocol-number.ts';

/** Always the same five members, so that the walk stays fast; build it with `tcpFlow`, `udpFlow`, `icmpFlow`, `echoFlow` or `protocolFlow`. */
export interface Flow {
  readonly source: Ip;
  /** Of the same family as `source`. */
  readonly destination: Ip;
  /** IP protocol number, 0 to 255. */
  readonly protocol: number;
  /** TCP and UDP: 0 to 65535. Others: 0. For ICMP see `icmpType`. */
  readonly sourcePort: number;
  /** TCP and UDP: 0 to 65535. ICMP: type × 256 + code, as in most flow keys. Others: 0. */
  readonly destinationPort: number;
}

/** A source port of the range that RFC 6335 leaves to clients, for when the caller has none. */
export const EPHEMERAL_PORT = 49_152;

export function tcpFlow(source: Ip, destination: Ip, destinationPort: number, sourcePort: number = EPHEMERAL_PORT): Flow {
  return { source, destination, protocol: TCP, sourcePort, destinationPort };
}

export function udpFlow(source: Ip, destination: Ip, destinationPort: number, sourcePort: number = EPHEMERAL_PORT): Flow {
  return { source, destination, protocol: UDP, sourcePort, destinationPort };
}

/** ICMP or ICMPv6, by the family of the source. `type` and `code` are 0 to 255. */
export function icmpFlow(source: Ip, destination: Ip, type: number, code: number = 0): Flow {
  return { source, destination, protocol: isIpv6(source) ? ICMPV6 : ICMP, sourcePort: 0, destinationPort: type * 256 + code };
}

/** An echo request (ping) of the source's family. */
export function echoFlow(source: Ip, destination: Ip): Flow {
  return icmpFlow(source, destination, isIpv6(source) ? 128 : 8);
}

/** Any other protocol, 0 to 255. */
export function protocolFlow(source: Ip, destination: Ip, protocol: number): Flow {
  return { source, destination, protocol, sourcePort: 0, destinationPort: 0 };
}

/** ICMP type of an ICMP flow, 0 to 255. */
export function icmpType(flow: Flow): number {
  return flow.destinationPort >> 8;
}

/** ICMP code of an ICMP flow, 0 to 255. */
export function icmpCode(flow: Flow): number {
  return flow.destinationPort & 255;
}

/** ICMP requests and their answers: RFC 792 (echo, timestamp, information), RFC 950 (address mask). */
const icmpAnswers: ReadonlyMap<number, number> = new Map([[8, 0], [13, 14], [15, 16], [17, 18]]); // prettier-ignore
/** ICMPv6 requests and their answers: RFC 4443 (echo), RFC 4620 (node information). */
const icmpv6Answers: ReadonlyMap<number, number> = new Map([[128, 129], [139, 140]]); // prettier-ignore

/** The flow of the answers: ends swapped, an ICMP request's own answer. Undefined for ICMP that nobody answers. */
export function answerOf(flow: Flow): Flow | undefined {
  const { source, destination, protocol, sourcePort, destinationPort } = flow;
  if (!isIcmp(protocol))
    return { source: destination, destination: source, protocol, sourcePort: destinationPort, destinationPort: sourcePort };
  const type = (protocol === ICMP ? icmpAnswers : icmpv6Answers).get(icmpType(flow));
  return type === undefined
    ? undefined
    : { source: destination, destination: source, protocol, sourcePort: 0, destinationPort: type * 256 };
}

/** The same flow from another source address, and port when given. */
export function withSource(flow: Flow, source: Ip, sourcePort: number = flow.sourcePort): Flow {
  return { source, destination: flow.destination, protocol: flow.protocol, sourcePort, destinationPort: flow.destinationPort };
}

/** The same flow to another destination address, and port when given. */
export function withDestination(flow: Flow, destination: Ip, destinationPort: number = flow.destinationPort): Flow {
  return { source: flow.source, destination, protocol: flow.protocol, sourcePort: flow.sourcePort, destinationPort };
}

/** `tcp 10.0.0.1:49152 → 10.0.0.2:443`, `icmp 10.0.0.1 → 10.0.0.2 type 8 code 0`. */
export function formatFlow(flow: Flow): string {
  const name = protocolName(flow.protocol);
  if (hasPorts(flow.protocol))
    return `${name} ${formatEnd(flow.source, flow.sourcePort)} → ${formatEnd(flow.destination, flow.destinationPort)}`;
  const ends = `${name} ${formatIp(flow.source)} → ${formatIp(flow.destination)}`;
  return isIcmp(flow.protocol) ? `${ends} type ${icmpType(flow)} code ${icmpCode(flow)}` : ends;
}

function formatEnd(ip: Ip, port: number): string {
  return isIpv6(ip) ? `[${formatIp(ip)}]:${port}` : `${formatIp(ip)}:${port}`;
}
