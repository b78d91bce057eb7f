/** Certificate Manager: the operations of all its nouns. */
import { checkConstraints, type Constraints } from '#aws/constraints.ts';
import { checkedService, defineService } from '#aws/operation.ts';
import { account } from '#services/acm/account.ts';
import { imports } from '#services/acm/imports.ts';
import { listing } from '#services/acm/listing.ts';
import { requests } from '#services/acm/requests.ts';
import { certificateTags } from '#services/acm/tags.ts';

const domainName: Constraints[string] = {
  min: 1,
  max: 253,
  pattern: String.raw`(\*\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])`,
};
const arn: Constraints[string] = {
  min: 20,
  max: 2048,
  pattern: String.raw`arn:[\w+=/,.@-]+:acm:[\w+=/,.@-]*:[0-9]+:[\w+=,.@-]+(/[\w+=,.@-]+)*`,
};

/** The model's own constraints. */
const constraints: Constraints = {
  CertificateArn: arn,
  ResourceArn: arn,
  DomainName: domainName,
  Domain: domainName,
  ValidationDomain: domainName,
  SubjectAlternativeNames: { min: 1, max: 100 },
  DomainValidationOptions: { min: 1, max: 100 },
  IdempotencyToken: { min: 1, max: 32, pattern: String.raw`\w+` },
  MaxItems: { min: 1, max: 1000 },
  NextToken: { min: 1, max: 10_000 },
  Tags: { min: 1, max: 50 },
};

export const acm = checkedService(defineService('acm', [requests, imports, listing, certificateTags, account]), (_context, input) =>
  checkConstraints('ValidationException', constraints, input),
);
