/** What one check found, and AWS's words for it (ELB guide, "Health check reason codes"). */
import type { TargetHealth } from '#model/balancer.ts';

export type Outcome =
  | { readonly kind: 'pass' }
  /** A response, but not one of those that pass. */
  | { readonly kind: 'code'; readonly code: number }
  | { readonly kind: 'timeout' }
  /** Refused, cut off, not HTTP, no TLS. */
  | { readonly kind: 'failed' }
  /** The check could not even be tried. */
  | { readonly kind: 'internal' };

export const PASS: Outcome = { kind: 'pass' };
export const TIMEOUT: Outcome = { kind: 'timeout' };
export const FAILED: Outcome = { kind: 'failed' };
export const INTERNAL: Outcome = { kind: 'internal' };

type Verdict = Pick<TargetHealth, 'state' | 'reason' | 'description'>;

export const REGISTERING: Verdict = {
  state: 'initial',
  reason: 'Elb.RegistrationInProgress',
  description: 'Target registration is in progress',
};
export const CHECKING: Verdict = {
  state: 'initial',
  reason: 'Elb.InitialHealthChecking',
  description: 'Initial health checks in progress',
};
export const HEALTHY: Verdict = { state: 'healthy' };

/** @param isNetwork network load balancers know one reason only */
export function unhealthy(outcome: Outcome, isNetwork: boolean): Verdict {
  if (outcome.kind === 'internal') {
    return { state: 'unhealthy', reason: 'Elb.InternalError', description: 'Health checks failed due to an internal error' };
  }
  if (outcome.kind === 'code' && !isNetwork) {
    const description = `Health checks failed with these codes: [${outcome.code}]`;
    return { state: 'unhealthy', reason: 'Target.ResponseCodeMismatch', description };
  }
  if (outcome.kind === 'timeout' && !isNetwork) return { state: 'unhealthy', reason: 'Target.Timeout', description: 'Request timed out' };
  return { state: 'unhealthy', reason: 'Target.FailedHealthChecks', description: 'Health checks failed' };
}
