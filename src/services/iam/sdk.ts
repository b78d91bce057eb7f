/** The SDK package whose types IAM's operations are checked against; types only. */
import type { Operations } from '#aws/operation.ts';

export type IamOperations = Operations<typeof import('@aws-sdk/client-iam')>;
