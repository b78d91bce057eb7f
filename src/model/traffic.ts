/** What a filter rule says of protocol, ports and ICMP types. */
import { icmpCode, icmpType, type Flow } from '#model/flow.ts';
import { ALL_PORTS, formatPortRange, portInRange, type PortRange } from '#model/port-range.ts';
import { ALL_PROTOCOLS, hasPorts, isIcmp, protocolName } from '#model/protocol-number.ts';

/** In a rule: any ICMP type, or any code. */
export const ANY_ICMP = -1;

export interface IcmpMatch {
  /** 0 to 255, or −1 for any (then the code is of no account). */
  readonly type: number;
  /** 0 to 255, or −1 for any. */
  readonly code: number;
}

export interface Traffic {
  /** IP protocol number, or −1 for all; with −1 ports and ICMP types are of no account. */
  readonly protocol: number;
  /** TCP and UDP: the destination ports; absent means all. Other protocols have none. */
  readonly ports?: PortRange;
  /** ICMP and ICMPv6; absent means all types. */
  readonly icmp?: IcmpMatch;
}

export const ALL_TRAFFIC: Traffic = { protocol: ALL_PROTOCOLS };

/** Whether a packet of the flow is such traffic; addresses are of no account. */
export function trafficMatches(traffic: Traffic, flow: Flow): boolean {
  if (traffic.protocol === ALL_PROTOCOLS) return true;
  if (traffic.protocol !== flow.protocol) return false;
  if (hasPorts(flow.protocol)) return traffic.ports === undefined || portInRange(traffic.ports, flow.destinationPort);
  if (traffic.icmp === undefined || traffic.icmp.type === ANY_ICMP || !isIcmp(flow.protocol)) return true;
  return traffic.icmp.type === icmpType(flow) && (traffic.icmp.code === ANY_ICMP || traffic.icmp.code === icmpCode(flow));
}

/**
 * The same condition as one range of `Flow.destinationPort`, which holds ports or ICMP type and code: what a compiler
 * of rules needs beside the protocol.
 */
export function trafficKeys(traffic: Traffic): PortRange {
  if (hasPorts(traffic.protocol)) return traffic.ports ?? ALL_PORTS;
  if (!isIcmp(traffic.protocol) || traffic.icmp === undefined || traffic.icmp.type === ANY_ICMP) return ALL_PORTS;
  const { type, code } = traffic.icmp;
  return code === ANY_ICMP ? { from: type * 256, to: type * 256 + 255 } : { from: type * 256 + code, to: type * 256 + code };
}

/** `tcp 443`, `icmp type 8`, `all`. */
export function formatTraffic(traffic: Traffic): string {
  const name = protocolName(traffic.protocol);
  if (hasPorts(traffic.protocol) && traffic.ports !== undefined) return `${name} ${formatPortRange(traffic.ports)}`;
  if (!isIcmp(traffic.protocol) || traffic.icmp === undefined || traffic.icmp.type === ANY_ICMP) return name;
  const { type, code } = traffic.icmp;
  return code === ANY_ICMP ? `${name} type ${type}` : `${name} type ${type} code ${code}`;
}
