/** Cognito's errors, in AWS's codes and words: the developer guide, and what AWS answered in reports of Amplify's and the SDKs' users. */
import { AwsError } from '#protocol/aws-error.ts';

export function poolNotFound(poolId: string): AwsError {
  return new AwsError('ResourceNotFoundException', `User pool ${poolId} does not exist.`);
}

export function clientNotFound(clientId: string): AwsError {
  return new AwsError('ResourceNotFoundException', `User pool client ${clientId} does not exist.`);
}

export function groupNotFound(): AwsError {
  return new AwsError('ResourceNotFoundException', 'Group not found.');
}

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

export function notAuthorized(message: string): AwsError {
  return new AwsError('NotAuthorizedException', message);
}

export function userNotFound(message = 'User does not exist.'): AwsError {
  return new AwsError('UserNotFoundException', message);
}

/** The words of the operations that are called without a signature. */
export const combinationNotFound = (): AwsError => userNotFound('Username/client id combination not found.');

export const wrongPassword = (): AwsError => notAuthorized('Incorrect username or password.');

export const userDisabled = (): AwsError => notAuthorized('User is disabled.');

export function userNotConfirmed(): AwsError {
  return new AwsError('UserNotConfirmedException', 'User is not confirmed.');
}

export function passwordResetRequired(): AwsError {
  return new AwsError('PasswordResetRequiredException', 'Password reset required for the user');
}

export function usernameExists(message = 'User already exists'): AwsError {
  return new AwsError('UsernameExistsException', message);
}

export function aliasExists(message: string): AwsError {
  return new AwsError('AliasExistsException', message);
}

export function invalidPassword(why: string): AwsError {
  return new AwsError('InvalidPasswordException', `Password did not conform with policy: ${why}`);
}

export function codeMismatch(): AwsError {
  return new AwsError('CodeMismatchException', 'Invalid verification code provided, please try again.');
}

export function codeExpired(): AwsError {
  return new AwsError('ExpiredCodeException', 'Invalid code provided, please request a code again.');
}

export function attemptLimitExceeded(): AwsError {
  return new AwsError('LimitExceededException', 'Attempt limit exceeded, please try after some time.');
}

export function limitExceeded(message: string): AwsError {
  return new AwsError('LimitExceededException', message);
}

export const unauthorizedAttribute = (): AwsError => notAuthorized('A client attempted to write unauthorized attribute');

/** HTTP 501: an AWS feature that Keiro does not have. */
export function unmodelled(what: string): AwsError {
  return new AwsError('NotImplemented', `Keiro does not implement ${what} of user pools yet.`, 501);
}
