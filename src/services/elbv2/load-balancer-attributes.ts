/** Attributes of load balancers, by type (ELB API reference, "LoadBalancerAttribute"). */
import { checkConstraints } from '#aws/constraints.ts';
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
import { requireLoadBalancer } from '#services/elbv2/lookup.ts';
import type { Elbv2Operations } from '#services/elbv2/sdk.ts';
import { type BalancerType, type LoadBalancerRecord, loadBalancerTable, type SetAttributes } from '#services/elbv2/tables.ts';

const common: AttributeSpecs = {
  'deletion_protection.enabled': flag(),
  'access_logs.s3.enabled': flag(),
  'access_logs.s3.bucket': text(''),
  'access_logs.s3.prefix': text(''),
  'zonal_shift.config.enabled': flag(),
};

const byType: Readonly<Record<BalancerType, AttributeSpecs>> = {
  application: {
    ...common,
    'load_balancing.cross_zone.enabled': oneOf('true', 'true'),
    'idle_timeout.timeout_seconds': number('60', 1, 4000),
    'client_keep_alive.seconds': number('3600', 60, 604_800),
    'connection_logs.s3.enabled': flag(),
    'connection_logs.s3.bucket': text(''),
    'connection_logs.s3.prefix': text(''),
    'health_check_logs.s3.enabled': flag(),
    'health_check_logs.s3.bucket': text(''),
    'health_check_logs.s3.prefix': text(''),
    'routing.http.desync_mitigation_mode': oneOf('defensive', 'monitor', 'defensive', 'strictest'),
    'routing.http.drop_invalid_header_fields.enabled': flag(),
    'routing.http.preserve_host_header.enabled': flag(),
    'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': flag(),
    'routing.http.xff_client_port.enabled': flag(),
    'routing.http.xff_header_processing.mode': oneOf('append', 'append', 'preserve', 'remove'),
    'routing.http2.enabled': flag('true'),
    'waf.fail_open.enabled': flag(),
  },
  network: {
    ...common,
    'load_balancing.cross_zone.enabled': flag(),
    'dns_record.client_routing_policy': oneOf(
      'any_availability_zone',
      'any_availability_zone',
      'partial_availability_zone_affinity',
      'availability_zone_affinity',
    ),
    'secondary_ips.auto_assigned.per_subnet': number('0', 0, 7),
  },
};

/** How many one call sets; the model's limit. */
const mostAttributes = 20;

/** Which kinds of logs need a bucket, and what AWS calls them. */
const logs: readonly (readonly [prefix: string, name: string])[] = [
  ['access_logs', 'access logs'],
  ['connection_logs', 'connection logs'],
  ['health_check_logs', 'health check logs'],
];

export const loadBalancerAttributes = {
  ModifyLoadBalancerAttributes(context, input) {
    checkConstraints('ValidationError', { Attributes: { max: mostAttributes } }, input);
    const balancer = requireLoadBalancer(context, input.LoadBalancerArn);
    const words: AttributeWords = {
      noun: 'Load balancer',
      isKnown: (key) => Object.values(byType).some((specs) => Object.hasOwn(specs, key)),
      unsupported: (key) => `Load balancer attribute key '${key}' is not supported on load balancers with type '${balancer.type}'`,
    };
    const attributes = changeAttributes(balancer.attributes, input.Attributes, specsOf(balancer), words);
    checkTogether(balancer, attributes);
    context.tx.put(loadBalancerTable, { ...balancer, attributes });
    return { Attributes: attributesView(attributes, specsOf(balancer)) };
  },

  DescribeLoadBalancerAttributes(context, input) {
    const balancer = requireLoadBalancer(context, input.LoadBalancerArn);
    return { Attributes: attributesView(balancer.attributes, specsOf(balancer)) };
  },
} satisfies Elbv2Operations;

/** The values that hold, by AWS's keys. */
export function loadBalancerAttribute(balancer: LoadBalancerRecord): (key: string) => string {
  return attributeReader(balancer.attributes, specsOf(balancer));
}

function specsOf({ type, scheme }: Pick<LoadBalancerRecord, 'type' | 'scheme'>): AttributeSpecs {
  return { ...byType[type], 'ipv6.deny_all_igw_traffic': flag(scheme === 'internal' ? 'true' : 'false') };
}

function checkTogether(balancer: LoadBalancerRecord, attributes: SetAttributes): void {
  for (const [prefix, name] of logs) {
    if (attributes[`${prefix}.s3.enabled`] === 'true' && !attributes[`${prefix}.s3.bucket`]) {
      throw validationError(`The key '${prefix}.s3.bucket' must set in order to enable ${name}`);
    }
  }
  const [secondary, before] = [attributes, balancer.attributes].map((set) => Number(set['secondary_ips.auto_assigned.per_subnet'] ?? 0));
  if ((secondary ?? 0) < (before ?? 0)) {
    throw invalidConfiguration("The value of 'secondary_ips.auto_assigned.per_subnet' cannot be decreased");
  }
}
