/** Requests for higher quotas: granted at once, up to the highest value that AWS grants, and remembered. */
import type { RequestedServiceQuotaChange } from '@aws-sdk/client-service-quotas';
import type { OperationContext } from '#aws/context.ts';
import { findQuota, type Quota } from '#services/service-quotas/catalog.ts';
import { notAdjustable, notHigher, requestNotFound } from '#services/service-quotas/errors.ts';
import { page } from '#services/service-quotas/pages.ts';
import { appliedQuotas } from '#services/service-quotas/public.ts';
import { appliedValue, isGlobalQuota, quotaArn, requireQuota, requireService, serviceNameOf } from '#services/service-quotas/quotas.ts';
import type { ServiceQuotasOperations } from '#services/service-quotas/sdk.ts';
import { appliedQuotaTable, type QuotaRequestRecord, quotaRequestTable } from '#services/service-quotas/tables.ts';

export const quotaIncreases = {
  RequestServiceQuotaIncrease(context, input) {
    const quota = requireQuota(context, input.ServiceCode, input.QuotaCode);
    if (!quota.adjustable) throw notAdjustable();
    const present = appliedValue(context, quota);
    if (input.DesiredValue <= present) throw notHigher();
    const isGranted = quota.max === undefined || input.DesiredValue <= quota.max;
    if (isGranted) raise(context, quota, input.DesiredValue - present);
    const request: QuotaRequestRecord = {
      id: context.randomBytes(20).toString('hex'),
      service: quota.service,
      code: quota.code,
      desiredValue: input.DesiredValue,
      status: isGranted ? 'APPROVED' : 'NOT_APPROVED',
      createdMs: context.nowMs,
      callerArn: context.principal.arn,
    };
    context.tx.put(quotaRequestTable, request);
    return { RequestedQuota: view(request, context) };
  },

  GetRequestedServiceQuotaChange(context, input) {
    const request = context.tx.get(quotaRequestTable, input.RequestId);
    if (!request) throw requestNotFound();
    return { RequestedQuota: view(request, context) };
  },

  ListRequestedServiceQuotaChangeHistory(context, input) {
    if (input.ServiceCode !== undefined) requireService(context, input.ServiceCode);
    const requests =
      input.ServiceCode === undefined
        ? [...context.tx.list(quotaRequestTable)]
        : context.tx.find(quotaRequestTable, 'service', input.ServiceCode);
    return history(context, input, requests);
  },

  ListRequestedServiceQuotaChangeHistoryByQuota(context, input) {
    const { service, code } = requireQuota(context, input.ServiceCode, input.QuotaCode);
    return history(context, input, context.tx.find(quotaRequestTable, 'quota', `${service}/${code}`));
  },
} satisfies ServiceQuotasOperations;

interface HistoryInput {
  readonly Status?: string | undefined;
  readonly QuotaRequestedAtLevel?: string | undefined;
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

function history(context: OperationContext, input: HistoryInput, requests: readonly QuotaRequestRecord[]) {
  const isWanted = (request: QuotaRequestRecord) =>
    input.QuotaRequestedAtLevel !== 'RESOURCE' && (input.Status === undefined || request.status === input.Status);
  // The latest comes first.
  const found = requests.filter(isWanted).toReversed();
  const { MaxResults: _size, NextToken: _token, ...parameters } = input;
  const { items, nextToken } = page(input, found, parameters);
  return { RequestedQuotas: items.map((request) => view(request, context)), NextToken: nextToken };
}

/** Raises a quota, and those that AWS raises with it, by an amount. */
function raise(context: OperationContext, quota: Quota, amount: number): void {
  const raised = [quota, ...(quota.raises ?? []).map((code) => findQuota(quota.service, code))];
  for (const one of raised) {
    if (!one) continue;
    const value = appliedValue(context, one) + amount;
    appliedQuotas(context, one.service).put(appliedQuotaTable, { id: `${one.service}/${one.code}`, value });
  }
}

function view(request: QuotaRequestRecord, context: OperationContext): RequestedServiceQuotaChange {
  return {
    Id: request.id,
    ServiceCode: request.service,
    ServiceName: serviceNameOf(request),
    QuotaCode: request.code,
    QuotaName: findQuota(request.service, request.code)?.name,
    DesiredValue: request.desiredValue,
    Status: request.status,
    Created: new Date(request.createdMs),
    LastUpdated: new Date(request.createdMs),
    Requester: JSON.stringify({ accountId: context.account, callerArn: request.callerArn }),
    QuotaArn: quotaArn(context, request),
    GlobalQuota: isGlobalQuota(request),
    Unit: 'None',
    QuotaRequestedAtLevel: 'ACCOUNT',
  };
}
