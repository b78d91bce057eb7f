import { afterEach, describe, expect, test } from 'vitest';
import { checkers as places, type CheckStatus, type HealthCheck } from '#model/health-check.ts';
import { Checkers, type CheckersOptions } from '#dataplane/checker/checkers.ts';
import { checkOf, serve, TurnedClock } from '#dataplane/checker/endpoints.fixture.ts';
import type { Probe } from '#dataplane/checker/probe.ts';

const UP = { isHealthy: true, words: 'Success: HTTP Status Code 200, OK' };
const DOWN = { isHealthy: false, words: 'Failure: Connection refused.' };

interface World {
  readonly clock: TurnedClock;
  readonly checkers: Checkers;
  /** Every question: when, by which checker, to what. */
  readonly asked: { readonly atMs: number; readonly from: string; readonly id: string }[];
  readonly told: CheckStatus[];
  /** What checkers find, by address of theirs; undefined: they cannot ask. */
  finds: (from: string, id: string) => typeof UP | undefined;
}

/** Answers come 100 ms after the question. */
function world(options: Partial<CheckersOptions> = {}): World {
  const clock = new TurnedClock();
  const asked: World['asked'] = [];
  const told: CheckStatus[] = [];
  const probe: Probe = ({ id }, { ipv4 = '' }, done) => {
    asked.push({ atMs: clock.now(), from: ipv4, id });
    return clock.after(100, () => done(made.finds(ipv4, id)));
  };
  const checkers = new Checkers({ checkers: places, resolve: () => Promise.resolve({ rcode: 3 }), clock, probe, ...options });
  checkers.onChange((status) => told.push(status));
  const made: World = { clock, checkers, asked, told, finds: () => UP };
  return made;
}

const take = ({ checkers }: World, ...checks: readonly HealthCheck[]): void => checkers.take({ isWhole: false, checks, gone: [] });
const SECOND = 1_000;

describe('checkers', () => {
  test('ask one after the other, evenly over the interval, again and again', () => {
    const w = world();
    take(w, checkOf({ intervalSeconds: 30 }));
    w.clock.turn(30 * SECOND);
    expect(w.asked).toHaveLength(16);
    expect(new Set(w.asked.map(({ from }) => from)).size).toBe(16);
    const times = w.asked.map(({ atMs }) => atMs);
    const gaps = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0));
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThan(2);
    w.clock.turn(60 * SECOND);
    expect(w.asked).toHaveLength(48);
  });

  test('of checks that are made together do not ask all at once', () => {
    const w = world();
    take(w, ...Array.from({ length: 40 }, (_, index) => checkOf({ id: `hc-${index}` })));
    w.clock.turn(10 * SECOND);
    const perSecond = new Map<number, number>();
    for (const { atMs } of w.asked) perSecond.set(Math.floor(atMs / SECOND), (perSecond.get(Math.floor(atMs / SECOND)) ?? 0) + 1);
    expect(Math.max(...perSecond.values())).toBeLessThan((2 * 640) / 10);
  });

  test('are those of the Regions of the check', () => {
    const w = world();
    const regions = ['eu-west-1', 'us-east-1', 'sa-east-1'];
    take(w, checkOf({ regions }));
    w.clock.turn(10 * SECOND);
    const seen = w.checkers.statusOf('hc-1')?.observations ?? [];
    expect(seen).toHaveLength(6);
    expect(new Set(seen.map(({ region }) => region))).toEqual(new Set(regions));
    expect(seen[0]).toMatchObject({ isHealthy: true, words: UP.words, address: '198.18.0.160' });
  });

  test('show the address of the family that they ask by', () => {
    const w = world();
    take(w, checkOf({ address: '2001:db8::9' }));
    w.clock.turn(10 * SECOND);
    expect(w.checkers.statusOf('hc-1')?.observations[0]?.address).toBe('2001:db8::53:100');
  });
});

