/** Route 53 Domains: the operations of all its nouns. */
import { checkConstraints, type Constraints } from '#aws/constraints.ts';
import type { OperationContext } from '#aws/context.ts';
import { checkedService, defineService } from '#aws/operation.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { refuse } from '#protocol/sigv4-refusal.ts';
import { availability } from '#services/route53domains/availability.ts';
import { billing } from '#services/route53domains/billing.ts';
import { contactUpdates } from '#services/route53domains/contact-updates.ts';
import { domains } from '#services/route53domains/domains.ts';
import { operations } from '#services/route53domains/operations.ts';
import { registrant } from '#services/route53domains/registrant.ts';
import { registration } from '#services/route53domains/registration.ts';
import { settings } from '#services/route53domains/settings.ts';
import { tags } from '#services/route53domains/tags.ts';
import { transfers } from '#services/route53domains/transfers.ts';

/** The model's own constraints. */
const constraints: Constraints = {
  DomainName: { max: 255 },
  domainName: { max: 255 },
  DurationInYears: { min: 1, max: 10 },
  IdnLangCode: { pattern: '|[A-Za-z]{2,3}' },
  AccountId: { min: 12, max: 12, pattern: String.raw`^(\d{12})$` },
  OperationId: { max: 255 },
  Marker: { max: 4096 },
  Tld: { min: 2, max: 255 },
  Status: { max: 5 },
  Type: { max: 21 },
  FIAuthKey: { min: 0, max: 255 },
};

const nouns = [availability, billing, contactUpdates, domains, operations, registrant, registration, settings, tags, transfers];

export const route53domains = checkedService(
  defineService('route53domains', nouns, { global: true, prepare: requireItsRegion }),
  (_context, input) => checkConstraints('ValidationException', constraints, input),
);

/**
 * "This command runs only in the us-east-1 Region": elsewhere there is no endpoint, and a signature for elsewhere is none for this one.
 * @throws AwsError InvalidSignatureException
 */
function requireItsRegion({ region }: OperationContext): void {
  if (region === 'us-east-1') return;
  const { code, status } = refuse('json', { kind: 'mismatch' });
  throw new AwsError(code, `Credential should be scoped to a valid region, not '${region}'. `, status);
}
