/** The SDK package whose types Certificate Manager's operations are checked against; types only. */
import type { Operations } from '#aws/operation.ts';

export type AcmOperations = Operations<typeof import('@aws-sdk/client-acm')>;
