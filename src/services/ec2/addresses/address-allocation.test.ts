/** Private addresses against a naive model: whatever interfaces come and go, each address has one holder and the count is exact. */
import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { NOTHING_OBSERVED, type OperationContext } from '#aws/context.ts';
import { settled } from '#aws/eventual.ts';
import { cidrContainsIp, cidrSize, parseCidr, subnetsOf } from '#model/cidr.ts';
import { formatIp, parseIp } from '#model/ip.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { interfaceAddresses } from '#services/ec2/interfaces/interface-addresses.ts';
import { createInterface, deleteInterface } from '#services/ec2/interfaces/interface-lifecycle.ts';
import { requireInterface } from '#services/ec2/interfaces/interface-lookup.ts';
import { type NetworkInterfaceRecord, networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';
import { type SubnetRecord, subnetCidrReservationTable, subnetTable } from '#services/ec2/tables/vpcs.ts';
import { openStore } from '#store/open.ts';
import type { Store } from '#store/store.ts';
import type { Partition } from '#store/table.ts';

const partition: Partition = { account: '111111111111', region: 'eu-west-1' };
const subnetId = 'subnet-1';
const reservations = [
  { cidr: '10.0.0.8/30', type: 'explicit' },
  { cidr: '10.0.0.32/28', type: 'prefix' },
] as const;

function inTransaction<T>(store: Store, work: (context: OperationContext) => T): Promise<T> {
  return store.transact(partition, (tx) =>
    work({
      ...partition,
      principal: { account: partition.account, arn: '', userId: '', accessKeyId: '' },
      requestId: '',
      nowMs: 0,
      tx,
      randomBytes,
      observed: NOTHING_OBSERVED,
      quotasOn: false,
    }),
  );
}

/** A /26 with reservations, and no interface in it. */
async function openSubnetStore(cidrBlock: string): Promise<Store> {
  const store = await openStore();
  const subnet: SubnetRecord = {
    id: subnetId,
    vpcId: 'vpc-1',
    availabilityZone: 'eu-west-1a',
    availabilityZoneId: 'euw1-az1',
    cidrBlock,
    ipv6CidrAssociations: [{ associationId: 'a', ipv6CidrBlock: '2001:db8::/64', state: settled('associated') }],
    endedIpv6CidrAssociations: [],
    state: settled('available'),
    defaultForAz: false,
    mapPublicIpOnLaunch: false,
    assignIpv6AddressOnCreation: false,
    dns64: false,
    ipv6Native: false,
    hostnameType: 'ip-name',
    resourceNameDnsARecord: false,
    resourceNameDnsAaaaRecord: false,
    usedAddresses: 0,
    nextOffset: 0,
    tags: [],
  };
  await store.transact(partition, (tx) => {
    tx.put(subnetTable, subnet);
    for (const { cidr, type } of reservations) tx.put(subnetCidrReservationTable, { id: cidr, subnetId, cidr, type, tags: [] });
  });
  return store;
}

type Step =
  | {
      readonly kind: 'create';
      readonly primary: number | undefined;
      readonly count: number;
      readonly prefixes: number;
      readonly ipv6: number;
    }
  | { readonly kind: 'assign'; readonly eni: number; readonly address: number; readonly isMoveAllowed: boolean }
  | { readonly kind: 'count'; readonly eni: number; readonly count: number }
  | { readonly kind: 'prefix'; readonly eni: number }
  | { readonly kind: 'unassign'; readonly eni: number; readonly place: number }
  | { readonly kind: 'delete'; readonly eni: number };

const eni = fc.nat({ max: 9 });
const offset = fc.nat({ max: 63 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('create' as const),
    primary: fc.option(offset, { nil: undefined }),
    count: fc.nat({ max: 6 }),
    prefixes: fc.nat({ max: 1 }),
    ipv6: fc.nat({ max: 2 }),
  }),
  fc.record({ kind: fc.constant('assign' as const), eni, address: offset, isMoveAllowed: fc.boolean() }),
  fc.record({ kind: fc.constant('count' as const), eni, count: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ kind: fc.constant('prefix' as const), eni }),
  fc.record({ kind: fc.constant('unassign' as const), eni, place: fc.nat({ max: 9 }) }),
  fc.record({ kind: fc.constant('delete' as const), eni }),
);

const cidr = parseCidr('10.0.0.0/26')!; // a valid literal
const addressAt = (at: number): string => `10.0.0.${at}`;

/** Every single address that an interface holds, its prefixes' 16 each among them. */
function heldBy(record: NetworkInterfaceRecord): string[] {
  const inPrefixes = record.ipv4Prefixes.flatMap((prefix) => [...subnetsOf(parseCidr(prefix)!, 32)].map((one) => formatIp(one.address))); // records hold canonical blocks
  return [...record.privateAddresses.map((one) => one.address), ...inPrefixes];
}

