/** Network ACLs: a chain for each list and direction, its entries in order; what passes goes on behind the jump. */
import { formatCidr } from '#model/cidr.ts';
import { isIpv4 } from '#model/ip.ts';
import { ALL_PROTOCOLS, hasPorts, ICMP, ICMPV6, isIcmp, protocolName } from '#model/protocol-number.ts';
import type { AccessEntry, AccessList, Direction, Id, Segment, Topology } from '#model/topology.ts';
import { ANY_ICMP, type Traffic } from '#model/traffic.ts';
import { wordOf } from './names.ts';
import { chainOf, type NftObject } from './nftables.ts';

export interface AccessLists {
  readonly chains: readonly NftObject[];
  /** From a segment's mark to the verdict on what leaves it. */
  readonly leave: ReadonlyMap<string, string>;
  /** The verdict on what enters a segment. */
  enter(segment: Segment): string;
}

export function compileAccessLists(topology: Topology, segments: readonly Segment[], marks: ReadonlyMap<Id, number>): AccessLists {
  const verdict = ({ accessListId }: Segment, direction: Direction): string =>
    topology.accessLists.has(accessListId) ? `jump ${chainName(accessListId, direction)}` : 'drop'; // a list that is gone lets nothing pass
  const used = [...new Set(segments.map(({ accessListId }) => accessListId))].flatMap((id) => topology.accessLists.get(id) ?? []);
  return {
    chains: used.flatMap(compiledList),
    leave: new Map(segments.map((segment) => [`${marks.get(segment.id) ?? 0}`, verdict(segment, 'out')])),
    enter: (segment) => verdict(segment, 'in'),
  };
}

const chainName = (id: Id, direction: Direction): string => `list_${wordOf(id)}_${direction}`;

const compiled = new WeakMap<AccessList, { readonly in: NftObject; readonly out: NftObject }>();

function compiledList(list: AccessList): readonly NftObject[] {
  let both = compiled.get(list);
  if (both === undefined) compiled.set(list, (both = { in: compileList(list, 'in'), out: compileList(list, 'out') }));
  return [both.in, both.out];
}

function compileList(list: AccessList, direction: Direction): NftObject {
  const entries = list.entries.filter((entry) => entry.direction === direction).sort((a, b) => a.number - b.number);
  const lines = entries.flatMap((entry) => {
    const match = matchOf(entry);
    return match === undefined ? [] : [`${match} ${entry.action === 'allow' ? 'return' : 'drop'}`];
  });
  return chainOf(chainName(list.id, direction), [...lines, 'drop']);
}

/** Undefined when no packet can match: ICMP of the other family. */
function matchOf({ cidr, direction, traffic }: AccessEntry): string | undefined {
  const isFour = isIpv4(cidr.address);
  if (traffic.protocol === (isFour ? ICMPV6 : ICMP)) return undefined;
  const field = `${isFour ? 'ip' : 'ip6'} ${direction === 'in' ? 'saddr' : 'daddr'}`;
  const block = cidr.prefixLength === 0 ? `meta nfproto ${isFour ? 'ipv4' : 'ipv6'}` : `${field} ${formatCidr(cidr)}`;
  return [block, ...matchTraffic(traffic)].join(' ');
}

/** The words of nft for traffic; none for all of it. ICMP must be of the family that the rest of the rule is of. */
export function matchTraffic({ protocol, ports, icmp }: Traffic): string[] {
  if (protocol === ALL_PROTOCOLS) return [];
  if (hasPorts(protocol) && ports !== undefined) return [`${protocolName(protocol)} dport ${ports.from}-${ports.to}`];
  if (!isIcmp(protocol) || icmp === undefined || icmp.type === ANY_ICMP) return [`meta l4proto ${protocol}`];
  const name = protocol === ICMP ? 'icmp' : 'icmpv6';
  return icmp.code === ANY_ICMP ? [`${name} type ${icmp.type}`] : [`${name} type ${icmp.type} ${name} code ${icmp.code}`];
}
