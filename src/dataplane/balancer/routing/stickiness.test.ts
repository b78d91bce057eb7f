import { beforeEach, describe, expect, it } from 'vitest';
import type { Decision } from '#dataplane/balancer/decision.ts';
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
import { CookieSeal } from '#dataplane/balancer/routing/cookie-seal.ts';
import { cookieValue, setsCookie } from '#dataplane/balancer/routing/cookie-lines.ts';
import { NodeRouter } from '#dataplane/balancer/routing/node-router.ts';
import type { Balancer, RuleAction, Target, TargetGroup, TargetGroupAttributes } from '#model/balancer.ts';

const NOW_MS = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;
const IN_A_WEEK = 'Expires=Thu, 08 Jan 2026 00:00:00 GMT';
const SECRET = Buffer.alloc(32, 1);

const targets: readonly Target[] = ['t1', 't2', 't3', 't4'].map((id) => makeTarget(id));

/** A browser in front of a node: keeps cookies and sends them. */
class Client {
  readonly jar = new Map<string, string>();
  readonly headers: Record<string, string> = {};
  sourceAddress = '203.0.113.9';

  take(setCookies: readonly string[]): void {
    for (const line of setCookies) {
      const [pair = ''] = line.split(';');
      this.jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
  }

  request(): ReturnType<typeof makeRequest> {
    const cookie = Array.from(this.jar, ([name, value]) => `${name}=${value}`).join('; ');
    return makeRequest({ headers: { ...this.headers, ...(cookie === '' ? {} : { cookie }) }, sourceAddress: this.sourceAddress });
  }
}

class Node {
  nowMs = NOW_MS;
  readonly health = new HealthBook();
  readonly router: NodeRouter;

  constructor(balancer: Balancer) {
    for (const group of balancer.targetGroups) for (const { id } of group.targets) this.health.set(group.id, id, 'healthy');
    this.router = new NodeRouter(balancer, {
      zone: ZONE,
      health: this.health,
      random: () => 0,
      nowMs: () => this.nowMs,
    });
  }

  /** Asks as this client; the target sets these cookies. */
  ask(client: Client, targetSets: readonly string[] = []): string {
    const decision = this.router.listener('listener')!.decide(client.request(), 'http', this.nowMs); // has one
    return decision.kind === 'forward' ? this.answer(client, decision, targetSets) : decision.kind;
  }

  answer(client: Client, decision: Extract<Decision, { kind: 'forward' }>, targetSets: readonly string[] = []): string {
    client.take([...targetSets, ...decision.cookies, ...(decision.answerCookies?.(targetSets) ?? [])]);
    return `${decision.chosen.group.id}/${decision.chosen.target.id}`;
  }

  decide(client: Client): Extract<Decision, { kind: 'forward' }> {
    return this.router.listener('listener')!.decide(client.request(), 'http', this.nowMs) as Extract<Decision, { kind: 'forward' }>; // these tests forward
  }

