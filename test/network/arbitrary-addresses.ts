/** Generators of model values for property tests; loaded by tests only. */
import fc from 'fast-check';
import { cidrOf, type Cidr } from '#model/cidr.ts';
import { echoFlow, icmpFlow, protocolFlow, tcpFlow, udpFlow, type Flow } from '#model/flow.ts';
import { familyBits, IPV4_MAX, IPV6_MAX, ipFamily, ipv4, ipv6, type Ip } from '#model/ip.ts';
import { PORT_MAX, type PortRange } from '#model/port-range.ts';
import { ALL_PROTOCOLS, ICMP, ICMPV6, TCP, UDP } from '#model/protocol-number.ts';
import { type Traffic } from '#model/traffic.ts';

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

/** Addresses out of a few small blocks, so that independent draws meet. */
export const nearbyIp: fc.Arbitrary<Ip> = fc.oneof(
  fc.integer({ min: 0, max: 0x3ff }).map((low) => ipv4(0x0a00_0000 + low)!), // 10.0.0.0/22
  fc.integer({ min: 0, max: 0xff }).map((low) => ipv4(0xcb00_7100 + low)!), // 203.0.113.0/24
  fc.integer({ min: 0, max: 0x3ff }).map((low) => ipv6((0x2001_0db8n << 96n) + BigInt(low))!), // 2001:db8::/118
);

/** Blocks around `nearbyIp`, host bits set or not, long prefixes and short. */
export const nearbyCidr: fc.Arbitrary<Cidr> = nearbyIp.chain((ip) =>
  fc
    .oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: familyBits(ipFamily(ip)) }))
    .map((free) => cidrOf(ip, familyBits(ipFamily(ip)) - free)!),
); // in range by construction

const anyPort = fc.oneof(fc.constantFrom(0, 22, 53, 80, 443, 1023, 1024, 49_152, PORT_MAX), fc.integer({ min: 0, max: PORT_MAX }));
const anyByte = fc.oneof(fc.constantFrom(0, 3, 8, 128, 129), fc.integer({ min: 0, max: 255 }));

/** A flow between the given addresses, mostly TCP, UDP or ICMP. */
export function flowBetween(source: Ip, destination: Ip): fc.Arbitrary<Flow> {
  return fc.oneof(
    fc.tuple(anyPort, anyPort).map(([to, from]) => tcpFlow(source, destination, to, from)),
    fc.tuple(anyPort, anyPort).map(([to, from]) => udpFlow(source, destination, to, from)),
    fc.constant(echoFlow(source, destination)),
    fc.tuple(anyByte, anyByte).map(([type, code]) => icmpFlow(source, destination, type, code)),
    fc.constantFrom(0, 41, 47, 50, 255).map((protocol) => protocolFlow(source, destination, protocol)),
  );
}

/** Flows between addresses of `nearbyIp`, of one family. */
export const anyFlow: fc.Arbitrary<Flow> = fc
  .tuple(nearbyIp, nearbyIp)
  .filter(([source, destination]) => ipFamily(source) === ipFamily(destination))
  .chain(([source, destination]) => flowBetween(source, destination));

export const anyPortRange: fc.Arbitrary<PortRange> = fc
  .tuple(anyPort, anyPort)
  .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));

/** What a rule may say, wide and narrow. */
export const anyTraffic: fc.Arbitrary<Traffic> = fc.oneof(
  fc.constant({ protocol: ALL_PROTOCOLS }),
  fc.constantFrom(TCP, UDP, ICMP, ICMPV6, 47).map((protocol) => ({ protocol })),
  fc.tuple(fc.constantFrom(TCP, UDP), anyPortRange).map(([protocol, ports]) => ({ protocol, ports })),
  fc
    .tuple(fc.constantFrom(ICMP, ICMPV6), fc.oneof(fc.constant(-1), anyByte), fc.oneof(fc.constant(-1), anyByte))
    .map(([protocol, type, code]) => ({ protocol, icmp: { type, code: type === -1 ? -1 : code } })),
);
