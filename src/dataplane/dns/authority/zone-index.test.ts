/** Zones found by their names, also where two names have one hash. */
import { expect, test } from 'vitest';
import { hostedZone } from '#dataplane/dns/authority/zones.fixture.ts';
import { WireName } from '#dataplane/dns/authority/wire-name.ts';
import { ZoneIndex } from '#dataplane/dns/authority/zone-index.ts';
import { Zone } from '#dataplane/dns/authority/zone.ts';

const health = { isHealthy: true };
const make = (name: string): Zone => new Zone(hostedZone(name, name), { check: () => health, target: () => health });

function find(index: ZoneIndex, name: string, slot = 0, from = 0): string | undefined {
  const wire = new WireName();
  wire.readText(name);
  return index.find(wire, slot, from) ? index.found?.about.name : undefined;
}

test('many names, and those below them, among those that stay', () => {
  const index = new ZoneIndex();
  const zones = Array.from({ length: 500 }, (_, at) => make(`zone-${at}.example`));
  for (const zone of zones) index.assign(index.add(zone), [zone]);
  for (const zone of zones.slice(0, 250)) index.remove(zone);
  for (const [at, { about }] of zones.entries()) expect(find(index, `a.b.${about.name}`)).toBe(at < 250 ? undefined : about.name);
  expect([find(index, 'example'), find(index, 'zone-300.example', 1), find(index, 'zone-300.example', 0, 1)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('the longest of several, in each slot', () => {
  const index = new ZoneIndex();
  const [upper, lower, root] = [make('example.com'), make('a.example.com'), make('')];
  index.assign(index.add(upper), [upper, upper]);
  index.assign(index.add(lower), [lower]);
  index.assign(index.add(root), [undefined, undefined, root]);
  expect([
    find(index, 'x.a.example.com', 0),
    find(index, 'x.a.example.com', 1),
    find(index, 'x.a.example.com', 2),
    find(index, '', 2),
  ]).toEqual(['a.example.com', 'example.com', '', '']);
});

test('two names of one hash', () => {
  const index = new ZoneIndex();
  const seen = new Map<number, string>();
  const wire = new WireName();
  let twins: readonly string[] = [];
  // Of 2^32 hashes, two among some 100,000 names are equal as a rule.
  for (let at = 0; twins.length === 0 && at < 2_000_000; at++) {
    const name = `n${at}.example`;
    wire.readText(name);
    const other = seen.get(wire.hashes[0] ?? 0);
    if (other === undefined) seen.set(wire.hashes[0] ?? 0, name);
    else twins = [other, name];
  }
  expect(twins).toHaveLength(2);
  for (const name of twins) {
    const zone = make(name);
    index.assign(index.add(zone), [zone]);
  }
  expect(twins.map((name) => find(index, `www.${name}`))).toEqual(twins);
});
