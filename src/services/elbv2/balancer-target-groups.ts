/** A target group as data planes are told of it. */
import type { HealthCheck, Target, TargetGroup, TargetGroupAttributes } from '#model/balancer.ts';
import type { HealthCheckRecord, TargetGroupRecord } from '#services/elbv2/tables.ts';
import { isHttp, targetGroupAttribute } from '#services/elbv2/target-group-attributes.ts';
import { placesOf, targetsOf } from '#services/elbv2/target-lookup.ts';
import type { Reader } from '#store/store.ts';

/** @param isCrossZone what the load balancer has set, for groups that follow it */
export function balancerTargetGroup(reader: Reader, group: TargetGroupRecord, isCrossZone: boolean, nowMs: number): TargetGroup {
  return {
    id: group.id,
    name: group.name,
    protocol: group.protocol,
    protocolVersion: 'HTTP1',
    targetType: group.targetType,
    healthCheck: healthCheckOfRecord(group.healthCheck),
    attributes: attributesOf(group, isCrossZone),
    targets: targetsOf(reader, group.id, nowMs).flatMap((target) =>
      placesOf(reader, group, target).map((place): Target => ({
        id: target.targetId,
        port: target.port,
        ...place,
        ...(target.drainsUntilMs === undefined ? {} : { drainsUntilMs: target.drainsUntilMs }),
      })),
    ),
  };
}

function healthCheckOfRecord(check: HealthCheckRecord): HealthCheck {
  return {
    isEnabled: true,
    protocol: check.protocol,
    port: check.port === 'traffic-port' ? check.port : Number(check.port),
    path: check.path ?? '/',
    matcher: check.matcher ?? '200',
    intervalSeconds: check.intervalSeconds,
    timeoutSeconds: check.timeoutSeconds,
    healthyThreshold: check.healthyThreshold,
    unhealthyThreshold: check.unhealthyThreshold,
  };
}

const minimum = 'target_group_health.unhealthy_state_routing.minimum_healthy_targets';

function attributesOf(group: TargetGroupRecord, isCrossZone: boolean): TargetGroupAttributes {
  const valueOf = targetGroupAttribute(group);
  const crossZone = valueOf('load_balancing.cross_zone.enabled');
  const percentage = valueOf(`${minimum}.percentage`);
  const stickiness = valueOf('stickiness.enabled') === 'true' ? stickinessOf(valueOf) : undefined;
  return {
    algorithm: (valueOf('load_balancing.algorithm.type') || 'round_robin') as TargetGroupAttributes['algorithm'], // checked when it was set
    slowStartSeconds: Number(valueOf('slow_start.duration_seconds')),
    ...(stickiness ? { stickiness } : {}),
    isCrossZone: crossZone === 'use_load_balancer_configuration' ? isCrossZone : crossZone === 'true',
    minimumHealthy: { count: Number(valueOf(`${minimum}.count`)), percentage: percentage === 'off' ? 0 : Number(percentage) },
    preservesClientIp: !isHttp(group.protocol) && valueOf('preserve_client_ip.enabled') === 'true',
    proxyProtocolV2: valueOf('proxy_protocol_v2.enabled') === 'true',
    deregistrationDelaySeconds: Number(valueOf('deregistration_delay.timeout_seconds')),
    terminatesConnections: valueOf('deregistration_delay.connection_termination.enabled') === 'true',
  };
}

function stickinessOf(valueOf: (key: string) => string): NonNullable<TargetGroupAttributes['stickiness']> {
  switch (valueOf('stickiness.type')) {
    case 'app_cookie':
      return {
        type: 'app_cookie',
        seconds: Number(valueOf('stickiness.app_cookie.duration_seconds')),
        cookieName: valueOf('stickiness.app_cookie.cookie_name'),
      };
    case 'source_ip':
      return { type: 'source_ip' };
    default:
      return { type: 'lb_cookie', seconds: Number(valueOf('stickiness.lb_cookie.duration_seconds')) };
  }
}
