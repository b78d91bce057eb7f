/** Certificates as the API tells of them. */
import type { CertificateDetail, CertificateSummary, ExtendedKeyUsageName, KeyAlgorithm, KeyUsageName } from '@aws-sdk/client-acm';
import type { OperationContext } from '#aws/context.ts';
import { isRenewable, statusAt, usersOf } from '#services/acm/lookup.ts';
import type { CertificateRecord, Material } from '#services/acm/tables.ts';
import { viewOfValidations } from '#services/acm/validation.ts';

/** Who will have issued what is still asked for: as the certificate will say, where AWS's says Amazon. */
const ISSUER = 'Keiro';

const extendedNames: Readonly<Record<string, ExtendedKeyUsageName>> = {
  '1.3.6.1.5.5.7.3.1': 'TLS_WEB_SERVER_AUTHENTICATION',
  '1.3.6.1.5.5.7.3.2': 'TLS_WEB_CLIENT_AUTHENTICATION',
  '1.3.6.1.5.5.7.3.3': 'CODE_SIGNING',
  '1.3.6.1.5.5.7.3.4': 'EMAIL_PROTECTION',
  '1.3.6.1.5.5.7.3.5': 'IPSEC_END_SYSTEM',
  '1.3.6.1.5.5.7.3.6': 'IPSEC_TUNNEL',
  '1.3.6.1.5.5.7.3.7': 'IPSEC_USER',
  '1.3.6.1.5.5.7.3.8': 'TIME_STAMPING',
  '1.3.6.1.5.5.7.3.9': 'OCSP_SIGNING',
  '2.5.29.37.0': 'ANY',
};

/** Without the extension a key may be used for anything: ACM says ANY there, and NONE of extended usages. */
export function keyUsagesOf(material: Material | undefined): KeyUsageName[] {
  if (material === undefined) return [];
  return material.keyUsages === undefined ? ['ANY'] : material.keyUsages.map((name) => name as KeyUsageName); // x509.ts writes these
}

export function extendedKeyUsagesOf(material: Material | undefined): { Name: ExtendedKeyUsageName; OID?: string }[] {
  if (material === undefined) return [];
  if (material.extendedKeyUsages === undefined) return [{ Name: 'NONE' }];
  return material.extendedKeyUsages.map((OID) => ({ Name: extendedNames[OID] ?? 'CUSTOM', OID }));
}

const time = (ms: number | undefined): Date | undefined => (ms === undefined ? undefined : new Date(ms));

/** ACM takes `RSA_2048` and answers `RSA-2048`, which the SDK's enumeration lacks. */
const toldAlgorithm = (certificate: CertificateRecord): KeyAlgorithm => certificate.keyAlgorithm.replace('_', '-') as KeyAlgorithm;

const renewalEligibility = (context: OperationContext, certificate: CertificateRecord) =>
  isRenewable(context.tx, certificate) ? 'ELIGIBLE' : 'INELIGIBLE';

export function detailOf(context: OperationContext, certificate: CertificateRecord): CertificateDetail {
  const { material, type, renewal } = certificate;
  const isOurs = type === 'AMAZON_ISSUED';
  return {
    CertificateArn: certificate.id,
    DomainName: certificate.domainName,
    SubjectAlternativeNames: [...certificate.names],
    DomainValidationOptions: isOurs ? viewOfValidations(context, certificate) : undefined,
    Serial: material?.serial,
    Subject: material?.subject ?? (isOurs ? `CN=${certificate.domainName}` : undefined),
    Issuer: material?.issuer ?? ISSUER,
    CreatedAt: new Date(certificate.createdMs),
    IssuedAt: time(certificate.issuedMs),
    ImportedAt: time(certificate.importedMs),
    Status: statusAt(certificate, context.nowMs),
    RevokedAt: time(certificate.revokedMs),
    RevocationReason: certificate.revocationReason as CertificateDetail['RevocationReason'], // checked by the model when it was given
    NotBefore: time(material?.notBeforeMs),
    NotAfter: time(material?.notAfterMs),
    KeyAlgorithm: toldAlgorithm(certificate),
    SignatureAlgorithm: material?.signatureAlgorithm ?? 'SHA256WITHRSA',
    InUseBy: [...usersOf(context.tx, certificate.id)],
    Type: type,
    RenewalSummary:
      renewal === undefined
        ? undefined
        : {
            RenewalStatus: renewal.isDone ? 'SUCCESS' : 'PENDING_AUTO_RENEWAL',
            DomainValidationOptions: viewOfValidations(context, certificate, renewal.isDone),
            UpdatedAt: new Date(renewal.updatedMs),
          },
    KeyUsages: keyUsagesOf(material).map((Name) => ({ Name })),
    ExtendedKeyUsages: extendedKeyUsagesOf(material),
    RenewalEligibility: renewalEligibility(context, certificate),
    Options: {
      CertificateTransparencyLoggingPreference: certificate.isLogged ? 'ENABLED' : 'DISABLED',
      ...(isOurs ? { Export: certificate.isExportable ? 'ENABLED' : 'DISABLED' } : {}),
    },
  };
}

/** "ListCertificates … will only return the first 100 subject alternative names." */
const SUMMARY_NAMES = 100;

export function summaryOf(context: OperationContext, certificate: CertificateRecord): CertificateSummary {
  const { material, type, names } = certificate;
  return {
    CertificateArn: certificate.id,
    DomainName: certificate.domainName,
    SubjectAlternativeNameSummaries: names.slice(0, SUMMARY_NAMES),
    HasAdditionalSubjectAlternativeNames: names.length > SUMMARY_NAMES,
    Status: statusAt(certificate, context.nowMs),
    Type: type,
    KeyAlgorithm: toldAlgorithm(certificate),
    KeyUsages: keyUsagesOf(material),
    ExtendedKeyUsages: extendedKeyUsagesOf(material).map(({ Name }) => Name),
    ExportOption: type === 'IMPORTED' ? undefined : certificate.isExportable ? 'ENABLED' : 'DISABLED',
    InUse: usersOf(context.tx, certificate.id).length > 0,
    Exported: certificate.isExportable ? certificate.isExported : undefined,
    RenewalEligibility: renewalEligibility(context, certificate),
    NotBefore: time(material?.notBeforeMs),
    NotAfter: time(material?.notAfterMs),
    CreatedAt: new Date(certificate.createdMs),
    IssuedAt: time(certificate.issuedMs),
    ImportedAt: time(certificate.importedMs),
    RevokedAt: time(certificate.revokedMs),
  };
}
