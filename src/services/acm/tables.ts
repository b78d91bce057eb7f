/** Records of Certificate Manager. */
import type { Tag } from '#aws/tags.ts';
import { defineTable, type StoreRecord } from '#store/table.ts';

export type KeyAlgorithm = 'RSA_1024' | 'RSA_2048' | 'RSA_3072' | 'RSA_4096' | 'EC_prime256v1' | 'EC_secp384r1' | 'EC_secp521r1';

/** What shows that whoever asks for a certificate has a name. */
export interface ValidationRecord {
  readonly domainName: string;
  /** To whose mailboxes is written; else the name itself. */
  readonly validationDomain: string;
  readonly isDone: boolean;
}

/** A certificate itself, and what is read from it. All but the key is public. */
export interface Material {
  /** PEM. */
  readonly certificate: string;
  /** PEM: who issued it, then who issued that one. Absent where it was imported without. */
  readonly chain?: string;
  /** PEM, PKCS #8. */
  readonly privateKey: string;
  readonly subject: string;
  readonly issuer: string;
  /** Two digits a byte, with colons. */
  readonly serial: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly signatureAlgorithm: string;
  /** ACM's names of the bits; undefined where there is no such extension. */
  readonly keyUsages?: readonly string[];
  /** Object identifiers. */
  readonly extendedKeyUsages?: readonly string[];
}

/** The id is the ARN. */
export interface CertificateRecord extends StoreRecord {
  readonly type: 'AMAZON_ISSUED' | 'IMPORTED';
  /** As it was last written; time makes others of it: see `statusAt`. */
  readonly status: 'PENDING_VALIDATION' | 'ISSUED' | 'REVOKED';
  readonly domainName?: string;
  /** The domain name first, lower case. */
  readonly names: readonly string[];
  readonly keyAlgorithm: KeyAlgorithm;
  readonly createdMs: number;
  readonly validationMethod?: 'DNS' | 'EMAIL';
  readonly validations: readonly ValidationRecord[];
  readonly isLogged: boolean;
  readonly isExportable: boolean;
  readonly isExported: boolean;
  readonly material?: Material;
  readonly issuedMs?: number;
  readonly importedMs?: number;
  readonly revokedMs?: number;
  readonly revocationReason?: string;
  /** The latest managed renewal. */
  readonly renewal?: { readonly isDone: boolean; readonly updatedMs: number };
  readonly tags: readonly Tag[];
}

export const certificateTable = defineTable<CertificateRecord>()('acm.certificate', { type: ({ type }) => type });

/** Something uses a certificate; the id is both ARNs. */
export interface CertificateUseRecord extends StoreRecord {
  readonly certificateArn: string;
  readonly userArn: string;
}

export const certificateUseTable = defineTable<CertificateUseRecord>()('acm.use', { certificate: ({ certificateArn }) => certificateArn });

/** One request or import of the last 365 days: they count, also when the certificate is gone. The id is the certificate's ARN. */
export interface YearlyRecord extends StoreRecord {
  readonly atMs: number;
}

export const requestedTable = defineTable<YearlyRecord>()('acm.requested');
export const importedTable = defineTable<YearlyRecord>()('acm.imported');

/** A token of RequestCertificate, and what it made. */
export interface RequestTokenRecord extends StoreRecord {
  readonly arn: string;
  readonly atMs: number;
}

export const requestTokenTable = defineTable<RequestTokenRecord>()('acm.request-token');

/** The account's; the only id is `account`. */
export interface AccountRecord extends StoreRecord {
  readonly daysBeforeExpiry: number;
}

export const accountTable = defineTable<AccountRecord>()('acm.account');
