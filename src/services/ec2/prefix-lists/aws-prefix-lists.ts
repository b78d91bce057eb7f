/** The prefix lists that AWS keeps in every Region: where S3 and DynamoDB answer. */
import { createHash } from 'node:crypto';
import { settled } from '#aws/eventual.ts';
import type { PrefixListRecord } from '#services/ec2/tables/routing.ts';

/** Ids that AWS publishes for its lists; other Regions get one made from the name, the same every time. */
const knownIds: Readonly<Record<string, string>> = {
  'com.amazonaws.us-east-1.s3': 'pl-63a5400a',
  'com.amazonaws.us-east-1.dynamodb': 'pl-02cd2c6b',
  'com.amazonaws.us-west-2.s3': 'pl-68a54001',
  'com.amazonaws.us-west-2.dynamodb': 'pl-00a54069',
  'com.amazonaws.eu-west-1.s3': 'pl-6da54004',
  'com.amazonaws.eu-west-1.dynamodb': 'pl-6fa54006',
};

/** Keiro's own range stands in for AWS's: nothing real is shadowed. The end of 198.18.0.0/15 is kept for services. */
const services = [
  { name: 's3', cidrs: ['198.19.248.0/24', '198.19.249.0/24'] },
  { name: 'dynamodb', cidrs: ['198.19.250.0/24'] },
] as const;

const byRegion = new Map<string, readonly PrefixListRecord[]>();

/** AWS's lists of a Region, the same records every time. */
export function awsPrefixLists(region: string): readonly PrefixListRecord[] {
  const known = byRegion.get(region);
  if (known) return known;
  const lists = services.map(({ name, cidrs }): PrefixListRecord => {
    const full = `com.amazonaws.${region}.${name}`;
    return {
      id: knownIds[full] ?? `pl-${createHash('sha256').update(full).digest('hex').slice(0, 8)}`,
      name: full,
      addressFamily: 'IPv4',
      maxEntries: cidrs.length,
      version: 1,
      entries: cidrs.map((cidr) => ({ cidr })),
      history: [],
      state: settled('create-complete'),
      ownedByAws: true,
      tags: [],
    };
  });
  byRegion.set(region, lists);
  return lists;
}
