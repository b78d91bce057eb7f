/** Random worlds with flows for the packet tests, and how one that went wrong is kept as a file and read again. */
import fc from 'fast-check';
import { LiveTopology } from '#model/live-topology.ts';
import type { Part } from '#model/topology.ts';
import { anyWorld, flowIn } from '#test/network/arbitrary-topology.ts';
import { anyPlannedWorld } from './arbitrary-network.ts';
import type { Start } from './experiment.ts';
import { realistic } from './realistic.ts';

export interface World {
  readonly parts: readonly Part[];
  readonly starts: readonly Start[];
}

/** Flows drawn for each world; less than half of them can be put to a kernel. */
const FLOWS = 500;

const anyExperiment: fc.Arbitrary<World> = fc
  .oneof({ weight: 1, arbitrary: anyWorld.map(realistic) }, { weight: 2, arbitrary: anyPlannedWorld })
  .chain((parts) => fc.array(flowIn(parts), { minLength: FLOWS, maxLength: FLOWS }).map((starts) => ({ parts, starts })));

/** The same worlds for the same seed. */
export function worldsOf(seed: number, count: number): World[] {
  return fc.sample(anyExperiment, { seed, numRuns: count });
}

/** IPv6 addresses as `0x…n`; each part once. */
export function writeWorld({ parts, starts }: World, words: string): string {
  const last = [...new LiveTopology(parts).parts()];
  const text = JSON.stringify(
    { words, starts, parts: last },
    (_, value: unknown) => (typeof value === 'bigint' ? `0x${value.toString(16)}n` : value),
    1,
  );
  return `${text}\n`;
}

export function readWorld(text: string): World & { readonly words: string } {
  const read: unknown = JSON.parse(text, (_, value: unknown) =>
    typeof value === 'string' && /^0x[0-9a-f]+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  );
  return read as World & { readonly words: string }; // what writeWorld wrote
}
