/**
 * Certificate Manager's errors, in AWS's codes and words where they are known: "Why can't I import a third-party certificate" of the
 * knowledge center, and what AWS answered in reports of Terraform's, the CDK's and others' users.
 */
import { AwsError } from '#protocol/aws-error.ts';

export function certificateNotFound(arn: string): AwsError {
  return new AwsError('ResourceNotFoundException', `Could not find certificate ${arn}.`);
}

export function invalidArn(arn: string): AwsError {
  return new AwsError('InvalidArnException', `Invalid certificate ARN: ${arn}`);
}

export function certificateInUse(arn: string, account: string): AwsError {
  return new AwsError('ResourceInUseException', `Certificate ${arn} in account ${account} is in use.`);
}

export function requestInProgress(): AwsError {
  return new AwsError(
    'RequestInProgressException',
    'The certificate request is in process and the certificate in your account has not yet been issued.',
  );
}

export function validationException(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

export function invalidArguments(message: string): AwsError {
  return new AwsError('InvalidArgsException', message);
}

export function invalidState(message: string): AwsError {
  return new AwsError('InvalidStateException', message);
}

export function conflict(message: string): AwsError {
  return new AwsError('ConflictException', message);
}

export function invalidTag(message: string): AwsError {
  return new AwsError('InvalidTagException', message);
}

export function tooManyTags(): AwsError {
  return new AwsError('TooManyTagsException', 'The request contains too many tags. Try the request again with fewer tags.');
}

export function firstNameTooLong(): AwsError {
  return invalidValidationOptions('The first domain name can be no longer than 64 characters.');
}

export function invalidValidationOptions(message: string): AwsError {
  return new AwsError('InvalidDomainValidationOptionsException', message);
}

/** AWS tells the account instead of the Region for RSA_4096, and for no other. */
export function keyAlgorithmNotSupported(algorithm: string, region: string, account: string): AwsError {
  const where = algorithm === 'RSA_4096' ? account : region;
  return validationException(`Encryption Algorithm ${algorithm} is not supported in ${where} region`);
}

export function tooManyDomains(): AwsError {
  return new AwsError('LimitExceededException', 'Certificate has too many domains.');
}

export function tooManyCertificates(): AwsError {
  return new AwsError('LimitExceededException', 'Cannot request more certificates in this account. Contact Customer Service for details.');
}

export function tooManyCertificatesThisYear(limit: number): AwsError {
  return new AwsError('LimitExceededException', `Error: you have reached your limit of ${limit} certificates in the last year.`);
}

export function tooManyImports(): AwsError {
  return new AwsError(
    'LimitExceededException',
    'You have reached the maximum number of certificates. Delete certificates that are not in use, or contact AWS Support to request an increase.',
  );
}

/** HTTP 501: an AWS feature that Keiro does not have. */
export function unmodelled(what: string): AwsError {
  return new AwsError('NotImplemented', `Keiro does not implement ${what} yet.`, 501);
}
