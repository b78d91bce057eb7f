/** Errors of Elastic IP addresses, in AWS's codes and words. */
import { AwsError } from '#protocol/aws-error.ts';

export function allocationNotFound(ids: string | readonly string[]): AwsError {
  const list = typeof ids === 'string' ? [ids] : ids;
  const words = list.length === 1 ? `The allocation ID '${list[0]}' does` : `The allocation IDs '${list.join(', ')}' do`;
  return new AwsError('InvalidAllocationID.NotFound', `${words} not exist`);
}

export function associationNotFound(id: string): AwsError {
  return new AwsError('InvalidAssociationID.NotFound', `The association ID '${id}' does not exist`);
}

export function addressNotFound(addresses: string | readonly string[]): AwsError {
  const list = typeof addresses === 'string' ? [addresses] : addresses;
  return new AwsError(
    'InvalidAddress.NotFound',
    list.length === 1 ? `Address '${list[0]}' not found.` : `Addresses '${list.join(', ')}' not found.`,
  );
}

export function addressNotYours(publicIp: string): AwsError {
  return new AwsError('AuthFailure', `The address '${publicIp}' does not belong to you.`);
}

export function addressLimitExceeded(): AwsError {
  return new AwsError('AddressLimitExceeded', 'The maximum number of addresses has been reached.');
}

export function publicAddressInUse(publicIp: string): AwsError {
  return new AwsError('InvalidIPAddress.InUse', `Address ${publicIp} is in use.`);
}

export function alreadyAssociated(resource: string, associationId: string): AwsError {
  return new AwsError('Resource.AlreadyAssociated', `resource ${resource} is already associated with associate-id ${associationId}`);
}

export function noInternetGateway(vpcId: string): AwsError {
  return new AwsError('Gateway.NotAttached', `Network ${vpcId} is not attached to any internet gateway`);
}
