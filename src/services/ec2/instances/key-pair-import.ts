/** Reading the public keys that callers bring: OpenSSH's form, RFC 4716's, or DER in base64. */
import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { AwsError } from '#protocol/aws-error.ts';
import { type KeyType, sshNames } from '#services/ec2/instances/key-pair-formats.ts';

export interface ImportedKey {
  readonly type: KeyType;
  readonly key: KeyObject;
}

/** Lengths of RSA keys that EC2 takes, in bits. */
const rsaBits = { min: 1024, max: 4096 } as const;
/** Far more than the longest key needs. */
const materialLimit = 16_384;

/** @throws AwsError InvalidKey.Format for anything that is no RSA or ED25519 public key */
export function importPublicKey(material: Uint8Array): ImportedKey {
  if (material.length > materialLimit) throw invalidKeyFormat();
  const text = Buffer.from(material).toString('latin1').trim();
  const blob = blobOf(text);
  const imported = blob ? fromBlob(blob) : fromDer(text);
  if (!imported) throw invalidKeyFormat();
  return imported;
}

/** The bytes behind `ssh-rsa AAAA… comment`, or between RFC 4716's lines. */
function blobOf(text: string): Buffer | undefined {
  const [name, base64] = text.split(/[ \t]+/, 2);
  if (name === sshNames.rsa || name === sshNames.ed25519) {
    const blob = base64 === undefined ? undefined : fromBase64(base64);
    return blob && nameIn(blob) === name ? blob : undefined;
  }
  const armoured = /^---- BEGIN SSH2 PUBLIC KEY ----\r?\n([\s\S]*?)\r?\n---- END SSH2 PUBLIC KEY ----$/.exec(text)?.[1];
  if (armoured === undefined) return undefined;
  // Header lines are `Name: value`, and go on after a backslash at the end of the line.
  const body = armoured.replace(/^[^:\n]+:(?:[^\n]*\\\r?\n)*[^\n]*\r?(?:\n|$)/gm, '');
  return fromBase64(body.replace(/\s+/g, ''));
}

function nameIn(blob: Buffer): string | undefined {
  return stringsOf(blob)?.[0]?.toString('latin1');
}

function fromBlob(blob: Buffer): ImportedKey | undefined {
  const parts = stringsOf(blob);
  const name = parts?.[0]?.toString('latin1');
  if (name === sshNames.ed25519 && parts?.length === 2 && parts[1]?.length === 32) {
    return checked('ed25519', { kty: 'OKP', crv: 'Ed25519', x: parts[1].toString('base64url') });
  }
  if (name === sshNames.rsa && parts?.length === 3 && parts[1] && parts[2]) {
    return checked('rsa', { kty: 'RSA', e: unsigned(parts[1]).toString('base64url'), n: unsigned(parts[2]).toString('base64url') });
  }
  return undefined;
}

function fromDer(text: string): ImportedKey | undefined {
  const der = fromBase64(text.replace(/\s+/g, ''));
  if (!der) return undefined;
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    const type = key.asymmetricKeyType;
    return type === 'rsa' || type === 'ed25519' ? checked(type, key.export({ format: 'jwk' })) : undefined;
  } catch {
    return undefined; // no key in it
  }
}

function checked(type: KeyType, jwk: JsonWebKey): ImportedKey | undefined {
  try {
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    const bits = key.asymmetricKeyDetails?.modulusLength;
    return type === 'rsa' && (bits === undefined || bits < rsaBits.min || bits > rsaBits.max) ? undefined : { type, key };
  } catch {
    return undefined; // numbers that make no key
  }
}

/** The strings (RFC 4251 section 5) that a blob consists of; undefined when it does not. */
function stringsOf(blob: Buffer): readonly Buffer[] | undefined {
  const found: Buffer[] = [];
  let at = 0;
  while (at < blob.length) {
    if (at + 4 > blob.length) return undefined;
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return undefined;
    found.push(blob.subarray(at + 4, end));
    at = end;
  }
  return found;
}

function unsigned(number: Buffer): Buffer {
  return number[0] === 0 ? number.subarray(1) : number;
}

function fromBase64(text: string): Buffer | undefined {
  return text.length > 0 && text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}

function invalidKeyFormat(): AwsError {
  return new AwsError('InvalidKey.Format', 'Key is not in valid OpenSSH public key format');
}
