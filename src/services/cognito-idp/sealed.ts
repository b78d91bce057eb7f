/** Sealed texts: what Keiro hands out and wants back unread and unchanged, such as refresh tokens and sessions. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { OperationContext } from '#aws/context.ts';

/** AES-256-GCM: NIST SP 800-38D. */
const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

export interface Sealed {
  readonly iv: Buffer;
  readonly ciphertext: Buffer;
  readonly tag: Buffer;
}

/** @param secret 32 bytes in base64  @param purpose what is sealed for one purpose opens for no other */
export function seal(context: Pick<OperationContext, 'randomBytes'>, secret: string, purpose: string, value: unknown): Sealed {
  const iv = context.randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, Buffer.from(secret, 'base64'), iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(purpose));
  const ciphertext = Buffer.concat([cipher.update(JSON.stringify(value)), cipher.final()]);
  return { iv, ciphertext, tag: cipher.getAuthTag() };
}

/** Undefined for what was not sealed with the secret for the purpose. */
export function open(secret: string, purpose: string, { iv, ciphertext, tag }: Sealed): unknown {
  if (iv.length !== IV_BYTES || tag.length !== TAG_BYTES) return undefined;
  const decipher = createDecipheriv(CIPHER, Buffer.from(secret, 'base64'), iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(purpose)).setAuthTag(tag);
  try {
    return JSON.parse(Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString()) as unknown;
  } catch {
    return undefined;
  }
}

/** What a packed text begins with: in base64 it is a letter, as a hyphen would be an option to command lines. */
const VERSION = Buffer.from([1]);

export function pack({ iv, ciphertext, tag }: Sealed): Buffer {
  return Buffer.concat([VERSION, iv, tag, ciphertext]);
}

/** Of whatever bytes; those that are not of `pack` do not open. */
export function unpack(bytes: Buffer): Sealed {
  const [ivAt, tagAt] = [VERSION.length, VERSION.length + IV_BYTES];
  const bodyAt = tagAt + TAG_BYTES;
  return { iv: bytes.subarray(ivAt, tagAt), tag: bytes.subarray(tagAt, bodyAt), ciphertext: bytes.subarray(bodyAt) };
}
