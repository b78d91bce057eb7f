/** Security groups: a chain for each group and direction that costs a few set lookups, however many rules it has. */
import type { Direction, Group, Id, Network, NetworkInterface, PrefixSet, Topology } from '#model/topology.ts';
import { compileGroupRules } from './group-rules.ts';
import { wordsOf } from './interface-words.ts';
import { numberAll, wordOf } from './names.ts';
import { chainOf, mapOf, quote, type NftObject } from './nftables.ts';
import type { PresentInterface } from './presence.ts';

interface CompiledGroup {
  readonly group: Group;
  /** What it was made from besides the group. */
  readonly classes: string;
  readonly prefixSets: readonly (PrefixSet | undefined)[];
  readonly objects: readonly NftObject[];
}

/** Groups that some interface has together, and the maps that lead there. */
interface Together {
  readonly existing: string;
  readonly objects: readonly NftObject[];
}

/**
 * Who is at the other end, as far as rules care: interfaces with the same groups among those that rules name are of one
 * class, a number. So a rule that names a group is a few numbers, however many members that has, and there is one lookup of who it is.
 */
interface Classes {
  readonly referenced: string;
  readonly byGroup: ReadonlyMap<Id, readonly number[]>;
  readonly objects: readonly NftObject[];
}

/** The groups of one network's interfaces, as long as those stay the same: what a change of rules does not touch is the same object again. */
export class GroupsCompiler {
  readonly #network: Network;
  readonly #present: readonly PresentInterface[];
  readonly #used: readonly Id[];
  readonly #groups = new Map<Id, CompiledGroup>();
  #classes: Classes | undefined;
  #together: Together | undefined;

  constructor(network: Network, present: readonly PresentInterface[]) {
    this.#network = network;
    this.#present = present;
    this.#used = [...new Set(present.flatMap(({ part }) => part.groupIds))].sort();
  }

