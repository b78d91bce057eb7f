/** Attributes of target groups, by protocol (ELB API reference, "TargetGroupAttribute"). */
import {
  type AttributeSpecs,
  type AttributeWords,
  attributeReader,
  attributesView,
  changeAttributes,
  flag,
  number,
  oneOf,
  text,
} from '#services/elbv2/attribute-values.ts';
import { invalidConfiguration, validationError } from '#services/elbv2/errors.ts';
import { requireTargetGroup } from '#services/elbv2/lookup.ts';
import type { Elbv2Operations } from '#services/elbv2/sdk.ts';
import { type Protocol, type TargetGroupRecord, targetGroupTable } from '#services/elbv2/tables.ts';

/** A target group holds 1,000 targets at most. */
const mostTargets = 1000;
const weekSeconds = 604_800;
const health = 'target_group_health';

const common: AttributeSpecs = {
  'deregistration_delay.timeout_seconds': number('300', 0, 3600),
  'stickiness.enabled': flag(),
  'load_balancing.cross_zone.enabled': oneOf('use_load_balancer_configuration', 'true', 'false', 'use_load_balancer_configuration'),
  [`${health}.dns_failover.minimum_healthy_targets.count`]: number('1', 1, mostTargets, 'off'),
  [`${health}.dns_failover.minimum_healthy_targets.percentage`]: number('off', 1, 100, 'off'),
  [`${health}.unhealthy_state_routing.minimum_healthy_targets.count`]: number('1', 1, mostTargets),
  [`${health}.unhealthy_state_routing.minimum_healthy_targets.percentage`]: number('off', 1, 100, 'off'),
};

/** Which types of stickiness each kind of load balancer has; AWS names its own in a refusal. */
const stickinessTypes = ['lb_cookie', 'app_cookie', 'source_ip', 'source_ip_dest_ip', 'source_ip_dest_ip_proto'] as const;

const application: AttributeSpecs = {
  ...common,
  'stickiness.type': oneOf('lb_cookie', ...stickinessTypes),
  'stickiness.lb_cookie.duration_seconds': number('86400', 1, weekSeconds),
  'stickiness.app_cookie.duration_seconds': number('86400', 1, weekSeconds),
  'stickiness.app_cookie.cookie_name': text(''),
  'slow_start.duration_seconds': number('0', 30, 900, '0'),
  'load_balancing.algorithm.type': oneOf('round_robin', 'round_robin', 'least_outstanding_requests', 'weighted_random'),
  'load_balancing.algorithm.anomaly_mitigation': oneOf('off', 'on', 'off'),
};

function network({ protocol, targetType }: Pick<TargetGroupRecord, 'protocol' | 'targetType'>): AttributeSpecs {
  const isUdp = protocol === 'UDP' || protocol === 'TCP_UDP';
  return {
    ...common,
    'stickiness.type': oneOf('source_ip', ...stickinessTypes),
    'deregistration_delay.connection_termination.enabled': flag(isUdp ? 'true' : 'false'),
    'preserve_client_ip.enabled': flag(targetType === 'ip' && !isUdp ? 'false' : 'true'),
    'proxy_protocol_v2.enabled': flag(),
    'target_health_state.unhealthy.connection_termination.enabled': flag(isUdp ? 'false' : 'true'),
    'target_health_state.unhealthy.draining_interval_seconds': number('0', 0, 360_000),
  };
}

/** AWS's own that groups of these kinds never have. */
const others = new Set(['lambda.multi_value_headers.enabled', 'target_failover.on_deregistration', 'target_failover.on_unhealthy']);

export const targetGroupAttributes = {
  ModifyTargetGroupAttributes(context, input) {
    const group = requireTargetGroup(context, input.TargetGroupArn);
    const words: AttributeWords = {
      noun: 'Target group',
      isKnown: (key) =>
        others.has(key) || Object.hasOwn(application, key) || Object.hasOwn(network({ protocol: 'TCP', targetType: 'ip' }), key),
      unsupported: (key) => `Target group attribute key '${key}' is not supported on target groups with the ${group.protocol} protocol`,
    };
    const attributes = changeAttributes(group.attributes, input.Attributes, specsOf(group), words);
    const changed = { ...group, attributes };
    checkTogether(changed);
    context.tx.put(targetGroupTable, changed);
    return { Attributes: attributesView(attributes, specsOf(group)) };
  },

  DescribeTargetGroupAttributes(context, input) {
    const group = requireTargetGroup(context, input.TargetGroupArn);
    return { Attributes: attributesView(group.attributes, specsOf(group)) };
  },
} satisfies Elbv2Operations;

