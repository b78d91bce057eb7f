/** Systems Manager's errors, in AWS's codes and words (https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html#API_GetParameter_Errors). */
import { AwsError } from '#protocol/aws-error.ts';

/** AWS says no more than the code. */
export function parameterNotFound(): AwsError {
  return new AwsError('ParameterNotFound', '');
}

export function versionNotFound(name: string, version: string): AwsError {
  return new AwsError(
    'ParameterVersionNotFound',
    `Systems Manager could not find version ${version} of ${name}. Verify the version and try again.`,
  );
}

export function labelNotFound(name: string, label: string): AwsError {
  return new AwsError(
    'ParameterVersionNotFound',
    `Systems Manager could not find label ${label} for parameter ${name}. Verify the label and try again.`,
  );
}

/** A path that is none. */
export function invalidPath(): AwsError {
  return new AwsError(
    'ValidationException',
    'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/". ' +
      'It can\'t be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following symbols: ' +
      '. (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash ' +
      'symbol "/". Valid example: /get/parameters2-/by1./path0_.',
  );
}

export function invalidFilterKey(key: string): AwsError {
  return new AwsError('InvalidFilterKey', `The following filter key is not valid: ${key}.`);
}

export function invalidFilterOption(key: string, option: string): AwsError {
  return new AwsError('InvalidFilterOption', `The following filter option is not valid: ${option}. Filter key: ${key}.`);
}

export function invalidFilterValue(key: string): AwsError {
  return new AwsError('InvalidFilterValue', `The following filter values are missing : null for filter key ${key}`);
}

export function invalidNextToken(): AwsError {
  return new AwsError('InvalidNextToken', 'The specified token is not valid.');
}
