/**
 * The platform: a namespace in which the vendor's own services answer, on a link to every network's router and one to the internet.
 * Each network's questions come to addresses of their own there, so that one process serves them all and knows whom it serves.
 */
import { hostCidr } from '#model/cidr.ts';
import { checkers } from '#model/health-check.ts';
import { formatIp, isIpv4, parseIp, type Ip } from '#model/ip.ts';
import { nameServers, registryServer, rootServer } from '#model/name-servers.ts';
import type { Id, Network, Topology } from '#model/topology.ts';
import type { Desk } from '#dataplane/node/public.ts';
import { emptyNamespace, linkIndex, type Link, type MutableNamespace } from './kernel-state.ts';
import { deviceOf, macOf, numberAll } from './names.ts';
import { forwardingSysctls, INNER, INNER_MTU, knowNeighbour, OUTER, OUTER_MTU, routeVia } from './next-hops.ts';
import { chainOf, mapOf, quote, type Ruleset } from './nftables.ts';
import { INTERNET } from './presence.ts';

export const PLATFORM = 'platform';
/** The router's device towards it; its own device towards the internet is called as that is. */
export const TO_PLATFORM = 'platform';
/** Table of the routers in which only the platform's addresses are; asked before all others. */
const PLATFORM_TABLE = 50;

/** Where the platform answers on the internet: names, the vendor's API, and where `keiro connect` comes from. */
export const RESOLVER = { ipv4: '198.18.0.53', ipv6: '2001:db8::53' } as const;
export const SERVICES = { ipv4: '198.19.252.1', ipv6: '2001:db8::4566' } as const;
export const RELAY = { ipv4: '198.18.0.20', ipv6: '2001:db8::20' } as const;
/** All that the platform is on the internet: with the servers of names and the checkers of health. */
const PUBLIC_PLACES: readonly { readonly ipv4: string; readonly ipv6: string }[] = [RESOLVER, SERVICES, RELAY, rootServer, registryServer, ...nameServers, ...checkers]; // prettier-ignore
/** The host on the internet that people's shells are. */
export const INTERNET_HOST = { ipv4: '198.18.0.10', ipv6: '2001:db8::10' } as const;
/** The device to the real internet, where it is wanted, and the address at which that answers for names. */
export const OUTBOUND = 'outbound';
export const OUTBOUND_RESOLVER = '198.18.0.54';
/** The real host's end of its link to the internet, where it has one. */
export const REAL_HOST = { ipv4: '198.18.0.2' } as const;

/** Zones of connection tracking are 16 bits, and 0 is everybody's. */
const ZONE_BITS = 16;

/** By network; the same network has mostly the same desk, whatever others come and go. */
export function desksOf(topology: Topology): ReadonlyMap<Id, Desk & { readonly zone: number }> {
  const zones = numberAll(topology.networks.keys(), ZONE_BITS);
  return new Map(
    [...zones].map(([networkId, zone]) => [
      networkId,
      { networkId, zone, ipv4: `240.0.${zone >> 8}.${zone & 255}`, ipv6: `fd00:ec2:0:ffff::${zone.toString(16)}` },
    ]),
  );
}

const macsOf = (networkId: Id) => ({ router: macOf(`${networkId} platform router`), platform: macOf(`${networkId} platform`) });
const internetMacs = { platform: macOf('platform internet'), internet: macOf('internet platform') } as const;

/** What a router needs to reach the platform, and the link. */
export function joinPlatform(namespace: MutableNamespace, network: Network): Link {
  const macs = macsOf(network.id);
  knowNeighbour(namespace, OUTER, macs.platform, TO_PLATFORM);
  namespace.routes.push(...network.platformAddresses.map((ip) => `${routeVia(hostCidr(ip), OUTER, TO_PLATFORM)} table ${PLATFORM_TABLE}`));
  for (const rules of [namespace.rules4, namespace.rules6]) rules.push(`lookup ${PLATFORM_TABLE} pref ${PLATFORM_TABLE}`);
  return {
    ends: [
      { namespace: namespace.name, device: TO_PLATFORM, mac: macs.router, index: linkIndex(1) },
      { namespace: PLATFORM, device: deviceOf(network.id), mac: macs.platform },
    ],
    mtu: INNER_MTU,
  };
}

/** @param hops how far answers with a token may go; undefined where the kernel cannot look into packets */
export function compilePlatform(topology: Topology, hops: readonly HopLimit[] | undefined): MutableNamespace {
  const namespace = emptyNamespace(PLATFORM);
  Object.assign(namespace.sysctls, forwardingSysctls, { 'net/ipv4/ip_forward': '0', 'net/ipv6/conf/all/forwarding': '0' });
  knowNeighbour(namespace, INNER, internetMacs.internet, INTERNET);
  for (const { ipv4, ipv6 } of PUBLIC_PLACES) namespace.addresses.push(`${ipv4}/32 dev lo`, `${ipv6}/128 dev lo nodad`);
  namespace.routes.push(`0.0.0.0/0 via ${INNER.ipv4} dev ${INTERNET} onlink src ${RELAY.ipv4}`);
  namespace.routes.push(`::/0 via ${INNER.ipv6} dev ${INTERNET} src ${RELAY.ipv6}`);
  const desks = desksOf(topology);
  for (const { networkId, zone, ipv4, ipv6 } of desks.values()) {
    const device = deviceOf(networkId);
    knowNeighbour(namespace, INNER, macsOf(networkId).router, device);
    namespace.addresses.push(`${ipv4}/32 dev lo`, `${ipv6}/128 dev lo nodad`);
    namespace.routes.push(`0.0.0.0/0 via ${INNER.ipv4} dev ${device} onlink table ${TABLES + zone}`);
    namespace.routes.push(`::/0 via ${INNER.ipv6} dev ${device} table ${TABLES + zone}`);
    namespace.rules4.push(`from ${ipv4} lookup ${TABLES + zone} pref ${DESK_RULES}`);
    namespace.rules6.push(`from ${ipv6} lookup ${TABLES + zone} pref ${DESK_RULES}`);
  }
  namespace.ruleset = [...rulesetOf([...desks.values()]), ...(hops === undefined ? [] : limitHops(desks, hops))];
  return namespace;
}

