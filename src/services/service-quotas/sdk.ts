/** The SDK package whose types Service Quotas' operations are checked against; types only. */
import type { Operations } from '#aws/operation.ts';

export type ServiceQuotasOperations = Operations<typeof import('@aws-sdk/client-service-quotas')>;
