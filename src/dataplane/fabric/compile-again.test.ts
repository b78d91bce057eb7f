/** Compiled change by change, a topology comes to the same kernel state as compiled whole. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LiveTopology } from '#model/live-topology.ts';
import { formatIp, isIpv4 } from '#model/ip.ts';
import type { Part } from '#model/topology.ts';
import { anyEdits, anyWorld } from '#test/network/arbitrary-topology.ts';
import { compile, Compiler } from './compile.ts';
import { sample } from '#test/network/sample-network.ts';
import { NOTHING } from './kernel-state.ts';
import { isEmptyPlan, planOf } from './plan.ts';

/** Sets know no order. */
function inOrder(state: ReturnType<typeof compile>) {
  const { namespaces, links } = state;
  return {
    namespaces: namespaces.map((one) => ({
      ...one,
      ruleset: one.ruleset.map((object) => (object.kind === 'chain' ? object : { ...object, elements: [...object.elements].sort() })).sort((a, b) => (`${a.kind}${a.name}` < `${b.kind}${b.name}` ? -1 : 1)),
    })),
    links,
  }; // prettier-ignore
}

/** As AWS's API lets parts be: no two interfaces claim a public address, no two networks an IPv6 block. */
function apart(part: Part): Part {
  if (part.kind === 'interface') return { ...part, publicAddresses: part.publicAddresses.filter(({ publicAddress }) => formatIp(publicAddress).endsWith(part.id.slice(-1))) }; // prettier-ignore
  if (part.kind !== 'network') return part;
  return { ...part, cidrs: part.cidrs.filter(({ address }) => isIpv4(address) || formatIp(address).includes(`db8:${part.id.slice(-1)}:`)) };
}

it('is the same, whatever was changed in between', () => {
  fc.assert(
    fc.property(anyWorld, anyEdits, (parts, edits) => {
      const topology = new LiveTopology(parts.map(apart));
      const compiler = new Compiler(topology, new Map());
      compiler.compile();
      for (const edit of edits) {
        const [kind, id] = 'put' in edit ? [edit.put.kind, edit.put.id] : [edit.remove.kind, edit.remove.id];
        const before = topology.part(kind, id);
        if ('put' in edit) topology.put(apart(edit.put));
        else topology.remove(kind, id);
        compiler.touch(before, topology.part(kind, id));
        expect(inOrder(compiler.compile())).toEqual(inOrder(compile(new LiveTopology(topology.parts()))));
      }
    }),
    { numRuns: 150 },
  );
});

it('what no change touches is the same object, so that it costs nothing to compare', () => {
  const topology = new LiveTopology(sample().parts());
  const compiler = new Compiler(topology, new Map());
  const first = compiler.compile();
  const group = topology.groups.get('sg-open')!; // the sample has it
  const other = { ...group, rules: group.rules.slice(1) };
  topology.put(other);
  compiler.touch(group, other);
  const second = compiler.compile();
  const same = second.namespaces.filter((one) => first.namespaces.includes(one)).map(({ name }) => name);
  expect(same).toContain('host-eni-web');
  expect(same).toContain('igw-vpc-a');
  expect(same).not.toContain('router-vpc-a');
  expect(isEmptyPlan(planOf(first, first))).toBe(true);
  expect(isEmptyPlan(planOf(NOTHING, first))).toBe(false);
});
