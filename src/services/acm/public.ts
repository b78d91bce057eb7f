/** What others may ask of Certificate Manager, and tell it. */
import type { OperationContext } from '#aws/context.ts';
import { certificateTable, certificateUseTable } from '#services/acm/tables.ts';
import type { Change, Reader } from '#store/store.ts';

export { isCertificateArn } from '#services/acm/lookup.ts';
export {
  type CertificateOrder,
  certificateOrder,
  certificateOrders,
  certificateReports,
  type WantedValidation,
} from '#services/acm/reports.ts';

export { confirmCertificateName, VALIDATION_PURPOSE } from '#services/acm/validation-mails.ts';

export interface PublicCertificate {
  /** Lower case; with a wildcard `*.example.com`. */
  readonly names: readonly string[];
  /** PEM, the leaf first, then the intermediate ones. */
  readonly chain: string;
  /** PEM, PKCS #8. */
  readonly privateKey: string;
}

/**
 * A certificate with its key; undefined unless it is there and issued.
 * @param nowMs also leaves out one that has expired by then (milliseconds since the epoch): what uses one already goes on with it
 */
export function certificateOf(reader: Reader, arn: string, nowMs?: number): PublicCertificate | undefined {
  const found = reader.get(certificateTable, arn);
  if (found?.status !== 'ISSUED' || found.material === undefined) return undefined;
  const { certificate, chain, privateKey, notAfterMs } = found.material;
  if (nowMs !== undefined && nowMs > notAfterMs) return undefined;
  // What Keiro issues has no intermediate certificate: its chain is the authority itself, which clients have.
  const links = found.type === 'IMPORTED' && chain !== undefined ? [certificate, chain] : [certificate];
  return { names: found.names, chain: links.map((pem) => `${pem.trim()}\n`).join(''), privateKey };
}

/** The ARN of the certificate that a change concerns: it, or who uses it. */
export function touchedCertificate({ table, id, before, after }: Change): string | undefined {
  if (table === certificateTable.name) return id;
  if (table !== certificateUseTable.name) return undefined;
  const use = after ?? before;
  return use && 'certificateArn' in use ? String(use.certificateArn) : undefined;
}

/** Something (a load balancer's ARN) uses a certificate from now on: DescribeCertificate tells of it, and it cannot be deleted. Told twice, it counts once. */
export function useCertificate({ tx }: Pick<OperationContext, 'tx'>, certificateArn: string, userArn: string): void {
  tx.put(certificateUseTable, { id: useId(certificateArn, userArn), certificateArn, userArn });
}

/** It does not any more, anywhere. */
export function releaseCertificate({ tx }: Pick<OperationContext, 'tx'>, certificateArn: string, userArn: string): void {
  tx.delete(certificateUseTable, useId(certificateArn, userArn));
}

const useId = (certificateArn: string, userArn: string): string => `${certificateArn} ${userArn}`;
