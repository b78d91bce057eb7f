/** Which records answer, by policy and health: Route 53 guide, "Choosing a routing policy" and "How health checks work in complex configurations". */
import { describe, expect, test } from 'vitest';
import type { RecordSet, Routing } from '#model/hosted-zone.ts';
import { formatIp, type Ip } from '#model/ip.ts';
import { regionPlaces, type Place } from '#model/places.ts';
import { world as addresses } from '#dataplane/dns/authority/choose.fixture.ts';
import { ask, nothing, putZone, responderOf, zoneName } from '#dataplane/dns/authority/zones.fixture.ts';
import { Zones } from '#dataplane/dns/authority/zones.ts';

interface Options {
  readonly value?: string;
  readonly check?: string;
  readonly alias?: string;
  readonly service?: string;
  readonly evaluates?: boolean;
}

function set(routing: Routing, id: string, { value, check, alias, service, evaluates = true }: Options): RecordSet {
  const target = alias ?? service;
  return {
    type: 'A',
    routing,
    values: value === undefined ? [] : [value],
    ...(routing.policy === 'simple' ? {} : { setIdentifier: id }),
    ...(value === undefined ? {} : { ttl: 60 }),
    ...(check === undefined ? {} : { healthCheckId: check }),
    ...(target === undefined ? {} : { alias: { name: target, isInZone: alias !== undefined, evaluatesTargetHealth: evaluates } }),
  };
}

const weighted = (weight: number, options: Options) => set({ policy: 'weighted', weight }, `w${weight}-${options.value}`, options);
const latency = (region: string, options: Options) => set({ policy: 'latency', region }, region, options);
const failover = (role: 'PRIMARY' | 'SECONDARY', options: Options) => set({ policy: 'failover', role }, role, options);
const simple = (options: Options) => set({ policy: 'simple' }, '', options);
const multivalue = (value: string, check?: string) => set({ policy: 'multivalue' }, value, { value, ...(check ? { check } : {}) });
const geo = (area: { continent?: string; country?: string; subdivision?: string }, options: Options) =>
  set({ policy: 'geolocation', ...area }, JSON.stringify(area), options);

interface Situation {
  readonly names: Readonly<Record<string, readonly RecordSet[]>>;
  /** Checks, and targets outside of the zone. */
  readonly unhealthy?: readonly string[];
  readonly place?: Place | undefined;
  readonly random?: () => number;
}

/** The addresses that `www.example.com` has, with what else the answer says when it is none. */
function answer({ names, unhealthy = [], place, random = () => 0 }: Situation, type = 'A'): string {
  const zones = new Zones();
  putZone(zones, 'Z', 'example.com', []);
  zones.take({ ...nothing, names: Object.entries(names).map(([name, sets]) => zoneName('Z', `${name}.example.com`, sets)) });
  for (const one of unhealthy) {
    zones.setHealth(one, false);
    zones.setTargetHealth(one, false);
  }
  const seams = { locate: () => place, random, resolveAlias: (name: string) => addresses.get(name) };
  const said = ask(responderOf({ index: zones.publicIndex, slot: 0 }, seams), `www.example.com ${type}`);
  const found = [...said.matchAll(/www\.example\.com A+ ([0-9a-f.:]+)/g)].map(([, address]) => address);
  return found.length > 0 ? found.map(String).sort().join(' ') : (said.split(' | ')[0] ?? '');
}

const [a, b, c] = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];

/** How often of 1,000 chances, evenly spread and each followed by one that has nothing to do with it, each address is the answer. */
function shares(situation: Situation): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let at = 0; at < 1_000; at++) {
    let draws = 0;
    const said = answer({ ...situation, random: () => (draws++ === 0 ? (at + 0.5) / 1_000 : (at * 0.618_034) % 1) });
    counts[said] = (counts[said] ?? 0) + 1;
  }
  return counts;
}

describe('weighted', () => {
  const three = [weighted(10, { value: a, check: 'a' }), weighted(20, { value: b, check: 'b' }), weighted(20, { value: c, check: 'c' })];
  test.each<[string, Situation, Record<string, number>]>([
    ['by its share', { names: { www: three } }, { [a]: 200, [b]: 400, [c]: 400 }],
    ['without the weight of an unhealthy one', { names: { www: three }, unhealthy: ['c'] }, { [a]: 333, [b]: 667 }],
    ['all, when none is healthy', { names: { www: three }, unhealthy: ['a', 'b', 'c'] }, { [a]: 200, [b]: 400, [c]: 400 }],
    ['never by weight 0', { names: { www: [weighted(0, { value: a }), weighted(5, { value: b })] } }, { [b]: 1_000 }],
    ['evenly by nothing but weights 0', { names: { www: [weighted(0, { value: a }), weighted(0, { value: b })] } }, { [a]: 500, [b]: 500 }],
    [
      'by weight 0 once all others are unhealthy',
      { names: { www: [weighted(0, { value: a, check: 'a' }), weighted(5, { value: b, check: 'b' })] }, unhealthy: ['b'] },
      { [a]: 1_000 },
    ],
    [
      'by weight again when those of weight 0 are unhealthy too',
      { names: { www: [weighted(0, { value: a, check: 'a' }), weighted(5, { value: b, check: 'b' })] }, unhealthy: ['a', 'b'] },
      { [b]: 1_000 },
    ],
    [
      'one without a check is healthy',
      { names: { www: [weighted(1, { value: a, check: 'a' }), weighted(1, { value: b })] }, unhealthy: ['a'] },
      { [b]: 1_000 },
    ],
  ])('%s', (_, situation, expected) => {
    const found = shares(situation);
    for (const [address, count] of Object.entries(expected)) expect(Math.abs((found[address] ?? 0) - count)).toBeLessThanOrEqual(15);
    expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
  });
});

