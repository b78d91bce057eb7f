/** The SDK package whose types STS's operations are checked against; types only. */
import type { Operations } from '#aws/operation.ts';

export type StsOperations = Operations<typeof import('@aws-sdk/client-sts')>;
