/** Generators of model values for property tests; loaded by tests only. */
import fc from 'fast-check';
import { cidrOf, type Cidr } from '#model/cidr.ts';
import { familyBits, IPV4_MAX, IPV6_MAX, ipFamily, ipv4, ipv6, type Ip } from '#model/ip.ts';

export const anyIpv4: fc.Arbitrary<Ip> = fc.integer({ min: 0, max: IPV4_MAX }).map((value) => ipv4(value)!); // in range by construction

/** Random bits, and addresses with long runs of zeros. */
export const anyIpv6: fc.Arbitrary<Ip> = fc
  .oneof(
    fc.bigInt({ min: 0n, max: IPV6_MAX }),
    fc
      .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 })
      .map((groups) => groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n)),
  )
  .map((value) => ipv6(value)!); // in range by construction

export const anyIp: fc.Arbitrary<Ip> = fc.oneof(anyIpv4, anyIpv6);

/** Any block, host bits set or not. */
export const anyCidr: fc.Arbitrary<Cidr> = anyIp.chain((ip) =>
  fc.integer({ min: 0, max: familyBits(ipFamily(ip)) }).map((length) => cidrOf(ip, length)!),
); // in range by construction
