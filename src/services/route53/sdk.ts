/** The SDK package whose types Route 53's operations are checked against; types only. */
import type { Operations } from '#aws/operation.ts';

export type Route53Operations = Operations<typeof import('@aws-sdk/client-route-53')>;
