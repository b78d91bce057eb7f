/** The local certificate authority: a key in the data directory, and a server certificate for any name that a client asks for. */
import { X509Certificate, createPrivateKey, createPublicKey, generateKeyPair, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { chmod, link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { promisify } from 'node:util';
import type { JsonGeneralName } from '@peculiar/x509';
import type { Leaf, LeafRequest } from '#reconcile/certificates.ts';

/** What the listener needs to speak TLS. */
export interface TlsContext {
  /** PEM, of the certificate for clients that name no server. */
  readonly key: string;
  /** PEM: the certificate for clients that name no server. */
  readonly certificate: string;
  /** The certificate for a server name; undefined when it is no name that a certificate can hold. */
  contextFor(serverName: string): Promise<SecureContext | undefined>;
  /** When to ask for another context, long before these certificates end. Milliseconds since the epoch. */
  readonly renewAtMs: number;
}

export interface LocalCa {
  /** PEM, to be trusted by clients (`AWS_CA_BUNDLE`, `curl --cacert`). */
  readonly certificate: string;
  /** Where that PEM is on disk. */
  readonly path: string;
  /** @param names addresses and names that the server has besides the usual ones */
  serve(names?: readonly string[]): Promise<TlsContext>;
  /** A certificate of somebody else's, with a new key. */
  issue(request: LeafRequest): Promise<Leaf>;
}

const DAY_MS = 86_400_000;
/** Certificates begin a day ago, for clients whose clock is behind. */
const BACKDATED_MS = DAY_MS;
const CA_DAYS = 3_650;
/** A CA with less than this left is issued again, from the same key, so that what trusts it goes on trusting. */
const CA_RENEW_DAYS = 800;
/** Clients refuse server certificates of more than 398 days: CA/Browser Forum, Baseline Requirements 6.3.2. */
const SERVER_DAYS = 397;
const SERVER_RENEW_DAYS = 300;
/** How many names' certificates are kept. */
const CONTEXTS_KEPT = 256;

const USUAL_NAMES = ['localhost', '*.localhost', '127.0.0.1', '::1', '*.amazonaws.com'];
const DNS_NAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

interface Authority {
  readonly key: KeyObject;
  readonly certificate: string;
}

/** Loaded only when a certificate is made: it takes 100 ms and 20 MB. */
async function loadX509(): Promise<typeof import('@peculiar/x509')> {
  await import('#server/reflect-metadata.ts');
  return import('@peculiar/x509');
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined; // what node:fs throws
    throw error;
  }
}

/** Writes a file whole or not at all. */
async function place(path: string, text: string, mode: number, keepExisting: boolean): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(temporary, text, { mode, flag: 'wx' });
  try {
    if (keepExisting)
      await link(temporary, path).catch((error: NodeJS.ErrnoException) => (error.code === 'EEXIST' ? undefined : Promise.reject(error)));
    else await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** The CA's key, made when there is none. Two processes that start at once end with the same one. */
async function openKey(path: string): Promise<KeyObject> {
  let pem = await readIfThere(path);
  if (pem === undefined) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await place(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600, true);
    pem = await readFile(path, 'utf8');
  }
  if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o600);
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new Error(`${path} holds no private key: move it away, and a new one is made (${String(error)})`, { cause: error });
  }
}

/** Positive and of 16 bytes: RFC 5280 section 4.1.2.2. */
const serialNumber = (): string => {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
};

const pairOf = (key: KeyObject) => ({
  privateKey: key.toCryptoKey(ALGORITHM, false, ['sign']),
  publicKey: createPublicKey(key).toCryptoKey(ALGORITHM, true, ['verify']),
});

