/** Which certificates a client may be shown, by the name that it asks for. */
import { X509Certificate } from 'node:crypto';
import type { BalancerCertificate } from '#model/balancer.ts';

/** What the choice among certificates of one name goes by. */
interface Rank {
  readonly certificate: BalancerCertificate;
  readonly isRsa: boolean;
  readonly isMd5: boolean;
  readonly keyBits: number;
  /** Milliseconds since the epoch. */
  readonly endsMs: number;
}

const curveBits: Readonly<Record<string, number>> = { prime256v1: 256, secp384r1: 384, secp521r1: 521 };

/** The certificates of a listener, by name. */
export class CertificateChoice {
  readonly #default: readonly BalancerCertificate[];
  readonly #byName = new Map<string, BalancerCertificate[]>();
  readonly #chosen = new Map<string, readonly BalancerCertificate[]>();

  /** @param certificates the first is the default one; the others are the listener's certificate list */
  constructor(certificates: readonly BalancerCertificate[]) {
    const [first, ...list] = certificates;
    this.#default = first === undefined ? [] : [first];
    for (const certificate of list)
      for (const name of certificate.names) {
        const holders = this.#byName.get(name.toLowerCase());
        if (holders === undefined) this.#byName.set(name.toLowerCase(), [certificate]);
        else holders.push(certificate);
      }
  }

  /**
   * What a client is shown: at most one certificate of ECDSA and one of RSA, of which TLS takes the first that the client can use.
   * A name's own certificates come before those with a wildcard for its first label. With several, "public key algorithm (prefer ECDSA over
   * RSA), hashing algorithm (prefer SHA over MD5), key length (prefer the largest), validity period" (ELB user guide, "Certificate list").
   * The default certificate is for clients that name no server, and for names that the list does not have.
   * @param serverName as the client sent it; compared without regard to case
   */
  for(serverName: string | undefined): readonly BalancerCertificate[] {
    if (serverName === undefined || this.#byName.size === 0) return this.#default;
    const name = serverName.toLowerCase();
    const key = this.#byName.has(name) ? name : `*${name.slice(name.indexOf('.'))}`;
    const known = this.#chosen.get(key);
    if (known !== undefined) return known;
    const holders = this.#byName.get(key);
    if (holders === undefined || !name.includes('.')) return this.#default;
    const best = bestOfEachKind(holders);
    this.#chosen.set(key, best);
    return best;
  }
}

function bestOfEachKind(certificates: readonly BalancerCertificate[]): readonly BalancerCertificate[] {
  const [only, other] = certificates;
  if (only !== undefined && other === undefined) return [only];
  const ranked = certificates.map(rankOf).toSorted(compare);
  const best = [ranked.find(({ isRsa }) => !isRsa), ranked.find(({ isRsa }) => isRsa)];
  return best.flatMap((found) => (found === undefined ? [] : [found.certificate]));
}

function rankOf(certificate: BalancerCertificate): Rank {
  const x509 = new X509Certificate(certificate.chain);
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = x509.publicKey;
  return {
    certificate,
    isRsa: type !== 'ec',
    isMd5: /md5/i.test(x509.signatureAlgorithm ?? ''),
    keyBits: details?.modulusLength ?? curveBits[details?.namedCurve ?? ''] ?? 0,
    endsMs: Date.parse(x509.validTo),
  };
}

function compare(one: Rank, other: Rank): number {
  return Number(one.isMd5) - Number(other.isMd5) || other.keyBits - one.keyBits || other.endsMs - one.endsMs;
}