describe('a check', () => {
  test.each([
    [10, 1],
    [10, 3],
    [30, 10],
  ] as const)('every %d s turns after %d failures in a row, within its time, and back', (intervalSeconds, failureThreshold) => {
    const w = world();
    take(w, checkOf({ intervalSeconds, failureThreshold }));
    w.clock.turn(95 * SECOND);
    const turns: boolean[] = [];
    w.checkers.onChange(({ isHealthy }) => turns.at(-1) !== isHealthy && turns.push(isHealthy));
    for (const finding of [DOWN, UP]) {
      w.finds = () => finding;
      w.clock.turn((intervalSeconds * (failureThreshold - 1) - 1) * SECOND);
      expect(w.checkers.isHealthy('hc-1')).toBe(!finding.isHealthy);
      w.clock.turn((intervalSeconds + 2) * SECOND);
      expect(w.checkers.isHealthy('hc-1')).toBe(finding.isHealthy);
    }
    expect(turns.filter((isHealthy, index) => index > 0 || !isHealthy)).toEqual([false, true]);
  });

  test('is healthy as long as more than 18 % of checkers say so', () => {
    const w = world();
    take(w, checkOf({ failureThreshold: 1 }));
    const up = new Set(['198.18.0.160', '198.18.0.161', '198.18.0.170']);
    w.finds = (from) => (up.has(from) ? UP : DOWN);
    w.clock.turn(60 * SECOND);
    expect(w.checkers.isHealthy('hc-1')).toBe(true); // 3 of 16
    up.delete('198.18.0.170');
    w.clock.turn(20 * SECOND);
    expect(w.checkers.isHealthy('hc-1')).toBe(false); // 2 of 16
    const { observations = [], lastFailures = [] } = w.checkers.statusOf('hc-1') ?? {};
    expect(observations.filter(({ isHealthy }) => isHealthy)).toHaveLength(2);
    expect(lastFailures).toHaveLength(14);
  });

  test('does not turn by results that are not in a row', () => {
    const w = world();
    take(w, checkOf({ failureThreshold: 2 }));
    let count = 0;
    w.finds = (from) => (from === '198.18.0.160' && count++ % 2 === 0 ? DOWN : UP);
    w.clock.turn(200 * SECOND);
    expect(w.told.every(({ isHealthy }) => isHealthy)).toBe(true);
  });

  test('is healthy until there is data; inverted, unhealthy', () => {
    const w = world();
    w.finds = () => DOWN;
    take(w, checkOf(), checkOf({ id: 'inverted', isInverted: true }));
    expect(w.told).toEqual([
      { id: 'hc-1', isHealthy: true, observations: [], lastFailures: [] },
      { id: 'inverted', isHealthy: false, observations: [], lastFailures: [] },
    ]);
    w.clock.turn(60 * SECOND);
    expect([w.checkers.isHealthy('hc-1'), w.checkers.isHealthy('inverted')]).toEqual([false, true]);
  });

  test('that is disabled asks nothing and is healthy; inverted, unhealthy', () => {
    const w = world();
    w.finds = () => DOWN;
    take(w, checkOf());
    w.clock.turn(60 * SECOND);
    const before = w.asked.length;
    take(w, checkOf({ isDisabled: true }));
    w.clock.turn(60 * SECOND);
    expect(w.asked).toHaveLength(before);
    expect(w.told.at(-1)).toEqual({ id: 'hc-1', isHealthy: true, observations: [], lastFailures: [] });
    take(w, checkOf({ isDisabled: true, isInverted: true }));
    expect(w.checkers.isHealthy('hc-1')).toBe(false);
    take(w, checkOf());
    expect(w.checkers.isHealthy('hc-1')).toBe(true);
    w.clock.turn(60 * SECOND);
    expect(w.checkers.isHealthy('hc-1')).toBe(false);
  });

  test('is not made unhealthy by checkers that cannot ask', () => {
    const w = world();
    w.finds = () => undefined;
    take(w, checkOf({ failureThreshold: 1 }));
    w.clock.turn(60 * SECOND);
    expect(w.asked.length).toBeGreaterThan(80);
    expect(w.checkers.statusOf('hc-1')).toEqual({ id: 'hc-1', isHealthy: true, observations: [], lastFailures: [] });
  });

  test('that is told again as it is goes on counting; changed, it counts anew and keeps its verdict', () => {
    const w = world();
    const down = (): void => {
      w.finds = () => DOWN;
      w.clock.turn(25 * SECOND);
    };
    take(w, checkOf());
    w.clock.turn(10 * SECOND);
    down();
    w.checkers.take({ isWhole: true, checks: [checkOf()], gone: [] });
    w.clock.turn(7 * SECOND);
    expect(w.checkers.isHealthy('hc-1')).toBe(false);
    w.finds = () => UP;
    w.clock.turn(15 * SECOND);
    take(w, checkOf({ path: '/other' }));
    expect(w.checkers.isHealthy('hc-1')).toBe(false);
    w.clock.turn(15 * SECOND);
    expect(w.checkers.isHealthy('hc-1')).toBe(false);
    w.clock.turn(20 * SECOND);
    expect(w.checkers.isHealthy('hc-1')).toBe(true);
  });

  test('that is gone is asked for no more, and nobody is told of it', () => {
    const w = world();
    take(w, checkOf(), checkOf({ id: 'b' }), checkOf({ id: 'c' }));
    w.clock.turn(5 * SECOND);
    w.checkers.take({ isWhole: false, checks: [], gone: ['b'] });
    expect(w.checkers.all().map(({ id }) => id)).toEqual(['hc-1', 'c']);
    w.checkers.take({ isWhole: true, checks: [checkOf({ id: 'c' })], gone: [] });
    const [askedBefore, toldBefore] = [w.asked.length, w.told.length];
    w.clock.turn(30 * SECOND);
    expect(new Set(w.asked.slice(askedBefore).map(({ id }) => id))).toEqual(new Set(['c']));
    expect(new Set(w.told.slice(toldBefore).map(({ id }) => id))).toEqual(new Set(['c']));
    w.checkers.close();
    expect(w.clock.waiting).toBe(0);
    expect(w.checkers.isHealthy('c')).toBeUndefined();
  });

  test('is told of what checkers see about once an interval, without any change of the verdict', () => {
    const w = world();
    take(w, checkOf());
    w.clock.turn(30 * SECOND);
    const before = w.told.length;
    w.clock.turn(100 * SECOND);
    expect(w.told.length - before).toBeGreaterThanOrEqual(9);
    expect(w.told.length - before).toBeLessThanOrEqual(12);
    expect(w.told.at(-1)?.observations).toHaveLength(16);
  });
});

