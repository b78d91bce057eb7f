/** Zones as they come and go: names with nothing but names below them, sets of servers, registered domains. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ZoneName } from '#model/hosted-zone.ts';
import { nameServerSet } from '#model/name-servers.ts';
import { ask, hostedZone, nothing, putZone, responderOf, simple, zoneName } from '#dataplane/dns/authority/zones.fixture.ts';
import { ANY_SLOT } from '#dataplane/dns/authority/zone-index.ts';
import { Zones } from '#dataplane/dns/authority/zones.ts';

const first = (zones: Zones, question: string, slot = 0): string =>
  ask(responderOf({ index: zones.publicIndex, slot }), question)
    .split(' | ')
    .slice(0, 2)
    .join(' | ');

describe('a change', () => {
  test('of a name is seen at once, and so is its end', () => {
    const zones = new Zones();
    putZone(zones, 'Z', 'example.com', ['a.b.c A 10.0.0.1']);
    expect(first(zones, 'b.c.example.com')).toBe('NOERROR aa | ');
    zones.take({ ...nothing, names: [zoneName('Z', 'a.b.c.example.com', [simple('A', '10.0.0.2')])] });
    expect(first(zones, 'a.b.c.example.com')).toContain('10.0.0.2');
    zones.take({ ...nothing, names: [zoneName('Z', 'c.example.com', [simple('A', '10.0.0.3')])], goneNames: ['Z a.b.c.example.com'] });
    expect(first(zones, 'a.b.c.example.com')).toBe('NXDOMAIN aa | ');
    expect(first(zones, 'b.c.example.com')).toBe('NXDOMAIN aa | ');
    expect(first(zones, 'c.example.com')).toContain('10.0.0.3');
    zones.take({ ...nothing, goneNames: ['Z c.example.com', 'Z nothing.example.com', 'Y c.example.com'] });
    expect(first(zones, 'c.example.com')).toBe('NXDOMAIN aa | ');
  });

  test('of the apex is in every answer', () => {
    const zones = new Zones();
    putZone(zones, 'Z', 'example.com', ['www A 10.0.0.1']);
    const responder = responderOf({ index: zones.publicIndex, slot: 0 });
    expect(ask(responder, 'www.example.com')).toContain('ns-1.awsdns-01.com');
    zones.take({ ...nothing, names: [zoneName('Z', 'example.com', [simple('NS', 'ns.example.org.')])] });
    expect(ask(responder, 'www.example.com')).toContain('example.com NS ns.example.org');
  });

  test('of a zone keeps its names; its end takes them along', () => {
    const zones = new Zones();
    putZone(zones, 'Z', 'example.com', ['www A 10.0.0.1']);
    zones.take({ ...nothing, zones: [hostedZone('Z', 'example.com', { serverSet: 3 })] });
    expect([first(zones, 'www.example.com', 0), first(zones, 'www.example.com', 3)]).toEqual([
      'REFUSED',
      'NOERROR aa | www.example.com A 10.0.0.1',
    ]);
    zones.take({ ...nothing, goneZones: ['Z'] });
    expect(first(zones, 'www.example.com', 3)).toBe('REFUSED');
    expect(zones.heldBytes).toBe(0);
  });

  test('told whole forgets what it does not name', () => {
    const zones = new Zones();
    putZone(zones, 'Z', 'example.com', ['www A 10.0.0.1', 'old A 10.0.0.2']);
    putZone(zones, 'Y', 'example.org', ['www A 10.0.0.1']);
    zones.take({
      ...nothing,
      domains: [{ kind: 'registeredDomain', id: 'example.org', nameServers: [{ name: 'ns.example.net', addresses: [] }] }],
    });
    const names = [
      zoneName('Z', 'www.example.com', [simple('A', '10.0.0.1')]),
      zoneName('Z', 'example.com', [simple('SOA', 'a. b. 1 2 3 4 5')]),
    ];
    zones.take({ ...nothing, isWhole: true, zones: [hostedZone('Z', 'example.com')], names });
    expect(first(zones, 'www.example.com')).toContain('10.0.0.1');
    expect(first(zones, 'old.example.com')).toBe('NXDOMAIN aa | ');
    expect(first(zones, 'www.example.org')).toBe('REFUSED');
    expect(zones.domain('example.org')).toBeUndefined();
  });
});

describe('zones of one name', () => {
  const made = (): Zones => {
    const zones = new Zones();
    putZone(zones, 'young', 'example.com', ['www A 10.0.0.2'], { serverSet: 5, createdMs: 2 });
    putZone(zones, 'old', 'example.com', ['www A 10.0.0.1'], { serverSet: 2, createdMs: 1 });
    return zones;
  };
  test('answer each from their own servers', () => {
    const zones = made();
    expect(first(zones, 'www.example.com', 2)).toContain('10.0.0.1');
    expect(first(zones, 'www.example.com', 5)).toContain('10.0.0.2');
    expect(first(zones, 'www.example.com', 0)).toBe('REFUSED');
  });
  test('where all are asked: the oldest, or the one that is delegated to', () => {
    const zones = made();
    expect(first(zones, 'www.example.com', ANY_SLOT)).toContain('10.0.0.1');
    const nameServers = nameServerSet(5).map(({ name }) => ({ name, addresses: [] }));
    zones.take({ ...nothing, domains: [{ kind: 'registeredDomain', id: 'example.com', nameServers }] });
    expect(first(zones, 'www.example.com', ANY_SLOT)).toContain('10.0.0.2');
    zones.take({ ...nothing, goneDomains: ['example.com'] });
    expect(first(zones, 'www.example.com', ANY_SLOT)).toContain('10.0.0.1');
    zones.take({ ...nothing, goneZones: ['old'] });
    expect(first(zones, 'www.example.com', ANY_SLOT)).toContain('10.0.0.2');
  });
});

/** What there is of a name by the plainest reading of RFC 1034 and 4592: no names of the zone are cuts or CNAMEs here. */
function expected(names: ReadonlyMap<string, ZoneName>, name: string): string {
  const exists = (one: string): boolean => one === 'z' || [...names.keys()].some((other) => other === one || other.endsWith(`.${one}`));
  let from = name;
  if (!exists(name)) {
    let closest = name;
    while (!exists(closest)) closest = closest.slice(closest.indexOf('.') + 1);
    from = `*.${closest}`;
    if (!exists(from)) return 'NXDOMAIN aa';
  }
  const value = names.get(from)?.sets.find(({ type }) => type === 'A')?.values[0];
  return value === undefined ? 'NOERROR aa' : `NOERROR aa | ${name} A ${value}`;
}

