/** STS's errors, in AWS's codes and words (https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html). */
import { AwsError } from '#protocol/aws-error.ts';

export function accessDenied(message: string): AwsError {
  return new AwsError('AccessDenied', message, 403);
}

/** AWS tells neither whether there is such a role nor what its trust policy lacks. */
export function notAuthorized(caller: string, action: string, resource: string): AwsError {
  return accessDenied(`User: ${caller} is not authorized to perform: ${action} on resource: ${resource}`);
}

export function sessionCredentialsRefused(operation: string): AwsError {
  return accessDenied(`Cannot call ${operation} with session credentials`);
}

export function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message);
}

export function invalidAuthorizationMessage(): AwsError {
  return new AwsError('InvalidAuthorizationMessageException', 'The specified message is not valid.');
}

export function mfaFailed(): AwsError {
  return accessDenied(
    'MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.',
  );
}
