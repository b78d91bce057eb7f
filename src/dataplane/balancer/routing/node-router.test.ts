import { expect, it } from 'vitest';
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
import type { BalancerListener, RuleAction } from '#model/balancer.ts';

function nodeOf(...listeners: readonly BalancerListener[]): NodeRouter {
  return new NodeRouter(makeBalancer({ listeners, targetGroups: [makeGroup('g', [makeTarget('t1')])] }), {
    zone: ZONE,
    health: new HealthBook(),
  });
}

const answer: RuleAction = { type: 'fixed-response', status: 418, body: 'no' };
const away: RuleAction = {
  type: 'redirect',
  status: 302,
  protocol: 'HTTPS',
  host: '#{host}',
  port: '443',
  path: '/#{path}',
  query: '#{query}',
};

it('says what a rule says', () => {
  const onPath = { field: 'path-pattern', patterns: [{ glob: '/tea' }] } as const;
  const listener = makeListener([makeRule(answer, 1, onPath), makeRule(away)]);
  const router = nodeOf(listener).listener('listener')!; // it has one
  const [first, last] = listener.rules;
  expect(router.decide(makeRequest({ path: '/tea' }), 'http', 0)).toEqual({
    kind: 'fixed',
    rule: first,
    status: 418,
    contentType: 'text/plain',
    body: Buffer.from('no'),
  });
  expect(router.decide(makeRequest({ path: '/x' }), 'http', 0)).toEqual({
    kind: 'redirect',
    rule: last,
    status: 302,
    location: 'https://www.example.com:443/x',
  });
});

it('has a router for each listener, which follows updates and goes with it', () => {
  const node = nodeOf(makeListener([makeRule(answer)]), makeListener([makeRule(away)], { id: 'other' }));
  const router = node.listener('listener')!; // it has one
  expect(node.listener('other')!.decide(makeRequest(), 'http', 0).kind).toBe('redirect'); // it has it
  node.update(makeBalancer({ listeners: [makeListener([makeRule(away)])] }));
  expect(node.listener('listener')).toBe(router);
  expect(router.decide(makeRequest(), 'http', 0).kind).toBe('redirect');
  expect(node.listener('other')).toBeUndefined();
});

it('has nobody for a group that it was not told of', () => {
  const router = nodeOf(makeListener([makeRule(forwardTo('elsewhere'))])).listener('listener')!; // it has one
  expect(router.decide(makeRequest(), 'http', 0)).toMatchObject({ kind: 'nobody', group: undefined });
});

it('does not try again for a rule that is gone', () => {
  const node = nodeOf(makeListener([makeRule(forwardTo('g'))]));
  const router = node.listener('listener')!; // it has one
  const decision = router.decide(makeRequest(), 'http', 0);
  node.update(makeBalancer({ listeners: [makeListener([makeRule(answer)])] }));
  expect(decision.kind === 'forward' && router.again(decision, 0)).toBeUndefined();
});

it('tells which targets it uses: all when too few are healthy', () => {
  const targets = ['t1', 't2', 't3'].map((id) => makeTarget(id));
  const group = makeGroup('g', targets, { attributes: { minimumHealthy: { count: 2, percentage: 0 } } });
  const node = new NodeRouter(makeBalancer({ targetGroups: [group] }), { zone: ZONE, health: new HealthBook() });
  const used = (): readonly string[] => node.usableTargets('g').map(({ id }) => id);
  const note = (targetId: string): void => node.noteHealth({ groupId: 'g', targetId, port: 80, state: 'healthy' });
  note('t1');
  expect(used()).toEqual(['t1', 't2', 't3']);
  note('t3');
  expect(used()).toEqual(['t1', 't3']);
  expect(node.usableTargets('x')).toEqual([]);
});
