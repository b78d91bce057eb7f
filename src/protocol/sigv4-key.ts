/** Signing keys of Signature Version 4, derived from a secret once a day and scope. */
import { createHmac } from 'node:crypto';

/** How many derived keys are kept: one per access key, day, Region and service in use. */
const KEYS_KEPT = 1_000;

const keys = new Map<string, { readonly secret: string; readonly key: Buffer }>();

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text, 'utf8').digest();

/** `HMAC(HMAC(HMAC(HMAC("AWS4" + secret, date), region), service), "aws4_request")`; the latest 1,000 are remembered. */
export function signingKey(accessKeyId: string, secret: string, date: string, region: string, service: string): Buffer {
  const name = `${accessKeyId}/${date}/${region}/${service}`;
  const known = keys.get(name);
  if (known?.secret === secret) return known.key;
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), 'aws4_request');
  keys.delete(name); // so that the new one is the youngest
  if (keys.size >= KEYS_KEPT) {
    const oldest = keys.keys().next();
    if (!oldest.done) keys.delete(oldest.value);
  }
  keys.set(name, { secret, key });
  return key;
}

/** The signature of a canonical request's hash, lower-case hex. */
export function signatureOf(key: Buffer, timestamp: string, scope: string, canonicalHash: string): string {
  return createHmac('sha256', key).update(`AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${canonicalHash}`, 'utf8').digest('hex');
}
