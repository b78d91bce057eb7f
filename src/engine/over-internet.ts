/** The walk outside of networks: out by a gateway, over the internet, in by a gateway. */
import { isInternetAddress, translateInward, translateOutward } from '#engine/internet-gateway.ts';
import { hop, INTERNET, refuse, type Journey, type Next } from '#engine/journey.ts';
import { chooseRoute } from '#engine/route-tables.ts';
import type { Flow } from '#model/flow.ts';
import { isIpv4 } from '#model/ip.ts';
import type { EgressOnlyGateway, Id, InternetGateway, NetworkInterface } from '#model/topology.ts';

/** Out through an internet gateway: IPv4 under the sender's public address, IPv6 as it is. */
export function leaveByInternetGateway(journey: Journey, gateway: InternetGateway, sender: NetworkInterface, flow: Flow): Next {
  const outside = translateOutward(sender, flow);
  if (outside === undefined) return refuse(journey, 'noPublicAddress', 'internetGateway', gateway.id, flow);
  hop(journey, 'internetGateway', gateway.id, outside === flow ? 'forward' : 'translate', outside);
  return { step: 'cross', flow: outside };
}

/** Out through an egress-only gateway: IPv6 that starts inside. An answer that leaves here was asked for from outside, and is refused. */
export function leaveByEgressOnlyGateway(journey: Journey, gateway: EgressOnlyGateway, networkId: Id, flow: Flow): Next {
  if (journey.isAnswer || isIpv4(flow.source)) return refuse(journey, 'egressOnlyGatewayRefused', 'egressOnlyGateway', gateway.id, flow);
  if (!isInternetAddress(flow.source)) return refuse(journey, 'noPublicAddress', 'egressOnlyGateway', gateway.id, flow);
  journey.conversation.egress.push({ networkId, gatewayId: gateway.id });
  hop(journey, 'egressOnlyGateway', gateway.id, 'forward', flow);
  return { step: 'cross', flow };
}

/** Over the internet, to a host of its own or into the network that the destination belongs to. */
export function crossInternet(journey: Journey, flow: Flow): Next {
  const { topology } = journey;
  const { destination } = flow;
  if (!isInternetAddress(destination)) return refuse(journey, 'unroutableDestination', 'internet', INTERNET, flow);
  if (isIpv4(destination)) {
    const receiver = topology.interfaceOfPublic(destination);
    if (receiver !== undefined) return enterNetwork(journey, receiver.networkId, receiver, translateInward(receiver, flow));
  } else {
    const network = topology.networkOfIpv6(destination);
    if (network !== undefined) return enterNetwork(journey, network.id, topology.interfaceAt(network.id, destination), flow);
  }
  if (topology.isPooled(destination)) return refuse(journey, 'noSuchDestination', 'internet', INTERNET, flow);
  hop(journey, 'internet', INTERNET, 'receive', flow);
  return { outcome: 'delivered', place: { kind: 'internet' }, flow };
}

/** In from the internet; `flow` has its destination translated already. */
function enterNetwork(journey: Journey, networkId: Id, receiver: NetworkInterface | undefined, flow: Flow): Next {
  const { topology, conversation, isAnswer } = journey;
  const egress = isAnswer && !isIpv4(flow.destination) ? conversation.egress.find((one) => one.networkId === networkId) : undefined;
  if (egress !== undefined) {
    hop(journey, 'egressOnlyGateway', egress.gatewayId, 'established', flow);
    return deliver(journey, networkId, receiver, flow);
  }
  const gateway = topology.internetGatewayOf(networkId);
  if (gateway === undefined) return refuse(journey, 'noInternetGateway', 'network', networkId, flow);
  hop(journey, 'internetGateway', gateway.id, isIpv4(flow.destination) ? 'translate' : 'forward', flow);
  if (gateway.routeTableId === undefined) return deliver(journey, networkId, receiver, flow);
  return routeInward(journey, networkId, gateway.routeTableId, receiver, flow);
}

/** A table on the gateway may send what comes in through an appliance first ("Gateway route tables"). */
function routeInward(journey: Journey, networkId: Id, tableId: Id, receiver: NetworkInterface | undefined, flow: Flow): Next {
  const { topology } = journey;
  const table = topology.routeTables.get(tableId);
  const route = table === undefined ? undefined : chooseRoute(topology, table, flow.destination);
  if (route === undefined) return refuse(journey, 'noRoute', 'routeTable', tableId, flow);
  const next = route.target.kind === 'interface' ? topology.interfaces.get(route.target.id) : undefined;
  if (route.target.kind !== 'local' && (next === undefined || !next.up || next.networkId !== networkId)) {
    return refuse(journey, 'blackhole', 'routeTable', tableId, flow, route.rule);
  }
  hop(journey, 'routeTable', tableId, 'route', flow, route.rule);
  return next === undefined
    ? deliver(journey, networkId, receiver, flow)
    : { step: 'arrive', receiver: next, flow, emitter: undefined, from: undefined };
}

function deliver(journey: Journey, networkId: Id, receiver: NetworkInterface | undefined, flow: Flow): Next {
  if (receiver === undefined) return refuse(journey, 'noSuchDestination', 'network', networkId, flow);
  return { step: 'arrive', receiver: receiver, flow, emitter: undefined, from: undefined };
}
