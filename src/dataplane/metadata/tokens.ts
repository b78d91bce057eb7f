/** Session tokens of IMDSv2: unguessable, bound to one instance, good until their end, and remembered by nobody. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export interface SessionTokens {
  /** A token for an instance; each call gives another. */
  issue(instanceId: string, ttlSeconds: number): string;
  /** How long it is still good, in whole seconds, at least 1; undefined: expired, of another instance, or none of ours. */
  secondsLeft(instanceId: string, token: string): number | undefined;
}

// When it ends (milliseconds since the epoch), chance, HMAC-SHA256: 40 bytes and thus 56 characters, like AWS's.
const endLength = 6;
const headLength = 8;
const macLength = 32;
const padding = '==';
const tokenLength = 56;

/** Tokens under a key of their own, which lives as long as the process. */
export function sessionTokens(nowMs: () => number): SessionTokens {
  const key = randomBytes(32);
  const sign = (instanceId: string, head: Buffer): Buffer => createHmac('sha256', key).update(head).update(instanceId).digest();

  return {
    issue(instanceId, ttlSeconds) {
      const head = randomBytes(headLength);
      head.writeUIntBE(Math.round(nowMs()) + ttlSeconds * 1000, 0, endLength);
      return encode(Buffer.concat([head, sign(instanceId, head)]));
    },
    secondsLeft(instanceId, token) {
      if (token.length !== tokenLength) return undefined;
      const bytes = Buffer.from(token, 'base64url');
      // Decoding passes over strange characters: only the one spelling counts.
      if (bytes.length !== headLength + macLength || encode(bytes) !== token) return undefined;
      const head = bytes.subarray(0, headLength);
      if (!timingSafeEqual(sign(instanceId, head), bytes.subarray(headLength))) return undefined;
      const leftMs = head.readUIntBE(0, endLength) - nowMs();
      return leftMs > 0 ? Math.ceil(leftMs / 1000) : undefined;
    },
  };
}

function encode(bytes: Buffer): string {
  return bytes.toString('base64url') + padding;
}
