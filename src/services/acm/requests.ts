/** Certificates that are asked for: requested, described, handed out, deleted. They are issued behind the call: `reports.ts`. */
import type { DomainValidationOption } from '@aws-sdk/client-acm';
import { regionalArn } from '#aws/arns.ts';
import type { OperationContext } from '#aws/context.ts';
import {
  certificateInUse,
  firstNameTooLong,
  invalidParameter,
  invalidState,
  invalidValidationOptions,
  keyAlgorithmNotSupported,
  requestInProgress,
  tooManyCertificates,
  tooManyCertificatesThisYear,
  tooManyDomains,
  unmodelled,
  validationException,
} from '#services/acm/errors.ts';
import { isIssued, requireCertificate, statusAt, usersOf } from '#services/acm/lookup.ts';
import type { AcmOperations } from '#services/acm/sdk.ts';
import {
  type CertificateRecord,
  certificateTable,
  requestedTable,
  requestTokenTable,
  type ValidationRecord,
} from '#services/acm/tables.ts';
import { newTags } from '#services/acm/tags.ts';
import { askByMail } from '#services/acm/validation-mails.ts';
import { isAbove } from '#services/acm/validation.ts';
import { detailOf } from '#services/acm/views.ts';
import { countYearly, forgetBefore } from '#services/acm/yearly.ts';
import { quota } from '#services/service-quotas/public.ts';

/** RFC 5280's for a common name. */
const COMMON_NAME_LENGTH = 64;
/** "Idempotency tokens time out after one hour." */
const TOKEN_MS = 3_600_000;
/** What certificates may be asked for; more may be imported. */
const issuedAlgorithms: ReadonlySet<string> = new Set(['RSA_2048', 'EC_prime256v1', 'EC_secp384r1']);
const domainName = String.raw`(\*\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])`;
const domainPattern = new RegExp(`^${domainName}$`);
const DOMAIN_LENGTH = 253;

export const requests = {
  RequestCertificate(context, input) {
    const names = namesOf(input.DomainName, input.SubjectAlternativeNames);
    const keyAlgorithm = input.KeyAlgorithm ?? 'RSA_2048';
    if (input.CertificateAuthorityArn !== undefined) throw unmodelled('certificates of private certificate authorities');
    if (!issuedAlgorithms.has(keyAlgorithm)) throw keyAlgorithmNotSupported(keyAlgorithm, context.region, context.account);
    const validationMethod = input.ValidationMethod ?? 'EMAIL';
    if (validationMethod === 'HTTP') throw invalidParameter('HTTP validation is only for certificates that CloudFront manages.');
    const validations = validationsOf(names, input.DomainValidationOptions);
    const tags = newTags(input.Tags ?? []);
    const token = tokenOf(input.IdempotencyToken, [...names, keyAlgorithm, validationMethod]);
    const known = token === undefined ? undefined : context.tx.get(requestTokenTable, token);
    if (known && known.atMs > context.nowMs - TOKEN_MS && context.tx.get(certificateTable, known.arn)) return { CertificateArn: known.arn };

    if (names.length > quota(context, 'acm', 'L-FB94F0B0')) throw tooManyDomains();
    if (context.tx.find(certificateTable, 'type', 'AMAZON_ISSUED').length >= quota(context, 'acm', 'L-F141DD1D'))
      throw tooManyCertificates();
    const arn = newCertificateArn(context);
    countYearly(context, requestedTable, arn, quota(context, 'acm', 'L-DA1D8B98'), tooManyCertificatesThisYear);
    const certificate: CertificateRecord = {
      id: arn,
      type: 'AMAZON_ISSUED',
      status: 'PENDING_VALIDATION',
      domainName: names[0] ?? '',
      names,
      keyAlgorithm,
      createdMs: context.nowMs,
      validationMethod,
      validations,
      isLogged: input.Options?.CertificateTransparencyLoggingPreference !== 'DISABLED',
      isExportable: input.Options?.Export === 'ENABLED',
      isExported: false,
      tags,
    };
    context.tx.put(certificateTable, certificate);
    if (validationMethod === 'EMAIL') for (const validation of validations) askByMail(context, certificate, validation);
    if (token !== undefined) {
      forgetBefore(context, requestTokenTable, context.nowMs - TOKEN_MS);
      context.tx.delete(requestTokenTable, token);
      context.tx.put(requestTokenTable, { id: token, arn, atMs: context.nowMs });
    }
    return { CertificateArn: arn };
  },

  DescribeCertificate(context, input) {
    return { Certificate: detailOf(context, requireCertificate(context, input.CertificateArn)) };
  },

  GetCertificate(context, input) {
    const certificate = requireCertificate(context, input.CertificateArn);
    if (!isIssued(certificate)) throw requestInProgress();
    return { Certificate: certificate.material.certificate, CertificateChain: certificate.material.chain };
  },

  DeleteCertificate(context, input) {
    const { id } = requireCertificate(context, input.CertificateArn);
    if (usersOf(context.tx, id).length > 0) throw certificateInUse(id, context.account);
    context.tx.delete(certificateTable, id);
    return {};
  },

  ResendValidationEmail(context, input) {
    const certificate = requireCertificate(context, input.CertificateArn);
    const name = input.Domain.toLowerCase();
    const validationDomain = input.ValidationDomain.toLowerCase();
    if (certificate.validationMethod !== 'EMAIL' || statusAt(certificate, context.nowMs) !== 'PENDING_VALIDATION')
      throw invalidState(`Certificate ${certificate.id} is not waiting for validation by email.`);
    if (!certificate.names.includes(name)) throw invalidValidationOptions(`Domain ${name} is not in certificate ${certificate.id}.`);
    if (!isAbove(validationDomain, name)) throw notAbove(validationDomain, name);
    const validations = certificate.validations.map((validation) =>
      validation.domainName === name ? { ...validation, validationDomain } : validation,
    );
    context.tx.put(certificateTable, { ...certificate, validations });
    for (const validation of validations) if (validation.domainName === name) askByMail(context, certificate, validation);
    return {};
  },

  UpdateCertificateOptions(context, input) {
    const certificate = requireCertificate(context, input.CertificateArn);
    const { CertificateTransparencyLoggingPreference: preference, Export: wanted } = input.Options;
    if (certificate.type === 'IMPORTED') throw invalidState('The options of imported certificates cannot be updated.');
    if (wanted !== undefined && (wanted === 'ENABLED') !== certificate.isExportable)
      throw validationException('You cannot update the value of Export after the certificate is created.');
    context.tx.put(certificateTable, {
      ...certificate,
      isLogged: preference === undefined ? certificate.isLogged : preference === 'ENABLED',
    });
    return {};
  },
} satisfies AcmOperations;

