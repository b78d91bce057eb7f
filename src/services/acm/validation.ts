/** How a domain name is shown to be one's own: a record in DNS, or mail to those who administer it. */
import { createHash } from 'node:crypto';
import type { DomainValidation, ResourceRecord } from '@aws-sdk/client-acm';
import type { OperationContext } from '#aws/context.ts';
import type { CertificateRecord, ValidationRecord } from '#services/acm/tables.ts';

/** "ACM sends email to five common system addresses" (user guide, "Email validation"). */
const mailboxes = ['admin', 'administrator', 'hostmaster', 'postmaster', 'webmaster'];

/** The name without `*.`: a wildcard is validated by its domain. */
const baseOf = (name: string): string => name.replace(/^\*\./, '');

/** Whether mail to a domain may validate a name: it is the name itself, or one above it. */
export function isAbove(validationDomain: string, name: string): boolean {
  const base = baseOf(name);
  return validationDomain.includes('.') && (base === validationDomain || base.endsWith(`.${validationDomain}`));
}

/** The record that a name's owner is to make. It is the same for each certificate that the account asks for, in every Region. */
export function validationRecord(account: string, name: string): ResourceRecord {
  const base = baseOf(name);
  const digest = (what: string): string => createHash('sha256').update(`${what} ${account} ${base}`).digest('hex').slice(0, 32);
  const letters = digest('zone')
    .slice(0, 10)
    .replace(/\d/g, (digit) => String.fromCodePoint(0x67 + Number(digit)));
  return { Name: `_${digest('name')}.${base}.`, Type: 'CNAME', Value: `_${digest('value')}.${letters}.acm-validations.aws.` };
}

/** What DescribeCertificate tells of each name. */
export function viewOfValidations(
  { account }: Pick<OperationContext, 'account'>,
  { validationMethod, validations }: CertificateRecord,
  isRenewal = false,
): DomainValidation[] {
  return validations.map((validation) => ({
    DomainName: validation.domainName,
    ValidationDomain: validation.validationDomain,
    ValidationStatus: validation.isDone || isRenewal ? 'SUCCESS' : 'PENDING_VALIDATION',
    ValidationMethod: validationMethod,
    ...(validationMethod === 'EMAIL' ? { ValidationEmails: emailsOf(validation) } : { ResourceRecord: validationRecord(account, validation.domainName) }), // prettier-ignore
  }));
}

/** "If you request a certificate for a domain name that begins with www or *, ACM removes the leading www or asterisk" (user guide, "Email validation"). */
export const emailsOf = ({ validationDomain }: ValidationRecord): string[] =>
  mailboxes.map((mailbox) => `${mailbox}@${baseOf(validationDomain).replace(/^www\.(?=.+\.)/, '')}`);