  /** The maps `groups_out` and `groups_in` lead from a device to the chain of its groups together. */
  compile(topology: Topology): readonly NftObject[] {
    const groups = this.#used.flatMap((id) => topology.groups.get(id) ?? []);
    const classes = this.#classesOf(topology, new Set(groups.flatMap((group) => referencesOf(group))));
    const objects: NftObject[] = [...classes.objects];
    for (const group of groups) objects.push(...this.#groupOf(topology, group, classes));
    objects.push(...this.#togetherOf(groups));
    return objects;
  }

  #classesOf(topology: Topology, referenced: ReadonlySet<Id>): Classes {
    const key = [...referenced].sort().join();
    if (this.#classes?.referenced !== key) this.#classes = { referenced: key, ...compileClasses(topology, this.#network, referenced) };
    return this.#classes;
  }

  #groupOf(topology: Topology, group: Group, { byGroup }: Classes): readonly NftObject[] {
    const classesOf = (id: Id): readonly number[] => byGroup.get(id) ?? [];
    const classes = referencesOf(group).map((id) => classesOf(id).join('.')).join(); // prettier-ignore
    const prefixSets = prefixSetsOf(group).map((id) => topology.prefixSets.get(id));
    const known = this.#groups.get(group.id);
    if (known?.group === group && known.classes === classes && known.prefixSets.every((one, at) => one === prefixSets[at]))
      return known.objects;
    const objects = (['in', 'out'] as const).flatMap((direction) => {
      const name = chainName(group.id, direction);
      const { sets, lines } = compileGroupRules(topology, group, direction, name, classesOf);
      return [...sets, chainOf(name, lines)];
    });
    this.#groups.set(group.id, { group, classes, prefixSets, objects });
    return objects;
  }

  #togetherOf(groups: readonly Group[]): readonly NftObject[] {
    const existing = groups.map(({ id }) => id).join();
    if (this.#together?.existing === existing) return this.#together.objects;
    const together = combine(new Set(groups.map(({ id }) => id)), this.#present);
    const objects = [
      ...together.chains,
      mapOf('groups_out', 'typeof iifname : verdict', together.out),
      mapOf('groups_in', 'typeof oifname : verdict', together.in),
    ];
    this.#together = { existing, objects };
    return objects;
  }
}

/** What is done with a new flow, behind all that looks at each packet by itself: the mark is free by then, and says of what class the other end is. */
const NEW_FLOW = {
  send: ['meta mark set 0', 'meta mark set ip daddr map @class_to4', 'meta mark set ip6 daddr map @class_to6', 'iifname vmap @groups_out', 'goto receive'],
  receive: ['meta mark set 0', 'meta mark set iifname . ip saddr map @class_from4', 'meta mark set iifname . ip6 saddr map @class_from6', 'oifname vmap @groups_in', 'accept'],
} as const; // prettier-ignore

const references = new WeakMap<Group, readonly Id[]>();

/** The groups that a group's rules name, once each. */
function referencesOf(group: Group): readonly Id[] {
  let ids = references.get(group);
  if (ids === undefined) references.set(group, (ids = [...new Set(group.rules.flatMap(({ peer }) => (peer.kind === 'group' ? [peer.id] : [])))])); // prettier-ignore
  return ids;
}

function prefixSetsOf({ rules }: Group): readonly Id[] {
  return [...new Set(rules.flatMap(({ peer }) => (peer.kind === 'prefixSet' ? [peer.id] : [])))];
}

const chainName = (id: Id, direction: Direction): string => `group_${wordOf(id)}_${direction}`;

/** A chain for each list of groups that some interface has: what none of them allows is lost. */
function combine(existing: ReadonlySet<Id>, present: readonly PresentInterface[]) {
  const chains: NftObject[] = [];
  const names = new Map<string, string>();
  const ways: Record<Direction, Map<string, string>> = { in: new Map(), out: new Map() };
  for (const { part, device, natGatewayId } of present) {
    if (part.groupIds.length === 0) continue; // not filtered
    const ids = [...new Set(part.groupIds)].sort();
    const key = ids.join();
    let name = names.get(key);
    if (name === undefined) {
      names.set(key, (name = `together_${wordOf(ids.map(wordOf).join('_'))}`));
      for (const direction of ['in', 'out'] as const) {
        const jumps = ids.filter((id) => existing.has(id)).map((id) => `jump ${chainName(id, direction)}`);
        chains.push(chainOf(`${name}_${direction}`, [...jumps, 'drop']));
      }
    }
    ways.out.set(quote(device), `goto ${name}_out`);
    if (natGatewayId === undefined) ways.in.set(quote(device), `goto ${name}_in`); // what comes to a NAT gateway is for others
  }
  return { chains, ...ways };
}

/** Members' own addresses: with their devices, for who sends; alone, for who is sent to. Also of those that are down. */
function compileClasses(topology: Topology, network: Network, referenced: ReadonlySet<Id>): Omit<Classes, 'referenced'> {
  const byKey = new Map<string, NetworkInterface[]>();
  for (const id of referenced.size === 0 ? [] : topology.interfacesOf(network.id)) {
    const part = topology.interfaces.get(id);
    const key = part === undefined ? '' : [...new Set(part.groupIds)].filter((groupId) => referenced.has(groupId)).sort().join(); // prettier-ignore
    if (part === undefined || key === '') continue;
    const some = byKey.get(key);
    if (some === undefined) byKey.set(key, [part]);
    else some.push(part);
  }
  const numbers = numberAll(byKey.keys());
  const byGroup = new Map<Id, number[]>();
  const from4 = new Map<string, string>();
  const from6 = new Map<string, string>();
  const to4 = new Map<string, string>();
  const to6 = new Map<string, string>();
  let isInterval = false;
  for (const [key, parts] of byKey) {
    const number = numbers.get(key) ?? 0;
    for (const groupId of key.split(',')) byGroup.set(groupId, [...(byGroup.get(groupId) ?? []), number]);
    for (const part of parts) {
      isInterval ||= part.prefixes.length > 0;
      const { ipv4, ipv6, blocks4, blocks6 } = wordsOf(part);
      const isReached = (ip: Parameters<Topology['interfaceAt']>[1]): boolean => topology.interfaceAt(network.id, ip)?.id === part.id;
      const put = (
        from: Map<string, string>,
        to: Map<string, string>,
        text: string,
        onDevice: string,
        ip: Parameters<typeof isReached>[0],
      ): void => {
        from.set(onDevice, `${number}`);
        if (isReached(ip)) to.set(text, `${number}`);
      };
      for (const { ip, text, onDevice } of ipv4) put(from4, to4, text, onDevice, ip);
      for (const { ip, text, onDevice } of ipv6) put(from6, to6, text, onDevice, ip);
      for (const { cidr, text, onDevice } of blocks4) put(from4, to4, text, onDevice, cidr.address);
      for (const { cidr, text, onDevice } of blocks6) put(from6, to6, text, onDevice, cidr.address);
    }
  }
  const name = isInterval ? 'range' : 'class'; // a name has one type
  const maps = [
    mapOf(`${name}_from4`, 'typeof iifname . ip saddr : meta mark', from4, isInterval),
    mapOf(`${name}_from6`, 'typeof iifname . ip6 saddr : meta mark', from6, isInterval),
    mapOf(`${name}_to4`, 'typeof ip daddr : meta mark', to4, isInterval),
    mapOf(`${name}_to6`, 'typeof ip6 daddr : meta mark', to6, isInterval),
  ];
  const chains = Object.entries(NEW_FLOW).map(([chain, lines]) => chainOf(chain, lines.map((line) => line.replace('@class_', `@${name}_`)))); // prettier-ignore
  return { byGroup, objects: [...maps, ...chains] };
}
