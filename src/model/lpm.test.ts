/** Longest-prefix match against a naive scan. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyIp, nearbyCidr, nearbyIp } from '#test/network/arbitrary-addresses.ts';
import { cidrContainsIp, cidrsEqual, formatCidr, parseCidr, type Cidr } from '#model/cidr.ts';
import { parseIp } from '#model/ip.ts';
import { PrefixMap } from '#model/lpm.ts';

const cidr = (text: string): Cidr => parseCidr(text) ?? expect.fail(`${text} is no CIDR`);

describe('PrefixMap', () => {
  it.each([
    ['10.1.2.3', 'deep'],
    ['10.1.9.9', 'middle'],
    ['10.9.9.9', 'wide'],
    ['200.0.0.1', 'default'],
    ['2001:db8:1::1', 'six'],
    ['2001:db9::1', undefined],
  ])('%s finds %s', (address, expected) => {
    const map = new PrefixMap<string>();
    map.insert(cidr('0.0.0.0/0'), 'default');
    map.insert(cidr('10.1.2.0/24'), 'deep');
    map.insert(cidr('10.0.0.0/8'), 'wide');
    map.insert(cidr('10.1.0.0/16'), 'middle');
    map.insert(cidr('2001:db8::/32'), 'six');
    expect(map.lookup(parseIp(address)!)).toBe(expected); // valid literals
  });

  it('equals a naive scan after any inserts and removals', () => {
    const edit = fc.record({ cidr: nearbyCidr, remove: fc.boolean(), value: fc.nat() });
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 40 }), fc.array(fc.oneof(nearbyIp, anyIp), { maxLength: 20 }), (edits, addresses) => {
        const map = new PrefixMap<number>();
        let naive: { cidr: Cidr; value: number }[] = [];
        for (const { cidr: block, remove, value } of edits) {
          const before = naive.find((one) => cidrsEqual(one.cidr, block));
          expect(map.get(block)).toBe(before?.value);
          expect(remove ? map.remove(block) : map.insert(block, value)).toBe(before?.value);
          naive = naive.filter((one) => one !== before);
          if (!remove) naive.push({ cidr: block, value });
        }
        expect(map.size).toBe(naive.length);
        const valuesIn = (entries: Iterable<{ readonly value: number }>) => Array.from(entries, (one) => one.value).sort((a, b) => a - b);
        expect(valuesIn(map.entries())).toEqual(valuesIn(naive));
        for (const ip of addresses) {
          const holding = naive.filter((one) => cidrContainsIp(one.cidr, ip)).sort((a, b) => b.cidr.prefixLength - a.cidr.prefixLength);
          expect(map.lookup(ip)).toBe(holding[0]?.value);
        }
      }),
    );
  });

  it('answers with the canonical block', () => {
    const map = new PrefixMap<number>();
    map.insert(cidr('10.0.0.7/24'), 1);
    expect(formatCidr(map.match(parseIp('10.0.0.9')!)!.cidr)).toBe('10.0.0.0/24'); // inserted above
  });
});
