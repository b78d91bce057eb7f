/** The SDK package whose types Lambda's operations are checked against; types only. */
import type { Operations } from '#aws/operation.ts';

export type LambdaOperations = Operations<typeof import('@aws-sdk/client-lambda')>;
