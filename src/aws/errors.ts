/** Errors that more than one service answers with, in AWS's words. */
import { AwsError } from '#protocol/aws-error.ts';

/** HTTP 412: what a `DryRun` that would have succeeded answers. */
export function dryRunOperation(): AwsError {
  return new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
}

/** HTTP 501: AWS has the operation, Keiro does not yet. */
export function notImplemented(service: string, operation: string): AwsError {
  return new AwsError(
    'NotImplemented',
    `Keiro does not implement ${service} ${operation} yet. 'keiro coverage' lists what it does implement.`,
    501,
  );
}

export function invalidParameterValue(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}

export function invalidParameterCombination(message: string): AwsError {
  return new AwsError('InvalidParameterCombination', message);
}

export function missingParameter(parameter: string): AwsError {
  return new AwsError('MissingParameter', `The request must contain the parameter ${parameter}`);
}

export function idempotentParameterMismatch(): AwsError {
  return new AwsError(
    'IdempotentParameterMismatch',
    'The request uses the same client token as a previous, but non-identical request. Do not reuse a client token with different requests, unless the requests are identical',
  );
}