/** Numbers of the networks' tables start here: behind the kernel's own. Their rules come before the kernel's. */
const TABLES = 1_000;
const DESK_RULES = 100;

/** Networks may use the same addresses: whatever comes from each is tracked in a zone of its own. */
function rulesetOf(desks: readonly (Desk & { readonly zone: number })[]): Ruleset {
  const by = (key: (desk: Desk) => string, value: (desk: Desk & { readonly zone: number }) => string) =>
    new Map(desks.map((desk) => [key(desk), value(desk)]));
  const device = ({ networkId }: Desk): string => quote(deviceOf(networkId));
  const zone = (desk: { readonly zone: number }): string => `${desk.zone}`;
  return [
    mapOf('zone_of_device', 'typeof iifname : ct zone', by(device, zone)),
    mapOf('zone_of4', 'typeof ip saddr : ct zone', by(({ ipv4 }) => ipv4, zone)), // prettier-ignore
    mapOf('zone_of6', 'typeof ip6 saddr : ct zone', by(({ ipv6 }) => ipv6, zone)), // prettier-ignore
    mapOf('desk4', 'typeof iifname : ip daddr', by(device, ({ ipv4 }) => ipv4)), // prettier-ignore
    mapOf('desk6', 'typeof iifname : ip6 daddr', by(device, ({ ipv6 }) => ipv6)), // prettier-ignore
    chainOf('zones_in', ['type filter hook prerouting priority -300; policy accept;', 'ct zone set iifname map @zone_of_device']),
    chainOf('zones_out', [
      'type filter hook output priority -300; policy accept;',
      'ct zone set ip saddr map @zone_of4',
      'ct zone set ip6 saddr map @zone_of6',
    ]),
    chainOf('incoming', [
      'type nat hook prerouting priority dstnat; policy accept;',
      'dnat ip to iifname map @desk4',
      'dnat ip6 to iifname map @desk6',
    ]),
  ];
}

/** How many hops the answer with a token may take to one address of a network (EC2 guide, "HttpPutResponseHopLimit"). */
export interface HopLimit {
  readonly networkId: Id;
  readonly address: Ip;
  /** 1 to 64. */
  readonly hops: number;
}

/** A connection's answers go so far while its last question began with `PUT `, which asks for a token. */
const PUT_FLOW = 2;
/** The network's own router is on the way, which AWS's are not. */
const ROUTERS = 1;

function limitHops(desks: ReadonlyMap<Id, Desk>, hops: readonly HopLimit[]): Ruleset {
  const elements = (isFour: boolean) =>
    new Map(
      hops.flatMap(({ networkId, address, hops: limit }) => {
        const desk = desks.get(networkId);
        if (desk === undefined || isIpv4(address) !== isFour) return [];
        return [[`${isFour ? desk.ipv4 : desk.ipv6} . ${formatIp(address)}`, `jump hops_${limit}`] as const];
      }),
    );
  const limits = [...new Set(hops.map(({ hops: limit }) => limit))].sort((a, b) => a - b);
  return [
    ...limits.map((limit) => chainOf(`hops_${limit}`, [`meta nfproto ipv4 ip ttl set ${limit + ROUTERS}`, `meta nfproto ipv6 ip6 hoplimit set ${limit + ROUTERS}`])), // prettier-ignore
    mapOf('hops4', 'typeof ip saddr . ip daddr : verdict', elements(true)),
    mapOf('hops6', 'typeof ip6 saddr . ip6 daddr : verdict', elements(false)),
    chainOf('questions', [
      'type filter hook input priority filter; policy accept;',
      `tcp dport 80 @ih,0,32 0x50555420 ct mark set ${PUT_FLOW}`,
      'tcp dport 80 @ih,0,32 0x47455420 ct mark set 0',
    ]),
    chainOf('answers', [
      'type filter hook output priority mangle; policy accept;', // before the desks' addresses become the platform's again
      `ct mark ${PUT_FLOW} ip saddr . ip daddr vmap @hops4`,
      `ct mark ${PUT_FLOW} ip6 saddr . ip6 daddr vmap @hops6`,
    ]),
  ];
}

/** The link between the internet and the platform, and what the internet needs to know of it. */
export function joinInternet(internet: MutableNamespace): Link {
  knowNeighbour(internet, OUTER, internetMacs.platform, PLATFORM);
  for (const { ipv4, ipv6 } of PUBLIC_PLACES)
    internet.routes.push(...[ipv4, ipv6].map((text) => routeVia(hostCidr(addressOf(text)), OUTER, PLATFORM)));
  internet.addresses.push(`${INTERNET_HOST.ipv4}/32 dev lo`, `${INTERNET_HOST.ipv6}/128 dev lo nodad`);
  return {
    ends: [
      { namespace: INTERNET, device: PLATFORM, mac: internetMacs.internet },
      { namespace: PLATFORM, device: INTERNET, mac: internetMacs.platform, index: linkIndex(0) },
    ],
    mtu: OUTER_MTU,
  };
}

function addressOf(text: string): Ip {
  const ip = parseIp(text);
  if (ip === undefined) throw new Error(`${text} is no address`); // never: the addresses above are
  return ip;
}
