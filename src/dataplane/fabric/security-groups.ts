/** Security groups: a chain for each group and direction that costs a few set lookups, however many rules it has. */
import { isIpv4, formatIp } from '#model/ip.ts';
import { formatCidr } from '#model/cidr.ts';
import type { Direction, Group, Id, Network, Topology } from '#model/topology.ts';
import { compileGroupRules, type MemberSets } from './group-rules.ts';
import { deviceOf, wordOf } from './names.ts';
import { chainOf, mapOf, quote, setOf, type NftObject } from './nftables.ts';
import type { PresentInterface } from './presence.ts';

export interface CompiledGroups {
  readonly declarations: readonly NftObject[];
  readonly chains: readonly NftObject[];
}

/** The groups of a network's interfaces; the maps `groups_out` and `groups_in` lead from a device to the chain of its groups together. */
export function compileGroups(topology: Topology, network: Network, present: readonly PresentInterface[]): CompiledGroups {
  const used = [...new Set(present.flatMap(({ part }) => part.groupIds))].sort();
  const groups = used.flatMap((id) => topology.groups.get(id) ?? []);
  const references = new Set(groups.flatMap(({ rules }) => rules.flatMap(({ peer }) => (peer.kind === 'group' ? [peer.id] : []))));
  const members = [...references].sort().map((id) => memberSets(topology, network, id));
  const known = new Map(members.map((one) => [one.groupId, one]));
  const compiled = groups.flatMap((group) => (['in', 'out'] as const).map((direction) => compileGroup(topology, group, direction, known)));
  const together = combine(topology, present);
  return {
    declarations: [...members.flatMap(({ declarations }) => declarations), ...compiled.flatMap(({ sets }) => sets)],
    chains: [
      ...compiled.map(({ chain }) => chain),
      ...together.chains,
      mapOf('groups_out', 'typeof iifname : verdict', together.out),
      mapOf('groups_in', 'typeof oifname : verdict', together.in),
      chainOf('receive', ['oifname vmap @groups_in', 'accept']),
    ],
  };
}

const chainName = (id: Id, direction: Direction): string => `group_${wordOf(id)}_${direction}`;

function compileGroup(topology: Topology, group: Group, direction: Direction, members: ReadonlyMap<Id, MemberSets>) {
  const name = chainName(group.id, direction);
  const { sets, lines } = compileGroupRules(topology, group, direction, name, members);
  return { sets, chain: chainOf(name, lines) };
}

/** A chain for each list of groups that some interface has: what none of them allows is lost. */
function combine(topology: Topology, present: readonly PresentInterface[]) {
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
        const jumps = ids.filter((id) => topology.groups.has(id)).map((id) => `jump ${chainName(id, direction)}`);
        chains.push(chainOf(`${name}_${direction}`, [...jumps, 'drop']));
      }
    }
    ways.out.set(quote(device), `goto ${name}_out`);
    if (natGatewayId === undefined) ways.in.set(quote(device), `goto ${name}_in`); // what comes to a NAT gateway is for others
  }
  return { chains, ...ways };
}

/** The members' own addresses: with their devices, for who sends; alone, for who is sent to. */
function memberSets(topology: Topology, network: Network, groupId: Id): MemberSets & { declarations: NftObject[] } {
  const parts = topology.membersOf(groupId).flatMap((id) => topology.interfaces.get(id) ?? []);
  const members = [...new Set(parts)]
    .filter(({ networkId }) => networkId === network.id)
    .map((part) => ({ part, device: deviceOf(part.id) })); // also those that are down
  const isInterval = members.some(({ part }) => part.prefixes.length > 0);
  const name = `members_${isInterval ? 'ranges_' : ''}${wordOf(groupId)}`; // a name has one type
  const own = members.flatMap(({ part, device }) => [
    ...part.addresses.map((ip) => ({ device, isFour: isIpv4(ip), text: formatIp(ip), isReached: topology.interfaceAt(network.id, ip)?.id === part.id })),
    ...part.prefixes.map((cidr) => ({ device, isFour: isIpv4(cidr.address), text: formatCidr(cidr), isReached: topology.interfaceAt(network.id, cidr.address)?.id === part.id })),
  ]); // prettier-ignore
  const senders = (isFour: boolean) => own.filter((one) => one.isFour === isFour).map(({ device, text }) => `${quote(device)} . ${text}`);
  const receivers = (isFour: boolean) => own.filter((one) => one.isFour === isFour && one.isReached).map(({ text }) => text);
  return {
    groupId,
    name,
    declarations: [
      setOf(`${name}_from4`, 'typeof iifname . ip saddr', senders(true), isInterval),
      setOf(`${name}_from6`, 'typeof iifname . ip6 saddr', senders(false), isInterval),
      setOf(`${name}_to4`, 'type ipv4_addr', receivers(true), isInterval),
      setOf(`${name}_to6`, 'type ipv6_addr', receivers(false), isInterval),
    ],
  };
}
