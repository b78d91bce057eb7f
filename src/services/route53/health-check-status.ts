/** What checkers see of a health check. */
import type { HealthCheckObservation, HealthCheckRegion } from '@aws-sdk/client-route-53';
import type { OperationContext } from '#aws/context.ts';
import type { CheckerObservation, CheckStatus } from '#model/health-check.ts';
import { invalidInput } from '#services/route53/errors.ts';
import { requireHealthCheck } from '#services/route53/health-checks.ts';
import type { Route53Operations } from '#services/route53/sdk.ts';

export const healthCheckStatus = {
  GetHealthCheckStatus(context, input) {
    return { HealthCheckObservations: observationsOf(context, input.HealthCheckId, 'observations').map((each) => observationView(each)) };
  },

  GetHealthCheckLastFailureReason(context, input) {
    return { HealthCheckObservations: observationsOf(context, input.HealthCheckId, 'lastFailures').map((each) => observationView(each)) };
  },
} satisfies Route53Operations;

/** @throws AwsError NoSuchHealthCheck, InvalidInput */
function observationsOf(context: OperationContext, id: string, what: keyof Pick<CheckStatus, 'observations' | 'lastFailures'>) {
  const { type } = requireHealthCheck(context, id);
  // "You can't use GetHealthCheckStatus to get the status of a calculated health check" (API reference).
  if (type === 'CALCULATED') throw invalidInput(`Health check ${id} is a calculated health check: no checker observes it.`);
  return context.observed.healthCheck?.(id)?.[what] ?? [];
}

function observationView({ region, address, words, atMs }: CheckerObservation): HealthCheckObservation {
  return {
    Region: region as HealthCheckRegion, // of `checkers`
    IPAddress: address,
    StatusReport: { Status: words, CheckedTime: new Date(atMs) },
  };
}