async function issueCa(key: KeyObject, nowMs: number): Promise<string> {
  const x509 = await loadX509();
  const keys = pairOf(key);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: 'O=Keiro, CN=Keiro local CA',
    notBefore: new Date(nowMs - BACKDATED_MS),
    notAfter: new Date(nowMs - BACKDATED_MS + CA_DAYS * DAY_MS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return `${certificate.toString('pem')}\n`;
}

/** Issues a server's certificate for names (DNS, `*.` too) and IP addresses. */
async function issueServer(authority: Authority, key: KeyObject, names: readonly string[], nowMs: number): Promise<string> {
  const x509 = await loadX509();
  const issuer = new x509.X509Certificate(authority.certificate);
  const ca = pairOf(authority.key);
  const { publicKey } = pairOf(key);
  const alternatives: JsonGeneralName[] = [...new Set(names)].map((name) => ({ type: isIP(name) === 0 ? 'dns' : 'ip', value: name }));
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: 'O=Keiro, CN=Keiro server', // clients read the alternative names alone: RFC 9525 section 2
    issuer: issuer.subject,
    notBefore: new Date(nowMs - BACKDATED_MS),
    notAfter: new Date(nowMs - BACKDATED_MS + SERVER_DAYS * DAY_MS),
    publicKey,
    signingKey: ca.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(alternatives),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return `${certificate.toString('pem')}\n`;
}

const generate = promisify(generateKeyPair);

async function newKey(algorithm: LeafRequest['keyAlgorithm']) {
  const made =
    algorithm === 'RSA_2048' ? await generate('rsa', { modulusLength: 2048 }) : await generate('ec', { namedCurve: algorithm.slice(3) });
  const parameters =
    algorithm === 'RSA_2048'
      ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
      : { name: 'ECDSA', namedCurve: algorithm === 'EC_secp384r1' ? 'P-384' : 'P-256', hash: 'SHA-256' };
  return { privateKey: made.privateKey, publicKey: made.publicKey.toCryptoKey(parameters, true, ['verify']) };
}

/** As ACM's: for servers and clients, with a subject; keys of RSA may also take keys in transport. */
async function issueLeaf(authority: Authority, { names, keyAlgorithm, notBeforeMs, notAfterMs }: LeafRequest): Promise<Leaf> {
  const x509 = await loadX509();
  const issuer = new x509.X509Certificate(authority.certificate);
  const { privateKey, publicKey } = await newKey(keyAlgorithm);
  const usages = x509.KeyUsageFlags.digitalSignature | (keyAlgorithm === 'RSA_2048' ? x509.KeyUsageFlags.keyEncipherment : 0);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [{ CN: [names[0] ?? ''] }],
    issuer: issuer.subject,
    notBefore: new Date(notBeforeMs),
    notAfter: new Date(notAfterMs),
    publicKey,
    signingKey: pairOf(authority.key).privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(usages, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension(names.map((value): JsonGeneralName => ({ type: 'dns', value }))),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return {
    certificate: `${certificate.toString('pem')}\n`,
    chain: authority.certificate,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

async function serve(authority: Authority, names: readonly string[], now: () => number): Promise<TlsContext> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const base = [...USUAL_NAMES, ...names];
  const certificate = await issueServer(authority, privateKey, base, now());
  const contexts = new Map<string, Promise<SecureContext>>();

  const make = async (name: string): Promise<SecureContext> =>
    createSecureContext({ key, cert: await issueServer(authority, privateKey, [name, ...base], now()) });

  const contextFor = async (serverName: string): Promise<SecureContext | undefined> => {
    const name = serverName.toLowerCase();
    if (!DNS_NAME.test(name)) return undefined;
    const known = contexts.get(name) ?? make(name);
    contexts.delete(name); // so that the latest used is the youngest
    contexts.set(name, known);
    known.catch(() => contexts.delete(name));
    const oldest = contexts.size > CONTEXTS_KEPT ? contexts.keys().next().value : undefined;
    if (oldest !== undefined) contexts.delete(oldest);
    return known;
  };
  return { key, certificate, contextFor, renewAtMs: now() + SERVER_RENEW_DAYS * DAY_MS };
}

/** Whether a certificate is the key's, and has time left. */
function isGood(pem: string, key: KeyObject, nowMs: number): boolean {
  try {
    const certificate = new X509Certificate(pem);
    return certificate.checkPrivateKey(key) && Date.parse(certificate.validTo) - nowMs > CA_RENEW_DAYS * DAY_MS;
  } catch {
    return false;
  }
}

/**
 * The authority of a data directory: `ca.key` (0600) and `ca.pem`, made when they are not there.
 * @param now the clock, milliseconds since the epoch
 */
export async function openLocalCa(directory: string, now: () => number = Date.now): Promise<LocalCa> {
  await mkdir(directory, { recursive: true });
  const key = await openKey(join(directory, 'ca.key'));
  const path = join(directory, 'ca.pem');
  let certificate = await readIfThere(path);
  if (certificate === undefined || !isGood(certificate, key, now())) {
    certificate = await issueCa(key, now());
    await place(path, certificate, 0o644, false);
  }
  const authority: Authority = { key, certificate };
  return {
    certificate,
    path,
    serve: (names = []) => serve(authority, names, now),
    issue: async (request) => issueLeaf(authority, request),
  };
}
