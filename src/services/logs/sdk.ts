/** The SDK package whose types CloudWatch Logs' operations are checked against; types only. */
import type { Operations } from '#aws/operation.ts';

export type LogsOperations = Operations<typeof import('@aws-sdk/client-cloudwatch-logs')>;
