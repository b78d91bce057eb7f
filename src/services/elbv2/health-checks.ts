/** Health checks of target groups: defaults by protocol, and what may be set (ELB API reference, CreateTargetGroup). */
import type { CreateTargetGroupInput } from '@aws-sdk/client-elastic-load-balancing-v2';
import { invalidConfiguration, unmodelled, validationError } from '#services/elbv2/errors.ts';
import { checkMatcher } from '#services/elbv2/matcher.ts';
import type { HealthCheckRecord, TargetGroupRecord } from '#services/elbv2/tables.ts';
import { isHttp } from '#services/elbv2/target-group-attributes.ts';

export type HealthCheckInput = Pick<
  CreateTargetGroupInput,
  | 'HealthCheckProtocol'
  | 'HealthCheckPort'
  | 'HealthCheckEnabled'
  | 'HealthCheckPath'
  | 'HealthCheckIntervalSeconds'
  | 'HealthCheckTimeoutSeconds'
  | 'HealthyThresholdCount'
  | 'UnhealthyThresholdCount'
  | 'Matcher'
>;

type Group = Pick<TargetGroupRecord, 'protocol' | 'targetType'>;

/** Seconds without an answer; network load balancers differ by the check's protocol (their guide, "Health check settings"). */
const networkTimeouts: Readonly<Record<HealthCheckRecord['protocol'], number>> = { HTTP: 6, HTTPS: 10, TCP: 10 };

/**
 * The health check of a new target group, or of one that is changed.
 * @param before what it has; undefined for a new one
 * @throws AwsError ValidationError, InvalidConfigurationRequest
 */
export function healthCheckOf(group: Group, input: HealthCheckInput, before?: HealthCheckRecord): HealthCheckRecord {
  if (input.HealthCheckEnabled === false) {
    throw validationError(`Health check enabled must be true for target groups with target type '${group.targetType}'`);
  }
  if (input.Matcher?.GrpcCode !== undefined) throw unmodelled('health checks by gRPC code');
  const protocol = protocolOf(group, input.HealthCheckProtocol ?? before?.protocol);
  const isWeb = protocol !== 'TCP';
  if (!isWeb && (input.HealthCheckPath !== undefined || input.Matcher?.HttpCode !== undefined)) {
    const what = input.HealthCheckPath === undefined ? 'matcher' : 'path';
    throw validationError(`Health check ${what} cannot be specified for health checks with the ${protocol} protocol`);
  }
  const check: HealthCheckRecord = {
    protocol,
    port: input.HealthCheckPort ?? before?.port ?? 'traffic-port',
    intervalSeconds: input.HealthCheckIntervalSeconds ?? before?.intervalSeconds ?? 30,
    timeoutSeconds: input.HealthCheckTimeoutSeconds ?? before?.timeoutSeconds ?? (isHttp(group.protocol) ? 5 : networkTimeouts[protocol]),
    healthyThreshold: input.HealthyThresholdCount ?? before?.healthyThreshold ?? 5,
    unhealthyThreshold: input.UnhealthyThresholdCount ?? before?.unhealthyThreshold ?? 2,
    ...(isWeb
      ? {
          path: input.HealthCheckPath ?? before?.path ?? '/',
          matcher: input.Matcher?.HttpCode ?? before?.matcher ?? (isHttp(group.protocol) ? '200' : '200-399'),
        }
      : {}),
  };
  checkTogether(group, check, input);
  return check;
}

function protocolOf(group: Group, asked: string | undefined): HealthCheckRecord['protocol'] {
  const protocol = asked ?? (isHttp(group.protocol) || group.targetType === 'alb' ? 'HTTP' : 'TCP');
  if (protocol !== 'HTTP' && protocol !== 'HTTPS' && protocol !== 'TCP') {
    throw validationError(`Health check protocol '${protocol}' must be one of 'HTTP, HTTPS, TCP'`);
  }
  if (protocol === 'TCP' && (isHttp(group.protocol) || group.targetType === 'alb')) {
    const which = group.targetType === 'alb' ? "target type 'alb'" : `the ${group.protocol} protocol`;
    throw invalidConfiguration(`The health check protocol 'TCP' is not supported for target groups with ${which}`);
  }
  return protocol;
}

function checkTogether(group: Group, check: HealthCheckRecord, input: HealthCheckInput): void {
  if (check.port !== 'traffic-port' && !(/^\d{1,5}$/.test(check.port) && Number(check.port) >= 1 && Number(check.port) <= 65_535)) {
    throw validationError(`Health check port '${check.port}' must be 'traffic-port' or a port between '1-65535' inclusive`);
  }
  checkTimes(group, check, input);
  if (check.path !== undefined && !check.path.startsWith('/')) {
    throw validationError(`Health check path '${check.path}' must begin with a '/' character`);
  }
  if (check.matcher !== undefined) checkMatcher(check.matcher, 200, isHttp(group.protocol) ? 499 : 599);
}

/** Of HTTP groups the time-out has to be shorter than the interval when the call sets both; else they may be equal. */
function checkTimes(group: Group, { timeoutSeconds, intervalSeconds }: HealthCheckRecord, input: HealthCheckInput): void {
  const mustDiffer =
    isHttp(group.protocol) && input.HealthCheckTimeoutSeconds !== undefined && input.HealthCheckIntervalSeconds !== undefined;
  if (timeoutSeconds < intervalSeconds || (timeoutSeconds === intervalSeconds && !mustDiffer)) return;
  const relation = isHttp(group.protocol) ? 'smaller than' : 'smaller than or equal to';
  throw validationError(`Health check timeout '${timeoutSeconds}' must be ${relation} the interval '${intervalSeconds}'`);
}
