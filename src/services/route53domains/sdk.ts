/** The SDK package whose types Route 53 Domains' operations are checked against; types only. */
import type { Operations } from '#aws/operation.ts';

export type DomainsOperations = Operations<typeof import('@aws-sdk/client-route-53-domains')>;
