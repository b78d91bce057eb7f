import type { IpPermission } from '@aws-sdk/client-ec2';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OperationContext } from '#aws/context.ts';
import { isFitText, permissionsOf, readPermission, ruleKey } from '#services/ec2/security-groups/security-group-permissions.ts';
import { describeTraffic, readTraffic } from '#services/ec2/security-groups/security-group-traffic.ts';

/** Reading permissions by id asks nothing of the store. */
const context = { account: '123456789012' } as OperationContext; // the one member that is used

const octet = fc.integer({ min: 0, max: 255 });
const ipv4Block = fc
  .tuple(octet, octet, octet, octet, fc.integer({ min: 0, max: 32 }))
  .map(([a, b, c, d, n]) => `${a}.${b}.${c}.${d}/${n}`);
const ipv6Block = fc
  .tuple(fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 }), fc.integer({ min: 0, max: 128 }))
  .map(([groups, n]) => `${groups.map((group) => group.toString(16)).join(':')}/${n}`);
const traffic = fc.oneof(
  fc.constant({ IpProtocol: '-1' }),
  fc.constantFrom('0', '50', '132', '255').map((IpProtocol) => ({ IpProtocol })),
  fc
    .record({ IpProtocol: fc.constantFrom('tcp', 'udp', '6', '17', 'TCP'), ports: fc.tuple(fc.nat(65_535), fc.nat(65_535)) })
    .map(({ IpProtocol, ports }) => ({ IpProtocol, FromPort: Math.min(...ports), ToPort: Math.max(...ports) })),
  fc.record({ IpProtocol: fc.constantFrom('icmp', 'icmpv6', '1', '58'), FromPort: octet, ToPort: fc.integer({ min: -1, max: 255 }) }),
);
const described = { Description: fc.option(fc.constantFrom('the office', 'a+b=c'), { nil: undefined }) };
const permission = fc
  .tuple(
    traffic,
    fc.record({
      IpRanges: fc.array(fc.record({ CidrIp: ipv4Block, ...described }), { maxLength: 3 }),
      Ipv6Ranges: fc.array(fc.record({ CidrIpv6: ipv6Block, ...described }), { maxLength: 3 }),
      PrefixListIds: fc.array(fc.record({ PrefixListId: fc.constantFrom('pl-1', 'pl-2'), ...described }), { minLength: 1, maxLength: 2 }),
      UserIdGroupPairs: fc.array(fc.record({ GroupId: fc.constantFrom('sg-01234567', 'sg-89abcdef'), ...described }), { maxLength: 2 }),
    }),
  )
  .map(([packets, peers]): IpPermission => ({ ...packets, ...peers }));

const readAll = (permissions: readonly IpPermission[]) => permissions.flatMap((one) => readPermission(context, false, one));

describe('permissions', () => {
  test('put together and taken apart again are the same rules', () => {
    fc.assert(
      fc.property(fc.array(permission, { maxLength: 4 }), (permissions) => {
        const rules = readAll(permissions);
        const again = readAll(permissionsOf(rules));
        const sorted = (some: typeof rules) => some.map((rule) => `${ruleKey(rule)}|${rule.description ?? ''}`).toSorted();
        expect(sorted(again)).toEqual(sorted(rules));
      }),
    );
  });

  test('of the same protocol and ports are one', () => {
    fc.assert(
      fc.property(fc.array(permission, { maxLength: 6 }), (permissions) => {
        const shown = permissionsOf(readAll(permissions));
        const keys = shown.map((one) => `${one.IpProtocol}|${one.FromPort}|${one.ToPort}`);
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });
});

describe('traffic', () => {
  test.each([
    [{ IpProtocol: '6', FromPort: 0, ToPort: 0 }, 'TCP, from port: 0, to port: 0'],
    [{ IpProtocol: 'udp', FromPort: 0, ToPort: 65_535 }, 'UDP, from port: 0, to port: 65535'],
    [{ IpProtocol: '1', FromPort: 8, ToPort: -1 }, 'ICMP, type: 8, code: ALL'],
    [{ IpProtocol: '58' }, 'ICMPV6, type: ALL, code: ALL'],
    [{ IpProtocol: '-1', FromPort: 80, ToPort: 80 }, 'ALL'],
    [{ IpProtocol: '50' }, 'protocol: 50'],
  ])('%j is "%s"', (input, words) => {
    expect(describeTraffic(readTraffic(input))).toBe(words);
  });
});

describe('names and descriptions', () => {
  test.each([
    ['', true],
    ['web servers._-:/()#,@[]+=&;{}!$*', true],
    ['x'.repeat(255), true],
    ['x'.repeat(256), false],
    ["the team's", false],
    ['a\tb', false],
    ['a\n', false],
    ['<b>', false],
    ['é', false],
  ])('%j: %s', (text, fits) => {
    expect(isFitText(text)).toBe(fits);
  });
});