  fall(groupId: string, targetId: string): void {
    this.router.noteHealth(this.health.set(groupId, targetId, 'unhealthy'));
  }
}

function balancerOf(action: RuleAction, ...groups: readonly TargetGroup[]): Balancer {
  return makeBalancer({ targetGroups: groups, listeners: [makeListener([makeRule(action)])] });
}

const sticky = (stickiness: NonNullable<TargetGroupAttributes['stickiness']>, list = targets, id = 'g') =>
  makeGroup(id, list, { attributes: { stickiness } });

describe('by the load balancer’s cookie', () => {
  const balancer = balancerOf(forwardTo('g'), sticky({ type: 'lb_cookie', seconds: 3600 }));
  let node: Node;
  let client: Client;
  beforeEach(() => {
    node = new Node(balancer);
    client = new Client();
  });

  it('gives both cookies, for a week, with one value', () => {
    const { cookies } = node.decide(client);
    expect(cookies).toHaveLength(2);
    const [plain = '', cors = ''] = cookies;
    expect(plain).toMatch(new RegExp(`^AWSALB=[A-Za-z0-9+/=]+; ${IN_A_WEEK}; Path=/$`));
    expect(cors).toBe(`${plain.replace('AWSALB=', 'AWSALBCORS=')}; SameSite=None; Secure`);
  });

  it('keeps a client with its target', () => {
    const first = node.ask(client);
    for (let time = 0; time < 10; time++) expect(node.ask(client)).toBe(first);
  });

  it('spreads clients that have no cookie', () => {
    expect(new Set(targets.map(() => node.ask(new Client()))).size).toBe(4);
  });

  it('works by the cookie for other sites alone', () => {
    const first = node.ask(client);
    client.jar.delete('AWSALB');
    expect(node.ask(client)).toBe(first);
  });

  it('counts the duration from the last request', () => {
    const first = node.ask(client);
    for (let time = 0; time < 5; time++) {
      node.nowMs += 3_000_000;
      expect(node.ask(client)).toBe(first);
    }
    node.nowMs += 3_601_000;
    expect(node.ask(client)).not.toBe(first);
  });

  it.each(['nonsense', '', 'QUJD'.repeat(30), '%41', 'A'.repeat(50_000)])('takes no cookie that it did not make: %.20s', (value) => {
    client.jar.set('AWSALB', value);
    expect(node.decide(client).cookies).toHaveLength(2);
  });

  it('reads the cookie of another node with the same secret only', () => {
    const first = node.ask(client);
    const sames = new Node(balancer);
    sames.ask(new Client());
    expect(sames.ask(client)).toBe(first);
    const others = new Node({ ...balancer, secret: Buffer.alloc(32, 2).toString('base64') });
    others.ask(new Client());
    expect(others.ask(client)).toBe('g/t2');
  });

  it('goes to another target, for good, when its own is unhealthy', () => {
    const first = node.ask(client);
    node.fall('g', 't1');
    const second = node.ask(client);
    expect(first).toBe('g/t1');
    expect(second).not.toBe(first);
    node.router.noteHealth(node.health.set('g', 't1', 'healthy'));
    expect(node.ask(client)).toBe(second);
  });

  it('stays with an unhealthy target when all are', () => {
    const first = node.ask(client);
    for (const { id } of targets) node.fall('g', id);
    expect(node.ask(client)).toBe(first);
  });

  it('goes to another target when its own is deregistered, draining too', () => {
    const first = node.ask(client);
    const draining = targets.map((target) => (target.id === 't1' ? { ...target, drainsUntilMs: NOW_MS + DAY_MS } : target));
    node.router.update(balancerOf(forwardTo('g'), sticky({ type: 'lb_cookie', seconds: 3600 }, draining)));
    expect(first).toBe('g/t1');
    expect(node.ask(client)).not.toBe(first);
  });

  it('gives the cookie of the target that was reached at last', () => {
    const before = node.decide(client);
    const decision = node.router.listener('listener')!.again(before, node.nowMs)!; // there are four
    const reached = node.answer(client, decision);
    expect(reached).not.toBe(`g/${before.chosen.target.id}`);
    expect(node.ask(client)).toBe(reached);
  });

  it('has nothing to do with the cookie for groups', () => {
    node.ask(client);
    const value = client.jar.get('AWSALB')!; // just set
    expect(new CookieSeal(SECRET).open('AWSALB', value)).toBeDefined();
    expect(new CookieSeal(SECRET).open('AWSALBTG', value)).toBeUndefined();
  });
});

describe('by the application’s cookie', () => {
  const group = sticky({ type: 'app_cookie', seconds: 3600, cookieName: 'SESSION' });
  let node: Node;
  let client: Client;
  beforeEach(() => {
    node = new Node(balancerOf(forwardTo('g'), group));
    client = new Client();
  });

  it('begins when the target sets its cookie, and not before', () => {
    const decision = node.decide(client);
    expect(decision.cookies).toEqual([]);
    expect(decision.answerCookies?.(['OTHER=1', 'SESSIONS=2'])).toEqual([]);
    const cookies = decision.answerCookies?.(['SESSION=1; Path=/']) ?? [];
    expect(cookies.map((line) => line.replace(/=[A-Za-z0-9+/=]{40,};/, '=…;'))).toEqual([
      `AWSALBAPP-0=…; ${IN_A_WEEK}; Path=/`,
      ...[1, 2, 3].map((shard) => `AWSALBAPP-${shard}=_remove_; ${IN_A_WEEK}; Path=/`),
    ]);
  });

  it('keeps a client that sends both cookies', () => {
    const first = node.ask(client, ['SESSION=1']);
    for (let time = 0; time < 5; time++) {
      node.nowMs += 3_000_000;
      expect(node.ask(client)).toBe(first);
    }
    node.nowMs += 3_601_000;
    expect(node.ask(client)).not.toBe(first);
  });

  it('does not keep a client that sends one of them', () => {
    const first = node.ask(client, ['SESSION=1']);
    client.jar.delete('SESSION');
    expect(node.ask(client)).not.toBe(first);
  });

  it('goes on with another target, for good, when its own is unhealthy', () => {
    expect(node.ask(client, ['SESSION=1'])).toBe('g/t1');
    node.fall('g', 't1');
    const second = node.ask(client);
    node.router.noteHealth(node.health.set('g', 't1', 'healthy'));
    expect(second).not.toBe('g/t1');
    expect(node.ask(client)).toBe(second);
  });

  it('asks for other sites only in browsers that want it', () => {
    client.headers['user-agent'] = 'Mozilla/5.0 Chrome/120.0.0.0 Safari/537.36';
    expect(node.decide(client).answerCookies?.(['SESSION=1'])[0]).toMatch(/; Path=\/; SameSite=None; Secure$/);
    client.headers['user-agent'] = 'Mozilla/5.0 Chrome/79.0.0.0';
    expect(node.decide(client).answerCookies?.(['SESSION=1'])[0]).toMatch(/; Path=\/$/);
  });
});

describe('to a group', () => {
  const groups = ['a', 'b', 'c'].map((id) => makeGroup(id, targets));
  const weigh = (...weights: readonly number[]): RuleAction => forwardTo(...weights.map((weight, at) => ({ id: 'abc'[at]!, weight }))); // at most three
  const stickily = (action: RuleAction): RuleAction => (action.type === 'forward' ? { ...action, stickySeconds: 60 } : action);

  it.each([
    [[1, 1], { a: 500, b: 500 }],
    [[10, 20], { a: 333, b: 667 }],
    [[999, 1], { a: 999, b: 1 }],
    [[0, 5], { b: 1000 }],
    [[1, 0, 3], { a: 250, c: 750 }],
  ])('weights %j', (weights, expected) => {
    const node = new Node(balancerOf(weigh(...weights), ...groups));
    const counts: Record<string, number> = {};
    for (let request = 0; request < 1000; request++) {
      const [id = ''] = node.ask(new Client()).split('/');
      counts[id] = (counts[id] ?? 0) + 1;
    }
    expect(counts).toEqual(expected);
  });

  it('weights of 0 choose nobody', () => {
    expect(new Node(balancerOf(weigh(0, 0), ...groups)).ask(new Client())).toBe('nobody');
  });

  it('does not go to another group when the chosen one has no targets', () => {
    expect(new Node(balancerOf(weigh(1, 0), makeGroup('a', []), groups[1]!)).ask(new Client())).toBe('nobody'); // there are three
  });

  it('keeps a client in its group, by AWSALBTG, for as long as it says', () => {
    const node = new Node(balancerOf(stickily(weigh(1, 1, 1)), ...groups));
    const client = new Client();
    const [first] = node.ask(client).split('/');
    expect([...client.jar.keys()]).toEqual(['AWSALBTG', 'AWSALBTGCORS']);
    for (let time = 0; time < 6; time++) expect(node.ask(client).split('/')[0]).toBe(first);
    node.nowMs += 61_000;
    expect(node.ask(client).split('/')[0]).not.toBe(first);
  });

  it('keeps a client in its group when that has no weight any more, but not when it has left the rule', () => {
    const node = new Node(balancerOf(stickily(weigh(1, 0)), ...groups));
    const client = new Client();
    node.ask(client);
    node.router.update(balancerOf(stickily(weigh(0, 1)), ...groups));
    expect(node.ask(client)).toMatch(/^a/);
    node.router.update(balancerOf({ ...stickily(forwardTo('b', 'c')) }, ...groups));
    expect(node.ask(client)).not.toMatch(/^a/);
  });

  it('and to a target of it', () => {
    const both = ['a', 'b'].map((id) => sticky({ type: 'lb_cookie', seconds: 60 }, targets, id));
    const node = new Node(balancerOf(stickily(weigh(1, 1)), ...both));
    const client = new Client();
    const first = node.ask(client);
    expect(client.jar.size).toBe(4);
    for (let time = 0; time < 6; time++) expect(node.ask(client)).toBe(first);
  });

  it('goes on with its turns over an update', () => {
    const node = new Node(balancerOf(weigh(1, 1), ...groups));
    const counts = [0, 0];
    for (let request = 0; request < 100; request++) {
      counts[node.ask(new Client()).startsWith('a') ? 0 : 1]!++; // two of them
      node.router.update(balancerOf(weigh(1, 1), ...groups));
    }
    expect(counts).toEqual([50, 50]);
  });
});

describe('by the client’s address', () => {
  const node = new Node(balancerOf(forwardTo('g'), sticky({ type: 'source_ip' })));
  const ask = (last: number): string => {
    const client = new Client();
    client.sourceAddress = `198.51.100.${last}`;
    return node.ask(client);
  };

  it('goes to the same target, and moves only the clients of one that fell', () => {
    const before = Array.from({ length: 250 }, (_, last) => ask(last));
    expect(Array.from({ length: 250 }, (_, last) => ask(last))).toEqual(before);
    for (const { id } of targets) expect(before.filter((name) => name === `g/${id}`).length).toBeGreaterThan(30);
    node.fall('g', 't1');
    const moved = before.filter((name, last) => ask(last) !== name);
    expect(new Set(moved)).toEqual(new Set(['g/t1']));
  });
});

it.each([
  ['A=1', 'A', '1'],
  ['B=2; A=1', 'A', '1'],
  ['B=2;A=1;C=3', 'A', '1'],
  ['XA=2; A=1', 'A', '1'],
  ['AA=2', 'A', undefined],
  ['B=A=1', 'A', undefined],
  ['A=', 'A', ''],
  ['A=a=b', 'A', 'a=b'],
])('in %s the cookie %s is %s', (line, name, value) => {
  expect(cookieValue([line], name)).toBe(value);
});

it('finds cookies on all lines, and names in what is set', () => {
  expect(cookieValue(['a=1', 'b=2'], 'b')).toBe('2');
  expect(setsCookie(['a=1', 'b=2; Path=/'], 'b')).toBe(true);
  expect(setsCookie(['bb=2'], 'b')).toBe(false);
});
