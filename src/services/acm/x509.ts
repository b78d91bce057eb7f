/** What is read from a certificate, in Certificate Manager's words. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { KeyAlgorithm, Material } from '#services/acm/tables.ts';

const curves: Readonly<Record<string, KeyAlgorithm>> = {
  prime256v1: 'EC_prime256v1',
  secp384r1: 'EC_secp384r1',
  secp521r1: 'EC_secp521r1',
};
const moduli: Readonly<Record<number, KeyAlgorithm>> = { 1024: 'RSA_1024', 2048: 'RSA_2048', 3072: 'RSA_3072', 4096: 'RSA_4096' };

/** By OpenSSL's names of signature algorithms. */
const signatures: Readonly<Record<string, string>> = {
  md5WithRSAEncryption: 'MD5WITHRSA',
  sha1WithRSAEncryption: 'SHA1WITHRSA',
  sha256WithRSAEncryption: 'SHA256WITHRSA',
  sha384WithRSAEncryption: 'SHA384WITHRSA',
  sha512WithRSAEncryption: 'SHA512WITHRSA',
  'ecdsa-with-SHA1': 'SHA1WITHECDSA',
  'ecdsa-with-SHA256': 'SHA256WITHECDSA',
  'ecdsa-with-SHA384': 'SHA384WITHECDSA',
  'ecdsa-with-SHA512': 'SHA512WITHECDSA',
};

/** In the order of their bits: RFC 5280 section 4.2.1.3. */
const keyUsageNames = [
  'DIGITAL_SIGNATURE',
  'NON_REPUDIATION',
  'KEY_ENCIPHERMENT',
  'DATA_ENCIPHERMENT',
  'KEY_AGREEMENT',
  'CERTIFICATE_SIGNING',
  'CRL_SIGNING',
  'ENCIPHER_ONLY',
  'DECIPHER_ONLY',
];

/** Undefined for a key that ACM does not take. */
export function keyAlgorithmOf(key: KeyObject): KeyAlgorithm | undefined {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  return key.asymmetricKeyType === 'rsa' ? moduli[modulusLength ?? 0] : curves[namedCurve ?? ''];
}

/** The names that it is for, lower case, each once: its subject's common name, then the alternative ones. */
export function namesOf(certificate: X509Certificate): readonly string[] {
  const alternatives = [...(certificate.subjectAltName ?? '').matchAll(/(?:^|, )DNS:([^,"\s]+)/g)].map(([, name = '']) => name);
  const common = partOf(certificate.subject, 'CN');
  const isName = common !== undefined && /^[^\s@/:]+\.[^\s@/:]+$/.test(common);
  return [...new Set([...(isName ? [common] : []), ...alternatives].map((name) => name.toLowerCase()))];
}

/** @param pem of the certificate, its chain and its key */
export function materialOf(pem: Pick<Material, 'certificate' | 'chain' | 'privateKey'>): Material {
  const certificate = new X509Certificate(pem.certificate);
  const keyUsages = keyUsagesOf(certificate.raw);
  return {
    certificate: pem.certificate,
    ...(pem.chain === undefined ? {} : { chain: pem.chain }),
    privateKey: createPrivateKey(pem.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
    subject: certificate.subject.split('\n').join(','),
    issuer: partOf(certificate.issuer, 'O') ?? partOf(certificate.issuer, 'CN') ?? certificate.issuer.split('\n').join(','),
    serial: (certificate.serialNumber.toLowerCase().match(/../g) ?? []).join(':'),
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
    signatureAlgorithm: signatures[certificate.signatureAlgorithm ?? ''] ?? (certificate.signatureAlgorithm ?? '').toUpperCase(),
    ...(keyUsages === undefined ? {} : { keyUsages }),
    ...(certificate.keyUsage === undefined ? {} : { extendedKeyUsages: certificate.keyUsage }),
  };
}

function partOf(name: string, type: string): string | undefined {
  const prefix = `${type}=`;
  return name
    .split('\n')
    .findLast((line) => line.startsWith(prefix))
    ?.slice(prefix.length);
}

/** The extension 2.5.29.15, which Node does not read: an octet string around a bit string. */
function keyUsagesOf(der: Buffer): readonly string[] | undefined {
  const identifier = Buffer.from('0603551d0f', 'hex');
  const found = der.indexOf(identifier);
  if (found < 0) return undefined;
  const afterIdentifier = found + identifier.length;
  const at = der[afterIdentifier] === 1 ? afterIdentifier + 3 : afterIdentifier; // it may be marked as critical
  if (der[at] !== 4 || der[at + 2] !== 3) return undefined;
  const bits = der.subarray(at + 5, at + 4 + (der[at + 3] ?? 0));
  return keyUsageNames.filter((_name, index) => ((bits[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0);
}
