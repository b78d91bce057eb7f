/** A security policy as Node's options of TLS. */
import type { SecureContextOptions } from 'node:tls';
import type { TlsPolicy } from '#model/tls-policies.ts';

export type PolicyOptions = Required<
  Pick<SecureContextOptions, 'minVersion' | 'maxVersion' | 'ciphers' | 'honorCipherOrder' | 'ecdhCurve'>
>;

/**
 * The guide names the post-quantum groups, and leaves the curves out: these are s2n-tls's for its policies of load balancers
 * (`s2n_ecc_preferences_20140601`), with X25519 where TLS 1.3 is.
 */
const POST_QUANTUM_GROUPS = ['X25519MLKEM768', 'SecP256r1MLKEM768', 'SecP384r1MLKEM1024'];
const CURVES = ['P-256', 'P-384'];

/**
 * What a listener with this policy takes, and nothing else. A cipher that the TLS library does not have is passed over: it is
 * `DES-CBC3-SHA` of ELBSecurityPolicy-TLS-1-0-2015-04, which OpenSSL 3 is built without.
 */
export function policyOptions(policy: TlsPolicy): PolicyOptions {
  const [oldest] = policy.protocols;
  const newest = policy.protocols.at(-1);
  if (oldest === undefined || newest === undefined) throw new Error(`${policy.name} has no protocol`);
  const hasX25519 = newest === 'TLSv1.3' && !policy.isFips;
  const names = policy.ciphers.map(({ name }) => name);
  // OpenSSL refuses a list without a cipher of TLS 1.2, and sets the security level by that list. `minVersion` keeps it from being used.
  const plain = oldest === 'TLSv1.3' ? ['ECDHE-ECDSA-AES128-GCM-SHA256'] : [];
  return {
    minVersion: oldest,
    maxVersion: newest,
    ciphers: [...names, ...plain, `@SECLEVEL=${securityLevel(policy)}`].join(':'),
    honorCipherOrder: true,
    ecdhCurve: [...(policy.isPostQuantum ? POST_QUANTUM_GROUPS : []), ...(hasX25519 ? ['X25519'] : []), ...CURVES].join(':'),
  };
}

/** OpenSSL's: 0 is what TLS before 1.2 needs, which signs with SHA-1; 1 takes certificates of 1,024 bits, as load balancers do. */
const securityLevel = ({ protocols }: TlsPolicy): number => (protocols.includes('TLSv1.1') ? 0 : 1);
