/** The SDK package whose types EC2's operations are checked against; types only. */
import type { Operations } from '#aws/operation.ts';

export type Ec2Operations = Operations<typeof import('@aws-sdk/client-ec2')>;
