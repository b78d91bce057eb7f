/** What the engine's trace means for who sees a packet; and which flows a kernel cannot be asked about, and why. */
import { answerOf, icmpCode, icmpType, type Flow } from '#model/flow.ts';
import { formatIp, isIpv4 } from '#model/ip.ts';
import { cidrContainsIp } from '#model/cidr.ts';
import { hasPorts, isIcmp } from '#model/protocol-number.ts';
import type { Topology } from '#model/topology.ts';
import type { Origin, Trace } from '#model/trace.ts';

/** A packet to send. */
export interface Probe {
  readonly id: number;
  /** An interface's id, or `internet`. */
  readonly place: string;
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly sourcePort: number;
  /** Destination port, or ICMP type × 256 + code. */
  readonly key: number;
}

export interface Expectation {
  /** How many places see it at least. */
  readonly expectedSeen: number;
  readonly expectedHome: boolean;
}

export function probeOf(id: number, flow: Flow, from: Origin): Probe {
  const place = from.kind === 'internet' ? 'internet' : from.id;
  return { id, place, source: formatIp(flow.source), destination: formatIp(flow.destination), protocol: flow.protocol, sourcePort: flow.sourcePort, key: flow.destinationPort }; // prettier-ignore
}

/** The interfaces that the packet comes to, in order, and `internet`. */
export function seenBy(topology: Topology, { forward }: Trace): string[] {
  const seen: string[] = [];
  for (const { kind, component, action } of forward) {
    if (kind === 'interface' && (action === 'receive' || action === 'forward' || action === 'translate')) seen.push(component);
    if (kind === 'natGateway') seen.push(topology.natGateways.get(component)?.interfaceId ?? component);
    if (kind === 'internet' && action === 'receive') seen.push('internet');
  }
  return seen;
}

/** Whether the answer comes home. The platform is the router's own kernel here, which answers echo requests. */
export function comesHome({ outcome, forward }: Trace, flow: Flow): boolean {
  if (outcome !== 'delivered' || answerOf(flow) === undefined) return false;
  return forward.at(-1)?.kind !== 'platform' || (isIcmp(flow.protocol) && echoes.has(icmpType(flow)));
}

const echoes = new Set([8, 128]);

/** ICMP requests that connection tracking knows; others cannot be translated. */
const tracked4 = new Set([8, 13, 15, 17]);
const tracked6 = new Set([128, 139]);
/** Errors, which need a packet inside, and neighbour discovery, which is between neighbours only. */
const errors4 = new Set([3, 4, 5, 11, 12]);
const isPlumbing6 = (type: number): boolean => type < 128 || (type >= 130 && type <= 137) || type === 143;
/** Protocol numbers that are no upper layer in IPv6 but extension headers or the like. */
const plainProtocols = new Set([47, 50, 255]);

/** Why a flow is not put to the kernel; undefined when it is. Each is a limit of the comparison or a known difference (README). */
export function whyNotAsked(topology: Topology, flow: Flow, from: Origin): string | undefined {
  const origin = from.kind === 'interface' ? topology.interfaces.get(from.id) : undefined;
  if (from.kind === 'interface' && origin === undefined) return 'no such sender';
  if (origin !== undefined && !origin.up) return 'a sender that is down has no place to send from';
  if (origin !== undefined && topology.natGatewayOn(origin.id) !== undefined) return 'NAT gateways send nothing of their own';
  if (origin?.addresses.includes(flow.destination) || origin?.prefixes.some((cidr) => cidrContainsIp(cidr, flow.destination)))
    return 'never leaves its host';
  if (origin !== undefined && !origin.addresses.some((ip) => isIpv4(ip) === isIpv4(flow.source)))
    return 'a host without an address of the family has no way out';
  const network = origin === undefined ? undefined : topology.networks.get(origin.networkId);
  if (network?.platformAddresses.includes(flow.source) || isRouters(topology, flow))
    return 'a router drops what pretends to come from itself';
  if (isIcmp(flow.protocol)) {
    if (isIpv4(flow.source) !== (flow.protocol === 1)) return 'ICMP of the other family';
    const type = icmpType(flow);
    if (isIpv4(flow.source) ? errors4.has(type) : isPlumbing6(type)) return 'ICMP errors and neighbour discovery are no flows';
    if (answerOf(flow) !== undefined && icmpCode(flow) !== 0) return 'ICMP requests have code 0';
  } else if (!hasPorts(flow.protocol) && (!plainProtocols.has(flow.protocol) || (!isIpv4(flow.source) && flow.protocol === 255)))
    return 'not a plain protocol';
  return undefined;
}

