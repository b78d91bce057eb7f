/** The walk inside a network: an interface sends, the router routes, an interface receives or sends on. */
import { blockHolds, compiledBlock } from '#engine/block-match.ts';
import { enterSegment, filterByGroups, leaveSegment } from '#engine/filters.ts';
import { hop, refuse, type Journey, type Next, type Step } from '#engine/journey.ts';
import { natGatewayTakes, primaryAddress, restoreAnswer, translateSource } from '#engine/nat-gateway.ts';
import { leaveByEgressOnlyGateway, leaveByInternetGateway } from '#engine/over-internet.ts';
import { chooseRoute } from '#engine/route-tables.ts';
import { ownsAddress, passesCheck } from '#engine/source-destination-check.ts';
import { isForwardable } from '#model/address-scope.ts';
import type { Flow } from '#model/flow.ts';
import type { Ip } from '#model/ip.ts';
import type { Id, Network, NetworkInterface, RouteTable, Segment } from '#model/topology.ts';

type StepOf<K extends Step['step']> = Extract<Step, { step: K }>;

/** An interface puts a packet on its link. */
export function send(journey: Journey, { sender, flow, isNatGateway }: StepOf<'send'>): Next {
  if (!sender.up) return refuse(journey, 'interfaceDown', 'interface', sender.id, flow);
  if (!isNatGateway && !passesCheck(sender, flow.source)) return refuse(journey, 'sourceDestinationCheck', 'interface', sender.id, flow);
  hop(journey, 'interface', sender.id, 'send', flow);
  if (ownsAddress(sender, flow.destination)) return receiveAt(journey, sender, flow); // never leaves its host
  const { topology } = journey;
  const network = topology.networks.get(sender.networkId);
  const segment = topology.segments.get(sender.segmentId);
  if (network === undefined) return refuse(journey, 'noRoute', 'network', sender.networkId, flow);
  if (segment === undefined) return refuse(journey, 'noRoute', 'segment', sender.segmentId, flow);
  if (network.platformAddresses.includes(flow.destination) || segment.routerAddresses.includes(flow.destination)) {
    hop(journey, 'platform', network.id, 'receive', flow);
    return { outcome: 'delivered', place: { kind: 'platform', interface: sender }, flow };
  }
  const denied = filterByGroups(journey, sender, 'out', flow, undefined);
  if (denied !== undefined) return denied;
  if (holdsIp(segment.cidrs, flow.destination)) return sendOnLink(journey, sender, segment, flow);
  return routeFrom(journey, network, segment, sender, flow);
}

/** Neighbours of one segment reach each other past the route table and the access list ("not as it is routed within a subnet"). */
function sendOnLink(journey: Journey, sender: NetworkInterface, segment: Segment, flow: Flow): Next {
  const receiver = journey.topology.interfaceAt(segment.networkId, flow.destination);
  if (receiver === undefined) return refuse(journey, 'noSuchDestination', 'segment', segment.id, flow);
  return towards(receiver, sender, flow);
}

function routeFrom(journey: Journey, network: Network, segment: Segment, sender: NetworkInterface, flow: Flow): Next {
  if (!isForwardable(flow.destination) || holdsIp(network.reserved, flow.destination)) {
    return refuse(journey, 'unroutableDestination', 'network', network.id, flow);
  }
  const { topology } = journey;
  const table = topology.routeTables.get(segment.routeTableId);
  const route = table === undefined ? undefined : chooseRoute(topology, table, flow.destination);
  if (table === undefined || route === undefined) return refuse(journey, 'noRoute', 'routeTable', segment.routeTableId, flow);
  const { target, rule } = route;
  if (target.kind === 'blackhole') return refuse(journey, 'blackhole', 'routeTable', table.id, flow, rule);
  hop(journey, 'routeTable', table.id, 'route', flow, rule);
  switch (target.kind) {
    case 'local': {
      const receiver = topology.interfaceAt(network.id, flow.destination);
      if (receiver === undefined) return refuse(journey, 'noSuchDestination', 'network', network.id, flow);
      return leaveSegment(journey, segment, receiver.segmentId, flow) ?? towards(receiver, sender, flow);
    }
    case 'interface': {
      const next = topology.interfaces.get(target.id);
      if (next === undefined || !next.up || next.networkId !== network.id) return gone(journey, table, flow, rule);
      return leaveSegment(journey, segment, next.segmentId, flow) ?? towards(next, sender, flow);
    }
    case 'natGateway': {
      const gateway = topology.natGateways.get(target.id);
      const next = gateway?.up === true ? topology.interfaces.get(gateway.interfaceId) : undefined;
      if (next === undefined || !next.up || next.networkId !== network.id) return gone(journey, table, flow, rule);
      return (
        leaveSegment(journey, segment, next.segmentId, flow) ??
        enterSegment(journey, next.segmentId, segment.id, flow) ??
        translate(journey, target.id, next, flow)
      );
    }
    case 'internetGateway': {
      const gateway = topology.internetGateways.get(target.id);
      if (gateway === undefined || gateway.networkId !== network.id) return gone(journey, table, flow, rule);
      return leaveSegment(journey, segment, undefined, flow) ?? leaveByInternetGateway(journey, gateway, sender, flow);
    }
    case 'egressOnlyGateway': {
      const gateway = topology.egressOnlyGateways.get(target.id);
      if (gateway === undefined || gateway.networkId !== network.id) return gone(journey, table, flow, rule);
      return leaveSegment(journey, segment, undefined, flow) ?? leaveByEgressOnlyGateway(journey, gateway, network.id, flow);
    }
  }
}

