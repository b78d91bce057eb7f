/** Records → a load balancer as data planes are told of it: whole, with all that its nodes need. */
import type {
  Balancer,
  BalancerAttributes,
  BalancerCertificate,
  BalancerListener,
  BalancerNode,
  BalancerRule,
  RuleAction,
} from '#model/balancer.ts';
import { findInterface } from '#services/ec2/public.ts';
import { balancerTargetGroup } from '#services/elbv2/balancer-target-groups.ts';
import { conditionOfRecord } from '#services/elbv2/balancer-conditions.ts';
import { findCertificate } from '#services/elbv2/certificates.ts';
import { listenerAttribute } from '#services/elbv2/listener-attributes.ts';
import { isTls } from '#services/elbv2/listener-tls.ts';
import { loadBalancerAttribute } from '#services/elbv2/load-balancer-attributes.ts';
import { rulesOf } from '#services/elbv2/rule-lookup.ts';
import {
  type ActionRecord,
  groupsOf,
  type ListenerRecord,
  listenerTable,
  type LoadBalancerRecord,
  loadBalancerTable,
  type NodeRecord,
  type RuleRecord,
  targetGroupTable,
} from '#services/elbv2/tables.ts';
import type { Reader } from '#store/store.ts';

/** The ARNs of a partition's load balancers. */
export function balancerIds(reader: Reader): string[] {
  return [...reader.list(loadBalancerTable)].map(({ id }) => id);
}

/**
 * A load balancer; undefined when it is gone. Listeners whose certificate is not there are left out.
 * @param reader of the load balancer's partition
 * @param nowMs targets that have drained until then are left out; without it, none is
 */
export function balancerOf(reader: Reader, arn: string, nowMs = 0): Balancer | undefined {
  const balancer = reader.get(loadBalancerTable, arn);
  if (!balancer) return undefined;
  const listeners = reader.find(listenerTable, 'loadBalancer', arn);
  const attributes = attributesOf(balancer);
  const groupArns = new Set(listeners.flatMap(({ id }) => rulesOf(reader, id).flatMap((rule) => groupsOf(rule.action))));
  return {
    kind: 'balancer',
    id: arn,
    type: balancer.type,
    networkId: balancer.vpcId,
    name: balancer.name,
    region: reader.partition.region,
    dnsName: balancer.dnsName.toLowerCase(),
    isInternetFacing: balancer.scheme === 'internet-facing',
    secret: balancer.secret,
    nodes: balancer.nodes.flatMap((node) => nodeOf(reader, node) ?? []),
    attributes,
    listeners: listeners.flatMap((listener) => listenerOf(reader, balancer, listener) ?? []),
    targetGroups: [...groupArns].flatMap((groupArn) => {
      const group = reader.get(targetGroupTable, groupArn);
      return group ? [balancerTargetGroup(reader, group, attributes.isCrossZone, nowMs)] : [];
    }),
  };
}

function nodeOf(reader: Reader, { zone, interfaceId }: NodeRecord): BalancerNode | undefined {
  const found = findInterface(reader, interfaceId);
  return found && { zone, interfaceId, ...found };
}

function attributesOf(balancer: LoadBalancerRecord): BalancerAttributes {
  const valueOf = loadBalancerAttribute(balancer);
  const isOn = (key: string): boolean => valueOf(key) === 'true';
  const isHttp2Enabled = balancer.type === 'application' && isOn('routing.http2.enabled');
  return {
    idleSeconds: Number(valueOf('idle_timeout.timeout_seconds') || 60),
    clientKeepAliveSeconds: Number(valueOf('client_keep_alive.seconds') || 3600),
    isHttp2Enabled,
    desyncMode: (valueOf('routing.http.desync_mitigation_mode') || 'defensive') as BalancerAttributes['desyncMode'], // checked when it was set
    dropsInvalidHeaderFields: isOn('routing.http.drop_invalid_header_fields.enabled'),
    preservesHostHeader: isOn('routing.http.preserve_host_header.enabled'),
    forwardedFor: (valueOf('routing.http.xff_header_processing.mode') || 'append') as BalancerAttributes['forwardedFor'], // as above
    forwardsClientPort: isOn('routing.http.xff_client_port.enabled'),
    forwardsTlsVersion: isOn('routing.http.x_amzn_tls_version_and_cipher_suite.enabled'),
    isCrossZone: isOn('load_balancing.cross_zone.enabled'),
    ...(isOn('access_logs.s3.enabled')
      ? { accessLogs: { bucket: valueOf('access_logs.s3.bucket'), prefix: valueOf('access_logs.s3.prefix') } }
      : {}),
  };
}

function listenerOf(reader: Reader, balancer: LoadBalancerRecord, listener: ListenerRecord): BalancerListener | undefined {
  const { id, port, protocol, sslPolicy = '', alpnPolicy } = listener;
  const certificates = certificatesOf(reader, listener);
  if (isTls(protocol) && !certificates) return undefined;
  return {
    id,
    port,
    protocol,
    ...(certificates ? { tls: { policy: sslPolicy, certificates, ...(alpnPolicy === undefined ? {} : { alpn: alpnPolicy }) } } : {}),
    rules: rulesOf(reader, id).map(ruleOf),
    ...(balancer.type === 'network' && protocol === 'TCP'
      ? { tcpIdleSeconds: Number(listenerAttribute(listener)('tcp.idle_timeout.seconds')) }
      : {}),
  };
}

/** The default one first; undefined when that is not there. */
function certificatesOf(reader: Reader, { protocol, certificates }: ListenerRecord): readonly BalancerCertificate[] | undefined {
  const [first = '', ...others] = isTls(protocol) ? certificates : [];
  const standard = findCertificate(reader, first);
  return standard && [standard, ...others.flatMap((arn) => findCertificate(reader, arn) ?? [])];
}

function ruleOf({ id, priority, conditions, action }: RuleRecord): BalancerRule {
  return { id, priority, conditions: conditions.map(conditionOfRecord), action: actionOfRecord(action) };
}

function actionOfRecord(action: ActionRecord): RuleAction {
  switch (action.type) {
    case 'forward': {
      const { enabled, seconds } = action.stickiness ?? {};
      const groups = action.groups.map(({ arn, weight }) => ({ id: arn, weight }));
      return { type: 'forward', groups, ...(enabled && seconds !== undefined ? { stickySeconds: seconds } : {}) };
    }
    case 'redirect': {
      const { protocol, host, port, path, query } = action;
      return { type: 'redirect', status: action.status === 'HTTP_301' ? 301 : 302, protocol, host, port, path, query };
    }
    case 'fixed-response':
      return {
        type: 'fixed-response',
        status: Number(action.status),
        ...(action.contentType === undefined ? {} : { contentType: action.contentType }),
        ...(action.body === undefined ? {} : { body: action.body }),
      };
  }
}