function isInterface(topology: Topology, id: string | undefined): boolean {
  return id !== undefined && topology.interfaces.has(id);
}

function isOwn(topology: Topology, id: string | undefined, { source }: Flow): boolean {
  const part = id === undefined ? undefined : topology.interfaces.get(id);
  return part?.addresses.includes(source) === true || part?.prefixes.some((cidr) => cidrContainsIp(cidr, source)) === true;
}

function isRouters(topology: Topology, { source }: Flow): boolean {
  for (const { routerAddresses } of topology.segments.values()) if (routerAddresses.includes(source)) return true;
  return false;
}

/** Why the engine's verdict on a flow is known to differ; undefined when it must hold. */
export function whyNotCompared(topology: Topology, flow: Flow, result: Trace): string | undefined {
  if (result.forward.every(({ kind }) => kind === 'internet')) return 'hosts on the internet among themselves';
  const sender = result.forward[0];
  if (result.forward.at(-1)?.kind === 'platform' && !isOwn(topology, sender?.component, flow))
    return 'the platform’s kernel answers only to addresses that it knows the place of';
  const publics = topology.interfaces.get(sender?.component ?? '')?.publicAddresses ?? [];
  const isToItself = publics.some(({ publicAddress }) => publicAddress === flow.destination);
  if (isToItself && !hasPorts(flow.protocol) && !isIcmp(flow.protocol))
    return 'without ports, what one sends to one’s own public address looks like its own answer';
  const isForged = isInterface(topology, sender?.component) && !isOwn(topology, sender?.component, flow);
  if (isForged && result.return.some(({ component }) => component === sender?.component))
    return 'the answer to a forged source comes by the forger, who forwards';
  const isTranslated = result.forward.some(({ action }) => action === 'translate');
  const isTracked = !isIcmp(flow.protocol) || (isIpv4(flow.source) ? tracked4 : tracked6).has(icmpType(flow));
  if (isTranslated && !isTracked) return 'tracking does not translate such ICMP';
  if (result.outcome === 'returnGroupDeniedIn' || result.outcome === 'returnGroupDeniedOut')
    return 'tracking is per network, not per interface: an answer by another way is let through';
  const forwarders = [...result.forward, ...result.return].filter(({ kind, action }) => kind === 'interface' && action === 'forward');
  const isStranded = forwarders.some(
    ({ component }) => topology.interfaces.get(component)?.addresses.some((ip) => isIpv4(ip) === isIpv4(flow.source)) === false,
  );
  if (isStranded) return 'a host without an address of the family has no way to forward';
  const masquerades = new Set(
    result.forward.filter(({ kind, action }) => kind === 'interface' && action === 'translate').map(({ component }) => component),
  );
  const isAstray = result.return.some(({ kind, component, action }) => kind === 'interface' && action === 'forward' && topology.interfaces.get(component)?.forwards === 'masquerade' && !masquerades.has(component)); // prettier-ignore
  if (isAstray) return 'a masquerading host takes an answer that it never saw the question of for a question';
  return undefined;
}

/** One line on how the kernel differs from the engine; undefined when it does not. */
export function difference(topology: Topology, flow: Flow, result: Trace, seen: readonly string[], isHome: boolean): string | undefined {
  const expected = seenBy(topology, result);
  const isLoop = result.outcome === 'loop' || result.outcome === 'returnLoop';
  if (!isLoop && expected.join() !== seen.join()) return `seen by [${seen.join()}], not by [${expected.join()}]`;
  if (comesHome(result, flow) !== isHome) return isHome ? 'answered' : 'not answered';
  return undefined;
}
