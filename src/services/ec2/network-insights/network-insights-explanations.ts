/** Why a path was not found, as Reachability Analyzer's explanation: the code, and the components that it is about. */
import type { AnalysisComponent, Explanation } from '@aws-sdk/client-ec2';
import { formatCidr, hostCidr } from '#model/cidr.ts';
import type { Id, NetworkInterface, Topology } from '#model/topology.ts';
import type { Hop, Trace } from '#model/trace.ts';
import { type ExplanationCode, explanationCode } from '#services/ec2/network-insights/network-insights-codes.ts';
import { aclRuleView, directionText, routeView } from '#services/ec2/network-insights/network-insights-components.ts';
import type { World } from '#services/ec2/network-insights/network-insights-world.ts';
import { routeAt } from '#services/ec2/network-insights/trace-rules.ts';

/** The ends as components. */
export interface NamedEnds {
  readonly source: AnalysisComponent;
  readonly destination: AnalysisComponent | undefined;
}

/** The explanation of a walk that did not get there; undefined for one that did. */
export function explainTrace(world: World, walked: Trace, ends: NamedEnds): Explanation | undefined {
  const { outcome, forward, return: back, decidedBy } = walked;
  const isAnswer = back.length > 0;
  const hops = isAnswer ? back : forward;
  const at = hops.at(-1);
  if (!at) return undefined;
  const isInward = !isAnswer && forward.every(({ kind }) => kind === 'internet' || kind === 'internetGateway' || kind === 'network');
  const ExplanationCode = explanationCode(outcome, { at, isInward, isAnswer });
  if (ExplanationCode === undefined) return undefined;
  const headedFor = isAnswer ? ends.source : ends.destination;
  return {
    ExplanationCode,
    ...(at.direction === undefined ? {} : { Direction: directionText(at.direction) }),
    ...partsOf(world, hops, at, decidedBy.candidates ?? [at.component]),
    ...(ExplanationCode === 'NO_ROUTE_TO_DESTINATION' && headedFor ? { Destination: headedFor } : {}),
    ...(ExplanationCode === 'NO_POSSIBLE_DESTINATION' ? { Address: formatCidr(hostCidr(at.flow.destination)) } : {}),
  };
}

/** What is wrong with a path before any packet, or with where one arrived. */
export function explainEnds(world: World, code: ExplanationCode, { source, destination }: NamedEnds): Explanation {
  if (code !== 'DISCONNECTED_VPCS') return { ExplanationCode: code, Component: source, Destination: destination };
  const vpc = (end: AnalysisComponent | undefined): AnalysisComponent | undefined => {
    const id = end?.Id === undefined ? undefined : networkOf(world.topology, end.Id);
    return id === undefined ? undefined : world.component(id);
  };
  return { ExplanationCode: code, SourceVpc: vpc(source), DestinationVpc: vpc(destination) };
}

function networkOf({ internetGateways, interfaces }: Topology, id: Id): Id | undefined {
  const eni = interfaces.get(id) ?? [...interfaces.values()].find(({ attachment }) => attachment?.id === id);
  return eni?.networkId ?? internetGateways.get(id)?.networkId;
}

function partsOf(world: World, hops: readonly Hop[], at: Hop, candidates: readonly Id[]): Explanation {
  const { topology, component } = world;
  const Component = component(at.component);
  const vpc = (networkId: Id | undefined): Explanation => (networkId === undefined ? {} : { Vpc: component(networkId) });
  switch (at.kind) {
    case 'interface':
      return { Component, NetworkInterface: Component, ...placeOf(world, topology.interfaces.get(at.component)) };
    case 'group': {
      const eni = at.direction === 'out' ? senderBefore(topology, hops) : receiverBehind(topology, hops, at);
      const groups = { SecurityGroups: candidates.map(component) };
      return eni ? { NetworkInterface: component(eni.id), ...groups, ...placeOf(world, eni) } : groups;
    }
    case 'accessList': {
      const eni = at.direction === 'out' ? senderBefore(topology, hops) : receiverBehind(topology, hops, at);
      return { Acl: Component, AclRule: aclRuleView(world, at), ...placeOf(world, eni) };
    }
    case 'routeTable':
      return {
        RouteTable: Component,
        RouteTableRoute: routeView(world, at),
        ...vpc(topology.routeTables.get(at.component)?.networkId),
      };
    case 'internetGateway':
      return { InternetGateway: Component, ...vpc(topology.internetGateways.get(at.component)?.networkId) };
    case 'natGateway':
      return { NatGateway: Component, ...vpc(senderBefore(topology, hops)?.networkId) };
    case 'segment':
      return { Subnet: Component, ...vpc(topology.segments.get(at.component)?.networkId) };
    case 'network':
    case 'platform':
      return { Vpc: Component };
    case 'egressOnlyGateway':
      return { Component, ...vpc(topology.egressOnlyGateways.get(at.component)?.networkId) };
    case 'internet': {
      const gateway = hops.findLast(({ kind }) => kind === 'internetGateway');
      return gateway ? partsOf(world, hops, gateway, []) : {};
    }
  }
}

function placeOf({ component }: World, eni: NetworkInterface | undefined): Explanation {
  return eni ? { Subnet: component(eni.segmentId), Vpc: component(eni.networkId) } : {};
}

/** The interface that sent the packet last. */
function senderBefore({ interfaces }: Topology, hops: readonly Hop[]): NetworkInterface | undefined {
  const hop = hops.findLast(({ kind }) => kind === 'interface');
  return hop && interfaces.get(hop.component);
}

/** The interface that the packet was about to come to: the next hop of the last route, else the holder of its destination. */
function receiverBehind(topology: Topology, hops: readonly Hop[], { flow }: Hop): NetworkInterface | undefined {
  const last = hops.findLast(({ kind }) => kind === 'routeTable' || kind === 'interface' || kind === 'internetGateway');
  if (!last) return undefined;
  const target = last.kind === 'routeTable' ? routeAt(topology, last)?.target : undefined;
  if (target?.kind === 'interface') return topology.interfaces.get(target.id);
  if (target?.kind === 'natGateway') return topology.interfaces.get(topology.natGateways.get(target.id)?.interfaceId ?? '');
  const networkId =
    last.kind === 'routeTable'
      ? topology.routeTables.get(last.component)?.networkId
      : (topology.interfaces.get(last.component)?.networkId ?? topology.internetGateways.get(last.component)?.networkId);
  return networkId === undefined ? undefined : topology.interfaceAt(networkId, flow.destination);
}
