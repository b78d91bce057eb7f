/** The SDK package whose types Elastic Load Balancing's operations (version 2) are checked against; types only. */
import type { Operations } from '#aws/operation.ts';

export type Elbv2Operations = Operations<typeof import('@aws-sdk/client-elastic-load-balancing-v2')>;