export function newCertificateArn(context: OperationContext): string {
  const digits = context.randomBytes(16).toString('hex');
  return regionalArn(context, 'acm', `certificate/${digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}`);
}

/** @throws AwsError ValidationException, InvalidDomainValidationOptionsException */
function namesOf(first: string, others: readonly string[] = []): readonly string[] {
  if (others.some((name) => name.length > DOMAIN_LENGTH || !domainPattern.test(name)))
    throw validationException(
      `1 validation error detected: Value '[${others.join(', ')}]' at 'subjectAlternativeNames' failed to satisfy constraint: Member must satisfy constraint: ` +
        `[Member must have length less than or equal to ${DOMAIN_LENGTH}, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: ${domainName}]`,
    );
  if (first.length > COMMON_NAME_LENGTH) throw firstNameTooLong();
  return [...new Set([first, ...others].map((name) => name.toLowerCase()))];
}

/** @throws AwsError InvalidDomainValidationOptionsException */
function validationsOf(names: readonly string[], options: readonly DomainValidationOption[] = []): readonly ValidationRecord[] {
  const domains = new Map<string, string>();
  for (const { DomainName = '', ValidationDomain = '' } of options) {
    const [name, domain] = [DomainName.toLowerCase(), ValidationDomain.toLowerCase()];
    if (!names.includes(name)) throw invalidValidationOptions(`Domain ${name} is not in the certificate request.`);
    if (domain !== name && !isAbove(domain, name)) throw notAbove(domain, name);
    domains.set(name, domain);
  }
  return names.map((name) => ({ domainName: name, validationDomain: domains.get(name) ?? name, isDone: false }));
}

const notAbove = (domain: string, name: string) =>
  invalidValidationOptions(`Validation domain ${domain} is not ${name} or a superdomain of it.`);

/** The same token for another request asks for another certificate. */
const tokenOf = (token: string | undefined, asked: readonly string[]): string | undefined =>
  token === undefined ? undefined : [token, ...asked].join(' ');
