/** Service Quotas' errors, in AWS's codes and words (https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/CommonErrors.html). */
import { AwsError } from '#protocol/aws-error.ts';

export function serviceNotFound(): AwsError {
  return new AwsError('NoSuchResourceException', 'The request failed because the specified service does not exist.');
}

/** A global service is asked for outside us-east-1. */
export function serviceNotInRegion(): AwsError {
  return new AwsError(
    'NoSuchResourceException',
    'This service is not available in the current Region. Choose a different Region or a different service.',
  );
}

export function quotaNotFound(): AwsError {
  return new AwsError('NoSuchResourceException', 'The request failed because the specified service quota does not exist.');
}

export function requestNotFound(): AwsError {
  return new AwsError('NoSuchResourceException', 'The request failed because the specified quota change request does not exist.');
}

export function notHigher(): AwsError {
  return new AwsError('IllegalArgumentException', 'You must provide a quota value greater than the current quota value');
}

export function notAdjustable(): AwsError {
  return new AwsError('IllegalArgumentException', 'The request failed because the specified service quota is not adjustable.');
}

export function illegalArgument(message: string): AwsError {
  return new AwsError('IllegalArgumentException', message);
}

export function invalidPaginationToken(): AwsError {
  return new AwsError('InvalidPaginationTokenException', 'The specified pagination token is not valid or is expired.');
}

export function tooManyTags(): AwsError {
  return new AwsError('TooManyTagsException', "You've exceeded the number of tags allowed for a resource.");
}

export function reservedTag(): AwsError {
  return new AwsError('TagPolicyViolationException', 'The specified tag is a reserved word and cannot be used.');
}
