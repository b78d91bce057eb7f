/**
 * Errors of Route 53 Domains: codes of its model, words as AWS was seen to answer (the CLI's reference, issues of boto3, of
 * Terraform's provider and of others), else the words of the model.
 */
import { AwsError } from '#protocol/aws-error.ts';

export function invalidInput(message: string): AwsError {
  return new AwsError('InvalidInput', message);
}

export function domainNotFound(name: string, account: string): AwsError {
  return invalidInput(`Domain ${name} not found in ${account} account.`);
}

export function invalidDomainName(name: string): AwsError {
  return invalidInput(`${name} is not a valid domain name.`);
}

export function domainNotAvailable(name: string): AwsError {
  return invalidInput(`Domain ${name} is not available.`);
}

export function unsupportedTld(tld: string): AwsError {
  return new AwsError('UnsupportedTLD', `${tld} tld is not supported.`);
}

export function tldRulesViolation(message: string): AwsError {
  return new AwsError('TLDRulesViolation', message);
}

/** @param operationId of the operation that is under way */
export function duplicateRequest(operationId: string): AwsError {
  return new AwsError('DuplicateRequest', 'The request is already in progress for the domain.', 400, { requestId: operationId });
}

export function domainLimitExceeded(): AwsError {
  return new AwsError('DomainLimitExceeded', 'The number of domains has exceeded the allowed threshold for the account.');
}

export function operationNotFound(id: string): AwsError {
  return invalidInput(`Operation ${id} not found.`);
}

export function ownerChangeWithoutConsent(tld: string, price: number): AwsError {
  return invalidInput(
    `Consent price for a change of ownership is too low, or not provided. For .${tld}, it should be $${price.toFixed(2)} or higher, and provided in US dollars.`,
  );
}

export function wrongMarker(): AwsError {
  return invalidInput('The marker is not valid.');
}
