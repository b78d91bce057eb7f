/** Facts and properties of CIDR blocks. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCidr, anyIp, nearbyIp } from '#test/network/arbitrary-addresses.ts';
import {
  ALL_IPV4,
  ALL_IPV6,
  blocksOfRange,
  canonicalCidr,
  cidrContains,
  cidrContainsIp,
  cidrOf,
  cidrsAdjacent,
  cidrSize,
  cidrsEqual,
  cidrsOverlap,
  compareCidrs,
  firstIp,
  formatCidr,
  hostBitsSet,
  hostCidr,
  lastIp,
  nthIp,
  parseCidr,
  subnetsOf,
  type Cidr,
} from '#model/cidr.ts';
import { compareIps, formatIp, ipFamily, parseIp, type Ip } from '#model/ip.ts';

const cidr = (text: string): Cidr => parseCidr(text) ?? expect.fail(`${text} is no CIDR`);
const ip = (text: string): Ip => parseIp(text) ?? expect.fail(`${text} is no address`);

describe('parseCidr', () => {
  it.each([
    '10.0.0.0',
    '10.0.0.0/',
    '/8',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/+8',
    '10.0.0.0/-1',
    '10.0.0/8',
    '10.0.0.0/8/8',
    '::/129',
    '10.0.0.0/8 ',
    'x/8',
    '',
  ])('refuses %j', (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });

  it.each([
    ['10.0.0.1/24', true, '10.0.0.0/24'],
    ['10.0.0.0/24', false, '10.0.0.0/24'],
    ['128.0.0.0/0', true, '0.0.0.0/0'],
    ['10.0.0.1/32', false, '10.0.0.1/32'],
    ['2001:DB8::1/64', true, '2001:db8::/64'],
    ['2001:db8::/64', false, '2001:db8::/64'],
    ['::1/128', false, '::1/128'],
  ])('%s has host bits set: %s; canonical %s', (text, set, canonical) => {
    expect(hostBitsSet(cidr(text))).toBe(set);
    expect(formatCidr(canonicalCidr(cidr(text)))).toBe(canonical);
  });

  it('is inverse to formatCidr', () => {
    fc.assert(fc.property(anyCidr, (block) => formatCidr(parseCidr(formatCidr(block))!) === formatCidr(block))); // formatted blocks parse
  });
});

describe('addresses of a block', () => {
  it.each([
    ['10.0.0.0/16', '10.0.0.0', '10.0.255.255', 65536],
    ['0.0.0.0/0', '0.0.0.0', '255.255.255.255', 2 ** 32],
    ['192.0.2.7/32', '192.0.2.7', '192.0.2.7', 1],
    ['192.0.2.6/31', '192.0.2.6', '192.0.2.7', 2],
    ['128.0.0.0/1', '128.0.0.0', '255.255.255.255', 2 ** 31],
    ['2001:db8::/64', '2001:db8::', '2001:db8::ffff:ffff:ffff:ffff', 2 ** 64],
    ['::/0', '::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 2 ** 128],
    ['::1/128', '::1', '::1', 1],
  ])('%s goes from %s to %s and has %d', (text, first, last, size) => {
    expect(formatIp(firstIp(cidr(text)))).toBe(first);
    expect(formatIp(lastIp(cidr(text)))).toBe(last);
    expect(cidrSize(cidr(text))).toBe(size);
  });

  it.each([
    ['10.0.0.0/24', 0, '10.0.0.0'],
    ['10.0.0.0/24', 2, '10.0.0.2'],
    ['10.0.0.0/24', 255, '10.0.0.255'],
    ['10.0.0.0/24', -1, '10.0.0.255'],
    ['10.0.0.0/24', -256, '10.0.0.0'],
    ['2001:db8::/64', 0x1_0000, '2001:db8::1:0'],
  ])('%s [%d] is %s', (text, index, expected) => {
    expect(nthIp(cidr(text), index)).toBe(ip(expected));
  });

  it.each([256, -257])('10.0.0.0/24 has no [%d]', (index) => {
    expect(nthIp(cidr('10.0.0.0/24'), index)).toBeUndefined();
  });

  it('does not leave the family', () => {
    expect(nthIp(ALL_IPV4, 2 ** 32)).toBeUndefined();
    expect(nthIp(ALL_IPV6, 1n << 128n)).toBeUndefined();
  });
});

describe('relations', () => {
  it.each([
    ['10.0.0.0/8', '10.1.0.0/16', true],
    ['10.1.0.0/16', '10.0.0.0/8', false],
    ['10.0.0.0/8', '10.0.0.0/8', true],
    ['10.0.0.5/8', '10.9.9.9/24', true],
    ['0.0.0.0/0', '::/0', false],
    ['::/0', '0.0.0.0/0', false],
    ['2001:db8::/56', '2001:db8:0:ff::/64', true],
    ['2001:db8::/56', '2001:db8:0:100::/64', false],
  ])('%s contains %s: %s', (outer, inner, expected) => {
    expect(cidrContains(cidr(outer), cidr(inner))).toBe(expected);
  });

  it.each([
    ['10.0.0.0/24', '10.0.1.0/24', true],
    ['10.0.1.0/24', '10.0.0.0/24', true],
    ['10.0.0.0/24', '10.0.2.0/24', false],
    ['10.0.0.0/24', '10.0.1.0/28', true],
    ['10.0.0.0/24', '10.0.0.0/24', false],
    ['255.255.255.255/32', '::/128', false],
  ])('%s and %s are adjacent: %s', (a, b, expected) => {
    expect(cidrsAdjacent(cidr(a), cidr(b))).toBe(expected);
  });

  it('contains agrees with first and last', () => {
    fc.assert(
      fc.property(anyCidr, fc.oneof(anyIp, fc.constant(undefined)), (block, other) => {
        const address = other ?? lastIp(block);
        const inside = typeof address === typeof block.address && address >= firstIp(block) && address <= lastIp(block);
        return cidrContainsIp(block, address) === inside && cidrContains(block, hostCidr(address)) === inside;
      }),
    );
  });

  it('overlap is symmetric and is an intersection of ranges', () => {
    fc.assert(
      fc.property(anyCidr, anyCidr, (a, b) => {
        const meet = typeof a.address === typeof b.address && firstIp(a) <= lastIp(b) && firstIp(b) <= lastIp(a);
        return cidrsOverlap(a, b) === meet && cidrsOverlap(b, a) === meet;
      }),
    );
  });

  it('equality is mutual containment, and the order agrees', () => {
    fc.assert(
      fc.property(anyCidr, anyCidr, (a, b) => {
        const equal = cidrContains(a, b) && cidrContains(b, a);
        return cidrsEqual(a, b) === equal && (compareCidrs(a, b) === 0) === equal;
      }),
    );
  });
});

describe('subnetsOf', () => {
  it('cuts a /22 into four /24', () => {
    expect([...subnetsOf(cidr('10.0.4.9/22'), 24)].map(formatCidr)).toEqual(['10.0.4.0/24', '10.0.5.0/24', '10.0.6.0/24', '10.0.7.0/24']);
  });

  it('ends at the end of the family', () => {
    expect([...subnetsOf(ALL_IPV4, 1)].map(formatCidr)).toEqual(['0.0.0.0/1', '128.0.0.0/1']);
    expect([...subnetsOf(ALL_IPV6, 1)].map(formatCidr)).toEqual(['::/1', '8000::/1']);
  });

  it('has nothing shorter than the block, nor beyond the family', () => {
    expect([...subnetsOf(cidr('10.0.0.0/24'), 23)]).toEqual([]);
    expect([...subnetsOf(cidr('10.0.0.0/24'), 33)]).toEqual([]);
  });
});

describe('blocksOfRange', () => {
  it.each([
    ['10.0.0.0', '10.0.0.255', '10.0.0.0/24'],
    ['10.0.0.1', '10.0.0.6', '10.0.0.1/32 10.0.0.2/31 10.0.0.4/31 10.0.0.6/32'],
    ['10.0.0.9', '10.0.0.9', '10.0.0.9/32'],
    ['0.0.0.0', '255.255.255.255', '0.0.0.0/0'],
    ['255.255.255.254', '255.255.255.255', '255.255.255.254/31'],
    ['2001:db8::100', '2001:db8::2ff', '2001:db8::100/120 2001:db8::200/120'],
    ['::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '::/0'],
    ['10.0.0.2', '10.0.0.1', ''],
    ['10.0.0.1', '::2', ''],
  ])('%s to %s: %s', (first, last, expected) => {
    expect(blocksOfRange(ip(first), ip(last)).map(formatCidr).join(' ')).toBe(expected);
  });

  it('holds exactly the range, with no two blocks that could be one', () => {
    fc.assert(
      fc.property(nearbyIp, nearbyIp, nearbyIp, (one, other, probe) => {
        if (ipFamily(one) !== ipFamily(other)) return;
        const [first, last] = compareIps(one, other) <= 0 ? [one, other] : [other, one];
        const blocks = blocksOfRange(first, last);
        const isInside = ipFamily(probe) === ipFamily(first) && compareIps(first, probe) <= 0 && compareIps(probe, last) <= 0;
        expect(blocks.filter((block) => cidrContainsIp(block, probe))).toHaveLength(isInside ? 1 : 0);
        for (const [at, block] of blocks.entries()) {
          const next = blocks[at + 1];
          const together = cidrOf(block.address, block.prefixLength - 1);
          if (next && together && !hostBitsSet(together))
            expect(cidrContains(together, next) && next.prefixLength === block.prefixLength).toBe(false);
        }
      }),
    );
  });
});
