/**
 * The predefined security policies of load balancers: which TLS versions and ciphers a listener takes.
 *
 * From "Security policies for your Application Load Balancer" and "… Network Load Balancer" (ELB user guides, tables "Protocols by policy"
 * and "Ciphers by policy"); the order of ciphers is also s2n-tls's for its policies of these names, the order of policies that of the CLI's
 * reference of `describe-ssl-policies`. The table of TLS-1-0-2015-04 is of an older edition. Policies with PQ in their names have the ciphers
 * of those without: the guide's text tells of no other difference than key exchange, and its tables for them were not to be had.
 * Left out are the policies with RFC9151 (since August 2026) and CNSA2 in their names, for want of those tables.
 */
export type TlsProtocol = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

export interface TlsCipher {
  /** OpenSSL's name. */
  readonly name: string;
  /** 1 is preferred. */
  readonly priority: number;
}

export interface TlsPolicy {
  /** `ELBSecurityPolicy-…`. */
  readonly name: string;
  /** Oldest first, as AWS lists them. */
  readonly protocols: readonly TlsProtocol[];
  /** In AWS's order, which is the server's own preference. */
  readonly ciphers: readonly TlsCipher[];
  readonly loadBalancerTypes: readonly ('application' | 'network')[];
  /** Whether clients may agree a key by ML-KEM with a classical curve. */
  readonly isPostQuantum: boolean;
  /** Listeners of one application load balancer are all with FIPS policies or all without. */
  readonly isFips: boolean;
}

/** What a listener has whose maker names no policy. */
export const DEFAULT_TLS_POLICY = 'ELBSecurityPolicy-2016-08';

const TLS13_FIPS = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384'];
const TLS13 = [...TLS13_FIPS, 'TLS_CHACHA20_POLY1305_SHA256'];

const GCM_128 = ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'];
const GCM_256 = ['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'];
const CBC_128 = ['ECDHE-ECDSA-AES128-SHA256', 'ECDHE-RSA-AES128-SHA256'];
const CBC_256 = ['ECDHE-ECDSA-AES256-SHA384', 'ECDHE-RSA-AES256-SHA384'];
const SHA1_128 = ['ECDHE-ECDSA-AES128-SHA', 'ECDHE-RSA-AES128-SHA'];
/** The one pair in which RSA comes first. */
const SHA1_256 = ['ECDHE-RSA-AES256-SHA', 'ECDHE-ECDSA-AES256-SHA'];

/** Forward secret, authenticated encryption only. */
const RESTRICTED = [...GCM_128, ...GCM_256];
/** Forward secret, SHA-2 only. */
const STANDARD = [...GCM_128, ...CBC_128, ...GCM_256, ...CBC_256];
/** Forward secret, SHA-1 too. */
const FORWARD_SECRET = [...GCM_128, ...CBC_128, ...SHA1_128, ...GCM_256, ...CBC_256, ...SHA1_256];
/** SHA-2 only, with key transport by RSA. */
const STANDARD_AND_RSA = [...STANDARD, 'AES128-GCM-SHA256', 'AES128-SHA256', 'AES256-GCM-SHA384', 'AES256-SHA256'];
/** Everything but 3DES. */
const BROAD = [
  ...FORWARD_SECRET,
  ...['AES128-GCM-SHA256', 'AES128-SHA256', 'AES128-SHA', 'AES256-GCM-SHA384', 'AES256-SHA256', 'AES256-SHA'],
];

