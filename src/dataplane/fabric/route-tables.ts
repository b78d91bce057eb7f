/** Route tables as kernel tables: a route of each block to the device it leads out of, `throw` to the network's own, `blackhole` to what is gone. */
import { ALL_IPV4, ALL_IPV6, cidrContains, formatCidr, type Cidr } from '#model/cidr.ts';
import { isIpv4 } from '#model/ip.ts';
import { PrefixMap } from '#model/lpm.ts';
import type { Id, Network, Route, RouteTable, RouteTarget, Topology } from '#model/topology.ts';
import { EGRESS } from './egress-only-gateway.ts';
import { deviceOf } from './names.ts';
import { OUTER, routeVia } from './next-hops.ts';

/** The router's device towards the internet gateway. */
export const GATEWAY = 'igw';

/** Who uses the table: segments, or the internet gateway for what comes in, which knows only local routes and interfaces. */
export type TableUse = 'segment' | 'edge';

interface Choice {
  readonly target: RouteTarget;
  /** Lower wins among equal destinations. */
  readonly rank: number;
}

/** The lines of a kernel table. What no route names is lost, so the table always has default routes. */
export function compileTable(
  topology: Topology,
  network: Network,
  table: RouteTable | undefined,
  number: number,
  use: TableUse,
  present: ReadonlySet<Id>,
): string[] {
  const chosen = chooseRoutes(topology, table?.routes ?? []);
  for (const all of [ALL_IPV4, ALL_IPV6]) if (chosen.get(all) === undefined) chosen.insert(all, { target: { kind: 'blackhole' }, rank: 0 });
  return [...chosen.entries()].map(({ cidr, value }) => `${lineOf(topology, network, cidr, value.target, use, present)} table ${number}`);
}

/** Static before propagated, and CIDRs before prefix sets, among equal destinations (VPC guide, "Route priority"). */
function chooseRoutes(topology: Topology, routes: readonly Route[]): PrefixMap<Choice> {
  const chosen = new PrefixMap<Choice>();
  const locals = routes.flatMap(({ destination, target }) =>
    target.kind === 'local' && destination.kind === 'cidr' ? [destination.cidr] : [],
  );
  for (const { destination, target, origin } of routes) {
    const rank = origin === 'propagated' ? 2 : destination.kind === 'prefixSet' ? 1 : 0;
    const blocks = destination.kind === 'cidr' ? [destination.cidr] : (topology.prefixSets.get(destination.id)?.cidrs ?? []);
    for (const cidr of blocks) {
      if (origin === 'propagated' && locals.some((local) => cidrContains(local, cidr))) continue; // local beats longer propagated routes
      const rival = chosen.get(cidr);
      if (rival === undefined || rank < rival.rank) chosen.insert(cidr, { target, rank });
    }
  }
  return chosen;
}

function lineOf(topology: Topology, network: Network, cidr: Cidr, target: RouteTarget, use: TableUse, present: ReadonlySet<Id>): string {
  const device = target.kind === 'local' ? undefined : deviceTo(topology, network, cidr, target, use, present);
  if (target.kind === 'local') return `throw ${formatCidr(cidr)}`;
  return device === undefined ? `blackhole ${formatCidr(cidr)}` : routeVia(cidr, OUTER, device);
}

/** The router's device that a target is behind; undefined makes the route a blackhole. */
function deviceTo(
  topology: Topology,
  network: Network,
  cidr: Cidr,
  target: Exclude<RouteTarget, { kind: 'local' }>,
  use: TableUse,
  present: ReadonlySet<Id>,
): string | undefined {
  const deviceOfInterface = (id: Id): string | undefined => (present.has(id) ? deviceOf(id) : undefined);
  switch (target.kind) {
    case 'blackhole':
      return undefined;
    case 'interface':
      return deviceOfInterface(target.id);
    case 'natGateway': {
      const gateway = topology.natGateways.get(target.id);
      return use === 'segment' && gateway?.up === true ? deviceOfInterface(gateway.interfaceId) : undefined;
    }
    case 'internetGateway':
      return use === 'segment' && topology.internetGatewayOf(network.id)?.id === target.id ? GATEWAY : undefined;
    case 'egressOnlyGateway': {
      const isHere = topology.egressOnlyGateways.get(target.id)?.networkId === network.id;
      return use === 'segment' && isHere && !isIpv4(cidr.address) ? EGRESS : undefined;
    }
  }
}
