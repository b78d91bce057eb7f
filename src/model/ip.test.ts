/** Facts and properties of addresses. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareIps, formatIp, IPV4_MAX, IPV6_MAX, ipDistance, ipFamily, ipPlus, ipv4, ipv6, parseIp, type Ip } from '#model/ip.ts';
import { anyIp } from '#test/network/arbitrary-addresses.ts';

const canonical: readonly (readonly [text: string, canonicalText: string])[] = [
  ['0.0.0.0', '0.0.0.0'],
  ['255.255.255.255', '255.255.255.255'],
  ['10.0.0.1', '10.0.0.1'],
  ['::', '::'],
  ['::1', '::1'],
  ['1::', '1::'],
  ['2001:DB8::1', '2001:db8::1'],
  ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['0001:0002:0003:0004:0005:0006:0007:0008', '1:2:3:4:5:6:7:8'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
  ['::ffff:c000:201', '::ffff:192.0.2.1'],
  ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
];

const refused = [
  '', ' ', '1', '1.2.3', '1.2.3.4.5', '1.2.3.', '.1.2.3', '1..2.3', '256.0.0.1', '01.2.3.4', '1.2.3.04', '1.2.3.4 ', '+1.2.3.4', '0x1.2.3.4',
  ':', ':::', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7:8::', '12345::', 'g::', '::1%eth0', '[::1]', '::1.2.3', '1.2.3.4::', '::1.2.3.4:5',
  ':1::', '1:', '1:2:3:4:5:6:7:1.2.3.4', '::256.0.0.1',
]; // prettier-ignore

describe('parseIp and formatIp', () => {
  it.each(canonical)('%s is %s', (text, expected) => {
    const ip = parseIp(text);
    expect(ip).toBeDefined();
    expect(formatIp(ip as Ip)).toBe(expected); // defined by the line above
  });

  it.each(refused)('refuses %j', (text) => {
    expect(parseIp(text)).toBeUndefined();
  });

  it('are inverse', () => {
    fc.assert(fc.property(anyIp, (ip) => parseIp(formatIp(ip)) === ip));
  });

  it('never throw on any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f:.]{0,45}$/)), (text) => {
        const ip = parseIp(text);
        return ip === undefined || parseIp(formatIp(ip)) === ip;
      }),
    );
  });
});

describe('arithmetic', () => {
  it('stays in the family', () => {
    expect(ipPlus(ipv4(IPV4_MAX)!, 1)).toBeUndefined(); // a valid literal
    expect(ipPlus(ipv4(0)!, -1)).toBeUndefined(); // a valid literal
    expect(ipPlus(ipv6(IPV6_MAX)!, 1)).toBeUndefined(); // a valid literal
    expect(ipv4(1.5)).toBeUndefined();
    expect(ipv6(-1n)).toBeUndefined();
  });

  it('moves back where it came from', () => {
    fc.assert(
      fc.property(anyIp, fc.integer(), (ip, count) => {
        const there = ipPlus(ip, count);
        return there === undefined || (ipPlus(there, -count) === ip && ipDistance(ip, there) === BigInt(count));
      }),
    );
  });

  it('orders as text of equal width does', () => {
    fc.assert(
      fc.property(anyIp, anyIp, (a, b) => {
        const wide = (ip: Ip) => `${ipFamily(ip)}${ip.toString(16).padStart(32, '0')}`;
        return Math.sign(compareIps(a, b)) === (wide(a) < wide(b) ? -1 : wide(a) > wide(b) ? 1 : 0);
      }),
    );
  });
});
