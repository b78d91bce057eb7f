/** Properties of the walk over random, crowded, partly inconsistent topologies. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trace } from '#engine/trace.ts';
import { ALL_IPV4, ALL_IPV6 } from '#model/cidr.ts';
import { type Flow } from '#model/flow.ts';
import { LiveTopology } from '#model/live-topology.ts';
import type { GroupRule, Part, PartKind, PublicAssociation } from '#model/topology.ts';
import type { Origin, Trace } from '#model/trace.ts';
import { OUTCOMES } from '#model/verdict.ts';
import { anyEdits, anyPart, anyWorld, flowIn } from '#test/network/arbitrary-topology.ts';

const runs = { numRuns: 400 };

interface Case {
  readonly parts: readonly Part[];
  readonly flow: Flow;
  readonly from: Origin;
}

/** A world and a flow in it; `change` sees the world before the flow is chosen. */
function inWorld(change: (parts: Part[]) => Part[] = (parts) => parts): fc.Arbitrary<Case> {
  return anyWorld.map(change).chain((parts) => flowIn(parts).map((start) => ({ parts, ...start })));
}

function run({ parts, flow, from }: Case): Trace {
  return trace(new LiveTopology(parts), flow, from);
}

/** Without interfaces that forward, or that claim what another has: then an answer finds the very interface that asked. */
function withoutForwardersAndDoubles(parts: Part[]): Part[] {
  const claimed = new Set<string>();
  const claim = (key: string) => !claimed.has(key) && claimed.add(key) !== undefined;
  return [...new LiveTopology(parts).parts()].map((part) => {
    if (part.kind !== 'interface') return part;
    const { forwards: _, ...rest } = part;
    const addresses = part.addresses.filter((ip) => claim(`${part.networkId} ${ip}`));
    const isFree = ({ privateAddress, publicAddress }: PublicAssociation) =>
      addresses.includes(privateAddress) && claim(`${publicAddress}`);
    return { ...rest, sourceDestinationCheck: true, addresses, prefixes: [], publicAddresses: part.publicAddresses.filter(isFree) };
  });
}

describe('any world', () => {
  it('gives every flow an outcome out of the list, a decision, and a way that is told from start to end', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(inWorld(), (one) => {
        const result = run(one);
        seen.set(result.outcome, (seen.get(result.outcome) ?? 0) + 1);
        expect(OUTCOMES).toContain(result.outcome);
        const last = result.forward.at(-1);
        const isAnswerLost = result.outcome.startsWith('return');
        const isLost = !isAnswerLost && result.outcome !== 'delivered' && result.outcome !== 'handedOver';
        expect(last?.action).toBe(isLost ? 'drop' : 'receive');
        expect(isAnswerLost && result.return.length === 0).toBe(false);
        expect(isLost && result.decidedBy.component !== last?.component).toBe(false);
      }),
      { numRuns: 3_000 },
    );
    for (const outcome of [
      'delivered',
      'handedOver',
      'groupDeniedIn',
      'groupDeniedOut',
      'aclDeniedIn',
      'aclDeniedOut',
      'noRoute',
      'blackhole',
      'noPublicAddress',
      'sourceDestinationCheck',
      'natGatewayRefused',
    ]) {
      expect(seen.get(outcome) ?? 0, `${outcome} among ${JSON.stringify([...seen])}`).toBeGreaterThan(0); // the generator reaches it
    }
  });

  it('even a heap of parts that fit nowhere never throws', () => {
    const heap = fc.array(anyPart, { maxLength: 30 }).chain((parts) => flowIn(parts).map((start) => ({ parts, ...start })));
    fc.assert(
      fc.property(heap, (one) => {
        expect(OUTCOMES).toContain(run(one).outcome);
      }),
      runs,
    );
  });

  it('answers the same each time, and however the parts came in', () => {
    fc.assert(
      fc.property(inWorld(), (one) => {
        const live = new LiveTopology(one.parts);
        const first = trace(live, one.flow, one.from);
        expect(trace(live, one.flow, one.from)).toEqual(first);
        expect(trace(new LiveTopology([...live.parts()].toReversed()), one.flow, one.from)).toEqual(first);
      }),
      runs,
    );
  });

  it('answers after edits as if built anew: no compiled form outlives its part', () => {
    fc.assert(
      fc.property(inWorld(), anyEdits, (one, edits) => {
        const live = new LiveTopology(one.parts);
        for (const edit of edits) {
          trace(live, one.flow, one.from);
          if ('put' in edit) live.put(edit.put);
          else live.remove(edit.remove.kind, edit.remove.id);
        }
        expect(trace(live, one.flow, one.from)).toEqual(trace(new LiveTopology(live.parts()), one.flow, one.from));
      }),
      runs,
    );
  });
});

describe('groups', () => {
  it('one more allowing rule never loses what arrived', () => {
    const more: fc.Arbitrary<GroupRule> = fc
      .record({ direction: fc.constantFrom('in', 'out'), cidr: fc.constantFrom(ALL_IPV4, ALL_IPV6), protocol: fc.constantFrom(-1, 6, 17) })
      .map(({ direction, cidr, protocol }) => ({ id: 'sgr-more', direction, traffic: { protocol }, peer: { kind: 'cidr', cidr } }));
    const target = fc.constantFrom('sg-1', 'sg-2', 'sg-3');
    fc.assert(
      fc.property(inWorld(), more, target, fc.boolean(), (one, rule, id, isFirst) => {
        const live = new LiveTopology(one.parts);
        const before = trace(live, one.flow, one.from).outcome;
        const group = live.groups.get(id);
        if (group !== undefined) live.put({ ...group, rules: isFirst ? [rule, ...group.rules] : [...group.rules, rule] });
        const after = trace(live, one.flow, one.from).outcome;
        expect(before.includes('roupDenied') ? before : after).toBe(before); // only a group's refusal may change
      }),
      runs,
    );
  });

  it('never stop the answer to what they allowed', () => {
    fc.assert(
      fc.property(inWorld(withoutForwardersAndDoubles), (one) => {
        expect(run(one).outcome).not.toMatch(/^returnGroupDenied/);
      }),
      { numRuns: 1_500 },
    );
  });
});

describe('access lists', () => {
  it('that allow everything never decide', () => {
    const open = (parts: Part[]) =>
      parts.filter(
        (part, at) => part.kind !== 'accessList' || parts.findIndex((one) => one.kind === part.kind && one.id === part.id) === at,
      ); // the world starts with open ones
    fc.assert(
      fc.property(inWorld(open), (one) => {
        expect(run(one).outcome).not.toMatch(/aclDenied/i);
      }),
      runs,
    );
  });
});

describe('what is not on the way', () => {
  it('changes nothing', () => {
    const kinds = new Set<PartKind>(['group', 'accessList', 'routeTable']);
    fc.assert(
      fc.property(inWorld(), fc.nat(), (one, pick) => {
        const live = new LiveTopology(one.parts);
        const before = trace(live, one.flow, one.from);
        const passed = new Set([...before.forward, ...before.return].map(({ component }) => component));
        const groupsOnTheWay = new Set(
          [...live.interfaces.values()].filter(({ id }) => passed.has(id)).flatMap(({ groupIds }) => groupIds),
        );
        const spare = [...live.parts()].filter(({ kind, id }) => kinds.has(kind) && !passed.has(id) && !groupsOnTheWay.has(id));
        const victim = spare[pick % Math.max(spare.length, 1)];
        if (victim === undefined) return;
        live.remove(victim.kind, victim.id);
        expect(trace(live, one.flow, one.from)).toEqual(before);
      }),
      runs,
    );
  });
});
