/** What must hold of EC2's records whatever calls made them: every reference points at something, every count is exact. */
import { vpcViolations } from '#test/fuzz/invariants-of-vpcs.ts';
import { firewallViolations } from '#test/fuzz/invariants-of-firewalls.ts';
import { interfaceViolations } from '#test/fuzz/invariants-of-interfaces.ts';
import { publicAddressViolations } from '#test/fuzz/invariants-of-public-addresses.ts';
import { routingViolations } from '#test/fuzz/invariants-of-routing.ts';
import type { Reader } from '#store/store.ts';

/** Says in words what is wrong, one sentence a fault; nothing when all is well. */
export type Invariant = (records: Reader, nowMs: number) => Iterable<string>;

const invariants: readonly Invariant[] = [vpcViolations, routingViolations, firewallViolations, interfaceViolations];

/**
 * Every fault in the records of one account in one Region, and in the pools that all of them share.
 * @param nowMs decides eventual states, e.g. whether a NAT gateway is still there
 */
export function violations(records: Reader, nowMs: number): string[] {
  return [...invariants.flatMap((invariant) => [...invariant(records, nowMs)]), ...publicAddressViolations(records)];
}
