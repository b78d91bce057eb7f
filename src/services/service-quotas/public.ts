/** What other services may ask of Service Quotas: the quota that holds for the caller. */
import type { OperationContext } from '#aws/context.ts';
import { defineTable, type StoreRecord } from '#store/table.ts';
import { quotaDefault } from '#services/service-quotas/catalog.ts';

/** A quota that an account had raised; the id is `service/code`. */
export interface AppliedQuotaRecord extends StoreRecord {
  readonly value: number;
}

export const appliedQuotaTable = defineTable<AppliedQuotaRecord>()('service-quotas.applied');

/** The value that holds for the caller's account and Region; Infinity after `--quotas off`. */
export function quota(context: OperationContext, service: string, code: string): number {
  if (!context.quotasOn) return Number.POSITIVE_INFINITY;
  return context.tx.get(appliedQuotaTable, `${service}/${code}`)?.value ?? quotaDefault(service, code);
}
