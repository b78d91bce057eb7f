/** Errors of instances, images and instance types, in AWS's codes and words. */
import { invalidParameterCombination, invalidParameterValue } from '#aws/errors.ts';
import { AwsError } from '#protocol/aws-error.ts';

export function malformedInstanceId(id: string): AwsError {
  return new AwsError('InvalidInstanceID.Malformed', malformed(id, 'i'));
}

export function malformedImageId(id: string): AwsError {
  return new AwsError('InvalidAMIID.Malformed', malformed(id, 'ami'));
}

export function imageNotFound(ids: string | readonly string[]): AwsError {
  const list = typeof ids === 'string' ? [ids] : ids;
  const words = list.length === 1 ? 'The image id' : 'The image ids';
  return new AwsError('InvalidAMIID.NotFound', `${words} '[${list.join(', ')}]' ${list.length === 1 ? 'does' : 'do'} not exist`);
}

export function invalidInstanceType(name: string): AwsError {
  return invalidParameterValue(`Invalid value '${name}' for InstanceType.`);
}

/** AWS has the type, Keiro's catalogue has not. */
export function unknownInstanceType(name: string): AwsError {
  return new AwsError('Unsupported', `Keiro does not have the instance type '${name}'; DescribeInstanceTypes lists those that it has.`);
}

export function instanceTypesNotFound(names: readonly string[]): AwsError {
  return new AwsError('InvalidInstanceType', `The following supplied instance types do not exist: [${names.join(', ')}]`);
}

export function architectureMismatch(ofType: string, ofImage: string): AwsError {
  return invalidParameterValue(
    `The architecture '${ofType}' of the specified instance type does not match the architecture '${ofImage}' of the specified AMI. ` +
      "Specify an instance type and an AMI that have matching architectures, and try again. You can use 'describe-instance-types' or " +
      "'describe-images' to discover the architecture of the instance type or AMI.",
  );
}

/** More vCPUs than the quota allows. */
export function vcpuLimitExceeded(limit: number): AwsError {
  return new AwsError(
    'VcpuLimitExceeded',
    `You have requested more vCPU capacity than your current vCPU limit of ${limit} allows for the instance bucket that the specified ` +
      'instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.',
  );
}

export function incorrectInstanceState(message: string): AwsError {
  return new AwsError('IncorrectInstanceState', message);
}

/** A change that AWS makes to stopped instances only. */
export function notStopped(id: string): AwsError {
  return incorrectInstanceState(`The instance '${id}' is not in the 'stopped' state.`);
}

/** @param attribute what protects it: `disableApiTermination` or `disableApiStop` */
export function terminationProtected(id: string, attribute: string): AwsError {
  return new AwsError(
    'OperationNotPermitted',
    `The instance '${id}' may not be terminated. Modify its '${attribute}' instance attribute and try again.`,
  );
}

export function stopProtected(id: string): AwsError {
  return new AwsError(
    'OperationNotPermitted',
    `The instance '${id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
  );
}

export function malformedUserData(): AwsError {
  return new AwsError('InvalidUserData.Malformed', 'Invalid BASE64 encoding of user data.');
}

export function userDataTooLong(limit: number): AwsError {
  return invalidParameterValue(`User data is limited to ${limit} bytes`);
}

/** @param what e.g. `subnet ID`: what belongs into the interface when a call lists interfaces */
export function interfacesExclude(what: string): AwsError {
  return invalidParameterCombination(`Network interfaces and an instance-level ${what} may not be specified on the same request`);
}

export function malformed(id: string, prefix: string): string {
  return id.startsWith(`${prefix}-`) ? `Invalid id: "${id}"` : `Invalid id: "${id}" (expecting "${prefix}-...")`;
}
