/** Whether a request goes on to be decided about at all. */
import type { BalancerAttributes } from '#model/balancer.ts';
import { verdictOf } from '#dataplane/balancer/http/classification.ts';
import { bit, FIELD } from '#dataplane/balancer/http/fields.ts';
import { HEAD_BYTES, LINE_BYTES, type RequestHead } from '#dataplane/balancer/http/request-head.ts';

/** ALB user guide, "HTTP 463": more addresses than this in `X-Forwarded-For`. */
const MOST_FORWARDED = 30;

/** Values of `X-Forwarded-For` name more addresses than AWS takes. */
export function namesTooMany(before: readonly string[]): boolean {
  return before.reduce((count, value) => count + value.split(',').length, 0) > MOST_FORWARDED;
}

/** The status that a head is refused with; 0: it is not. */
export function refusalOf(head: RequestHead, attributes: BalancerAttributes): number {
  if (head.line.length > LINE_BYTES) return 414;
  if (head.text.length > HEAD_BYTES) return 400;
  if (head.status !== 0) return head.status;
  if (verdictOf(attributes.desyncMode, head.reason) === 'block') return 400;
  return (head.seen & bit(FIELD.forwardedFor)) !== 0 && namesTooMany(head.all(FIELD.forwardedFor)) ? 463 : 0;
}
