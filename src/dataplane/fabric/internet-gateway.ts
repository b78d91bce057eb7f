/** An internet gateway: a namespace between a network's router and the internet that translates public IPv4 addresses one to one. */
import { addressScope } from '#model/address-scope.ts';
import { ALL_IPV4, ALL_IPV6, type Cidr } from '#model/cidr.ts';
import { formatIp, isIpv4 } from '#model/ip.ts';
import type { Id, Network, PublicAssociation, Topology } from '#model/topology.ts';
import { emptyNamespace, linkIndex, type Link, type MutableNamespace } from './kernel-state.ts';
import { deviceOf, macOf, zoneOf } from './names.ts';
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

/** One of them, and the conntrack zone of its flows. */
interface ZonedAssociation {
  readonly privateAddress: string;
  readonly publicAddress: string;
  readonly zone: number;
}

interface Associations {
  readonly outward: readonly ZonedAssociation[];
  readonly inward: readonly ZonedAssociation[];
}

function associationsOf(topology: Topology, network: Network): Associations {
  const outward: ZonedAssociation[] = [];
  const inward: ZonedAssociation[] = [];
  for (const id of topology.interfacesOf(network.id)) {
    for (const one of topology.interfaces.get(id)?.publicAddresses ?? []) {
      const zoned = withZone(id, one);
      outward.push(zoned);
      if (topology.interfaceOfPublic(one.publicAddress)?.id === id) inward.push(zoned);
    }
  }
  return { outward, inward };
}

function withZone(interfaceId: Id, one: PublicAssociation): ZonedAssociation {
  const [privateAddress, publicAddress] = [formatIp(one.privateAddress), formatIp(one.publicAddress)];
  return { privateAddress, publicAddress, zone: zoneOf(`${interfaceId} ${privateAddress} ${publicAddress}`) };
}

/**
 * Connection tracking does it, so that ICMP errors are translated inside too; what it cannot track is dropped. Each association's
 * flows have a zone: once an address is another interface's, a flow that goes on is the other's from the next packet, as in AWS.
 */
function ruleset({ outward, inward }: Associations): Ruleset {
  type Word = keyof ZonedAssociation;
  const pairs = (associations: readonly ZonedAssociation[], from: Word, to: Word) =>
    new Map(associations.map((one) => [`${one[from]}`, `${one[to]}`]));
  return [
    mapOf('to_public', 'ipv4_addr : ipv4_addr', pairs(outward, 'privateAddress', 'publicAddress')),
    mapOf('to_private', 'ipv4_addr : ipv4_addr', pairs(inward, 'publicAddress', 'privateAddress')),
    mapOf('zone_of_private', 'typeof ip saddr : ct zone', pairs(outward, 'privateAddress', 'zone')),
    mapOf('zone_of_public', 'typeof ip daddr : ct zone', pairs(inward, 'publicAddress', 'zone')),
    chainOf('zones', [
      'type filter hook prerouting priority raw; policy accept;',
      `iifname "${OUTSIDE}" ct zone set ip daddr map @zone_of_public`,
      `iifname "${INSIDE}" ct zone set ip saddr map @zone_of_private`,
    ]),
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
