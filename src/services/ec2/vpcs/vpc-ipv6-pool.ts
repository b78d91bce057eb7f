/**
 * The IPv6 blocks that Keiro gives to VPCs in Amazon's place: /56 blocks of 2001:db8::/32 (RFC 3849, documentation), so
 * that nothing real is shadowed. A block has one VPC in all accounts and Regions.
 */
import type { OperationContext } from '#aws/context.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { blocksOfRange, type Cidr, cidrOf, formatCidr, lastIp, nthIp } from '#model/cidr.ts';
import { ipv6BlockTable, ipv6PoolTable } from '#services/ec2/tables/vpcs.ts';
import { storedCidr, vpcIpv6Length } from '#services/ec2/vpcs/vpc-blocks.ts';
import type { Transaction } from '#store/store.ts';

const range = storedCidr('2001:db8::/32');
const blockCount = 2 ** (vpcIpv6Length - range.prefixLength);
const blockStep = 1n << BigInt(128 - vpcIpv6Length);
const poolId = 'amazon';
/** The first block is left to Keiro's own hosts on its internet. */
const firstIndex = 1;
/** What VPCs are given: the range without that block. */
export const ipv6PoolBlocks = blocksOfRange(blockAt(firstIndex).address, lastIp(range));

/**
 * Takes a block that no VPC has. It goes on behind the last one given, so a freed block is not given again soon.
 * @returns e.g. `2001:db8:0:100::/56`
 */
export function takeIpv6Block(context: OperationContext, vpcId: string): string {
  const tx = pool(context);
  const start = tx.get(ipv6PoolTable, poolId)?.nextIndex ?? firstIndex;
  for (let tried = 0; tried < blockCount; tried++) {
    const index = (start + tried) % blockCount;
    if (index < firstIndex) continue;
    const block = formatCidr(blockAt(index));
    if (tx.get(ipv6BlockTable, block)) continue;
    tx.put(ipv6BlockTable, { id: block, vpcId });
    tx.put(ipv6PoolTable, { id: poolId, nextIndex: index + 1 });
    return block;
  }
  throw new AwsError('InsufficientAddressCapacity', 'There are no more IPv6 CIDR blocks to give.', 500);
}

export function giveBackIpv6Block(context: OperationContext, block: string): void {
  pool(context).delete(ipv6BlockTable, block);
}

function pool(context: OperationContext): Transaction {
  return context.tx.in({ account: 'keiro', region: 'global' });
}

function blockAt(index: number): Cidr {
  const first = nthIp(range, BigInt(index) * blockStep);
  const block = first === undefined ? undefined : cidrOf(first, vpcIpv6Length);
  if (!block) throw new Error(`the IPv6 pool has no block ${index}`);
  return block;
}
