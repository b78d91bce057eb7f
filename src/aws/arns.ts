/** Amazon Resource Names. */
import type { OperationContext } from '#aws/context.ts';
import { partitionOf } from '#aws/regions.ts';

/** E.g. `regionalArn(context, 'ec2', 'vpc/vpc-1')` → `arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1`. */
export function regionalArn(context: Pick<OperationContext, 'account' | 'region'>, service: string, resource: string): string {
  return `arn:${partitionOf(context.region)}:${service}:${context.region}:${context.account}:${resource}`;
}

/** E.g. `globalArn(context, 'iam', 'user/ann')` → `arn:aws:iam::123456789012:user/ann`. */
export function globalArn(context: Pick<OperationContext, 'account' | 'region'>, service: string, resource: string): string {
  return `arn:${partitionOf(context.region)}:${service}::${context.account}:${resource}`;
}
