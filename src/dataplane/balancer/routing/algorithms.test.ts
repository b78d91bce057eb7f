/** One suite for all routing algorithms: what every one of them has to keep. */
import { beforeEach, describe, expect, it } from 'vitest';
import {
  forwardTo,
  HealthBook,
  makeBalancer,
  makeGroup,
  makeListener,
  makeRequest,
  makeRule,
  makeTarget,
  ZONE,
} from '#dataplane/balancer/routing/balancer.fixture.ts';
import { NodeRouter } from '#dataplane/balancer/routing/node-router.ts';
import type { Decision } from '#dataplane/balancer/decision.ts';
import type { Balancer, Target, TargetGroup, TargetGroupAttributes, TargetHealth } from '#model/balancer.ts';

type ForwardDecision = Extract<Decision, { kind: 'forward' }>;

const ALGORITHMS = ['round_robin', 'least_outstanding_requests', 'weighted_random'] as const;

/** A node with one group and a clock of its own. */
class Node {
  nowMs = 1_000_000;
  readonly health = new HealthBook();
  private router: NodeRouter | undefined;
  private seed = 7;

  /** @param healthy which targets are so when they are first seen; all by default */
  set(group: TargetGroup, healthy: readonly string[] = group.targets.map(({ id }) => id), parts: Partial<Balancer> = {}): void {
    for (const id of healthy) this.health.set(group.id, id, 'healthy');
    const balancer = makeBalancer({ targetGroups: [group], listeners: [makeListener([makeRule(forwardTo('g'))])], ...parts });
    if (this.router !== undefined) return this.router.update(balancer);
    const random = (): number => (this.seed = (this.seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    this.router = new NodeRouter(balancer, {
      zone: ZONE,
      health: this.health,
      random,
      nowMs: () => this.nowMs,
    });
  }

  become(id: string, state: TargetHealth['state']): void {
    this.router!.noteHealth(this.health.set('g', id, state)); // set before
  }

  decide(): Decision {
    return this.router!.listener('listener')!.decide(makeRequest(), 'http', this.nowMs); // set before
  }

  again(decision: ForwardDecision): ForwardDecision | undefined {
    return this.router!.listener('listener')!.again(decision, this.nowMs); // set before
  }

  forward(): ForwardDecision {
    const decision = this.decide();
    if (decision.kind !== 'forward') throw new Error(decision.kind);
    return decision;
  }

  /** How many of so many requests each target got; each is over before the next. */
  share(requests: number): Record<string, number> {
    const shares: Record<string, number> = {};
    for (let request = 0; request < requests; request++) {
      const { chosen } = this.forward();
      chosen.begin();
      chosen.end();
      shares[chosen.target.id] = (shares[chosen.target.id] ?? 0) + 1;
    }
    return shares;
  }
}

const abc: readonly Target[] = ['t1', 't2', 't3'].map((id) => makeTarget(id));

describe.each(ALGORITHMS)('%s', (algorithm) => {
  let node: Node;
  const group = (targets: readonly Target[], attributes: Partial<TargetGroupAttributes> = {}) =>
    makeGroup('g', targets, { attributes: { algorithm, ...attributes } });
  const names = (shares: Record<string, number>) => Object.keys(shares).sort().join(' ');
  beforeEach(() => {
    node = new Node();
  });

  it('gives all a fair share', () => {
    node.set(group(abc));
    for (const count of Object.values(node.share(3000))) expect(Math.abs(count - 1000)).toBeLessThan(100);
  });

  it('sends nothing to an unhealthy target, and again when it is healthy', () => {
    node.set(group(abc));
    node.become('t2', 'unhealthy');
    expect(names(node.share(60))).toBe('t1 t3');
    node.become('t2', 'healthy');
    expect(names(node.share(60))).toBe('t1 t2 t3');
  });

  it('sends nothing to a target that is not checked yet', () => {
    node.set(group(abc), ['t1']);
    expect(names(node.share(60))).toBe('t1');
  });

  it('sends nothing to a draining target', () => {
    node.set(group(abc));
    node.set(group(abc.map((target) => (target.id === 't1' ? { ...target, drainsUntilMs: 2_000_000 } : target))));
    expect(names(node.share(60))).toBe('t2 t3');
  });

  it('fails open when nobody is healthy', () => {
    node.set(group(abc), []);
    expect(names(node.share(60))).toBe('t1 t2 t3');
  });

  it('fails open below the number, and below the share', () => {
    node.set(group(abc, { minimumHealthy: { count: 2, percentage: 0 } }), ['t1']);
    expect(names(node.share(60))).toBe('t1 t2 t3');
    node.become('t2', 'healthy');
    expect(names(node.share(60))).toBe('t1 t2');
    node.set(group(abc, { minimumHealthy: { count: 1, percentage: 70 } }), []);
    expect(names(node.share(60))).toBe('t1 t2 t3');
  });

  it('does not fail open to draining targets', () => {
    node.set(group([{ ...abc[0]!, drainsUntilMs: 1 }, abc[1]!]), []); // there are three
    expect(names(node.share(60))).toBe('t2');
  });

  it('has nobody without targets', () => {
    node.set(group([]));
    expect(node.decide()).toMatchObject({ kind: 'nobody', group: { id: 'g' } });
    node.set(group([{ ...abc[0]!, drainsUntilMs: 1 }])); // there are three
    expect(node.decide().kind).toBe('nobody');
  });

  it('takes all as healthy where checks are off', () => {
    node.set(makeGroup('g', abc, { attributes: { algorithm }, healthCheck: { isEnabled: false } }), []);
    node.become('t1', 'unhealthy');
    expect(names(node.share(60))).toBe('t1 t2 t3');
  });

  it('stays in its zone without cross-zone balancing', () => {
    const targets = [abc[0]!, { ...abc[1]!, zone: 'us-east-1b' }, { ...abc[2]!, zone: 'all' }]; // there are three
    node.set(group(targets, { isCrossZone: false }));
    expect(names(node.share(60))).toBe('t1 t3');
    node.set(group(targets, { isCrossZone: true }));
    expect(names(node.share(60))).toBe('t1 t2 t3');
  });

  it('counts the health of its zone alone without cross-zone balancing', () => {
    const targets = [abc[0]!, { ...abc[1]!, zone: 'us-east-1b' }]; // there are three
    node.set(group(targets, { isCrossZone: false }), ['t2']);
    expect(names(node.share(10))).toBe('t1');
  });

  it('has nobody in an empty zone', () => {
    node.set(group([{ ...abc[1]!, zone: 'us-east-1b' }], { isCrossZone: false })); // there are three
    expect(node.decide().kind).toBe('nobody');
  });

  it('keeps counts over updates', () => {
    node.set(group(abc));
    const { chosen } = node.forward();
    chosen.begin();
    node.set(group(abc, { deregistrationDelaySeconds: 5 }));
    expect((chosen as unknown as { outstanding: number }).outstanding).toBe(1); // what the algorithm reads
    expect(chosen.group.attributes.deregistrationDelaySeconds).toBe(5);
    chosen.end();
    chosen.end();
    expect((chosen as unknown as { outstanding: number }).outstanding).toBe(0); // what the algorithm reads
  });

  it('keeps health over updates', () => {
    node.set(group(abc));
    node.become('t1', 'unhealthy');
    node.set(group([...abc, makeTarget('t4')]), ['t4']);
    expect(names(node.share(60))).toBe('t2 t3 t4');
  });

  it('tries another target each time, until there is none', () => {
    node.set(group(abc));
    const tried: string[] = [];
    for (let decision: ForwardDecision | undefined = node.forward(); decision !== undefined; decision = node.again(decision)) {
      tried.push(decision.chosen.target.id);
    }
    expect(tried.sort()).toEqual(['t1', 't2', 't3']);
  });

  it('takes a target with another address for another one', () => {
    node.set(group(abc));
    node.set(group([{ ...abc[0]!, address: '10.0.9.9' }]), ['t1']); // there are three
    expect(node.forward().chosen.target.address).toBe('10.0.9.9');
  });

  it('lets a target of a network load balancer rest after refusals, until it answers', () => {
    node.set(group(abc), undefined, { type: 'network' });
    const refused = node.forward().chosen;
    for (let time = 0; time < 3; time++) refused.note('failed');
    expect(names(node.share(60))).not.toContain(refused.target.id);
    refused.note('answered');
    expect(names(node.share(60))).toContain(refused.target.id);
    for (let time = 0; time < 3; time++) refused.note('failed');
    node.nowMs += 20_000;
    expect(names(node.share(60))).toContain(refused.target.id);
  });
});

describe('least outstanding requests', () => {
  it('goes where the fewest are under way', () => {
    const node = new Node();
    node.set(makeGroup('g', abc, { attributes: { algorithm: 'least_outstanding_requests' } }));
    for (let request = 0; request < 3; request++) node.forward().chosen.begin();
    const { chosen } = node.forward();
    chosen.begin();
    chosen.end();
    chosen.end();
    for (let time = 0; time < 3; time++) expect(node.forward().chosen.target.id).toBe(chosen.target.id);
  });
});

describe('slow start', () => {
  const group = (targets: readonly Target[]) => makeGroup('g', targets, { attributes: { slowStartSeconds: 100 } });
  const started = (): Node => {
    const node = new Node();
    node.set(group(abc.slice(0, 2)));
    node.set(group(abc), []);
    node.become('t3', 'healthy');
    return node;
  };

  it.each([
    [0, 0],
    [0.1, 0.1],
    [0.5, 0.5],
    [0.9, 0.9],
    [1, 1],
    [3, 1],
  ])('after %f of its time a target has %f of a share', (time, expected) => {
    const node = started();
    node.nowMs += time * 100_000;
    const { t1 = 0, t3 = 0 } = node.share(3000);
    expect(t3 / t1).toBeCloseTo(expected, 1);
  });

  it('is not for targets that come first, or together', () => {
    const node = new Node();
    node.set(group([]));
    node.set(group(abc));
    expect(node.share(30)).toEqual({ t1: 10, t2: 10, t3: 10 });
  });

  it('ends with bad health and begins again with good', () => {
    const node = started();
    node.nowMs += 50_000;
    node.become('t3', 'unhealthy');
    node.nowMs += 60_000;
    node.become('t3', 'healthy');
    expect(node.share(30)['t3']).toBeUndefined();
  });

  it('goes on over an update', () => {
    const node = started();
    node.nowMs += 50_000;
    node.set(group([...abc]), []);
    const { t1 = 0, t3 = 0 } = node.share(300);
    expect(t3 / t1).toBeCloseTo(0.5, 1);
  });

  it('does not keep requests from the only ones that are left', () => {
    const node = started();
    node.become('t1', 'unhealthy');
    node.become('t2', 'unhealthy');
    expect(node.share(3)).toEqual({ t3: 3 });
  });
});
