/** VPCs as zones are tied to them. */
import type { VPC } from '@aws-sdk/client-route-53';
import type { OperationContext } from '#aws/context.ts';
import { isVpc } from '#services/ec2/public.ts';
import { invalidInput, invalidVpc, vpcHasZone } from '#services/route53/errors.ts';
import { globalPartitions } from '#services/route53/lookup.ts';
import { zoneTable, type ZoneVpc } from '#services/route53/tables.ts';

/** Which VPC a caller means. @throws AwsError InvalidInput */
export function readVpc({ VPCId: id, VPCRegion: region }: VPC): { readonly id: string; readonly region: string } {
  if (!id || !region) throw invalidInput('You must specify values for both VPCId and VPCRegion.');
  return { id, region };
}

/** A VPC of the caller's. @throws AwsError InvalidInput, InvalidVPCId */
export function checkVpc({ tx, account }: OperationContext, vpc: VPC): ZoneVpc {
  const { id, region } = readVpc(vpc);
  if (!isVpc(tx.in({ account, region }), id)) throw invalidVpc();
  return { id, region, account };
}

/** Whose VPC it is; undefined when there is none. */
export function ownerOf({ tx }: OperationContext, { id, region }: { readonly id: string; readonly region: string }): string | undefined {
  return tx.partitions().find((partition) => partition.region === region && isVpc(tx.in(partition), id))?.account;
}

/** A VPC has one zone of a name at most, of whichever account. @throws AwsError ConflictingDomainExists */
export function checkVpcIsFree({ tx }: OperationContext, vpc: ZoneVpc, name: string): void {
  for (const partition of globalPartitions(tx)) {
    const same = partition.find(zoneTable, 'vpc', vpc.id).find((zone) => zone.name === name);
    if (same) throw vpcHasZone(vpc, same.id);
  }
}
