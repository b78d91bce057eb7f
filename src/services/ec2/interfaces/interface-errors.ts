/** Errors of network interfaces and of private addresses, in AWS's codes and words. */
import { invalidParameterValue } from '#aws/errors.ts';
import { isIdOf } from '#aws/ids.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { networkInterfaceNotFound } from '#services/ec2/errors.ts';

/** What AWS says of ids under which nothing is found: of the first that is no interface's id, that it is malformed. */
export function interfaceMissing(ids: string | readonly string[]): AwsError {
  const list = typeof ids === 'string' ? [ids] : ids;
  const malformed = list.find((id) => !isIdOf('eni', id));
  if (malformed === undefined) return networkInterfaceNotFound(ids);
  const expected = malformed.startsWith('eni-') ? '' : ' (expecting "eni-...")';
  return new AwsError('InvalidNetworkInterfaceId.Malformed', `Invalid id: "${malformed}"${expected}`);
}

export function attachmentNotFound(id: string): AwsError {
  return new AwsError('InvalidAttachmentID.NotFound', `The networkInterface attachment ID '${id}' does not exist`);
}

export function permissionNotFound(ids: string | readonly string[]): AwsError {
  const list = typeof ids === 'string' ? [ids] : ids;
  return new AwsError('InvalidPermissionID.NotFound', `The network interface permission ID '${list.join(', ')}' does not exist`);
}

/** What the owner of an interface may not do because a service manages it. */
export function notAllowed(): AwsError {
  return new AwsError('AuthFailure', 'You do not have permission to access the specified resource.');
}

export function operationNotPermitted(message: string): AwsError {
  return new AwsError('OperationNotPermitted', message);
}

/** DeleteNetworkInterface of an attached interface. */
export function interfaceInUse(id: string): AwsError {
  return invalidParameterValue(`Network interface '${id}' is currently in use.`);
}

/** Attaching an interface that something else has attached. */
export function interfaceAttached(id: string): AwsError {
  return new AwsError('InvalidNetworkInterface.InUse', `Interface: [${id}] in use.`);
}

export function privateAddressInUse(): AwsError {
  return new AwsError('InvalidIPAddress.InUse', 'The specified address is already in use.');
}

export function invalidAddressValue(text: string): AwsError {
  return invalidParameterValue(`invalid value for parameter address: ${text}`);
}

export function addressOutsideSubnet(address: string): AwsError {
  return invalidParameterValue(`Address ${address} does not fall within the subnet's address range`);
}

export function addressReserved(address: string): AwsError {
  return invalidParameterValue(`Address ${address} is in subnet's reserved address range`);
}

export function insufficientFreeAddresses(): AwsError {
  return new AwsError(
    'InsufficientFreeAddressesInSubnet',
    'The specified subnet does not have enough free addresses to satisfy the request.',
  );
}

/** No free block of a prefix's size is left, be there single addresses or not. */
export function insufficientCidrBlocks(): AwsError {
  return new AwsError('InsufficientCidrBlocks', 'The specified subnet does not have enough free cidr blocks to satisfy the request.');
}

export function noIpv6Block(subnetId: string): AwsError {
  return invalidParameterValue(`Subnet '${subnetId}' does not have an IPv6 CIDR block associated with it.`);
}

export function addressLimitReached(): AwsError {
  return new AwsError('PrivateIpAddressLimitExceeded', 'Number of private addresses will exceed limit.');
}

export function addressesNotAssigned(addresses: readonly string[], id: string): AwsError {
  return invalidParameterValue(`Some of [${addresses.join(', ')}] are not assigned to interface ${id}`);
}

export function deviceIndexTaken(instanceId: string, deviceIndex: number): AwsError {
  return invalidParameterValue(`Instance '${instanceId}' already has an interface attached at device index '${deviceIndex}'.`);
}

export function incorrectInstanceState(instanceId: string): AwsError {
  return new AwsError('IncorrectState', `Instance '${instanceId}' is not 'running' or 'stopped'.`);
}

export function attachmentLimitExceeded(count: number, instanceType: string): AwsError {
  return new AwsError('AttachmentLimitExceeded', `Interface count ${count} exceeds the limit for ${instanceType}`);
}
