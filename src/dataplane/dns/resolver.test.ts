/** Sources in their order, and aliases from one to the other. */
import { describe, expect, test } from 'vitest';
import { parseIpv4 } from '#model/ip.ts';
import { RecordClass } from '#dataplane/dns/codec/message.ts';
import { addressData, found, missing, record, type Answer, type NameSource } from '#dataplane/dns/name-source.ts';
import { createResolver } from '#dataplane/dns/resolver.ts';
import { atOnce, line, question } from '#dataplane/dns/world.fixture.ts';

const source = parseIpv4('10.0.0.9')!; // a literal
const asker = { networkId: undefined, source };

/** A zone by lines `name target`: a target with digits is an address, others are aliases. */
function zone(domain: string, ...lines: readonly string[]): NameSource {
  const entries = new Map(lines.map((text) => text.split(' ') as [string, string]));
  return {
    lookup: (asked) => {
      if (!asked.name.endsWith(domain)) return undefined;
      const target = entries.get(asked.name);
      if (target === undefined) return missing(domain);
      const address = parseIpv4(target);
      if (address !== undefined) return found(asked, [addressData(address)], domain);
      return { ...found(asked, [], domain), records: [record(asked.name, { kind: 'CNAME', target })], authority: [], authoritative: true };
    },
  };
}

const chain = (count: number): string[] => Array.from({ length: count }, (_, step) => `c${step}.x c${step + 1}.x`);
const resolve = createResolver([
  zone('x', 'a.x 10.0.0.1', 'b.x a.x', 'c.x b.y', 'gone.x nothing.y', 'out.x who.knows', 'loop.x loop2.y', 'self.x self.x', ...chain(30)),
  zone('y', 'b.y a.x', 'a.y 10.0.0.2', 'loop2.y loop.x'),
  zone('x', 'late.x 10.0.0.3'),
]);

test.each([
  ['a.x', '10.0.0.1'],
  ['a.x AAAA', 'NODATA x'],
  ['a.y', '10.0.0.2'],
  ['late.x', 'NXDOMAIN x'], // the first source has the zone
  ['b.x', 'a.x 10.0.0.1'],
  ['b.x CNAME', 'a.x'],
  ['b.x ANY', 'a.x'],
  ['c.x', 'b.y a.x 10.0.0.1'],
  ['gone.x', 'NXDOMAIN y nothing.y'],
  ['out.x', 'NXDOMAIN . who.knows'],
  ['loop.x', 'SERVFAIL'],
  ['self.x', 'SERVFAIL'],
  ['c0.x', 'SERVFAIL'],
  ['c14.x', ['NXDOMAIN x', ...Array.from({ length: 16 }, (_, step) => `c${15 + step}.x`)].join(' ')],
  ['c13.x', 'SERVFAIL'],
  ['z', 'NXDOMAIN .'],
  ['z 252', 'REFUSED'], // AXFR
  ['z 41', 'REFUSED'], // OPT is no question
  ['a.x 257', 'NODATA x'], // CAA
])('%s → %s', (asked, expected) => {
  expect(line(resolve(question(asked), asker))).toBe(expected);
});

describe('an answer', () => {
  test('of an alias is as authoritative as its first name', () => {
    expect(atOnce(resolve(question('b.x'), asker)).authoritative).toBe(true);
    expect(atOnce(resolve(question('a.x'), asker)).authoritative).toBe(false);
  });

  test('that has the whole chain already is not asked for again', () => {
    let asked = 0;
    const whole: Answer = {
      ...missing(''),
      rcode: 0,
      authority: [],
      records: [record('b', { kind: 'CNAME', target: 'a' }), record('a', addressData(source))],
    };
    const once = createResolver([{ lookup: () => (asked++, whole) }]);
    expect(once(question('b'), asker)).toBe(whole);
    expect(asked).toBe(1);
  });

  test('that comes later is followed too', async () => {
    const later = createResolver([{ lookup: async (asked) => zone('z', 'b.z a.z', 'a.z 10.0.0.4').lookup(asked, asker) ?? missing('z') }]);
    expect(line(await later(question('b.z'), asker))).toBe('a.z 10.0.0.4');
  });

  test('in another class is refused', () => {
    expect(line(resolve({ name: 'version.bind', type: 16, class: RecordClass.CH }, asker))).toBe('REFUSED');
  });
});
