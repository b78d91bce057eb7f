/** What whoever issues certificates asks and tells: which are wanted, and what became of them. */
import type { ResourceRecord } from '@aws-sdk/client-acm';
import { isRenewable, statusAt } from '#services/acm/lookup.ts';
import { type CertificateRecord, certificateTable, type Material } from '#services/acm/tables.ts';
import { validationRecord } from '#services/acm/validation.ts';
import { materialOf } from '#services/acm/x509.ts';
import type { Reader, Transaction } from '#store/store.ts';

const DAY_MS = 86_400_000;
/** How long before its end a certificate is renewed. AWS tells no number for those of 198 days; expiry events begin then. */
const RENEWAL_MS = 45 * DAY_MS;

/** A name that is to be validated. */
export interface WantedValidation {
  readonly domainName: string;
  readonly method: 'DNS' | 'EMAIL';
  /** Whether that has been shown already, and counts still: a link was opened, or the record was there while others' were not. */
  readonly isDone: boolean;
  /** What has to be in DNS, with method `DNS`. */
  readonly record: { readonly name: string; readonly value: string };
}

/** A certificate that is to be issued, for the first time or again. */
export interface CertificateOrder {
  readonly arn: string;
  /** The first is the subject. */
  readonly names: readonly string[];
  readonly keyAlgorithm: 'RSA_2048' | 'EC_prime256v1' | 'EC_secp384r1';
  readonly validations: readonly WantedValidation[];
}

/** Undefined when nothing is to be done about a certificate now. @param nowMs milliseconds since the epoch */
export function certificateOrder(reader: Reader, arn: string, nowMs: number): CertificateOrder | undefined {
  const certificate = reader.get(certificateTable, arn);
  return certificate && isWanted(reader, certificate, nowMs) ? orderOf(reader, certificate) : undefined;
}

/** Of a partition, those of which something is to be done now. */
export function certificateOrders(reader: Reader, nowMs: number): readonly CertificateOrder[] {
  return [...reader.list(certificateTable)]
    .filter((certificate) => isWanted(reader, certificate, nowMs))
    .map((certificate) => orderOf(reader, certificate));
}

function isWanted(reader: Reader, certificate: CertificateRecord, nowMs: number): boolean {
  const status = statusAt(certificate, nowMs);
  if (status === 'PENDING_VALIDATION') return true;
  if (status !== 'ISSUED' || certificate.material === undefined || !isRenewable(reader, certificate)) return false;
  return certificate.renewal?.isDone === false || certificate.material.notAfterMs - nowMs <= RENEWAL_MS;
}

function orderOf(reader: Reader, certificate: CertificateRecord): CertificateOrder {
  const { id: arn, names, keyAlgorithm, validations, validationMethod: method = 'DNS' } = certificate;
  // "ACM renews as long as the CNAME record remains in place": records are looked for again, people are not asked again.
  const counts = method === 'EMAIL' || certificate.status === 'PENDING_VALIDATION';
  const { account } = reader.partition;
  return {
    arn,
    names,
    keyAlgorithm: keyAlgorithm as CertificateOrder['keyAlgorithm'], // RequestCertificate takes no other
    validations: validations.map(({ domainName, isDone }) => ({
      domainName,
      method,
      isDone: isDone && counts,
      record: recordOf(validationRecord(account, domainName)),
    })),
  };
}

const recordOf = ({ Name = '', Value = '' }: ResourceRecord) => ({ name: Name, value: Value });

/** Told in a transaction of the certificate's partition; what does not fit any more is passed over. */
export const certificateReports = {
  /** Some of its names are validated now. */
  validated(tx: Transaction, arn: string, domainNames: ReadonlySet<string>): void {
    const certificate = tx.get(certificateTable, arn);
    if (certificate?.status !== 'PENDING_VALIDATION') return;
    const validations = certificate.validations.map((each) => (domainNames.has(each.domainName) ? { ...each, isDone: true } : each));
    if (validations.some(({ isDone }, index) => isDone !== certificate.validations[index]?.isDone))
      tx.put(certificateTable, { ...certificate, validations });
  },

  /** It is issued, or issued again. */
  issued(tx: Transaction, arn: string, pem: Pick<Material, 'certificate' | 'chain' | 'privateKey'>, nowMs: number): void {
    const certificate = tx.get(certificateTable, arn);
    if (!certificate || certificate.type !== 'AMAZON_ISSUED' || certificate.status === 'REVOKED') return;
    tx.put(certificateTable, {
      ...certificate,
      status: 'ISSUED',
      material: materialOf(pem),
      issuedMs: certificate.issuedMs ?? nowMs,
      validations: certificate.validations.map((each) => ({ ...each, isDone: true })),
      ...(certificate.material === undefined ? {} : { renewal: { isDone: true, updatedMs: nowMs } }),
    });
  },
};
