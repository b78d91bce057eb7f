/** The SDK package whose types Systems Manager's operations are checked against; types only. */
import type { Operations } from '#aws/operation.ts';

export type SsmOperations = Operations<typeof import('@aws-sdk/client-ssm')>;