/** The route leads to what is not there: the route's hop becomes the drop. */
function gone(journey: Journey, table: RouteTable, flow: Flow, rule: string): Next {
  journey.hops.pop();
  return refuse(journey, 'blackhole', 'routeTable', table.id, flow, rule);
}

function towards(receiver: NetworkInterface, sender: NetworkInterface, flow: Flow): Next {
  return { step: 'arrive', receiver, flow, emitter: sender, from: sender.segmentId };
}

/** A packet comes to an interface. */
export function arrive(journey: Journey, { receiver, flow, emitter, from }: StepOf<'arrive'>): Next {
  const blocked = enterSegment(journey, receiver.segmentId, from, flow);
  if (blocked !== undefined) return blocked;
  if (!receiver.up) return refuse(journey, 'interfaceDown', 'interface', receiver.id, flow);
  const gateway = journey.topology.natGatewayOn(receiver.id);
  if (gateway !== undefined) return arriveAtNatGateway(journey, gateway.id, receiver, flow);
  if (!passesCheck(receiver, flow.destination)) return refuse(journey, 'sourceDestinationCheck', 'interface', receiver.id, flow);
  const denied = filterByGroups(journey, receiver, 'in', flow, emitter);
  if (denied !== undefined) return denied;
  return ownsAddress(receiver, flow.destination) ? receiveAt(journey, receiver, flow) : passOn(journey, receiver, flow);
}

function receiveAt(journey: Journey, receiver: NetworkInterface, flow: Flow): Next {
  const restored = restore(journey, receiver.id, flow);
  if (restored !== undefined) {
    hop(journey, 'interface', receiver.id, 'translate', restored);
    return { step: 'send', sender: receiver, flow: restored, isNatGateway: false };
  }
  hop(journey, 'interface', receiver.id, 'receive', flow);
  return { outcome: 'delivered', place: { kind: 'interface', interface: receiver }, flow };
}

/** The interface takes a packet that is not for it, and does with it what its holder is known to do. */
function passOn(journey: Journey, forwarder: NetworkInterface, flow: Flow): Next {
  const { forwards, id } = forwarder;
  if (forwards === undefined) {
    hop(journey, 'interface', id, 'receive', flow);
    return { outcome: 'handedOver', place: { kind: 'interface', interface: forwarder }, flow };
  }
  const source = forwards === 'masquerade' && !journey.isAnswer ? primaryAddress(forwarder, flow.source) : undefined;
  if (source === undefined) {
    hop(journey, 'interface', id, 'forward', flow);
    return { step: 'send', sender: forwarder, flow, isNatGateway: false };
  }
  return sendTranslated(journey, 'interface', id, forwarder, flow, translateSource(flow, source));
}

/** A NAT gateway, as a route's target, takes the packet under its own address. */
function translate(journey: Journey, gatewayId: Id, via: NetworkInterface, flow: Flow): Next {
  const source = primaryAddress(via, flow.source);
  const isTaken = !journey.isAnswer && natGatewayTakes(flow) && !ownsAddress(via, flow.destination); // it is nobody to talk to itself
  if (!isTaken || source === undefined) return refuse(journey, 'natGatewayRefused', 'natGateway', gatewayId, flow);
  return sendTranslated(journey, 'natGateway', gatewayId, via, flow, translateSource(flow, source));
}

function sendTranslated(
  journey: Journey,
  kind: 'interface' | 'natGateway',
  component: Id,
  via: NetworkInterface,
  before: Flow,
  after: Flow,
): Next {
  journey.conversation.mappings.push({ interfaceId: via.id, before, after });
  hop(journey, kind, component, 'translate', after);
  return { step: 'send', sender: via, flow: after, isNatGateway: false };
}

/** At a NAT gateway's own address only answers have business. */
function arriveAtNatGateway(journey: Journey, gatewayId: Id, via: NetworkInterface, flow: Flow): Next {
  const restored = restore(journey, via.id, flow);
  if (restored === undefined) return refuse(journey, 'natGatewayRefused', 'natGateway', gatewayId, flow);
  hop(journey, 'natGateway', gatewayId, 'translate', restored);
  return { step: 'send', sender: via, flow: restored, isNatGateway: true };
}

/** An answer with the translation undone that this interface did, the latest first. */
function restore({ isAnswer, conversation: { mappings } }: Journey, interfaceId: Id, flow: Flow): Flow | undefined {
  if (!isAnswer) return undefined;
  for (let at = mappings.length - 1; at >= 0; at--) {
    const mapping = mappings[at]!; // within bounds
    const restored = mapping.interfaceId === interfaceId ? restoreAnswer(mapping, flow) : undefined;
    if (restored !== undefined) return restored;
  }
  return undefined;
}

function holdsIp(cidrs: Segment['cidrs'], ip: Ip): boolean {
  for (const cidr of cidrs) if (blockHolds(compiledBlock(cidr), ip)) return true;
  return false;
}
