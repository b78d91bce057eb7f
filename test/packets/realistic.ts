/** Random worlds made such as AWS lets them be: no address twice, none of the reserved ones, a router in every segment. */
import { cidrContainsIp, cidrsOverlap, hostCidr, lastIp, nthIp, type Cidr } from '#model/cidr.ts';
import { ipFamily, isIpv4, type Ip } from '#model/ip.ts';
import { LiveTopology } from '#model/live-topology.ts';
import type { NetworkInterface, Part, Route, Segment } from '#model/topology.ts';

/** The world without what AWS's API would refuse. Everything else stays: dangling ids, things that are down, strange routes. */
export function realistic(parts: readonly Part[]): Part[] {
  const world = new LiveTopology(parts);
  const claims = new Map<string, Cidr[]>();
  const publics = new Set<Ip>();
  const taken = (networkId: string, cidr: Cidr): boolean => (claims.get(networkId) ?? []).some((one) => cidrsOverlap(one, cidr));
  const claim = (networkId: string, cidr: Cidr): boolean => {
    if (taken(networkId, cidr)) return false;
    claims.set(networkId, [...(claims.get(networkId) ?? []), cidr]);
    return true;
  };
  const result: Part[] = [];
  for (const segment of world.segments.values()) {
    for (const ip of reservedIn(segment)) claim(segment.networkId, hostCidr(ip));
    const router = segment.cidrs.filter(({ address }) => isIpv4(address)).map((cidr) => nthIp(cidr, 1)!); // blocks of eight
    result.push({ ...segment, routerAddresses: router });
  }
  for (const network of world.networks.values()) for (const ip of network.platformAddresses) claim(network.id, hostCidr(ip));
  for (const part of world.parts()) {
    if (part.kind === 'segment') continue;
    if (part.kind === 'routeTable') result.push({ ...part, routes: part.routes.map((route) => viaGateway(world, route)) });
    else if (part.kind === 'interface') result.push(...settle(world, part, claim, publics));
    else result.push(part);
  }
  return result;
}

/** Network, router, resolver and broadcast addresses; in IPv6 the first three. */
function reservedIn({ cidrs }: Segment): Ip[] {
  return cidrs.flatMap((cidr) => {
    const first = [0, 1, 2].flatMap((at) => nthIp(cidr, at) ?? []);
    return ipFamily(cidr.address) === 4 ? [...first, lastIp(cidr)] : first;
  });
}

function settle(world: LiveTopology, part: NetworkInterface, claim: (networkId: string, cidr: Cidr) => boolean, publics: Set<Ip>): Part[] {
  const segment = world.segments.get(part.segmentId);
  if (segment === undefined) return [];
  const inside = (ip: Ip): boolean => segment.cidrs.some((cidr) => cidrContainsIp(cidr, ip));
  const own = part.addresses.filter((ip) => inside(ip) && claim(part.networkId, hostCidr(ip)));
  const addresses = own.length > 0 ? own : spare(segment, (ip) => claim(part.networkId, hostCidr(ip)));
  if (addresses.length === 0) return [];
  const isFree = (ip: Ip): boolean => !publics.has(ip) && publics.add(ip) !== undefined;
  const publicAddresses = part.publicAddresses.filter((one) => addresses.includes(one.privateAddress) && isFree(one.publicAddress));
  const prefixes = part.prefixes.filter((cidr) => claim(part.networkId, { ...cidr, address: nthIp(cidr, 0) ?? cidr.address }));
  const { forwards, ...rest } = part;
  const kept = forwards === undefined || world.natGatewayOn(part.id) !== undefined ? {} : { forwards };
  return [{ ...rest, ...kept, addresses, publicAddresses, prefixes }];
}

function spare(segment: Segment, isFree: (ip: Ip) => boolean): Ip[] {
  for (const at of [3, 4, 5, 6]) for (const cidr of segment.cidrs) {
    const ip = nthIp(cidr, at);
    if (ip !== undefined && isFree(ip)) return [ip];
  } // prettier-ignore
  return [];
}

/** A NAT gateway's interface is no target of a route; the gateway is. */
function viaGateway(world: LiveTopology, route: Route): Route {
  if (route.target.kind !== 'interface') return route;
  const gateway = world.natGatewayOn(route.target.id);
  return gateway === undefined ? route : { ...route, target: { kind: 'natGateway', id: gateway.id } };
}
