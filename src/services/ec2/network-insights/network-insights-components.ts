/** The hops of a walk as Reachability Analyzer's path components, in AWS's order and shapes. */
import type {
  AnalysisAclRule,
  AnalysisPacketHeader,
  AnalysisRouteTableRoute,
  AnalysisSecurityGroupRule,
  PathComponent,
} from '@aws-sdk/client-ec2';
import { formatCidr, hostCidr } from '#model/cidr.ts';
import type { Flow } from '#model/flow.ts';
import { ALL_PROTOCOLS, hasPorts, protocolName } from '#model/protocol-number.ts';
import type { Direction, Id } from '#model/topology.ts';
import type { Hop } from '#model/trace.ts';
import type { Traffic } from '#model/traffic.ts';
import type { World } from '#services/ec2/network-insights/network-insights-world.ts';
import { accessEntryAt, blocksText, groupRuleAt, routeAt } from '#services/ec2/network-insights/trace-rules.ts';

/** The number that AWS shows for the last deny of an ACL, which is no entry. */
const lastDeny: AnalysisAclRule = { Cidr: '0.0.0.0/0', Protocol: 'all', RuleAction: 'deny', RuleNumber: 32_767 };

export interface Way {
  readonly hops: readonly Hop[];
  /** The instance that the path is from or to, when it was named so: AWS shows it before and behind its interface. */
  readonly from: Id | undefined;
  readonly to: Id | undefined;
}

export function pathComponents(world: World, { hops, from, to }: Way): PathComponent[] {
  const shown = inAwsOrder(hops).filter(({ kind }) => kind !== 'internet');
  const [first, last] = [hops[0], hops.at(-1)];
  if (!first || !last) return [];
  const found: PathComponent[] = shown.map((hop) => ({ ...partOf(world, hop), ...translation(hops, hop) }));
  if (from !== undefined) found.unshift({ Component: world.component(from) });
  if (to !== undefined && last.action === 'receive') found.push({ Component: world.component(to) });
  // "The fields of an inbound header are null except for the first component of a path."
  put(found, 0, first.kind === 'internet' ? { InboundHeader: header(first.flow) } : { OutboundHeader: header(first.flow) });
  if (last.action === 'receive') {
    put(found, found.length - 1, last.kind === 'internet' ? { OutboundHeader: header(last.flow) } : { InboundHeader: header(last.flow) });
  }
  return found.map((component, at) => ({ SequenceNumber: at + 1, ...component }));
}

function put(components: PathComponent[], at: number, more: PathComponent): void {
  components[at] = { ...components[at], ...more };
}

/** AWS asks the ACL of the subnet that a packet leaves before the route table. */
function inAwsOrder(hops: readonly Hop[]): readonly Hop[] {
  const ordered: Hop[] = [];
  for (let at = 0; at < hops.length; at++) {
    const [hop, next] = [hops[at]!, hops[at + 1]]; // within bounds
    if (hop.kind !== 'routeTable' || next?.kind !== 'accessList' || next.direction !== 'out') {
      ordered.push(hop);
      continue;
    }
    ordered.push(next, ...(next.action === 'drop' ? [] : [hop]));
    at++;
  }
  return ordered;
}

function partOf(world: World, hop: Hop): PathComponent {
  const { topology } = world;
  const { component, kind } = hop;
  const Component = world.component(component);
  switch (kind) {
    case 'interface': {
      const eni = topology.interfaces.get(component);
      return {
        Component,
        ...(eni?.attachment ? { AttachedTo: world.component(eni.attachment.id) } : {}),
        ...(eni ? { Subnet: world.component(eni.segmentId), Vpc: world.component(eni.networkId) } : {}),
      };
    }
    case 'group':
      return { Component, SecurityGroupRule: groupRuleView(world, hop) };
    case 'accessList':
      return { Component, AclRule: aclRuleView(world, hop) };
    case 'routeTable':
      return { Component, RouteTableRoute: routeView(world, hop) };
    case 'internetGateway': {
      const networkId = topology.internetGateways.get(component)?.networkId;
      return { Component, ...(networkId === undefined ? {} : { Vpc: world.component(networkId) }) };
    }
    default:
      return { Component };
  }
}