const FROM_1_0: readonly TlsProtocol[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2'];
const FROM_1_1 = FROM_1_0.slice(1);
const FROM_1_2 = FROM_1_0.slice(2);

/** @param plain TLS 1.2 and before */
function policy(name: string, protocols: readonly TlsProtocol[], plain: readonly string[]): TlsPolicy {
  const isFips = name.includes('-FIPS-');
  const hasTls13 = name.startsWith('TLS13-');
  const ciphers = hasTls13 ? [...(isFips ? TLS13_FIPS : TLS13), ...plain] : plain;
  return {
    name: `ELBSecurityPolicy-${name}`,
    protocols: hasTls13 ? [...protocols, 'TLSv1.3'] : protocols,
    ciphers: ciphers.map((cipher, index) => ({ name: cipher, priority: index + 1 })),
    loadBalancerTypes: ['application', 'network'],
    isPostQuantum: name.includes('-PQ-'),
    isFips,
  };
}

export const tlsPolicies: readonly TlsPolicy[] = [
  policy('2016-08', FROM_1_0, BROAD),
  policy('TLS13-1-2-2021-06', FROM_1_2, STANDARD),
  policy('TLS13-1-2-Res-2021-06', FROM_1_2, RESTRICTED),
  policy('TLS13-1-2-Ext1-2021-06', FROM_1_2, STANDARD_AND_RSA),
  policy('TLS13-1-2-Ext2-2021-06', FROM_1_2, BROAD),
  policy('TLS13-1-1-2021-06', FROM_1_1, BROAD),
  policy('TLS13-1-0-2021-06', FROM_1_0, BROAD),
  policy('TLS13-1-3-2021-06', [], []),
  policy('TLS-1-2-2017-01', FROM_1_2, STANDARD_AND_RSA),
  policy('TLS-1-1-2017-01', FROM_1_1, BROAD),
  policy('TLS-1-2-Ext-2018-06', FROM_1_2, BROAD),
  policy('FS-2018-06', FROM_1_0, FORWARD_SECRET),
  policy('2015-05', FROM_1_0, BROAD),
  policy('TLS-1-0-2015-04', FROM_1_0, [...BROAD, 'DES-CBC3-SHA']),
  policy('FS-1-2-Res-2019-08', FROM_1_2, STANDARD),
  policy('FS-1-1-2019-08', FROM_1_1, FORWARD_SECRET),
  policy('FS-1-2-2019-08', FROM_1_2, FORWARD_SECRET),
  policy('FS-1-2-Res-2020-10', FROM_1_2, RESTRICTED),

  policy('TLS13-1-3-FIPS-2023-04', [], []),
  policy('TLS13-1-2-FIPS-2023-04', FROM_1_2, STANDARD),
  policy('TLS13-1-2-Res-FIPS-2023-04', FROM_1_2, RESTRICTED),
  policy('TLS13-1-2-Ext2-FIPS-2023-04', FROM_1_2, BROAD),
  policy('TLS13-1-2-Ext1-FIPS-2023-04', FROM_1_2, STANDARD_AND_RSA),
  policy('TLS13-1-2-Ext0-FIPS-2023-04', FROM_1_2, FORWARD_SECRET),
  policy('TLS13-1-1-FIPS-2023-04', FROM_1_1, BROAD),
  policy('TLS13-1-0-FIPS-2023-04', FROM_1_0, BROAD),

  policy('TLS13-1-3-PQ-2025-09', [], []),
  policy('TLS13-1-2-PQ-2025-09', FROM_1_2, STANDARD),
  policy('TLS13-1-2-Res-PQ-2025-09', FROM_1_2, RESTRICTED),
  policy('TLS13-1-2-Ext2-PQ-2025-09', FROM_1_2, BROAD),
  policy('TLS13-1-2-Ext1-PQ-2025-09', FROM_1_2, STANDARD_AND_RSA),
  policy('TLS13-1-0-PQ-2025-09', FROM_1_0, BROAD),

  policy('TLS13-1-3-FIPS-PQ-2025-09', [], []),
  policy('TLS13-1-2-FIPS-PQ-2025-09', FROM_1_2, STANDARD),
  policy('TLS13-1-2-Res-FIPS-PQ-2025-09', FROM_1_2, RESTRICTED),
  policy('TLS13-1-2-Ext2-FIPS-PQ-2025-09', FROM_1_2, BROAD),
  policy('TLS13-1-2-Ext1-FIPS-PQ-2025-09', FROM_1_2, STANDARD_AND_RSA),
  policy('TLS13-1-2-Ext0-FIPS-PQ-2025-09', FROM_1_2, FORWARD_SECRET),
  policy('TLS13-1-0-FIPS-PQ-2025-09', FROM_1_0, BROAD),
];

const byName = new Map(tlsPolicies.map((each) => [each.name, each]));

/** The policy of that name; undefined when AWS has none. */
export const tlsPolicy = (name: string): TlsPolicy | undefined => byName.get(name);