test('any names, put and taken in any order, answer as the plainest reading says', () => {
  const label = fc.constantFrom('a', 'b', '*', 'c');
  const below = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => [...labels, 'z'].join('.'));
  const change = fc.record({ name: below, isPut: fc.boolean(), last: fc.integer({ min: 0, max: 255 }), more: fc.nat(3) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), fc.array(below, { minLength: 5, maxLength: 20 }), (changes, questions) => {
      const zones = new Zones();
      const names = new Map<string, ZoneName>();
      zones.take({ ...nothing, zones: [hostedZone('Z', 'z')], names: [zoneName('Z', 'z', [simple('SOA', 'a. b. 1 2 3 4 5')])] });
      for (const { name, isPut, last, more } of changes) {
        if (isPut) {
          const sets = [simple('A', `10.0.0.${last}`), simple('TXT', ...Array.from({ length: more + 1 }, (_, at) => `"${at}"`))];
          names.set(name, zoneName('Z', name, more === 0 ? sets.slice(1) : sets));
          zones.take({ ...nothing, names: [zoneName('Z', name, more === 0 ? sets.slice(1) : sets)] });
        } else {
          names.delete(name);
          zones.take({ ...nothing, goneNames: [`Z ${name}`] });
        }
      }
      for (const question of [...questions, ...names.keys()]) {
        const said = ask(responderOf({ index: zones.publicIndex, slot: 0 }), question)
          .replace(/ \| (z SOA|$).*/, '')
          .replace(/ \|.*$/, (rest) => (/ A /.test(rest) ? rest : ''));
        expect(said).toBe(expected(names, question));
      }
    }),
    { numRuns: 100 },
  );
});

test('many names cost about a hundred bytes each, and none when they are gone', () => {
  const zones = new Zones();
  const count = 20_000;
  putZone(zones, 'Z', 'example.com', []);
  const names = Array.from({ length: count }, (_, at) => zoneName('Z', `host-${at}.example.com`, [simple('A', '10.0.0.1')]));
  zones.take({ ...nothing, names });
  expect(zones.heldBytes / count).toBeLessThan(140);
  expect(first(zones, `host-${count - 1}.example.com`)).toContain('10.0.0.1');
  zones.take({ ...nothing, goneNames: names.map(({ id }) => id) });
  expect(first(zones, 'host-1.example.com')).toBe('NXDOMAIN aa | ');
  expect(zones.heldBytes).toBeLessThan(1_000_000);
});
