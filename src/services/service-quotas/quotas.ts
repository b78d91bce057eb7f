/** Services and their quotas: the defaults, and what holds for the caller's account. */
import type { ServiceQuota } from '@aws-sdk/client-service-quotas';
import { regionalArn } from '#aws/arns.ts';
import type { OperationContext } from '#aws/context.ts';
import { partitionOf } from '#aws/regions.ts';
import { findQuota, type Quota, quotas, quotaServices } from '#services/service-quotas/catalog.ts';
import { quotaNotFound, serviceNotFound, serviceNotInRegion } from '#services/service-quotas/errors.ts';
import { page } from '#services/service-quotas/pages.ts';
import { appliedQuotas } from '#services/service-quotas/public.ts';
import type { ServiceQuotasOperations } from '#services/service-quotas/sdk.ts';
import { appliedQuotaTable } from '#services/service-quotas/tables.ts';

/** Where AWS keeps the quotas of global services. */
const globalRegion = 'us-east-1';

export const quotaListings = {
  ListServices(context, input) {
    const here = Object.entries(quotaServices).filter(([, service]) => !service.global || context.region === globalRegion);
    const { items, nextToken } = page(input, here, 'services');
    return { Services: items.map(([code, { name }]) => ({ ServiceCode: code, ServiceName: name })), NextToken: nextToken };
  },

  ListServiceQuotas(context, input) {
    const wanted = quotasOf(context, input.ServiceCode).filter(({ code }) => input.QuotaCode === undefined || code === input.QuotaCode);
    // Keiro enforces no quota for single resources.
    const found = input.QuotaAppliedAtLevel === 'RESOURCE' ? [] : wanted;
    const { items, nextToken } = page(input, found, ['applied', input.ServiceCode, input.QuotaCode]);
    return { Quotas: items.map((quota) => appliedView(quota, context)), NextToken: nextToken };
  },

  GetServiceQuota(context, input) {
    return { Quota: appliedView(requireQuota(context, input.ServiceCode, input.QuotaCode), context) };
  },

  ListAWSDefaultServiceQuotas(context, input) {
    const { items, nextToken } = page(input, quotasOf(context, input.ServiceCode), ['default', input.ServiceCode]);
    return { Quotas: items.map((quota) => defaultView(quota, context)), NextToken: nextToken };
  },

  GetAWSDefaultServiceQuota(context, input) {
    return { Quota: defaultView(requireQuota(context, input.ServiceCode, input.QuotaCode), context) };
  },
} satisfies ServiceQuotasOperations;

function quotasOf(context: OperationContext, service: string): readonly Quota[] {
  requireService(context, service);
  return quotas.filter((quota) => quota.service === service && quota.listed !== false);
}

/** @throws AwsError NoSuchResourceException */
export function requireService(context: Pick<OperationContext, 'region'>, service: string): void {
  const known = Object.hasOwn(quotaServices, service) ? quotaServices[service] : undefined;
  if (!known) throw serviceNotFound();
  if (known.global && context.region !== globalRegion) throw serviceNotInRegion();
}

/** @throws AwsError NoSuchResourceException */
export function requireQuota(context: Pick<OperationContext, 'region'>, service: string, code: string): Quota {
  requireService(context, service);
  const quota = findQuota(service, code);
  if (!quota || quota.listed === false) throw quotaNotFound();
  return quota;
}

/** The value that holds for the account, whether or not quotas are enforced. */
export function appliedValue(context: Pick<OperationContext, 'account' | 'tx'>, { service, code, value, applied }: Quota): number {
  return appliedQuotas(context, service).get(appliedQuotaTable, `${service}/${code}`)?.value ?? applied ?? value;
}

/** E.g. `arn:aws:servicequotas:eu-west-1:123456789012:vpc/L-F678F1CE`. */
export function quotaArn(
  context: Pick<OperationContext, 'account' | 'region'>,
  { service, code }: Pick<Quota, 'service' | 'code'>,
): string {
  return regionalArn(context, 'servicequotas', `${service}/${code}`);
}

export function isGlobalQuota({ service }: Pick<Quota, 'service'>): boolean {
  return quotaServices[service]?.global ?? false;
}

export function serviceNameOf({ service }: Pick<Quota, 'service'>): string {
  return quotaServices[service]?.name ?? service;
}

function appliedView(quota: Quota, context: OperationContext): ServiceQuota {
  return {
    ...commonView(quota),
    QuotaArn: quotaArn(context, quota),
    Value: appliedValue(context, quota),
    QuotaAppliedAtLevel: 'ACCOUNT',
  };
}

/** AWS's defaults belong to no account. */
function defaultView(quota: Quota, { region }: OperationContext): ServiceQuota {
  return {
    ...commonView(quota),
    QuotaArn: `arn:${partitionOf(region)}:servicequotas:${region}::${quota.service}/${quota.code}`,
    Value: quota.value,
  };
}

function commonView(quota: Quota): ServiceQuota {
  return {
    ServiceCode: quota.service,
    ServiceName: serviceNameOf(quota),
    QuotaCode: quota.code,
    QuotaName: quota.name,
    Unit: 'None',
    Adjustable: quota.adjustable,
    GlobalQuota: isGlobalQuota(quota),
  };
}
