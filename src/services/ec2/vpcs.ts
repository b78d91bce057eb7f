/** VPCs. */
import type { OperationContext } from '#aws/context.ts';
import { vpcNotFound } from '#services/ec2/errors.ts';
import { type VpcRecord, vpcTable } from '#services/ec2/tables/vpcs.ts';

/** @throws AwsError InvalidVpcID.NotFound */
export function requireVpc(context: OperationContext, id: string): VpcRecord {
  const vpc = context.tx.get(vpcTable, id);
  if (!vpc) throw vpcNotFound(id);
  return vpc;
}
