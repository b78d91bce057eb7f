import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AwsError } from '#protocol/aws-error.ts';
import { type EntryInput, readEntry } from '#services/ec2/network-acls/network-acl-entry-input.ts';
import type { NetworkAclEntryRecord } from '#services/ec2/tables/firewalls.ts';

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const number = maybe(fc.oneof(fc.integer({ min: -2, max: 300 }), fc.integer({ min: 65_530, max: 65_540 }), fc.integer()));
const anything: fc.Arbitrary<EntryInput> = fc.record({
  RuleNumber: maybe(fc.oneof(fc.integer({ min: -1, max: 40_000 }), fc.integer())),
  Egress: maybe(fc.boolean()),
  Protocol: maybe(
    fc.oneof(fc.integer({ min: -2, max: 300 }).map(String), fc.constantFrom('6', '17', '1', '58', '06', '+6', '6.0'), fc.string()),
  ),
  RuleAction: fc.constantFrom('allow', 'deny'),
  CidrBlock: maybe(fc.oneof(fc.constantFrom('0.0.0.0/0', '10.1.2.3/8', '10.0.0.0', '::/0'), fc.string())),
  Ipv6CidrBlock: maybe(fc.oneof(fc.constantFrom('::/0', '2001:db8::1/32', '0.0.0.0/0'), fc.string())),
  PortRange: maybe(fc.record({ From: number, To: number })),
  IcmpTypeCode: maybe(fc.record({ Type: number, Code: number })),
});

/** What is wrong with what became of an input; nothing for a refusal in AWS's words. */
function faults(input: EntryInput): readonly string[] {
  let entry: NetworkAclEntryRecord;
  try {
    entry = readEntry(input);
  } catch (error) {
    return error instanceof AwsError ? [] : [String(error)];
  }
  const { ruleNumber, protocol, cidrBlock, ipv6CidrBlock, portRange, icmp } = entry;
  const checks: readonly (readonly [string, boolean])[] = [
    ['rule number', ruleNumber >= 1 && ruleNumber <= 32_766],
    ['one block', (cidrBlock === undefined) !== (ipv6CidrBlock === undefined)],
    ['ports of TCP and UDP', (portRange !== undefined) === ['6', '17'].includes(protocol)],
    ['order of ports', portRange === undefined || (portRange.from >= 0 && portRange.from <= portRange.to && portRange.to <= 65_535)],
    ['type of ICMP', (icmp !== undefined) === (protocol === '1' || (protocol === '58' && ipv6CidrBlock !== undefined))],
  ];
  return checks.filter(([, holds]) => !holds).map(([name]) => name);
}

describe('an entry', () => {
  test('is refused as AWS does, or made one that holds together', () => {
    fc.assert(
      fc.property(anything, (input) => faults(input).length === 0),
      { numRuns: 2000 },
    );
  });

  test('has its block in canonical form', () => {
    const entry = readEntry({
      RuleNumber: 1,
      Egress: true,
      Protocol: '58',
      RuleAction: 'allow',
      Ipv6CidrBlock: '2001:DB8::1/32',
      IcmpTypeCode: { Type: 1, Code: -1 },
    });
    expect(entry).toEqual({
      ruleNumber: 1,
      egress: true,
      protocol: '58',
      ruleAction: 'allow',
      ipv6CidrBlock: '2001:db8::/32',
      icmp: { type: 1, code: -1 },
    });
  });
});
