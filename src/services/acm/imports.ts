/** Certificates that are brought along, and those that are taken away. */
import { createPrivateKey } from 'node:crypto';
import type { OperationContext } from '#aws/context.ts';
import { checkImport } from '#services/acm/import-checks.ts';
import { certificateInUse, conflict, requestInProgress, tooManyImports, validationException } from '#services/acm/errors.ts';
import { isIssued, isRenewable, type Issued, requireCertificate, statusAt, usersOf } from '#services/acm/lookup.ts';
import { newCertificateArn } from '#services/acm/requests.ts';
import type { AcmOperations } from '#services/acm/sdk.ts';
import { certificateTable, importedTable } from '#services/acm/tables.ts';
import { newTags } from '#services/acm/tags.ts';
import { namesOf } from '#services/acm/x509.ts';
import { countYearly } from '#services/acm/yearly.ts';
import { quota } from '#services/service-quotas/public.ts';

/** The model's, for `Passphrase`. */
const PASSPHRASE = { min: 4, max: 128 };

export const imports = {
  ImportCertificate(context, input) {
    const before = input.CertificateArn === undefined ? undefined : requireCertificate(context, input.CertificateArn);
    if (before && before.type !== 'IMPORTED') throw validationException(`Certificate ${before.id} is not an imported certificate.`);
    if (before && input.Tags?.length) throw validationException('Tagging is not permitted on re-import.');
    const tags = before?.tags ?? newTags(input.Tags ?? []);
    const { material, x509, keyAlgorithm } = checkImport(input, context.nowMs);
    if (!before && context.tx.find(certificateTable, 'type', 'IMPORTED').length >= quota(context, 'acm', 'L-D2CB7DE9'))
      throw tooManyImports();
    const id = before?.id ?? newCertificateArn(context);
    if (!before) countYearly(context, importedTable, id, quota(context, 'acm', 'L-3808DC70'), tooManyImports);
    const names = namesOf(x509);
    context.tx.put(certificateTable, {
      id,
      type: 'IMPORTED',
      status: 'ISSUED',
      ...(names[0] === undefined ? {} : { domainName: names[0] }),
      names,
      keyAlgorithm,
      createdMs: before?.createdMs ?? context.nowMs,
      importedMs: context.nowMs,
      validations: [],
      isLogged: false,
      isExportable: false,
      isExported: false,
      material,
      tags,
    });
    return { CertificateArn: id };
  },

  ExportCertificate(context, input) {
    const { length } = input.Passphrase;
    if (length < PASSPHRASE.min || length > PASSPHRASE.max)
      throw validationException(
        `1 validation error detected: Value at 'passphrase' failed to satisfy constraint: Member must have length ` +
          (length < PASSPHRASE.min ? `greater than or equal to ${PASSPHRASE.min}` : `less than or equal to ${PASSPHRASE.max}`),
      );
    const certificate = requireIssued(context, input.CertificateArn);
    const { material } = certificate;
    if (!certificate.isExportable) throw validationException(`Certificate ARN: ${certificate.id} is not a private certificate`);
    context.tx.put(certificateTable, { ...certificate, isExported: true });
    return {
      Certificate: material.certificate,
      CertificateChain: material.chain,
      PrivateKey: sealed(material.privateKey, input.Passphrase),
    };
  },

  RenewCertificate(context, input) {
    const certificate = requireIssued(context, input.CertificateArn);
    if (!isRenewable(context.tx, certificate) || !certificate.isExported)
      throw validationException(`Certificate ${certificate.id} is not eligible for renewal.`);
    context.tx.put(certificateTable, { ...certificate, renewal: { isDone: false, updatedMs: context.nowMs } });
    return {};
  },

  RevokeCertificate(context, input) {
    const certificate = requireIssued(context, input.CertificateArn);
    if (certificate.status === 'REVOKED') throw conflict(`Certificate ${certificate.id} is already revoked.`);
    if (!certificate.isExported) throw validationException(`Certificate ${certificate.id} has not been exported.`);
    if (usersOf(context.tx, certificate.id).length > 0) throw certificateInUse(certificate.id, context.account);
    const { renewal: _renewal, ...rest } = certificate;
    context.tx.put(certificateTable, { ...rest, status: 'REVOKED', revokedMs: context.nowMs, revocationReason: input.RevocationReason });
    return { CertificateArn: certificate.id };
  },
} satisfies AcmOperations;

/** @throws AwsError as requireCertificate, and RequestInProgressException */
function requireIssued(context: OperationContext, arn: string): Issued {
  const certificate = requireCertificate(context, arn);
  if (!isIssued(certificate) || statusAt(certificate, context.nowMs) === 'PENDING_VALIDATION') throw requestInProgress();
  return certificate;
}

/** The key in PEM, encrypted; its salt is the library's own, and is kept nowhere. */
function sealed(privateKey: string, passphrase: Uint8Array): string {
  return createPrivateKey(privateKey)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: Buffer.from(passphrase) })
    .toString();
}
