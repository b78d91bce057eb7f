/** The protocol and ports of a security group rule: names and numbers made one, ranges checked as AWS checks them. */
import { invalidParameterValue } from '#aws/errors.ts';
import { hasPorts, ICMP, ICMPV6, isIcmp, parseProtocol, protocolName } from '#model/protocol-number.ts';
import { invalidPortRange } from '#services/ec2/security-groups/security-group-errors.ts';

/** The members of a rule that say which packets it is about. */
export interface RuleTraffic {
  /** `tcp`, `udp`, `icmp`, `icmpv6`, `-1` or another protocol's number. */
  readonly ipProtocol: string;
  /** Port or ICMP type, -1 for all. */
  readonly fromPort: number;
  /** Port or ICMP code, -1 for all. */
  readonly toPort: number;
}

interface TrafficInput {
  readonly IpProtocol?: string | undefined;
  readonly FromPort?: number | undefined;
  readonly ToPort?: number | undefined;
}

const all = -1;
const lastPort = 65_535;
const lastIcmp = 255;

/**
 * The traffic that a permission means. Ports are read for TCP, UDP and ICMP only: for every other protocol AWS takes
 * all of it, whatever ports are given.
 * @throws AwsError InvalidParameterValue
 */
export function readTraffic({ IpProtocol, FromPort, ToPort }: TrafficInput): RuleTraffic {
  const protocol = readProtocol(IpProtocol);
  const ipProtocol = protocol === all ? '-1' : protocolName(protocol);
  if (hasPorts(protocol)) return { ipProtocol, ...portRange(FromPort, ToPort) };
  if (isIcmp(protocol)) return { ipProtocol, ...icmpRange(protocol, FromPort, ToPort) };
  return { ipProtocol, fromPort: all, toPort: all };
}

/** Whether AWS shows the ports of a rule: it leaves them out for protocols that have none. */
export function showsPorts(ipProtocol: string): boolean {
  const protocol = parseProtocol(ipProtocol);
  return protocol !== undefined && (hasPorts(protocol) || isIcmp(protocol));
}

/** As in AWS's errors: `TCP, from port: 80, to port: 80`, `ALL`, `protocol: 50`. */
export function describeTraffic({ ipProtocol, fromPort, toPort }: RuleTraffic): string {
  const protocol = parseProtocol(ipProtocol);
  if (protocol === undefined || protocol === all) return 'ALL';
  const name = ipProtocol.toUpperCase();
  if (hasPorts(protocol)) return `${name}, from port: ${fromPort}, to port: ${toPort}`;
  if (isIcmp(protocol)) return `${name}, type: ${orAll(fromPort)}, code: ${orAll(toPort)}`;
  return `protocol: ${ipProtocol}`;
}

function orAll(value: number): string {
  return value === all ? 'ALL' : String(value);
}

function readProtocol(text: string | undefined): number {
  if (text === undefined || text === '') {
    throw invalidParameterValue("Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly.");
  }
  // `all` is a name of ours and of the command line, not of the API.
  const protocol = text.toLowerCase() === 'all' ? undefined : parseProtocol(text);
  if (protocol === undefined) throw invalidParameterValue(`Invalid value '${text}' for IP protocol. Unknown protocol.`);
  return protocol;
}

function portRange(from: number | undefined, to: number | undefined): Pick<RuleTraffic, 'fromPort' | 'toPort'> {
  // -1 is how AWS writes "not given".
  if (from === undefined || to === undefined || (from === all && to === all)) {
    throw invalidPortRange('Must specify both from and to ports with TCP/UDP.');
  }
  for (const port of [from, to]) {
    if (port < 0 || port > lastPort) throw invalidParameterValue(`TCP/UDP port (${port}) out of range`);
  }
  if (from > to) throw invalidParameterValue(`Invalid TCP/UDP port range (${from}:${to})`);
  return { fromPort: from, toPort: to };
}

function icmpRange(protocol: number, type: number | undefined, code: number | undefined): Pick<RuleTraffic, 'fromPort' | 'toPort'> {
  if (protocol === ICMPV6 && type === undefined && code === undefined) return { fromPort: all, toPort: all };
  if (type === undefined || code === undefined) {
    throw invalidPortRange(`Must specify both from and to ports with ${protocol === ICMP ? 'ICMP' : 'ICMPv6'}.`);
  }
  if (type < all || type > lastIcmp) throw invalidParameterValue(`ICMP type (${type}) out of range`);
  // All types leave no code to choose: "If the start port is -1 (all ICMP types), then the end port must be -1".
  const codeFits = type === all ? code === all : code >= all && code <= lastIcmp;
  if (!codeFits) throw invalidParameterValue(`ICMP code (${code}) out of range`);
  return { fromPort: type, toPort: code };
}
