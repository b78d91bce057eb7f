/** What ACM asks of a certificate that is imported: user guide, "Prerequisites for importing ACM certificates". */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { validationException } from '#services/acm/errors.ts';
import type { KeyAlgorithm, Material } from '#services/acm/tables.ts';
import { keyAlgorithmOf, materialOf } from '#services/acm/x509.ts';

export interface Imported {
  readonly material: Material;
  readonly x509: X509Certificate;
  readonly keyAlgorithm: KeyAlgorithm;
}

const block = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/**
 * Checks what a caller gives, and reads it.
 * @throws AwsError ValidationException
 */
export function checkImport(
  input: { readonly Certificate: Uint8Array; readonly PrivateKey: Uint8Array; readonly CertificateChain?: Uint8Array | undefined },
  nowMs: number,
): Imported {
  const [x509, ...more] = certificatesIn(input.Certificate, 'certificate');
  if (x509 === undefined) throw notPem('certificate');
  if (more.length > 0)
    throw validationException(
      'The certificate field contains more than one certificate. You can specify only one certificate in this field.',
    );
  const key = privateKeyOf(input.PrivateKey);
  const keyAlgorithm = keyAlgorithmOf(x509.publicKey);
  if (keyAlgorithm === undefined) throw unsupportedKey(x509.publicKey);
  if (!x509.checkPrivateKey(key)) throw validationException('The private key does not match the certificate.');
  if (Date.parse(x509.validTo) < nowMs) throw validationException('The certificate has expired, is not valid.');
  if (Date.parse(x509.validFrom) > nowMs) throw validationException('The certificate is not in effect yet, is not valid.');
  const chain = input.CertificateChain?.length ? certificatesIn(input.CertificateChain, 'certificate chain') : [];
  checkChain(x509, chain);
  const pem = {
    certificate: x509.toString(),
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ...(chain.length === 0 ? {} : { chain: chain.map(String).join('') }),
  };
  return { material: materialOf(pem), x509, keyAlgorithm };
}

function certificatesIn(bytes: Uint8Array, field: string): X509Certificate[] {
  const blocks = Buffer.from(bytes).toString('latin1').match(block);
  if (blocks === null) throw notPem(field);
  try {
    return blocks.map((pem) => new X509Certificate(pem));
  } catch {
    throw validationException('Unable to parse certificate. Please ensure the certificate is in PEM format.');
  }
}

const notPem = (field: string) =>
  validationException(`The ${field === 'certificate' ? 'certificate body' : field} provided is not in a valid PEM format`);

function privateKeyOf(bytes: Uint8Array): KeyObject {
  try {
    const key = createPrivateKey(Buffer.from(bytes));
    if (keyAlgorithmOf(key) === undefined) throw unsupportedKey(key);
    return key;
  } catch (error) {
    if (error instanceof Error && error.name === 'AwsError') throw error;
    throw validationException('The private key is not supported.'); // no PEM, or one with a passphrase
  }
}

function unsupportedKey(key: KeyObject) {
  const { modulusLength } = key.asymmetricKeyDetails ?? {};
  return validationException(
    modulusLength === undefined
      ? 'The private key is not supported.'
      : `The private key length ${modulusLength} is not supported for key algorithm.`,
  );
}

/** "Each certificate in the chain must directly certify the one preceding", and the certificate itself is not in it. */
function checkChain(certificate: X509Certificate, chain: readonly X509Certificate[]): void {
  const own = chain.findIndex((link) => link.fingerprint256 === certificate.fingerprint256);
  if (own >= 0 && !isIssuedBy(certificate, certificate)) throw wrongLink(own);
  let issued = certificate;
  for (const [index, issuer] of chain.entries()) {
    if (!isIssuedBy(issued, issuer))
      throw index === 0 ? validationException('Could not validate the certificate with the certificate chain.') : wrongLink(index);
    issued = issuer;
  }
}

const wrongLink = (index: number) =>
  validationException(
    'Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, followed by any intermediaries in order. ' +
      `The index within the chain of the invalid certificate is: ${index}`,
  );

const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
