/** One world put to the kernel: flows chosen, traced, sent, compared. */
import { trace } from '#engine/trace.ts';
import { formatFlow, type Flow } from '#model/flow.ts';
import { ipFamily } from '#model/ip.ts';
import { LiveTopology } from '#model/live-topology.ts';
import { hasPorts, isIcmp } from '#model/protocol-number.ts';
import type { Part } from '#model/topology.ts';
import type { Origin, Trace } from '#model/trace.ts';
import { comesHome, difference, probeOf, seenBy, whyNotAsked, whyNotCompared } from './expectation.ts';
import type { Laboratory, Spoil } from './laboratory.ts';

export interface Start {
  readonly flow: Flow;
  readonly from: Origin;
}

export interface Difference {
  readonly start: Start;
  /** The engine's outcome, and how the kernel differs. */
  readonly words: string;
}

export interface Finding {
  readonly differences: readonly Difference[];
  /** Outcomes by the engine of what was compared. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly probes: number;
  /** Probes that differed the first time only. */
  readonly lost: number;
  /** Reasons for which flows were left out. */
  readonly leftOut: ReadonlyMap<string, number>;
}

export interface Options {
  readonly spoil?: Spoil;
  /** Seconds that what is expected may take to come. */
  readonly deadlineS?: number;
}

interface Asked extends Start {
  readonly result: Trace;
  readonly id: number;
}

/** Builds the world, sends every flow that a kernel can be asked about, and compares what is seen with the trace. */
export async function experiment(
  laboratory: Laboratory,
  parts: readonly Part[],
  starts: readonly Start[],
  options: Options = {},
): Promise<Finding> {
  const topology = new LiveTopology(parts);
  const leftOut = new Map<string, number>();
  const asked: Asked[] = [];
  const conversations = new Set<string>();
  for (const { flow: wanted, from } of starts) {
    const id = asked.length + 1;
    const flow = distinct(wanted, id);
    const result = trace(topology, flow, from);
    const why =
      whyNotAsked(topology, flow, from) ??
      whyNotCompared(topology, flow, result) ??
      (isRepeated(conversations, flow) ? 'asked already' : undefined);
    if (why === undefined) asked.push({ flow, from, result, id });
    else count(leftOut, why);
  }
  await laboratory.clear();
  await laboratory.build(topology, options.spoil);
  const outcomes = new Map<string, number>();
  for (const { result } of asked) count(outcomes, result.outcome);
  const first = await differing(laboratory, topology, asked, options);
  // A packet that a loaded machine loses says nothing about rules: what differs is asked once more, as another conversation.
  const again = first.map(({ one }) => ({ ...one, id: one.id + asked.length, flow: distinct(one.flow, one.id + asked.length) }));
  const differences = again.length === 0 ? [] : await differing(laboratory, topology, again, options);
  const told = differences.map(({ one, words }) => ({ start: { flow: one.flow, from: one.from }, words }));
  return { differences: told, outcomes, probes: asked.length, lost: first.length - told.length, leftOut };
}

async function differing(laboratory: Laboratory, topology: LiveTopology, asked: readonly Asked[], { deadlineS }: Options) {
  const probes = asked.map(({ flow, from, result, id }) => ({ ...probeOf(id, flow, from), expectedSeen: seenBy(topology, result).length, expectedHome: comesHome(result, flow) })); // prettier-ignore
  const observed = await laboratory.probe(topology, probes, deadlineS);
  return asked.flatMap((one, at) => {
    const { seen, isHome } = observed[at]!; // one for each probe, in order
    const how = difference(topology, one.flow, one.result, seen, isHome);
    const from = one.from.kind === 'internet' ? 'internet' : one.from.id;
    return how === undefined ? [] : [{ one, words: `${formatFlow(one.flow)} from ${from}: ${one.result.outcome}, but ${how}` }];
  });
}

/** A source port of its own for each, above what NAT gateways move: tracking must not take one probe for another. */
function distinct(flow: Flow, id: number): Flow {
  return hasPorts(flow.protocol) ? { ...flow, sourcePort: 1024 + ((id * 7919) % 64_000) } : flow;
}

/** Whether tracking would take it for an earlier one: without ports or ids, the ends are all that it knows. */
function isRepeated(conversations: Set<string>, { source, destination, protocol }: Flow): boolean {
  if (hasPorts(protocol) || isIcmp(protocol)) return false;
  const keys = [`${protocol} ${ipFamily(destination)} ${destination}`, `${protocol} ${ipFamily(source)} ${source}`];
  if (keys.some((key) => conversations.has(key))) return true;
  for (const key of keys) conversations.add(key);
  return false;
}

export function count(counts: Map<string, number>, key: string, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