describe('calculated', () => {
  const calculated = (
    id: string,
    children: readonly string[],
    healthyChildrenMin: number,
    more: Partial<HealthCheck> = {},
  ): HealthCheck => {
    const { address: _, port: _port, path: _path, ...rest } = checkOf({ id, type: 'CALCULATED', children, healthyChildrenMin, ...more });
    return rest;
  };
  const ids = ['a', 'b', 'c'];
  const withThree = (): World => {
    const w = world();
    take(w, ...ids.map((id) => checkOf({ id, failureThreshold: 1 })));
    return w;
  };
  const down = (w: World, ...which: readonly string[]): void => {
    w.finds = (_, id) => (which.includes(id) ? DOWN : UP);
    w.clock.turn(25 * SECOND);
  };

  test('needs so many children, at every depth, and is told when that changes', () => {
    const w = withThree();
    take(w, calculated('top', ['two', 'c'], 1), calculated('two', ids, 2), calculated('not', ['two'], 1, { isInverted: true }));
    const verdicts = () => ['two', 'top', 'not'].map((id) => w.checkers.isHealthy(id));
    expect(verdicts()).toEqual([true, true, false]);
    down(w, 'a');
    expect(verdicts()).toEqual([true, true, false]);
    const before = w.told.length;
    down(w, 'a', 'b');
    expect(verdicts()).toEqual([false, true, true]);
    expect(w.told.slice(before).filter(({ id }) => id === 'two')).toEqual([
      { id: 'two', isHealthy: false, observations: [], lastFailures: [] },
    ]);
    expect(w.told.slice(before).some(({ id }) => id === 'top')).toBe(false);
    down(w, ...ids);
    expect(verdicts()).toEqual([false, false, true]);
    down(w);
    expect(verdicts()).toEqual([true, true, false]);
  });

  test.each<[string, Partial<HealthCheck> & { readonly healthyChildrenMin: number; readonly children: readonly string[] }, boolean]>([
    ['none needed', { children: [], healthyChildrenMin: 0 }, true],
    ['more needed than there are', { children: ['a', 'b'], healthyChildrenMin: 3 }, false],
    ['children that are no more', { children: ['x', 'y', 'a'], healthyChildrenMin: 2 }, false],
    ['disabled', { children: ['x'], healthyChildrenMin: 1, isDisabled: true }, true],
    ['disabled and inverted', { children: ['a'], healthyChildrenMin: 1, isDisabled: true, isInverted: true }, false],
  ])('%s', (_, { children, healthyChildrenMin, ...more }, isHealthy) => {
    const w = withThree();
    take(w, calculated('top', children, healthyChildrenMin, more));
    expect(w.checkers.isHealthy('top')).toBe(isHealthy);
  });

  test('a child that goes is one less, at once', () => {
    const w = withThree();
    take(w, calculated('top', ids, 3));
    w.checkers.take({ isWhole: false, checks: [], gone: ['b'] });
    expect(w.told.at(-1)).toMatchObject({ id: 'top', isHealthy: false });
  });

  test('256 children, and rings of checks end', () => {
    const w = withThree();
    const many = Array.from({ length: 256 }, (_, index) => `many-${index}`);
    take(w, ...many.map((id) => checkOf({ id, isDisabled: true })), calculated('all', many, 256));
    take(w, calculated('self', ['self'], 1), calculated('left', ['right', 'a'], 2), calculated('right', ['left'], 1), calculated('liar', ['liar'], 1, { isInverted: true })); // prettier-ignore
    expect(['all', 'self', 'left', 'right'].map((id) => w.checkers.isHealthy(id))).toEqual([true, true, true, true]);
    down(w, 'a');
    expect(w.checkers.isHealthy('left')).toBe(false);
  });
});