async function run(store: Store, one: Step): Promise<string | undefined> {
  try {
    await inTransaction(store, (context) => {
      const all = [...context.tx.list(networkInterfaceTable)];
      const subnet = context.tx.get(subnetTable, subnetId)!; // put at the beginning
      if (one.kind === 'create') {
        const privateIp = one.primary === undefined ? undefined : addressAt(one.primary);
        const asked = { privateIp, secondaryCount: one.count, ipv4PrefixCount: one.prefixes, ipv6Count: one.ipv6 };
        createInterface(context, { subnet, groupIds: [], ...asked });
        return;
      }
      const NetworkInterfaceId = all[one.eni % Math.max(1, all.length)]?.id;
      if (NetworkInterfaceId === undefined) return;
      const record = requireInterface(context, NetworkInterfaceId);
      if (one.kind === 'delete') deleteInterface(context, record);
      else if (one.kind === 'unassign') {
        const { address } = record.privateAddresses[one.place % record.privateAddresses.length]!; // every interface here has a primary one
        interfaceAddresses.UnassignPrivateIpAddresses(context, {
          NetworkInterfaceId,
          PrivateIpAddresses: [address],
          Ipv4Prefixes: [...record.ipv4Prefixes],
        });
      } else if (one.kind === 'prefix') interfaceAddresses.AssignPrivateIpAddresses(context, { NetworkInterfaceId, Ipv4PrefixCount: 1 });
      else if (one.kind === 'count') {
        interfaceAddresses.AssignPrivateIpAddresses(context, { NetworkInterfaceId, SecondaryPrivateIpAddressCount: one.count });
      } else {
        const PrivateIpAddresses = [addressAt(one.address)];
        interfaceAddresses.AssignPrivateIpAddresses(context, {
          NetworkInterfaceId,
          PrivateIpAddresses,
          AllowReassignment: one.isMoveAllowed,
        });
      }
    });
    return undefined;
  } catch (error) {
    if (error instanceof AwsError) return error.code;
    throw error;
  }
}

test('each address has one holder, and the subnet counts them exactly', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const store = await openSubnetStore('10.0.0.0/26');
      try {
        for (const one of steps) {
          const before = [...store.reader(partition).list(networkInterfaceTable)];
          const code = await run(store, one);
          const reader = store.reader(partition);
          const all = [...reader.list(networkInterfaceTable)];
          const held = all.flatMap(heldBy);
          expect(new Set(held).size).toBe(held.length);
          expect(reader.get(subnetTable, subnetId)?.usedAddresses).toBe(held.length);
          for (const address of held) {
            const ip = parseIp(address)!; // what records hold
            expect(cidrContainsIp(cidr, ip)).toBe(true);
            const last = Number(address.split('.')[3]);
            expect(last >= 4 && last < cidrSize(cidr) - 1).toBe(true);
          }
          const ipv6 = all.flatMap((record) => record.ipv6Addresses);
          expect(new Set(ipv6).size).toBe(ipv6.length);
          // What was refused has changed nothing.
          if (code !== undefined) expect(all).toEqual(before);
          // Addresses by count are refused for want of room only: no free address outside of the reservations is left.
          if (one.kind === 'count' && code === 'InsufficientFreeAddressesInSubnet') {
            const taken = new Set(held);
            const free = Array.from({ length: 59 }, (_, at) => at + 4).filter((at) => !taken.has(addressAt(at)) && !isReservedBlock(at));
            expect(free.length).toBeLessThan(one.count);
          }
        }
      } finally {
        await store.close();
      }
    }),
    { numRuns: 150 },
  );
});

function isReservedBlock(at: number): boolean {
  return reservations.some((one) => cidrContainsIp(parseCidr(one.cidr)!, parseIp(addressAt(at))!)); // valid literals
}

test('a /16 takes 60,000 interfaces at a steady price', async () => {
  const store = await openSubnetStore('10.0.0.0/16');
  const make = (count: number) =>
    inTransaction(store, (context) => {
      const subnet = context.tx.get(subnetTable, subnetId)!; // put at the beginning
      for (let index = 0; index < count; index++) createInterface(context, { subnet, groupIds: [] });
    });
  const timed = async (count: number): Promise<number> => {
    const start = performance.now();
    await make(count);
    return performance.now() - start;
  };
  await make(2000); // warm
  const early = await timed(2000);
  for (let rounds = 0; rounds < 27; rounds++) await make(2000);
  const late = await timed(2000);
  const subnet = store.reader(partition).get(subnetTable, subnetId);
  expect(subnet?.usedAddresses).toBe(60_000);
  // Ten times leaves room for a busy machine; a search from the start would cost a hundred times.
  expect(late).toBeLessThan(early * 10 + 200);
  await store.close();
}, 60_000);
