/** The comparison can fail: a compiler with one rule dropped on purpose is caught by some packet. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KernelState, Namespace } from '../../src/dataplane/fabric/kernel-state.ts';
import { experiment } from './experiment.ts';
import { Laboratory } from './laboratory.ts';
import { worldsOf } from './worlds.ts';

let laboratory: Laboratory;
beforeAll(async () => {
  laboratory = await Laboratory.open();
});
afterAll(async () => laboratory.close());

const worlds = worldsOf(20_261_123, 16);

const drop = (lines: readonly string[], pattern: RegExp): string[] => lines.filter((line) => !pattern.test(line));

/** Every namespace of a kind with its lines that match left out. */
function without(kind: 'router' | 'igw' | 'nat' | 'internet', pattern: RegExp): (state: KernelState) => KernelState {
  const spoil = (namespace: Namespace): Namespace => ({
    ...namespace,
    routes: drop(namespace.routes, pattern),
    rules4: drop(namespace.rules4, pattern),
    rules6: drop(namespace.rules6, pattern),
    ruleset: namespace.ruleset.map((one) => (one.kind === 'chain' ? { ...one, rules: drop(one.rules, pattern) } : one)),
  });
  return (state) => ({ ...state, namespaces: state.namespaces.map((one) => (one.name.startsWith(kind) ? spoil(one) : one)) });
}

it('with every rule the same worlds show no difference', async () => {
  for (const world of worlds) {
    const { differences } = await experiment(laboratory, world.parts, world.starts);
    expect(differences.map(({ words }) => words)).toEqual([]);
  }
});

describe('a rule left out', () => {
  it.each([
    ['the list on what leaves a segment', 'router', /^meta mark vmap @leave/],
    ['the list on what enters a segment', 'router', /^oifname vmap @enter/],
    ['no list inside a segment', 'router', /@inside_segment goto/],
    ['groups out', 'router', /^iifname vmap @groups_out/],
    ['groups in', 'router', /^oifname vmap @groups_in/],
    ['answers pass', 'router', /ct state established,related accept/],
    ['source check', 'router', /^iifname @checked drop/],
    ['destination check', 'router', /^oifname @checked drop/],
    ['who is a member of a referenced group', 'router', /^meta mark set iifname/],
    ['public address of the sender', 'router', /@public4 drop/],
    ['what is not forwarded to', 'router', /^ip6? daddr (10\.|100\.|172\.|192\.|fc00:)\S+ drop/],
    ['neighbours pass the route table', 'router', /^to .* lookup main/],
    ['the table of a segment', 'router', /^fwmark \d+ lookup \d+ pref 200/],
    ['blackholes', 'router', /^blackhole/],
    ['one-to-one translation inward', 'igw', /dnat ip to/],
    ['one-to-one translation outward', 'igw', /snat ip to/],
    ['translation at the NAT gateway', 'nat', /snat ip to/],
  ] as const)('%s', async (_, kind, pattern) => {
    for (const world of worlds) {
      const { differences } = await experiment(laboratory, world.parts, world.starts, { spoil: without(kind, pattern), deadlineS: 0.2 });
      if (differences.length > 0) return;
    }
    expect.fail(`${worlds.length} worlds do not tell the difference`);
  });
});
