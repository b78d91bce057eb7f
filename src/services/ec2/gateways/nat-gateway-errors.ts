/** Errors of NAT gateways, in AWS's words. */
import { AwsError } from '#protocol/aws-error.ts';

export function natGatewayNotFound(ids: string | readonly string[]): AwsError {
  const list = typeof ids === 'string' ? [ids] : ids;
  return list.length === 1
    ? new AwsError('NatGatewayNotFound', `NAT gateway ${list[0]} was not found`)
    : new AwsError('NatGatewayNotFound', `NAT gateways ${list.join(', ')} were not found`);
}

export function natGatewayLimitExceeded(limit: number): AwsError {
  return new AwsError('NatGatewayLimitExceeded', `Performing this operation would exceed the limit of ${limit} NAT gateways`);
}
