/** Managed prefix lists. */
import type { OperationContext } from '#aws/context.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { type PrefixListRecord, prefixListTable } from '#services/ec2/tables/routing.ts';

/** @throws AwsError InvalidPrefixListID.NotFound */
export function requirePrefixList(context: OperationContext, id: string): PrefixListRecord {
  const list = context.tx.get(prefixListTable, id);
  if (!list) throw new AwsError('InvalidPrefixListID.NotFound', `The prefix list ID '${id}' does not exist`);
  return list;
}
