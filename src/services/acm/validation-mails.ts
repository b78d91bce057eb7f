/** The mail that asks those who administer a domain for their approval, and the link in it. */
import type { OperationContext } from '#aws/context.ts';
import { statusAt, VALIDATION_MS } from '#services/acm/lookup.ts';
import { certificateReports } from '#services/acm/reports.ts';
import { type CertificateRecord, certificateTable, type ValidationRecord } from '#services/acm/tables.ts';
import { emailsOf } from '#services/acm/validation.ts';
import { newConfirmation, sendMail } from '#services/mail/public.ts';

/** Whose links these are. */
export const VALIDATION_PURPOSE = 'acm.validation';

/** One mail to the five addresses, in the words of the user guide's template ("Automate email validation"). */
export function askByMail(context: OperationContext, certificate: CertificateRecord, validation: ValidationRecord): void {
  const { domainName } = validation;
  const link = newConfirmation(context, {
    purpose: VALIDATION_PURPOSE,
    subject: `${certificate.id} ${domainName}`,
    words: `AWS account ${context.account} may have a certificate for ${domainName}`,
    validMs: certificate.createdMs + VALIDATION_MS - context.nowMs,
  });
  sendMail(context, {
    from: 'Amazon Certificates <no-reply@certificates.amazon.com>',
    to: emailsOf(validation),
    subject: `Certificate request for ${domainName}`,
    text: `Greetings from Amazon Web Services,

We received a request to issue an SSL/TLS certificate for ${certificate.domainName ?? domainName}.

Verify that the following domain, AWS account ID, and certificate identifier correspond to a request from you or someone in your organization.

Domain: ${domainName}
AWS account ID: ${context.account}
AWS Region name: ${context.region}
Certificate Identifier: ${certificate.id.slice(certificate.id.indexOf('/') + 1)}

To approve this request, go to Amazon Certificate Approvals and follow the instructions on the page:

${link.path}

Sincerely,
Amazon Web Services
`,
    links: [link],
  });
}

/**
 * Somebody has opened a link.
 * @param context of the certificate's account and Region
 * @param subject as the link was made with
 * @returns false when it is of no use any more: the certificate is gone, or its time is over
 */
export function confirmCertificateName(context: OperationContext, subject: string): boolean {
  const [arn = '', domainName = ''] = subject.split(' ');
  const certificate = context.tx.get(certificateTable, arn);
  const validation = certificate?.validations.find((one) => one.domainName === domainName);
  if (certificate === undefined || validation === undefined || statusAt(certificate, context.nowMs) === 'VALIDATION_TIMED_OUT')
    return false;
  certificateReports.validated(context.tx, arn, new Set([domainName]));
  return true;
}
