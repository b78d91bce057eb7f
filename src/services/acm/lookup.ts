/** Certificates as they are found, and as time makes them. */
import type { CertificateStatus } from '@aws-sdk/client-acm';
import type { OperationContext } from '#aws/context.ts';
import { certificateNotFound, invalidArn } from '#services/acm/errors.ts';
import { type CertificateRecord, certificateTable, certificateUseTable, type Material } from '#services/acm/tables.ts';
import type { Reader } from '#store/store.ts';

const HOUR_MS = 3_600_000;
/** "ACM makes repeated attempts to validate a certificate for 72 hours and then times out." */
export const VALIDATION_MS = 72 * HOUR_MS;

export const isCertificateArn = (arn: string): boolean => /^arn:[\w-]+:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/.test(arn);

/** @throws AwsError InvalidArnException, ResourceNotFoundException */
export function requireCertificate(context: Pick<OperationContext, 'tx'>, arn: string): CertificateRecord {
  if (!isCertificateArn(arn)) throw invalidArn(arn);
  const certificate = context.tx.get(certificateTable, arn);
  if (!certificate) throw certificateNotFound(arn);
  return certificate;
}

export function statusAt({ status, material, createdMs }: CertificateRecord, nowMs: number): CertificateStatus {
  if (status === 'PENDING_VALIDATION') return nowMs - createdMs > VALIDATION_MS ? 'VALIDATION_TIMED_OUT' : status;
  if (status === 'ISSUED' && material !== undefined && nowMs > material.notAfterMs) return 'EXPIRED';
  return status;
}

/** ARNs of what uses a certificate. */
export function usersOf(reader: Reader, arn: string): readonly string[] {
  return reader.find(certificateUseTable, 'certificate', arn).map(({ userArn }) => userArn);
}

/** Whether ACM renews it by itself: "in use, or exported" (user guide, "Managed certificate renewal"). */
export function isRenewable(reader: Reader, certificate: CertificateRecord): boolean {
  const { type, status, id, isExported } = certificate;
  return type === 'AMAZON_ISSUED' && status === 'ISSUED' && (isExported || usersOf(reader, id).length > 0);
}

/** What a certificate consists of, once it has been issued. */
export type Issued = CertificateRecord & { readonly material: Material };

export const isIssued = (certificate: CertificateRecord): certificate is Issued => certificate.material !== undefined;
