/** The pool of public IPv4 addresses: one for all accounts and Regions, in which no address comes back soon. */
import type { OperationContext } from '#aws/context.ts';
import { type PublicAddressRecord, publicAddressTable, publicPoolTable } from '#services/ec2/tables/interfaces.ts';
import { blocksOfRange, cidrSize, nthIp, parseCidr } from '#model/cidr.ts';
import { formatIp } from '#model/ip.ts';
import { AwsError } from '#protocol/aws-error.ts';
import type { Transaction } from '#store/store.ts';
import type { Partition } from '#store/table.ts';

/** RFC 2544's range for benchmarks: nothing real on the internet has these addresses, so nothing real is shadowed. */
const publicRange = parseCidr('198.18.0.0/15')!; // a valid literal
/** The first /24 is left to Keiro's own hosts on its internet. */
const firstOffset = 256;
/** The last /21, 198.19.248.0, is where AWS's own services answer (aws-prefix-lists.ts). */
const endOffset = cidrSize(publicRange) - 2048;
/** What accounts are given: the range without those two ends. */
export const publicPoolBlocks = blocksOfRange(nthIp(publicRange, firstOffset)!, nthIp(publicRange, endOffset - 1)!); // offsets in the range
/** Addresses that end in 0 or 255 are given to nobody: some software takes them for networks and broadcasts. */
const capacity = ((endOffset - firstOffset) / 256) * 254;
const poolPartition: Partition = { account: 'keiro', region: 'global' };
const poolId = 'pool';

/**
 * Takes the next free address for the caller's account and Region.
 * @throws AwsError InsufficientAddressCapacity when all of the range is held.
 */
export function takePublicAddress(context: OperationContext, state: 'elastic' | 'dynamic'): string {
  const tx = context.tx.in(poolPartition);
  const pool = tx.get(publicPoolTable, poolId) ?? { id: poolId, nextOffset: following(firstOffset), held: 0 };
  if (pool.held >= capacity) throw insufficientAddressCapacity();
  let offset = pool.nextOffset;
  let publicIp = addressAt(offset);
  while (isHeld(tx, publicIp)) {
    offset = following(offset);
    publicIp = addressAt(offset);
  }
  tx.put(publicPoolTable, { id: poolId, nextOffset: following(offset), held: pool.held + 1 });
  tx.put(publicAddressTable, { id: publicIp, account: context.account, region: context.region, state });
  return publicIp;
}

/** Gives an address back; it is not given to anybody else before the pool has come round. */
export function releasePublicAddress(context: OperationContext, publicIp: string): void {
  const tx = context.tx.in(poolPartition);
  const holder = tx.get(publicAddressTable, publicIp);
  const pool = tx.get(publicPoolTable, poolId);
  if (!holder || !pool || holder.state === 'released') return;
  tx.put(publicPoolTable, { ...pool, held: pool.held - 1 });
  // Only Elastic IPs can be recovered (https://docs.aws.amazon.com/vpc/latest/userguide/WorkWithEIPs.html#release-eip).
  if (holder.state === 'elastic') tx.put(publicAddressTable, { ...holder, state: 'released' });
  else tx.delete(publicAddressTable, publicIp);
}

/** Takes back an Elastic IP that the caller's account released in this Region, unless somebody else has it by now. */
export function recoverPublicAddress(context: OperationContext, publicIp: string): boolean {
  const tx = context.tx.in(poolPartition);
  const last = tx.get(publicAddressTable, publicIp);
  const pool = tx.get(publicPoolTable, poolId);
  if (!pool || last?.state !== 'released' || last.account !== context.account || last.region !== context.region) return false;
  tx.put(publicPoolTable, { ...pool, held: pool.held + 1 });
  tx.put(publicAddressTable, { ...last, state: 'elastic' });
  return true;
}

/** Who holds a public address; undefined when nobody does. */
export function holderOf(context: OperationContext, publicIp: string): PublicAddressRecord | undefined {
  const holder = context.tx.in(poolPartition).get(publicAddressTable, publicIp);
  return holder?.state === 'released' ? undefined : holder;
}

/** Writes down that the caller's account now holds an Elastic IP that another account held. */
export function handOverPublicAddress(context: OperationContext, publicIp: string): void {
  const { account, region } = context;
  context.tx.in(poolPartition).put(publicAddressTable, { id: publicIp, account, region, state: 'elastic' });
}

function isHeld(tx: Transaction, publicIp: string): boolean {
  const holder = tx.get(publicAddressTable, publicIp);
  return holder !== undefined && holder.state !== 'released';
}

function addressAt(offset: number): string {
  return formatIp(nthIp(publicRange, offset)!); // offsets stay in the range
}

function following(offset: number): number {
  const next = offset + (offset % 256 === 254 ? 3 : 1);
  return next < endOffset ? next : firstOffset + 1;
}

function insufficientAddressCapacity(): AwsError {
  return new AwsError(
    'InsufficientAddressCapacity',
    'There are not enough free Elastic IP addresses in the Region to satisfy the request.',
    500,
  );
}
