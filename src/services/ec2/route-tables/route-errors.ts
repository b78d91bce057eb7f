/** Errors of route tables and routes, in AWS's words. */
import { invalidParameterValue } from '#aws/errors.ts';
import { AwsError } from '#protocol/aws-error.ts';

export function gatewayNotFound(id: string): AwsError {
  return new AwsError('InvalidGatewayID.NotFound', `The gateway ID '${id}' does not exist`);
}

export function associationNotFound(id: string): AwsError {
  return new AwsError('InvalidAssociationID.NotFound', `The association ID '${id}' does not exist`);
}

export function routeAlreadyExists(destination: string): AwsError {
  return new AwsError('RouteAlreadyExists', `The route identified by ${destination} already exists.`);
}

export function routeNotFound(destination: string, routeTableId: string): AwsError {
  const kind = destination.startsWith('pl-') ? 'prefix-list-id' : destination.includes(':') ? 'ipv6-cidr-block' : 'cidr-block';
  return new AwsError('InvalidRoute.NotFound', `no route with destination-${kind} ${destination} in route table ${routeTableId}`);
}

export function belongToDifferentNetworks(routeTableId: string, noun: string, id: string): AwsError {
  return invalidParameterValue(`route table ${routeTableId} and ${noun} ${id} belong to different networks`);
}
