/** The internet: a namespace that routes public addresses to the networks that have them, and everything else to nobody. */
import { formatCidr, hostCidr } from '#model/cidr.ts';
import type { Network, Topology } from '#model/topology.ts';
import { internetBlocks, gatewayMacs } from './internet-gateway.ts';
import { emptyNamespace, type Link, type MutableNamespace } from './kernel-state.ts';
import { deviceOf } from './names.ts';
import { forwardingSysctls, INNER, knowNeighbour, OUTER_MTU, routeVia } from './next-hops.ts';
import { INTERNET, routerOf } from './presence.ts';
import { EGRESS, egressMacs, hasEgressOnlyGateway } from './egress-only-gateway.ts';

/** The namespace, and the links that egress-only gateways are. */
export function compileInternet(topology: Topology): { namespace: MutableNamespace; links: readonly Link[] } {
  const namespace = emptyNamespace(INTERNET);
  Object.assign(namespace.sysctls, forwardingSysctls);
  const links: Link[] = [];
  for (const network of topology.networks.values()) links.push(...joinNetwork(topology, namespace, network));
  const pooled = [...topology.publicPools.values()].flatMap(({ cidrs }) => cidrs.map(formatCidr));
  const routed = new Set(namespace.routes.map((line) => line.split(' ')[0]));
  namespace.routes.push(...new Set(pooled.filter((block) => !routed.has(block)).map((block) => `blackhole ${block}`)));
  return { namespace, links };
}

function joinNetwork(topology: Topology, namespace: MutableNamespace, network: Network): Link[] {
  const links: Link[] = [];
  const hasGateway = topology.internetGatewayOf(network.id) !== undefined;
  const device = deviceOf(network.id);
  if (hasGateway) {
    knowNeighbour(namespace, INNER, gatewayMacs(network.id).outside, device);
    namespace.routes.push(...publicAddresses(topology, network).map((ip) => routeVia(hostCidr(ip), INNER, device)));
  }
  const egress = deviceOf(`${network.id} egress`);
  if (hasEgressOnlyGateway(topology, network.id)) {
    const macs = egressMacs(network.id);
    knowNeighbour(namespace, INNER, macs.router, egress);
    const ends = [{ namespace: routerOf(network.id), device: EGRESS, mac: macs.router }, { namespace: INTERNET, device: egress, mac: macs.internet }] as const; // prettier-ignore
    links.push({ ends, mtu: OUTER_MTU });
  }
  const back = hasGateway ? device : links.length > 0 ? egress : undefined;
  if (back !== undefined) namespace.routes.push(...internetBlocks(topology, network).map((block) => routeVia(block, INNER, back)));
  return links;
}

function publicAddresses(topology: Topology, network: Network) {
  return topology.interfacesOf(network.id).flatMap((id) => {
    const associations = topology.interfaces.get(id)?.publicAddresses ?? [];
    return associations.map((one) => one.publicAddress).filter((ip) => topology.interfaceOfPublic(ip)?.id === id);
  });
}
