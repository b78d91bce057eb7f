/** How many vCPUs of On-Demand instances run, held against the account's quota. */
import type { OperationContext } from '#aws/context.ts';
import { vcpuLimitExceeded } from '#services/ec2/instances/instance-errors.ts';
import { instanceTypes } from '#services/ec2/instances/instance-type-catalog.ts';
import { vcpuUsageTable } from '#services/ec2/tables/instances.ts';
import { quota } from '#services/service-quotas/public.ts';

/** Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances: the bucket of every type in the catalogue. */
export const standardVcpuQuota = 'L-1216C47A';

/** How many instances of a type may start now. */
export function roomForInstances(context: OperationContext, typeName: string): number {
  return Math.floor((vcpuLimit(context) - usedVcpus(context)) / vcpusOf(typeName));
}

/** @throws AwsError VcpuLimitExceeded */
export function takeVcpus(context: OperationContext, typeName: string, instances: number): void {
  const used = usedVcpus(context) + vcpusOf(typeName) * instances;
  if (used > vcpuLimit(context)) throw vcpuLimitExceeded(vcpuLimit(context));
  context.tx.put(vcpuUsageTable, { id: standardVcpuQuota, vcpus: used });
}

export function giveBackVcpus(context: OperationContext, typeName: string): void {
  context.tx.put(vcpuUsageTable, { id: standardVcpuQuota, vcpus: Math.max(0, usedVcpus(context) - vcpusOf(typeName)) });
}

function vcpuLimit(context: OperationContext): number {
  return quota(context, 'ec2', standardVcpuQuota);
}

function usedVcpus(context: OperationContext): number {
  return context.tx.get(vcpuUsageTable, standardVcpuQuota)?.vcpus ?? 0;
}

function vcpusOf(typeName: string): number {
  return instanceTypes.get(typeName)?.vcpus ?? 1;
}