describe('with real connections', () => {
  const ends: (() => void)[] = [];
  afterEach(() => {
    for (const end of ends.splice(0)) end();
  });

  test('every checker asks from its own address, and an endpoint that dies is found out', async () => {
    const clock = new TurnedClock();
    const server = await serve((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'));
    ends.push(() => server.close());
    const from = ['127.0.0.11', '127.0.0.12', '127.0.0.13'];
    const checkers = new Checkers({
      checkers: from.map((ipv4, index) => ({ region: places[index * 2]?.region ?? '', ipv4 })),
      resolve: () => Promise.resolve({ rcode: 3 }),
      clock,
    });
    ends.push(() => checkers.close());
    checkers.take({ isWhole: true, checks: [checkOf({ port: server.port, failureThreshold: 1 })], gone: [] });
    const until = async (isSo: () => boolean): Promise<void> => {
      const endsAtMs = Date.now() + 5_000;
      while (!isSo() && Date.now() < endsAtMs) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(isSo()).toBe(true);
    };
    const words = () => checkers.statusOf('hc-1')?.observations.map((one) => `${one.address} ${one.words}`);
    clock.turn(10_000);
    await until(() => words()?.length === 3);
    expect(words()).toEqual(from.map((address) => `${address} Success: HTTP Status Code 200, OK`));
    expect(server.heard.map((one) => one.from).toSorted()).toEqual(from);
    server.close();
    clock.turn(10_000);
    await until(() => checkers.isHealthy('hc-1') === false);
    await until(() => words()?.every((one) => one.endsWith('Failure: Connection refused.')) === true);
  });

  test('no more are under way at once than are allowed', async () => {
    let [open, most] = [0, 0];
    const server = await serve((socket) => {
      most = Math.max(most, ++open);
      setTimeout(() => {
        open--;
        socket.end('HTTP/1.1 200 OK\r\n\r\n');
      }, 10);
    });
    ends.push(() => server.close());
    const clock = new TurnedClock();
    const checkers = new Checkers({ checkers: Array.from({ length: 12 }, () => ({ region: 'eu-west-1' })), resolve: () => Promise.resolve({ rcode: 3 }), clock, askedAtOnceMax: 3 }); // prettier-ignore
    ends.push(() => checkers.close());
    checkers.take({ isWhole: true, checks: [checkOf({ port: server.port })], gone: [] });
    clock.turn(10_000);
    const endsAtMs = Date.now() + 5_000;
    while ((checkers.statusOf('hc-1')?.observations.length ?? 0) < 12 && Date.now() < endsAtMs)
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(checkers.statusOf('hc-1')?.observations).toHaveLength(12);
    expect(most).toBeLessThanOrEqual(3);
  });
});