/** The values that hold, by AWS's keys. */
export function targetGroupAttribute(group: TargetGroupRecord): (key: string) => string {
  return attributeReader(group.attributes, specsOf(group));
}

export function isHttp(protocol: Protocol): boolean {
  return protocol === 'HTTP' || protocol === 'HTTPS';
}

function specsOf(group: TargetGroupRecord): AttributeSpecs {
  return isHttp(group.protocol) ? application : network(group);
}

function checkTogether(group: TargetGroupRecord): void {
  const valueOf = targetGroupAttribute(group);
  checkStickiness(group, valueOf);
  if (isHttp(group.protocol)) checkAlgorithm(valueOf);
  else checkNetwork(group, valueOf);
  const [dns, routing] = ['dns_failover', 'unhealthy_state_routing'].map((one) =>
    valueOf(`${health}.${one}.minimum_healthy_targets.count`),
  );
  if (dns !== 'off' && Number(dns) < Number(routing)) {
    throw validationError(
      `'${health}.dns_failover.minimum_healthy_targets.count' must be greater than or equal to '${health}.unhealthy_state_routing.minimum_healthy_targets.count'`,
    );
  }
}

function checkStickiness({ protocol }: TargetGroupRecord, valueOf: (key: string) => string): void {
  const type = valueOf('stickiness.type');
  const isCookie = type === 'lb_cookie' || type === 'app_cookie';
  if (isHttp(protocol) !== isCookie || type.startsWith('source_ip_')) {
    throw invalidConfiguration(`Stickiness type '${type}' is not supported for target groups with the ${protocol} protocol`);
  }
  if (protocol === 'TLS' && valueOf('stickiness.enabled') === 'true') {
    throw invalidConfiguration('You cannot enable stickiness on target groups with the TLS protocol');
  }
  if (type !== 'app_cookie') return;
  const name = valueOf('stickiness.app_cookie.cookie_name');
  if (name === '') throw invalidConfiguration("You must set an application cookie name to enable stickiness of type 'app_cookie'");
  if (/^AWSALB/i.test(name)) {
    throw invalidConfiguration(`The application cookie name '${name}' is reserved: it cannot begin with AWSALB, AWSALBAPP or AWSALBTG`);
  }
}

function checkAlgorithm(valueOf: (key: string) => string): void {
  const algorithm = valueOf('load_balancing.algorithm.type');
  if (algorithm !== 'round_robin' && valueOf('slow_start.duration_seconds') !== '0') {
    throw invalidConfiguration(`Slow start cannot be enabled with the load balancing algorithm '${algorithm}'`);
  }
  if (algorithm !== 'weighted_random' && valueOf('load_balancing.algorithm.anomaly_mitigation') === 'on') {
    throw invalidConfiguration("Anomaly mitigation can only be enabled with the load balancing algorithm 'weighted_random'");
  }
}

function checkNetwork({ protocol, targetType }: TargetGroupRecord, valueOf: (key: string) => string): void {
  const isUdp = protocol === 'UDP' || protocol === 'TCP_UDP';
  if ((isUdp || targetType === 'alb') && valueOf('preserve_client_ip.enabled') === 'false') {
    const which = isUdp ? `the ${protocol} protocol` : "target type 'alb'";
    throw invalidConfiguration(`Client IP preservation cannot be disabled for target groups with ${which}`);
  }
  const terminates = valueOf('target_health_state.unhealthy.connection_termination.enabled') === 'true';
  if (isUdp && terminates) {
    throw invalidConfiguration(
      `Connection termination for unhealthy targets cannot be enabled for target groups with the ${protocol} protocol`,
    );
  }
  if (terminates && valueOf('target_health_state.unhealthy.draining_interval_seconds') !== '0') {
    throw invalidConfiguration(
      "'target_health_state.unhealthy.draining_interval_seconds' can only be set when 'target_health_state.unhealthy.connection_termination.enabled' is 'false'",
    );
  }
}
