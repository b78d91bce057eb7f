/** A trace in AWS's words: the outcome as a sentence, each hop and rule spelled out. */
import { formatCidr } from '#model/cidr.ts';
import { type Flow, formatFlow, icmpCode, icmpType } from '#model/flow.ts';
import { formatIp } from '#model/ip.ts';
import { hasPorts, isIcmp, protocolName } from '#model/protocol-number.ts';
import type { AccessEntry, Direction, GroupRule, Id, Peer, RouteTarget, Topology } from '#model/topology.ts';
import type { ComponentKind, Hop, Trace } from '#model/trace.ts';
import { formatTraffic, type Traffic } from '#model/traffic.ts';
import { explainOutcome, type Outcome, type Refusal, refusalBehind } from '#model/verdict.ts';
import { advise } from '#services/ec2/network-insights/trace-advice.ts';
import { accessEntryAt, blocksText, groupRuleAt, routeAt } from '#services/ec2/network-insights/trace-rules.ts';

/** What a hop is at, named as AWS's resource types are. */
const typeNames: Readonly<Record<ComponentKind, string>> = {
  interface: 'network-interface',
  group: 'security-group',
  accessList: 'network-acl',
  routeTable: 'route-table',
  segment: 'subnet',
  network: 'vpc',
  internetGateway: 'internet-gateway',
  egressOnlyGateway: 'egress-only-internet-gateway',
  natGateway: 'natgateway',
  platform: 'amazon-service',
  internet: 'internet',
};

/** The model's words that AWS has others for. */
const awsWords: readonly (readonly [RegExp, string])[] = [
  [/interface’s groups/g, 'interface’s security groups'],
  [/access list of the segment/g, 'network ACL of the subnet'],
  [/The interface neither/g, 'The source/destination check is on: the interface neither'],
  [/destination’s network\b/g, 'destination’s VPC'],
];

export interface PacketView {
  readonly source: string;
  readonly destination: string;
  /** `tcp`, `udp`, `icmp`, `icmpv6`, else a number. */
  readonly protocol: string;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly icmpType?: number;
  readonly icmpCode?: number;
}

export interface HopView {
  /** AWS's id; `internet` for the internet; the VPC's id where the VPC's own services (resolver, metadata) answer. */
  readonly component: Id;
  readonly type: string;
  readonly action: Hop['action'];
  readonly direction?: 'inbound' | 'outbound';
  /** A security group rule's id, an ACL entry's number (`*`: none matched), a route's destination. */
  readonly rule?: string;
  /** The hop in words: `sg-… sgr-… inbound tcp 443 from 10.0.0.0/16`. */
  readonly text: string;
  readonly packet: PacketView;
}

export interface TraceView {
  readonly outcome: Outcome;
  readonly isDelivered: boolean;
  readonly explanation: string;
  readonly decidedBy: {
    readonly component: Id;
    readonly type: string;
    readonly direction?: 'inbound' | 'outbound';
    readonly rule?: string;
    readonly text: string;
    /** All security groups that were asked, when none allowed. */
    readonly candidates?: readonly Id[];
  };
  /** What would change the outcome, each a sentence; none when the packet arrives. */
  readonly advice: readonly string[];
  readonly flow: PacketView;
  readonly forward: readonly HopView[];
  readonly return: readonly HopView[];
}

/** @param trace of `flow` through this very topology */
export function traceView(topology: Topology, flow: Flow, trace: Trace): TraceView {
  const { outcome, decidedBy, forward, return: back } = trace;
  const deciding = decidingHop(trace);
  const refusal = refusalBehind(outcome);
  return {
    outcome,
    isDelivered: outcome === 'delivered',
    explanation: explain(outcome),
    decidedBy: {
      component: decidedBy.component,
      type: typeNames[decidedBy.kind],
      ...(deciding?.direction === undefined ? {} : { direction: wayOf(deciding.direction) }),
      ...(decidedBy.rule === undefined ? {} : { rule: decidedBy.rule }),
      text: deciding ? hopText(topology, deciding, refusal) : decidedBy.component,
      ...(decidedBy.candidates ? { candidates: decidedBy.candidates } : {}),
    },
    advice: advise(topology, trace),
    flow: packetView(flow),
    forward: forward.map((hop, at) => hopView(topology, hop, back.length === 0 && at === forward.length - 1 ? refusal : undefined)),
    return: back.map((hop, at) => hopView(topology, hop, at === back.length - 1 ? refusal : undefined)),
  };
}

function explain(outcome: Outcome): string {
  return awsWords.reduce((text, [model, aws]) => text.replace(model, aws), explainOutcome(outcome));
}

/** The hop at which the decision fell: decisions are made of hops, of the answer's when it is what was lost. */
function decidingHop({ outcome, decidedBy, forward, return: back }: Trace): Hop | undefined {
  const hops = back.length > 0 && outcome !== 'delivered' ? back : forward;
  return hops.findLast(
    ({ kind, component, rule }) => kind === decidedBy.kind && component === decidedBy.component && rule === decidedBy.rule,
  );
}

function hopView(topology: Topology, hop: Hop, refusal: Refusal | undefined): HopView {
  const { kind, component, action, direction, rule, flow } = hop;
  return {
    component,
    type: typeNames[kind],
    action,
    ...(direction === undefined ? {} : { direction: wayOf(direction) }),
    ...(rule === undefined ? {} : { rule }),
    text: hopText(topology, hop, refusal),
    packet: packetView(flow),
  };
}