/** What a gateway has changed in the packet. */
function translation(hops: readonly Hop[], hop: Hop): PathComponent {
  const before = hops[hops.indexOf(hop) - 1]?.flow;
  if (hop.action !== 'translate' || !before) return {};
  const { flow } = hop;
  return {
    OutboundHeader: {
      ...(flow.source === before.source ? {} : { SourceAddresses: [formatCidr(hostCidr(flow.source))] }),
      ...(flow.destination === before.destination ? {} : { DestinationAddresses: [formatCidr(hostCidr(flow.destination))] }),
    },
  };
}

function header({ source, destination, protocol, sourcePort, destinationPort }: Flow): AnalysisPacketHeader {
  return {
    SourceAddresses: [formatCidr(hostCidr(source))],
    SourcePortRanges: [{ From: sourcePort, To: sourcePort }],
    DestinationAddresses: [formatCidr(hostCidr(destination))],
    DestinationPortRanges: [{ From: destinationPort, To: destinationPort }],
    Protocol: `${protocol}`,
  };
}

function groupRuleView({ topology }: World, hop: Hop): AnalysisSecurityGroupRule | undefined {
  const rule = groupRuleAt(topology, hop);
  if (!rule) return undefined;
  const { peer, traffic, direction } = rule;
  return {
    ...(peer.kind === 'cidr'
      ? { Cidr: formatCidr(peer.cidr) }
      : peer.kind === 'group'
        ? { SecurityGroupId: peer.id }
        : { PrefixListId: peer.id }),
    Direction: directionText(direction),
    ...trafficView(traffic),
  };
}

/** The entry that decides at the hop, the last deny when none matched. */
export function aclRuleView({ topology }: World, hop: Hop): AnalysisAclRule {
  const Egress = hop.direction === 'out';
  const entry = accessEntryAt(topology, hop);
  if (!entry) return { ...lastDeny, Egress };
  return { Cidr: formatCidr(entry.cidr), Egress, RuleAction: entry.action, RuleNumber: entry.number, ...trafficView(entry.traffic) };
}

/** The route that is chosen at the hop; undefined when there is none. */
export function routeView({ topology }: World, hop: Hop): AnalysisRouteTableRoute | undefined {
  const route = routeAt(topology, hop);
  if (!route) return undefined;
  const { destination, target, origin } = route;
  const attachment = target.kind === 'interface' ? topology.interfaces.get(target.id)?.attachment : undefined;
  return {
    ...(destination.kind === 'cidr' ? { DestinationCidr: blocksText(destination) } : { DestinationPrefixListId: destination.id }),
    ...(target.kind === 'local' ? { GatewayId: 'local' } : {}),
    ...(target.kind === 'internetGateway' ? { GatewayId: target.id } : {}),
    ...(target.kind === 'egressOnlyGateway' ? { EgressOnlyInternetGatewayId: target.id } : {}),
    ...(target.kind === 'natGateway' ? { NatGatewayId: target.id } : {}),
    ...(target.kind === 'interface' ? { NetworkInterfaceId: target.id } : {}),
    ...(attachment?.kind === 'instance' ? { InstanceId: attachment.id } : {}),
    // In small letters, as the guide's example has it.
    Origin: origin === 'propagated' ? 'enablevgwroutepropagation' : target.kind === 'local' ? 'createroutetable' : 'createroute',
    State: hop.action === 'drop' ? 'blackhole' : 'active',
  };
}

export function directionText(direction: Direction): 'ingress' | 'egress' {
  return direction === 'in' ? 'ingress' : 'egress';
}

function trafficView({ protocol, ports }: Traffic): Pick<AnalysisAclRule, 'Protocol' | 'PortRange'> {
  return {
    Protocol: protocol === ALL_PROTOCOLS ? 'all' : protocolName(protocol),
    ...(hasPorts(protocol) && ports ? { PortRange: { From: ports.from, To: ports.to } } : {}),
  };
}
