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

export function poolNotFound(id: string): AwsError {
  return new AwsError('InvalidPublicIpv4PoolID.NotFound', `The pool ID '${id}' does not exist.`);
}

/** The address has a reverse DNS name, which must be reset first. */
export function reverseNameSet(allocationId: string): AwsError {
  return new AwsError(
    'InvalidAddress.PtrSet',
    `The address with allocation id [${allocationId}] cannot be released because it has a PTR record set.`,
  );
}

/** The private address has another Elastic IP already. */
export function privateAddressAssociated(networkInterfaceId: string, privateIp: string, publicIp: string): AwsError {
  return new AwsError(
    'Resource.AlreadyAssociated',
    `resource ${networkInterfaceId} and ${privateIp} is already associated with public address ${publicIp}`,
  );
}

export function severalInterfaces(instanceId: string): AwsError {
  return new AwsError(
    'InvalidInstanceID',
    `There are multiple interfaces attached to instance '${instanceId}'. Please specify an interface ID for the operation instead.`,
  );
}

/** The instance that an interface is on is not up yet, or going. */
export function interfaceNotReady(networkInterfaceId: string, state: string): AwsError {
  return new AwsError(
    'IncorrectInstanceState',
    `The ${state} instance to which '${networkInterfaceId}' is attached is not in a valid state for this operation`,
  );
}

export function instanceNotReady(instanceId: string, state: string): AwsError {
  return new AwsError('InvalidInstanceID', `The ${state} instance '${instanceId}' is not in a valid state for this operation.`);
}

/** Why the receiving account cannot accept a transfer yet (https://docs.aws.amazon.com/vpc/latest/userguide/WorkWithEIPs.html#using-instance-addressing-eips-transfer-accept). */
export function transferOfAssociated(publicIp: string): AwsError {
  return new AwsError('InvalidTransfer.AddressAssociated', `The address ${publicIp} is associated and cannot be transferred.`);
}

export function transferOfNamed(publicIp: string): AwsError {
  return new AwsError(
    'InvalidTransfer.AddressCustomPtrSet',
    `The address ${publicIp} has a custom PTR record set and cannot be transferred.`,
  );
}
