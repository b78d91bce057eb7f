/** `X-Amzn-Trace-Id` (ALB user guide, "Request tracing"). */
import { randomFillSync } from 'node:crypto';

const ID_DIGITS = 24;
const IDS = 256;
const random = Buffer.alloc((ID_DIGITS / 2) * IDS);

let digits = '';
let used = IDS;
let second = 0;
let prefix = '';

/** `1-` 8 hexadecimal digits of the time `-` 24 of randomness. */
function newId(): string {
  if (used === IDS) {
    digits = randomFillSync(random).toString('hex');
    used = 0;
  }
  const now = Math.floor(Date.now() / 1000);
  if (now !== second) {
    second = now;
    prefix = `1-${now.toString(16).padStart(8, '0')}-`;
  }
  const at = used * ID_DIGITS;
  used += 1;
  return prefix + digits.slice(at, at + ID_DIGITS);
}

/** "If the HTTP headers are greater than 7 KB, the load balancer rewrites the header with a Root field." */
const LONG_HEAD_BYTES = 7 * 1024;

/**
 * The value that goes on.
 * @param before what came
 * @param headBytes of the whole head
 */
export function traceIdAfter(before: string | undefined, headBytes: number): string {
  if (before === undefined || headBytes > LONG_HEAD_BYTES) return `Root=${newId()}`;
  const kept = before.split(';').filter((field) => field !== '' && !/^\s*self=/i.test(field));
  const knows = kept.length < before.split(';').length || kept.some((field) => /^\s*root=/i.test(field));
  return [`${knows ? 'Self' : 'Root'}=${newId()}`, ...kept].join(';');
}