describe('one answer', () => {
  const pair = [failover('SECONDARY', { value: b, check: 'b' }), failover('PRIMARY', { value: a, check: 'a' })];
  const open = [failover('PRIMARY', { value: a, check: 'a' }), failover('SECONDARY', { value: b })];
  const regions = [
    latency('us-east-1', { value: a, check: 'a' }),
    latency('eu-west-1', { value: b, check: 'b' }),
    latency('ap-northeast-1', { value: c, check: 'c' }),
  ];
  const from = (region: string): Place | undefined => regionPlaces.get(region);
  const areas = [
    geo({ country: 'US', subdivision: 'CA' }, { value: '10.0.0.4', check: 'ca' }),
    geo({ country: 'US' }, { value: '10.0.0.5', check: 'us' }),
    geo({ continent: 'NA' }, { value: '10.0.0.6', check: 'na' }),
    geo({ country: '*' }, { value: '10.0.0.7', check: 'rest' }),
  ];
  const california: Place = { continent: 'NA', country: 'US', subdivision: 'CA' };

  test.each<[string, Situation, string]>([
    ['failover: the primary', { names: { www: pair } }, a],
    ['failover: the secondary', { names: { www: pair }, unhealthy: ['a'] }, b],
    ['failover: the primary, both being unhealthy', { names: { www: pair }, unhealthy: ['a', 'b'] }, a],
    ['failover: a secondary without a check', { names: { www: open }, unhealthy: ['a'] }, b],
    ['latency: the own Region', { names: { www: regions }, place: from('eu-west-1') }, b],
    ['latency: the nearest', { names: { www: regions }, place: from('ap-southeast-1') }, c],
    ['latency: the next nearest', { names: { www: regions }, place: from('eu-central-1'), unhealthy: ['b'] }, a],
    [
      'latency: nearest of all when none is healthy',
      { names: { www: regions }, place: from('eu-central-1'), unhealthy: ['a', 'b', 'c'] },
      b,
    ],
    ['latency: a client of a Region without coordinates', { names: { www: regions }, place: { region: 'eu-central-1' } }, b],
    ['latency: somewhere unknown counts as us-east-1', { names: { www: regions } }, a],
    ['geolocation: the subdivision', { names: { www: areas }, place: california }, '10.0.0.4'],
    ['geolocation: the country', { names: { www: areas }, place: { ...california, subdivision: 'NY' } }, '10.0.0.5'],
    [
      'geolocation: the same code elsewhere',
      { names: { www: areas }, place: { country: 'CA', continent: 'NA', subdivision: 'CA' } },
      '10.0.0.6',
    ],
    ['geolocation: everywhere else', { names: { www: areas }, place: { country: 'JP', continent: 'AS' } }, '10.0.0.7'],
    ['geolocation: nowhere known', { names: { www: areas } }, '10.0.0.7'],
    ['geolocation: the next larger area', { names: { www: areas }, place: california, unhealthy: ['ca', 'us'] }, '10.0.0.6'],
    [
      'geolocation: the smallest when none is healthy',
      { names: { www: areas }, place: california, unhealthy: ['ca', 'us', 'na', 'rest'] },
      '10.0.0.4',
    ],
    ['geolocation: none for this place', { names: { www: areas.slice(0, 3) }, place: { country: 'JP', continent: 'AS' } }, 'NOERROR aa'],
    ['an alias', { names: { www: [simple({ alias: 'x.example.com' })], x: [simple({ value: a })] } }, a],
    ['an alias to an alias', { names: { www: [simple({ alias: 'x.example.com' })], x: [simple({ alias: 'y.example.com' })], y: pair } }, a],
    ['an alias to what a wildcard answers', { names: { www: [simple({ alias: 'x.y.example.com' })], '*.y': [simple({ value: a })] } }, a],
    ['an alias to nothing', { names: { www: [simple({ alias: 'x.example.com' })] } }, 'NOERROR aa'],
    ['an alias to itself', { names: { www: [simple({ alias: 'www.example.com' })] } }, 'NOERROR aa'],
    ['an alias to a load balancer', { names: { www: [simple({ service: 'lb.example.net' })] } }, '198.18.0.9'],
    ['an alias to no load balancer', { names: { www: [simple({ service: 'gone.example.net' })] } }, 'NOERROR aa'],
    [
      'an alias whose own check failed, alone',
      { names: { www: [simple({ alias: 'x.example.com', check: 'a' })], x: [simple({ value: a })] }, unhealthy: ['a'] },
      a,
    ],
    [
      'failover to a load balancer that is healthy',
      {
        names: { www: [failover('PRIMARY', { service: 'lb.example.net' }), failover('SECONDARY', { value: b })] },
        unhealthy: ['lb.example.net'],
      },
      b,
    ],
    [
      'failover, but nothing asks for the load balancer’s health',
      {
        names: { www: [failover('PRIMARY', { service: 'lb.example.net', evaluates: false }), failover('SECONDARY', { value: b })] },
        unhealthy: ['lb.example.net'],
      },
      '198.18.0.9',
    ],
  ])('%s', (_, situation, expected) => {
    expect(answer(situation)).toBe(expected);
  });

  describe('of a tree: latency over weighted', () => {
    const tree = (evaluates: boolean, check?: string) => ({
      www: [
        latency('us-east-1', { alias: 'us.example.com', evaluates, ...(check ? { check } : {}) }),
        latency('eu-west-1', { alias: 'eu.example.com', evaluates }),
      ],
      us: [weighted(1, { value: '10.1.0.1', check: 'us1' }), weighted(1, { value: '10.1.0.2', check: 'us2' })],
      eu: [weighted(1, { value: '10.2.0.1', check: 'eu1' }), weighted(1, { value: '10.2.0.2', check: 'eu2' })],
    });
    const place = from('us-east-1');
    test.each<[string, Situation, RegExp]>([
      ['near', { names: tree(true), place }, /^10\.1\.0\.1$/],
      ['one of a branch is enough', { names: tree(true), place, unhealthy: ['us1'] }, /^10\.1\.0\.2$/],
      ['backs out of a branch', { names: tree(true), place, unhealthy: ['us1', 'us2'] }, /^10\.2\./],
      ['stays where health is not asked for', { names: tree(false), place, unhealthy: ['us1', 'us2'] }, /^10\.1\./],
      ['leaves a branch whose alias’s own check failed', { names: tree(true, 'top'), place, unhealthy: ['top'] }, /^10\.2\./],
      ['all is healthy when nothing is', { names: tree(true), place, unhealthy: ['us1', 'us2', 'eu1', 'eu2'] }, /^10\.1\./],
    ])('%s', (_, situation, expected) => {
      expect(answer(situation)).toMatch(expected);
    });
  });
});

