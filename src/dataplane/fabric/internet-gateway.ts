/** An internet gateway: a namespace between a network's router and the internet that translates public IPv4 addresses one to one. */
import { addressScope } from '#model/address-scope.ts';
import { ALL_IPV4, ALL_IPV6, type Cidr } from '#model/cidr.ts';
import { formatIp, isIpv4 } from '#model/ip.ts';
import type { Network, PublicAssociation, Topology } from '#model/topology.ts';
import { emptyNamespace, linkIndex, type Link, type MutableNamespace } from './kernel-state.ts';
import { deviceOf, macOf } from './names.ts';
import { forwardingSysctls, INNER, knowNeighbour, OUTER, OUTER_MTU, routeVia } from './next-hops.ts';
import { chainOf, mapOf, type Ruleset } from './nftables.ts';
import { gatewayOf, INTERNET } from './presence.ts';

export const INSIDE = 'inside';
export const OUTSIDE = 'outside';

/** MAC addresses of the links at a network's gateways. */
export const gatewayMacs = (networkId: string) => ({
  router: macOf(`${networkId} router`),
  inside: macOf(`${networkId} inside`),
  outside: macOf(`${networkId} outside`),
  internet: macOf(`${networkId} internet`),
});

/** The namespace, and its link to the internet; undefined when the network has no internet gateway. */
export function compileInternetGateway(topology: Topology, network: Network): { namespace: MutableNamespace; link: Link } | undefined {
  if (topology.internetGatewayOf(network.id) === undefined) return undefined;
  const namespace = emptyNamespace(gatewayOf(network.id));
  const macs = gatewayMacs(network.id);
  Object.assign(namespace.sysctls, forwardingSysctls);
  knowNeighbour(namespace, INNER, macs.router, INSIDE);
  knowNeighbour(namespace, OUTER, macs.internet, OUTSIDE);
  namespace.routes.push(...network.cidrs.map((cidr) => routeVia(cidr, INNER, INSIDE)));
  namespace.routes.push(...[ALL_IPV4, ALL_IPV6].map((all) => routeVia(all, OUTER, OUTSIDE)));
  namespace.ruleset = ruleset(associationsOf(topology, network));
  const link: Link = {
    ends: [
      { namespace: namespace.name, device: OUTSIDE, mac: macs.outside, index: linkIndex(1) },
      { namespace: INTERNET, device: deviceOf(network.id), mac: macs.internet },
    ],
    mtu: OUTER_MTU,
  };
  return { namespace, link };
}

interface Associations {
  readonly outward: readonly PublicAssociation[];
  readonly inward: readonly PublicAssociation[];
}

function associationsOf(topology: Topology, network: Network): Associations {
  const outward: PublicAssociation[] = [];
  const inward: PublicAssociation[] = [];
  for (const id of topology.interfacesOf(network.id)) {
    for (const one of topology.interfaces.get(id)?.publicAddresses ?? []) {
      outward.push(one);
      if (topology.interfaceOfPublic(one.publicAddress)?.id === id) inward.push(one);
    }
  }
  return { outward, inward };
}

/** Connection tracking does it, so that ICMP errors are translated inside too. What it cannot track is dropped. */
function ruleset({ outward, inward }: Associations): Ruleset {
  const pairs = (associations: readonly PublicAssociation[], from: keyof PublicAssociation, to: keyof PublicAssociation) =>
    new Map(associations.map((one) => [formatIp(one[from]), formatIp(one[to])]));
  return [
    mapOf('to_public', 'ipv4_addr : ipv4_addr', pairs(outward, 'privateAddress', 'publicAddress')),
    mapOf('to_private', 'ipv4_addr : ipv4_addr', pairs(inward, 'publicAddress', 'privateAddress')),
    chainOf('incoming', [
      'type nat hook prerouting priority dstnat; policy accept;',
      `iifname "${OUTSIDE}" dnat ip to ip daddr map @to_private`,
    ]),
    chainOf('outgoing', [
      'type nat hook postrouting priority srcnat; policy accept;',
      `oifname "${OUTSIDE}" snat ip to ip saddr map @to_public`,
    ]),
    chainOf('forwarding', [
      'type filter hook forward priority filter; policy drop;',
      `iifname "${INSIDE}" oifname "${OUTSIDE}" meta nfproto ipv6 accept`,
      `iifname "${OUTSIDE}" oifname "${INSIDE}" meta nfproto ipv6 accept`,
      `iifname "${INSIDE}" oifname "${INSIDE}" meta nfproto ipv6 accept`, // sent out to the network's own block: it comes in again
      'ct state invalid drop',
      `iifname "${INSIDE}" oifname "${OUTSIDE}" accept`,
      `iifname "${OUTSIDE}" oifname "${INSIDE}" ct status dnat accept`,
      `iifname "${OUTSIDE}" oifname "${INSIDE}" ct direction reply accept`,
      `iifname "${OUTSIDE}" oifname "${INSIDE}" ct state related accept`,
    ]),
  ];
}

/** The network's IPv6 blocks that the internet sends to it. */
export function internetBlocks(topology: Topology, network: Network): readonly Cidr[] {
  return network.cidrs.filter(
    ({ address }) => !isIpv4(address) && addressScope(address) === 'global' && topology.networkOfIpv6(address)?.id === network.id,
  );
}
