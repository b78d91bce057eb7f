/** JSON Web Tokens (RFC 7519) signed with RS256 (RFC 7518 section 3.3) by a pool's keys. */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { SigningKey } from '#services/cognito-idp/tables.ts';

export type Claims = Readonly<Record<string, unknown>>;

/** Longer tokens are not from here. */
const LONGEST = 65_536;

interface Opened {
  readonly secret: KeyObject;
  readonly open: KeyObject;
}
/** Reading a key takes longer than signing; records are the same object until they are changed. */
const openedKeys = new WeakMap<SigningKey, Opened>();

function opened(key: SigningKey): Opened {
  let known = openedKeys.get(key);
  if (known === undefined) {
    const secret = createPrivateKey(key.privateKey);
    openedKeys.set(key, (known = { secret, open: createPublicKey(secret) }));
  }
  return known;
}

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export function signToken(key: SigningKey, claims: Claims): string {
  const signed = `${encoded({ kid: key.kid, alg: 'RS256' })}.${encoded(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), opened(key).secret).toString('base64url')}`;
}

/** The claims of a token, unverified; undefined for what is no token. */
export function readClaims(token: string): Claims | undefined {
  if (token.length > LONGEST) return undefined;
  const parts = token.split('.');
  return parts.length === 3 ? objectOf(parts[1] ?? '') : undefined;
}

/** Whether the key signed a token; nothing but RS256 with that key's id passes. */
export function isSignedBy(key: SigningKey, token: string): boolean {
  const [head = '', body = '', signature = ''] = token.split('.');
  const { alg, kid } = objectOf(head) ?? {};
  if (alg !== 'RS256' || kid !== key.kid) return false;
  return verify('sha256', Buffer.from(`${head}.${body}`), opened(key).open, Buffer.from(signature, 'base64url'));
}

function objectOf(text: string): Claims | undefined {
  try {
    const value = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
