/** Security groups: the union of the rules of an interface's groups, allow only; whoever is allowed is remembered by the walk. */
import { blockHolds, compileBlock, prefixSetHolds, type BlockMatch } from '#engine/block-match.ts';
import { ownsAddress } from '#engine/source-destination-check.ts';
import type { Flow } from '#model/flow.ts';
import type { Ip } from '#model/ip.ts';
import { ALL_PROTOCOLS } from '#model/protocol-number.ts';
import type { Direction, Group, GroupRule, Id, NetworkInterface, Topology } from '#model/topology.ts';
import { trafficKeys } from '#model/traffic.ts';

/** The rule that lets a packet pass, and its group. */
export interface GroupVerdict {
  readonly groupId: Id;
  readonly ruleId: Id;
}

interface CompiledRule {
  readonly order: number;
  readonly verdict: GroupVerdict;
  /** Range of `Flow.destinationPort`. */
  readonly from: number;
  readonly to: number;
  readonly peer: { readonly kind: 'cidr'; readonly block: BlockMatch } | { readonly kind: 'prefixSet' | 'group'; readonly id: Id };
}

/** The rules of a protocol: those for one port by that port, the rest in a row; both in the order of the group's rules. */
interface Bucket {
  readonly byPort: Map<number, CompiledRule[]>;
  readonly ranges: CompiledRule[];
}

type Compiled = Record<Direction, ReadonlyMap<number, Bucket>>;

const groups = new WeakMap<Group, Compiled>();

/**
 * The first rule, in the order of the interface's groups and their rules, that allows a new flow through the interface;
 * undefined when none does. `emitter` is the interface that the packet comes from directly, if any: a rule that names a
 * group means its members' own addresses on their own interfaces, so it does not hold through a forwarder in between
 * (vpc security-group-rules, "Security group referencing"). Interfaces without groups are not to be asked.
 */
export function ruleThatAllows(
  topology: Topology,
  subject: NetworkInterface,
  direction: Direction,
  flow: Flow,
  emitter: NetworkInterface | undefined,
): GroupVerdict | undefined {
  const address = direction === 'in' ? flow.source : flow.destination;
  const neighbour = direction === 'in' ? emitter : topology.interfaceAt(subject.networkId, address);
  const peer = neighbour !== undefined && ownsAddress(neighbour, address) ? neighbour : undefined;
  for (const groupId of subject.groupIds) {
    const group = topology.groups.get(groupId);
    if (group === undefined) continue;
    const buckets = compiledOf(group)[direction];
    const best = earlier(
      findRule(topology, buckets.get(flow.protocol), flow, address, peer),
      findRule(topology, buckets.get(ALL_PROTOCOLS), flow, address, peer),
    );
    if (best !== undefined) return best.verdict;
  }
  return undefined;
}

function findRule(
  topology: Topology,
  bucket: Bucket | undefined,
  flow: Flow,
  address: Ip,
  peer: NetworkInterface | undefined,
): CompiledRule | undefined {
  if (bucket === undefined) return undefined;
  const exact = bucket.byPort.get(flow.destinationPort)?.find((rule) => peerMatches(topology, rule, address, peer));
  for (const rule of bucket.ranges) {
    if (exact !== undefined && rule.order > exact.order) break;
    if (flow.destinationPort >= rule.from && flow.destinationPort <= rule.to && peerMatches(topology, rule, address, peer)) return rule;
  }
  return exact;
}

function peerMatches(topology: Topology, rule: CompiledRule, address: Ip, peer: NetworkInterface | undefined): boolean {
  switch (rule.peer.kind) {
    case 'cidr':
      return blockHolds(rule.peer.block, address);
    case 'group':
      return peer !== undefined && peer.groupIds.includes(rule.peer.id);
    case 'prefixSet': {
      const set = topology.prefixSets.get(rule.peer.id);
      return set !== undefined && prefixSetHolds(set, address);
    }
  }
}

function earlier(a: CompiledRule | undefined, b: CompiledRule | undefined): CompiledRule | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.order < b.order ? a : b;
}

function compiledOf(group: Group): Compiled {
  let compiled = groups.get(group);
  if (compiled === undefined) groups.set(group, (compiled = { in: compileRules(group, 'in'), out: compileRules(group, 'out') }));
  return compiled;
}

function compileRules(group: Group, direction: Direction): Map<number, Bucket> {
  const buckets = new Map<number, Bucket>();
  for (const [order, rule] of group.rules.entries()) {
    if (rule.direction !== direction) continue;
    let bucket = buckets.get(rule.traffic.protocol);
    if (bucket === undefined) buckets.set(rule.traffic.protocol, (bucket = { byPort: new Map(), ranges: [] }));
    const compiled = compileRule(group, rule, order);
    if (compiled.from !== compiled.to) bucket.ranges.push(compiled);
    else bucket.byPort.set(compiled.from, [...(bucket.byPort.get(compiled.from) ?? []), compiled]);
  }
  return buckets;
}

function compileRule(group: Group, rule: GroupRule, order: number): CompiledRule {
  const { from, to } = trafficKeys(rule.traffic);
  const peer = rule.peer.kind === 'cidr' ? ({ kind: 'cidr', block: compileBlock(rule.peer.cidr) } as const) : rule.peer;
  return { order, verdict: { groupId: group.id, ruleId: rule.id }, from, to, peer };
}