describe('multivalue', () => {
  const many = Array.from({ length: 12 }, (_, at) => multivalue(`10.0.0.${at + 10}`, `c${at}`));
  const answers = (situation: Situation): string[] => answer(situation).split(' ');
  test('up to eight, by chance', () => {
    expect(answers({ names: { www: many } })).toHaveLength(8);
    expect(answers({ names: { www: many }, random: () => 0.99 })).not.toEqual(answers({ names: { www: many } }));
  });
  test('all healthy ones up to eight', () => {
    expect(answers({ names: { www: many }, unhealthy: ['c0', 'c1', 'c2', 'c3', 'c4'] })).toHaveLength(7);
  });
  test('eight unhealthy ones when there are no others', () => {
    const checks = many.map((_, at) => `c${at}`);
    expect(answers({ names: { www: many }, unhealthy: checks })).toHaveLength(8);
  });
});

test('a load balancer’s addresses of the family that is asked for', () => {
  const aaaa: RecordSet = { ...simple({ service: 'lb.example.net' }), type: 'AAAA' };
  expect(answer({ names: { www: [aaaa] } }, 'AAAA')).toBe('2001:db8::9');
});

test('health changes count at once', () => {
  const zones = new Zones();
  putZone(zones, 'Z', 'example.com', []);
  const sets = [failover('PRIMARY', { value: a, check: 'a' }), failover('SECONDARY', { value: b })];
  zones.take({ ...nothing, names: [zoneName('Z', 'www.example.com', sets)] });
  const responder = responderOf({ index: zones.publicIndex, slot: 0 });
  const now = () => /A (\S+) /.exec(ask(responder, 'www.example.com').replaceAll('|', ' '))?.[1];
  const found = [now()];
  for (const isHealthy of [false, true]) {
    zones.setHealth('a', isHealthy);
    found.push(now());
  }
  expect(found).toEqual([a, b, a]);
});

test('where a client is counts by the subnet that it names', () => {
  const located: string[] = [];
  const locate = (address: Ip): Place | undefined => {
    located.push(formatIp(address));
    return undefined;
  };
  const zones = new Zones();
  putZone(zones, 'Z', 'example.com', []);
  zones.take({ ...nothing, names: [zoneName('Z', 'www.example.com', [latency('us-east-1', { value: a })])] });
  ask(responderOf({ index: zones.publicIndex, slot: 0 }, { locate }), 'www.example.com', '203.0.113.9');
  expect(located).toEqual(['203.0.113.9']);
});
