/** Secure Remote Password as Cognito has it: SRP-6a (RFC 5054) over RFC 3526's 3072-bit group, SHA-256, and a key derived for a signed claim. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** RFC 3526 section 4. */
const N = BigInt(
  '0xFFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF',
);
const G = 2n;
const N_BYTES = 384;
const KEY_INFO = Buffer.from('Caldera Derived Key\x01');
const KEY_BYTES = 16;

/** The bytes of a number in two's complement, as few as they can be: Java's BigInteger, which both sides are written after. */
function bytesOf(value: bigint): Buffer {
  const hex = value.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  return Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, 'hex');
}

const numberOf = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex') || '0'}`);
const numberOfHex = (hex: string): bigint => BigInt(`0x${hex}`);
const sha256 = (...parts: readonly (Buffer | string)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const K = numberOf(sha256(bytesOf(N), bytesOf(G)));

/** `base` to the power of `exponent`, modulo N. */
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base % N;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % N;
    square = (square * square) % N;
  }
  return result;
}

/** The pool's id without its Region is what both sides call the pool. */
const poolNameOf = (poolId: string): string => poolId.slice(poolId.indexOf('_') + 1);

export interface Registration {
  readonly poolId: string;
  /** `USER_ID_FOR_SRP`. */
  readonly username: string;
  readonly password: string;
  /** Hexadecimal. */
  readonly salt: string;
}

/** The verifier of a password, hexadecimal: what the server keeps instead of it. */
export function srpVerifier({ poolId, username, password, salt }: Registration): string {
  const identity = sha256(`${poolNameOf(poolId)}${username}:${password}`);
  const x = numberOf(sha256(bytesOf(numberOfHex(salt)), identity));
  return power(G, x).toString(16);
}

/** The client's public value; undefined for one that RFC 5054 forbids, or that is none. */
export function readPublicValue(hex: string | undefined): bigint | undefined {
  if (hex === undefined || hex.length > 2 * N_BYTES + 2 || !/^[0-9a-fA-F]+$/.test(hex)) return undefined;
  const value = numberOfHex(hex);
  return value % N === 0n || value >= N ? undefined : value;
}

/** The server's public value, hexadecimal. @param secret b, hexadecimal */
export function serverPublicValue(verifier: string, secret: string): string {
  return ((K * numberOfHex(verifier) + power(G, numberOfHex(secret))) % N).toString(16);
}

export interface Claim {
  readonly poolId: string;
  readonly username: string;
  /** Hexadecimal: kept verifier, the server's b, and both public values. */
  readonly verifier: string;
  readonly secret: string;
  readonly clientPublic: string;
  readonly serverPublic: string;
  /** The bytes of SECRET_BLOCK. */
  readonly secretBlock: Buffer;
  readonly timestamp: string;
  /** Base64. */
  readonly signature: string;
}

/** Whether whoever signed a claim knows the password. */
export function isClaimTrue(claim: Claim): boolean {
  const [a, b] = [numberOfHex(claim.clientPublic), numberOfHex(claim.serverPublic)];
  const u = numberOf(sha256(bytesOf(a), bytesOf(b)));
  if (u === 0n) return false;
  const s = power(a * power(numberOfHex(claim.verifier), u), numberOfHex(claim.secret));
  const key = derivedKey(s, u);
  const signed = createHmac('sha256', key)
    .update(poolNameOf(claim.poolId))
    .update(claim.username)
    .update(claim.secretBlock)
    .update(claim.timestamp)
    .digest();
  const given = Buffer.from(claim.signature, 'base64');
  return given.length === signed.length && timingSafeEqual(given, signed);
}

/** HKDF (RFC 5869) with u as its salt; 128 bits. */
function derivedKey(s: bigint, u: bigint): Buffer {
  const extracted = createHmac('sha256', bytesOf(u)).update(bytesOf(s)).digest();
  return createHmac('sha256', extracted).update(KEY_INFO).digest().subarray(0, KEY_BYTES);
}
