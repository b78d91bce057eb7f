/** What a hop of a trace names by id or number: the group's rule, the access list's entry, the table's route. */
import { formatCidr } from '#model/cidr.ts';
import type { AccessEntry, Blocks, GroupRule, Route, Topology } from '#model/topology.ts';
import type { Hop } from '#model/trace.ts';

type At = Pick<Hop, 'component' | 'rule' | 'direction'>;

export function groupRuleAt(topology: Topology, { component, rule }: At): GroupRule | undefined {
  return topology.groups.get(component)?.rules.find(({ id }) => id === rule);
}

/** Undefined also where no entry matched. */
export function accessEntryAt(topology: Topology, { component, rule, direction }: At): AccessEntry | undefined {
  return topology.accessLists.get(component)?.entries.find((one) => `${one.number}` === rule && one.direction === direction);
}

/** Of equal destinations a static route wins. */
export function routeAt(topology: Topology, { component, rule }: At): Route | undefined {
  const routes = topology.routeTables.get(component)?.routes.filter(({ destination }) => blocksText(destination) === rule) ?? [];
  return routes.find(({ origin }) => origin === 'static') ?? routes[0];
}

export function blocksText(blocks: Blocks): string {
  return blocks.kind === 'cidr' ? formatCidr(blocks.cidr) : blocks.id;
}
