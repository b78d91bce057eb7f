/** The internet: a namespace that routes public addresses to the networks that have them, and everything else to nobody. */
import { formatCidr, hostCidr } from '#model/cidr.ts';
import type { Network, Topology } from '#model/topology.ts';
import { internetBlocks, gatewayMacs } from './internet-gateway.ts';
import { emptyNamespace, linkIndex, type Link, type MutableNamespace } from './kernel-state.ts';
import { deviceOf } from './names.ts';
import { forwardingSysctls, INNER, knowNeighbour, OUTER_MTU, routeVia } from './next-hops.ts';
import { chainOf } from './nftables.ts';
import { joinInternet, OUTBOUND } from './platform.ts';
import { INTERNET, routerOf } from './presence.ts';
import { EGRESS, egressMacs, hasEgressOnlyGateway } from './egress-only-gateway.ts';

/** What one network adds to the internet. */
export interface InternetShare {
  readonly neighbours: readonly string[];
  readonly routes: readonly string[];
  /** What its egress-only gateway is. */
  readonly links: readonly Link[];
}

/** The namespace, and its link to the platform. */
export function compileInternet(
  topology: Topology,
  shares: readonly InternetShare[],
  isOutbound: boolean,
): { namespace: MutableNamespace; links: readonly Link[] } {
  const namespace = emptyNamespace(INTERNET);
  Object.assign(namespace.sysctls, forwardingSysctls, { 'net/ipv4/conf/all/proxy_arp': '1' }); // for the real host, where it has a link
  if (isOutbound)
    namespace.ruleset = [
      chainOf('outgoing', ['type nat hook postrouting priority srcnat; policy accept;', `oifname "${OUTBOUND}" masquerade`]),
    ];
  const link = joinInternet(namespace);
  for (const { neighbours, routes } of shares) {
    namespace.neighbours.push(...neighbours);
    namespace.routes.push(...routes);
  }
  const pooled = [...topology.publicPools.values()].flatMap(({ cidrs }) => cidrs.map(formatCidr));
  const routed = new Set(namespace.routes.map((line) => line.split(' ')[0]));
  namespace.routes.push(...new Set(pooled.filter((block) => !routed.has(block)).map((block) => `blackhole ${block}`)));
  return { namespace, links: [link] };
}

export function joinNetwork(topology: Topology, network: Network): InternetShare {
  const share = { neighbours: [], routes: [], links: [] } satisfies InternetShare as {
    neighbours: string[];
    routes: string[];
    links: Link[];
  }; // while it is filled
  const hasGateway = topology.internetGatewayOf(network.id) !== undefined;
  const device = deviceOf(network.id);
  if (hasGateway) {
    knowNeighbour(share, INNER, gatewayMacs(network.id).outside, device);
    share.routes.push(...publicAddresses(topology, network).map((ip) => routeVia(hostCidr(ip), INNER, device)));
  }
  const egress = deviceOf(`${network.id} egress`);
  if (hasEgressOnlyGateway(topology, network.id)) {
    const macs = egressMacs(network.id);
    knowNeighbour(share, INNER, macs.router, egress);
    const ends = [{ namespace: routerOf(network.id), device: EGRESS, mac: macs.router, index: linkIndex(0) }, { namespace: INTERNET, device: egress, mac: macs.internet }] as const; // prettier-ignore
    share.links.push({ ends, mtu: OUTER_MTU });
  }
  const back = hasGateway ? device : share.links.length > 0 ? egress : undefined;
  if (back !== undefined) share.routes.push(...internetBlocks(topology, network).map((block) => routeVia(block, INNER, back)));
  return share;
}

function publicAddresses(topology: Topology, network: Network) {
  return topology.interfacesOf(network.id).flatMap((id) => {
    const associations = topology.interfaces.get(id)?.publicAddresses ?? [];
    return associations.map((one) => one.publicAddress).filter((ip) => topology.interfaceOfPublic(ip)?.id === id);
  });
}
