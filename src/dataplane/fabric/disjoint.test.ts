/** Disjoint rectangles and ranges hold exactly what the overlapping ones held. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cidrContainsIp, cidrFamily, cidrsOverlap } from '#model/cidr.ts';
import { portInRange, portRangesOverlap } from '#model/port-range.ts';
import { anyPortRange, nearbyCidr, nearbyIp } from '#test/network/arbitrary-addresses.ts';
import { disjoint, joined, outermost } from './disjoint.ts';

const rectangles = fc.array(fc.record({ ports: anyPortRange, cidr: nearbyCidr.filter((cidr) => cidrFamily(cidr) === 4) }), {
  maxLength: 8,
});

describe('rectangles', () => {
  it('none shares a port and an address with another', () => {
    fc.assert(
      fc.property(rectangles, (some) => {
        const apart = disjoint(some);
        for (const [at, one] of apart.entries()) {
          for (const other of apart.slice(at + 1))
            expect(portRangesOverlap(one.ports, other.ports) && cidrsOverlap(one.cidr, other.cidr)).toBe(false);
        }
      }),
    );
  });

  it('hold the same pairs', () => {
    fc.assert(
      fc.property(rectangles, fc.integer({ min: 0, max: 65_535 }), nearbyIp, (some, port, ip) => {
        const ports = [port, ...some.flatMap(({ ports: { from, to } }) => [from, to, Math.max(0, from - 1), Math.min(65_535, to + 1)])];
        const addresses = [ip, ...some.map(({ cidr }) => cidr.address)];
        const holds = (all: typeof some, one: number, at: typeof ip) =>
          all.some((each) => portInRange(each.ports, one) && cidrContainsIp(each.cidr, at));
        for (const one of ports) for (const at of addresses) expect(holds(disjoint(some), one, at)).toBe(holds(some, one, at)); // prettier-ignore
      }),
    );
  });
});

it('ranges are joined where they touch', () => {
  expect(joined([{ from: 80, to: 90 }, { from: 1, to: 2 }, { from: 91, to: 95 }, { from: 85, to: 86 }])).toEqual([{ from: 1, to: 2 }, { from: 80, to: 95 }]); // prettier-ignore
});

it('blocks that others hold are left out', () => {
  fc.assert(
    fc.property(fc.array(nearbyCidr, { maxLength: 8 }), nearbyIp, (cidrs, ip) => {
      expect(outermost(cidrs).some((cidr) => cidrContainsIp(cidr, ip))).toBe(cidrs.some((cidr) => cidrContainsIp(cidr, ip)));
    }),
  );
});
