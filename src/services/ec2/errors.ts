/** EC2's errors, in AWS's codes and words (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html). */
import { AwsError } from '#protocol/aws-error.ts';

/** AWS's `Invalid…NotFound` errors say one id in the singular and several in the plural. */
function notFound(code: string, noun: string) {
  return (ids: string | readonly string[]): AwsError => {
    const list = typeof ids === 'string' ? [ids] : ids;
    const words = list.length === 1 ? `${noun} ID '${list[0]}' does` : `${noun} IDs '${list.join(', ')}' do`;
    return new AwsError(code, `The ${words} not exist`);
  };
}

export const vpcNotFound = notFound('InvalidVpcID.NotFound', 'vpc');
export const subnetNotFound = notFound('InvalidSubnetID.NotFound', 'subnet');
export const routeTableNotFound = notFound('InvalidRouteTableID.NotFound', 'routeTable');
export const internetGatewayNotFound = notFound('InvalidInternetGatewayID.NotFound', 'internetGateway');
export const networkAclNotFound = notFound('InvalidNetworkAclID.NotFound', 'networkAcl');
export const networkInterfaceNotFound = notFound('InvalidNetworkInterfaceID.NotFound', 'networkInterface');
export const instanceNotFound = notFound('InvalidInstanceID.NotFound', 'instance');

/** What is asked to go is still used: `vpc 'vpc-1' has dependencies and cannot be deleted.` */
export function dependencyViolation(message: string): AwsError {
  return new AwsError('DependencyViolation', message);
}

export function alreadyAttached(message: string): AwsError {
  return new AwsError('Resource.AlreadyAssociated', message);
}

export function gatewayNotAttached(message: string): AwsError {
  return new AwsError('Gateway.NotAttached', message);
}

/** A quota is reached; the code names which, e.g. `VpcLimitExceeded`. */
export function limitExceeded(code: string, message: string): AwsError {
  return new AwsError(code, message);
}
