/** Which IPv4 blocks AWS lets stand beside a VPC's own (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html#add-cidr-block-restrictions). */
import { type Cidr, cidrContains } from '#model/cidr.ts';
import { storedCidr } from '#services/ec2/vpcs/vpc-blocks.ts';

type Range = '10' | '172' | '192' | '198.19' | 'other';

const ranges: readonly (readonly [block: Cidr, range: Range])[] = [
  [storedCidr('10.0.0.0/8'), '10'],
  [storedCidr('172.16.0.0/12'), '172'],
  [storedCidr('192.168.0.0/16'), '192'],
  [storedCidr('198.19.0.0/16'), '198.19'],
];

/** By the range of the VPC's primary block: the ranges that it takes no blocks from. */
const restricted: Readonly<Record<Range, readonly Range[]>> = {
  '10': ['172', '192', '198.19'],
  '172': ['10', '192', '198.19'],
  '192': ['10', '172', '198.19'],
  '198.19': ['10', '172', '192'],
  other: ['10', '172', '192', '198.19'],
};

/** AWS uses these itself: no block of the second goes to a VPC that has a block of the first. */
const reserved: readonly (readonly [present: Cidr, added: Cidr])[] = [
  [storedCidr('10.0.0.0/15'), storedCidr('10.0.0.0/16')],
  [storedCidr('172.16.0.0/12'), storedCidr('172.31.0.0/16')],
];

/**
 * Whether AWS refuses to add a block to a VPC.
 * @param present the VPC's blocks, the primary first
 */
export function isRestricted(present: readonly [primary: Cidr, ...others: Cidr[]], added: Cidr): boolean {
  if (restricted[rangeOf(present[0])].includes(rangeOf(added))) return true;
  return reserved.some(([from, to]) => cidrContains(to, added) && present.some((block) => cidrContains(from, block)));
}

function rangeOf(block: Cidr): Range {
  return ranges.find(([range]) => cidrContains(range, block))?.[1] ?? 'other';
}
