/** Records of Service Quotas. */
import { defineTable, type StoreRecord } from '#store/table.ts';

/** A quota that an account had raised; the id is `service/code`. */
export interface AppliedQuotaRecord extends StoreRecord {
  readonly value: number;
}

export const appliedQuotaTable = defineTable<AppliedQuotaRecord>()('service-quotas.applied');

/** A request for a higher value, decided at once. */
export interface QuotaRequestRecord extends StoreRecord {
  readonly service: string;
  readonly code: string;
  readonly desiredValue: number;
  /** `NOT_APPROVED` above the highest value that AWS grants. */
  readonly status: 'APPROVED' | 'NOT_APPROVED';
  readonly createdMs: number;
  readonly callerArn: string;
}

export const quotaRequestTable = defineTable<QuotaRequestRecord>()('service-quotas.request', {
  service: (request) => request.service,
  quota: (request) => `${request.service}/${request.code}`,
});

/** Tags of a quota; the id is `service/code`. */
export interface QuotaTagsRecord extends StoreRecord {
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
}

export const quotaTagsTable = defineTable<QuotaTagsRecord>()('service-quotas.tags');