function packetView(flow: Flow): PacketView {
  const { source, destination, protocol, sourcePort, destinationPort } = flow;
  return {
    source: formatIp(source),
    destination: formatIp(destination),
    protocol: protocolName(protocol),
    ...(hasPorts(protocol) ? { sourcePort, destinationPort } : {}),
    ...(isIcmp(protocol) ? { icmpType: icmpType(flow), icmpCode: icmpCode(flow) } : {}),
  };
}

/** @param refusal when the packet was lost at the hop */
function hopText(topology: Topology, hop: Hop, refusal: Refusal | undefined): string {
  const { kind, component, action, flow } = hop;
  switch (kind) {
    case 'group':
      return groupText(topology, hop);
    case 'accessList':
      return aclText(topology, hop);
    case 'routeTable':
      return routeText(topology, hop, refusal);
    case 'interface':
      return `${interfaceName(topology, component)} ${interfaceDoes[action] ?? `drops ${formatFlow(flow)}`}`;
    case 'natGateway':
    case 'internetGateway':
    case 'egressOnlyGateway':
      return `${component} ${gatewayDoes[action] ?? 'passes the packet on'}${action === 'translate' ? `: ${formatFlow(flow)}` : ''}`;
    case 'platform':
      return action === 'receive' ? `an AWS service at ${formatIp(flow.destination)} in ${component}` : `the AWS service answers`;
    case 'segment':
    case 'network':
      return `${component} ${networkLacks(refusal, formatIp(flow.destination))}`;
    case 'internet':
      return internetText(action, refusal, flow);
  }
}

function networkLacks(refusal: Refusal | undefined, destination: string): string {
  if (refusal === 'noInternetGateway') return 'has no internet gateway attached';
  if (refusal === 'unroutableDestination') return `does not forward to ${destination}`;
  return refusal === 'noSuchDestination' ? `has no interface with the address ${destination}` : 'does not exist';
}

function internetText(action: Hop['action'], refusal: Refusal | undefined, flow: Flow): string {
  const destination = formatIp(flow.destination);
  if (action === 'send') return `a host on the internet, ${formatIp(flow.source)}, sends the packet`;
  if (action === 'receive') return `a host on the internet, ${destination}, receives the packet`;
  return refusal === 'unroutableDestination'
    ? `the internet does not forward to ${destination}`
    : `nobody on the internet has ${destination}`;
}

const interfaceDoes: Partial<Record<Hop['action'], string>> = {
  send: 'sends the packet',
  receive: 'receives the packet',
  forward: 'passes the packet on',
  translate: 'passes the packet on under its own address',
};
const gatewayDoes: Partial<Record<Hop['action'], string>> = {
  translate: 'translates',
  forward: 'passes the packet on',
  established: 'lets the answer in to what was sent out through it',
  drop: 'drops the packet',
};

function interfaceName(topology: Topology, id: Id): string {
  const attachment = topology.interfaces.get(id)?.attachment;
  return attachment ? `${id} (${attachment.id})` : id;
}

function groupText(topology: Topology, hop: Hop): string {
  const { component, action, direction } = hop;
  const way = direction === undefined ? '' : wayOf(direction);
  if (action === 'established') return `${component} lets the answer pass: it allowed the first packet`;
  const found = groupRuleAt(topology, hop);
  return found ? `${component} ${found.id} ${ruleText(found)}` : `${component} has no ${way} rule that allows it`;
}

/** `inbound tcp 443 from 10.0.0.0/16`. */
function ruleText({ direction, traffic, peer }: GroupRule): string {
  return `${wayOf(direction)} ${trafficText(traffic)} ${direction === 'in' ? 'from' : 'to'} ${peerText(peer)}`;
}

function aclText(topology: Topology, hop: Hop): string {
  const { component, direction } = hop;
  const entry = accessEntryAt(topology, hop);
  if (entry) return `${component} rule ${entry.number} ${entryText(entry)}`;
  const way = direction === undefined ? '' : ` ${wayOf(direction)}`;
  return `${component} rule *${way} deny: no other rule matches`;
}

function entryText({ action, direction, traffic, cidr }: AccessEntry): string {
  return `${wayOf(direction)} ${action} ${trafficText(traffic)} ${direction === 'in' ? 'from' : 'to'} ${formatCidr(cidr)}`;
}

function routeText(topology: Topology, hop: Hop, refusal: Refusal | undefined): string {
  const { component, rule, flow } = hop;
  if (rule === undefined) return `${component} has no route to ${formatIp(flow.destination)}`;
  const route = routeAt(topology, hop);
  return `${component} ${rule} → ${route ? targetText(route.target) : 'nothing'}${refusal === 'blackhole' ? ' (blackhole)' : ''}`;
}

function targetText(target: RouteTarget): string {
  return target.kind === 'local' || target.kind === 'blackhole' ? target.kind : target.id;
}

function peerText(peer: Peer): string {
  return peer.kind === 'group' ? peer.id : blocksText(peer);
}

function trafficText(traffic: Traffic): string {
  const text = formatTraffic(traffic);
  return text === 'all' ? 'all traffic' : text;
}

const wayOf = (direction: Direction): 'inbound' | 'outbound' => (direction === 'in' ? 'inbound' : 'outbound');
