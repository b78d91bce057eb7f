/** Route tables: longest-prefix match; of equal destinations static CIDR routes first, then prefix sets, then propagated ones. */
import { cidrContains, formatCidr, type Cidr } from '#model/cidr.ts';
import type { Ip } from '#model/ip.ts';
import { PrefixMap } from '#model/lpm.ts';
import type { Id, PrefixSet, Route, RouteTable, RouteTarget, Topology } from '#model/topology.ts';

/** The route that a table chooses. */
export interface ChosenRoute {
  readonly target: RouteTarget;
  /** The destination as the table has it: a canonical CIDR, or a prefix set's id. */
  readonly rule: string;
}

interface CompiledRoute extends ChosenRoute {
  /** Lower wins among equal destinations. */
  readonly rank: number;
}

interface Compiled {
  readonly routes: PrefixMap<CompiledRoute>;
  /** The prefix sets as they were; a set of another value makes the compiled form stale. */
  readonly sets: readonly (readonly [id: Id, set: PrefixSet | undefined])[];
}

const tables = new WeakMap<RouteTable, Compiled>();

/** The route for a destination; undefined when the table has none. */
export function chooseRoute(topology: Topology, table: RouteTable, destination: Ip): ChosenRoute | undefined {
  let compiled = tables.get(table);
  if (compiled === undefined || isStale(topology, compiled)) tables.set(table, (compiled = compileTable(topology, table)));
  return compiled.routes.lookup(destination);
}

function isStale(topology: Topology, { sets }: Compiled): boolean {
  for (const [id, set] of sets) if (topology.prefixSets.get(id) !== set) return true;
  return false;
}

function compileTable(topology: Topology, table: RouteTable): Compiled {
  const routes = new PrefixMap<CompiledRoute>();
  const sets: [Id, PrefixSet | undefined][] = [];
  const locals = table.routes.flatMap(({ destination, target }) =>
    target.kind === 'local' && destination.kind === 'cidr' ? [destination.cidr] : [],
  );
  for (const route of table.routes) {
    const compiled = compileRoute(route);
    for (const cidr of blocksOf(topology, route, sets)) {
      if (route.origin === 'propagated' && locals.some((local) => cidrContains(local, cidr))) continue; // local beats even longer propagated routes (VPN guide, "Route priority")
      const rival = routes.get(cidr);
      if (rival === undefined || compiled.rank < rival.rank) routes.insert(cidr, compiled);
    }
  }
  return { routes, sets };
}

function compileRoute({ destination, target, origin }: Route): CompiledRoute {
  const rule = destination.kind === 'cidr' ? formatCidr(destination.cidr) : destination.id;
  const rank = origin === 'propagated' ? 2 : destination.kind === 'prefixSet' ? 1 : 0; // VPC_Route_Tables, "Route priority"
  return { target, rule, rank };
}

function blocksOf(topology: Topology, { destination }: Route, sets: [Id, PrefixSet | undefined][]): readonly Cidr[] {
  if (destination.kind === 'cidr') return [destination.cidr];
  const set = topology.prefixSets.get(destination.id);
  sets.push([destination.id, set]);
  return set?.cidrs ?? [];
}
