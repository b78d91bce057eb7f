/** What other services may ask of Service Quotas: the quota that holds for the caller. */
import type { OperationContext } from '#aws/context.ts';
import { quotaAtStart, quotaServices } from '#services/service-quotas/catalog.ts';
import { appliedQuotaTable } from '#services/service-quotas/tables.ts';
import type { Transaction } from '#store/store.ts';

/** The value that holds for the caller's account and Region; Infinity after `--quotas off`. */
export function quota(context: Pick<OperationContext, 'account' | 'quotasOn' | 'tx'>, service: string, code: string): number {
  if (!context.quotasOn) return Number.POSITIVE_INFINITY;
  return appliedQuotas(context, service).get(appliedQuotaTable, `${service}/${code}`)?.value ?? quotaAtStart(service, code);
}

/** The partition with a service's raised quotas: of the Region, or of the whole account for global services. */
export function appliedQuotas({ account, tx }: Pick<OperationContext, 'account' | 'tx'>, service: string): Transaction {
  return quotaServices[service]?.global ? tx.in({ account, region: 'global' }) : tx;
}
