/** IAM's errors, in AWS's codes and words (https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html). */
import { AwsError } from '#protocol/aws-error.ts';

/** What IAM calls its nouns in messages. */
export type Noun = 'user' | 'group' | 'role' | 'instance profile';

const capital = (noun: string): string => noun.charAt(0).toUpperCase() + noun.slice(1);

export function noSuchEntity(message: string): AwsError {
  return new AwsError('NoSuchEntity', message, 404);
}

/** `The user with name ann cannot be found.` */
export function notFound(noun: Noun, name: string): AwsError {
  if (noun === 'instance profile') return noSuchEntity(`Instance Profile ${name} cannot be found.`);
  return noSuchEntity(`The ${noun} with name ${name} cannot be found.`);
}

/** `User with name ann already exists.` */
export function alreadyExists(noun: Noun, name: string): AwsError {
  const words = noun === 'instance profile' ? `Instance Profile ${name}` : `${capital(noun)} with name ${name}`;
  return new AwsError('EntityAlreadyExists', `${words} already exists.`, 409);
}

export function policyAlreadyExists(name: string): AwsError {
  return new AwsError('EntityAlreadyExists', `A policy called ${name} already exists. Duplicate names are not allowed.`, 409);
}

export function aliasAlreadyExists(alias: string): AwsError {
  return new AwsError('EntityAlreadyExists', `The account alias ${alias} already exists.`, 409);
}

export function aliasNotFound(alias: string): AwsError {
  return noSuchEntity(`The account alias ${alias} cannot be found.`);
}

/** Of what is asked to be read, changed or deleted. */
export function policyNotFound(arn: string): AwsError {
  return noSuchEntity(`Policy ${arn} was not found.`);
}

/** Of what is asked to be attached. */
export function policyNotAttachable(arn: string): AwsError {
  return noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
}

export function policyNotAttached(arn: string): AwsError {
  return noSuchEntity(`Policy ${arn} was not found.`);
}

export function boundaryNotFound(arn: string): AwsError {
  return noSuchEntity(`Scope ARN: ${arn} does not exist or is not attachable.`);
}

export function policyVersionNotFound(arn: string, version: string): AwsError {
  return noSuchEntity(`Policy ${arn} version ${version} does not exist or is not attachable.`);
}

export function inlinePolicyNotFound(noun: Noun, policy: string): AwsError {
  return noSuchEntity(`The ${noun} policy with name ${policy} cannot be found.`);
}

export function accessKeyNotFound(id: string): AwsError {
  return noSuchEntity(`The Access Key with id ${id} cannot be found.`);
}

/** `Cannot delete entity, must delete policies first.` */
export function deleteConflict(message: string): AwsError {
  return new AwsError('DeleteConflict', message, 409);
}

/** `Cannot exceed quota for AccessKeysPerUser: 2` */
export function quotaExceeded(quota: string, value: number): AwsError {
  return limitExceeded(`Cannot exceed quota for ${quota}: ${value}`);
}

export function limitExceeded(message: string): AwsError {
  return new AwsError('LimitExceeded', message, 409);
}

export function malformedPolicy(message: string): AwsError {
  return new AwsError('MalformedPolicyDocument', message);
}

export function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message);
}

export function invalidInput(message: string): AwsError {
  return new AwsError('InvalidInput', message);
}

/** AWS's own policies and service-linked roles belong to AWS. */
export function accessDenied(message: string): AwsError {
  return new AwsError('AccessDenied', message, 403);
}
