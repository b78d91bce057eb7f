/** Listeners: made on a port of a load balancer with a default rule, changed, described, deleted with their rules. */
import type { Listener } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { OperationContext } from '#aws/context.ts';
import { type ActionPlace, actionOf, actionView } from '#services/elbv2/actions.ts';
import { checkArn, newListenerArn, newRuleArn } from '#services/elbv2/arns.ts';
import { putListener } from '#services/elbv2/certificates.ts';
import { duplicateListener, invalidConfiguration, tooMany, unmodelled, validationError } from '#services/elbv2/errors.ts';
import { checkGroupsOf, deleteListener } from '#services/elbv2/listener-lifecycle.ts';
import { isTls, type TlsInput, tlsOf } from '#services/elbv2/listener-tls.ts';
import { requireListener, requireLoadBalancer } from '#services/elbv2/lookup.ts';
import { pageOfRecords } from '#services/elbv2/pages.ts';
import { limitOf, quotaCodes } from '#services/elbv2/quotas.ts';
import { defaultRuleOf } from '#services/elbv2/rule-lookup.ts';
import type { Elbv2Operations } from '#services/elbv2/sdk.ts';
import {
  type BalancerType,
  type ListenerRecord,
  listenerTable,
  type LoadBalancerRecord,
  type Protocol,
  ruleTable,
} from '#services/elbv2/tables.ts';
import { checkTags } from '#services/elbv2/tag-values.ts';

const protocols: Readonly<Record<BalancerType, readonly Protocol[]>> = {
  application: ['HTTP', 'HTTPS'],
  network: ['TCP', 'TLS', 'UDP', 'TCP_UDP'],
};

export const listeners = {
  CreateListener(context, input) {
    const balancer = requireLoadBalancer(context, input.LoadBalancerArn);
    if (input.Port === undefined) throw validationError('A listener port must be specified');
    if (input.Protocol === undefined) throw validationError('A listener protocol must be specified');
    const { Port: port } = input;
    const protocol = checkProtocol(balancer, input.Protocol);
    const others = context.tx.find(listenerTable, 'loadBalancer', balancer.id);
    checkPort(balancer, others, port, protocol);
    if (others.length >= limitOf(context, quotaCodes.listeners[balancer.type])) throw tooMany('Listeners');
    const place: ActionPlace = { type: balancer.type, protocol, port };
    const action = actionOf(context, input.DefaultActions, place);
    checkGroupsOf(context, balancer, protocol, action);
    const listener: ListenerRecord = {
      id: newListenerArn(context, balancer.id),
      loadBalancerArn: balancer.id,
      port,
      protocol,
      ...tlsOf(context, protocol, input),
      attributes: {},
      tags: checkTags(input.Tags),
    };
    putListener(context, listener);
    context.tx.put(ruleTable, {
      id: newRuleArn(context, listener.id),
      listenerArn: listener.id,
      loadBalancerArn: balancer.id,
      priority: 0,
      conditions: [],
      action,
      tags: [],
    });
    return { Listeners: [listenerView(listener, context)] };
  },

  ModifyListener(context, input) {
    const listener = requireListener(context, input.ListenerArn);
    const balancer = requireLoadBalancer(context, listener.loadBalancerArn);
    const protocol = input.Protocol === undefined ? listener.protocol : checkProtocol(balancer, input.Protocol);
    const port = input.Port ?? listener.port;
    const others = context.tx.find(listenerTable, 'loadBalancer', balancer.id).filter((other) => other.id !== listener.id);
    checkPort(balancer, others, port, protocol);
    const changed: ListenerRecord = { ...withoutTls(listener), port, protocol, ...changedTls(context, listener, protocol, input) };
    changeDefaultAction(context, balancer, changed, input.DefaultActions);
    putListener(context, changed);
    return { Listeners: [listenerView(changed, context)] };
  },

  DescribeListeners(context, input) {
    const { LoadBalancerArn: balancerArn, ListenerArns: arns = [] } = input;
    if (balancerArn === undefined && arns.length === 0) {
      throw validationError('You must specify either listener ARNs or a load balancer ARN');
    }
    if (balancerArn !== undefined && arns.length > 0) {
      throw validationError('Listener ARNs and a load balancer ARN cannot be specified at the same time');
    }
    const chosen =
      balancerArn === undefined
        ? [...new Set(arns)].map((arn) => requireListener(context, arn))
        : context.tx.find(listenerTable, 'loadBalancer', requireLoadBalancer(context, balancerArn).id);
    const { items, nextMarker } = pageOfRecords(context, input, listenerTable, chosen, ['listeners', balancerArn, arns]);
    return { Listeners: items.map((listener) => listenerView(listener, context)), NextMarker: nextMarker };
  },

  DeleteListener(context, input) {
    checkArn(input.ListenerArn, 'listener');
    deleteListener(context, requireListener(context, input.ListenerArn));
    return {};
  },
} satisfies Elbv2Operations;

function checkProtocol({ type }: LoadBalancerRecord, protocol: string): Protocol {
  if (type === 'network' && protocol.includes('QUIC')) throw unmodelled(`${protocol} listeners`);
  const known = protocols[type].find((one) => one === protocol);
  if (!known) throw validationError(`Listener protocol '${protocol}' must be one of '${protocols[type].join(', ')}'`);
  return known;
}

/** A port may have a TCP and a UDP listener side by side. @throws AwsError DuplicateListener, InvalidConfigurationRequest */
function checkPort(balancer: LoadBalancerRecord, others: readonly ListenerRecord[], port: number, protocol: Protocol): void {
  const layers = layersOf(protocol);
  if (others.some((other) => other.port === port && layersOf(other.protocol).some((layer) => layers.includes(layer)))) {
    throw duplicateListener(balancer.id);
  }
  if (layers.includes('udp') && balancer.ipAddressType !== 'ipv4') {
    throw invalidConfiguration(`You cannot specify the ${protocol} protocol if dual-stack mode is enabled`);
  }
}

function layersOf(protocol: Protocol): readonly ('tcp' | 'udp')[] {
  if (protocol === 'TCP_UDP') return ['tcp', 'udp'];
  return [protocol === 'UDP' ? 'udp' : 'tcp'];
}

function withoutTls({ sslPolicy: _policy, alpnPolicy: _alpn, ...listener }: ListenerRecord): ListenerRecord {
  return { ...listener, certificates: [] };
}

/** One that stops being HTTPS or TLS loses its policy and certificates; one that begins needs its own. */
function changedTls(context: OperationContext, listener: ListenerRecord, protocol: Protocol, input: TlsInput): ReturnType<typeof tlsOf> {
  return tlsOf(context, protocol, input, isTls(listener.protocol) ? listener : undefined);
}

/** The rules of a listener have to fit its protocol, also those that the call leaves as they are. */
function changeDefaultAction(
  context: OperationContext,
  balancer: LoadBalancerRecord,
  listener: ListenerRecord,
  actions: Parameters<typeof actionOf>[1] | undefined,
): void {
  const { port, protocol } = listener;
  const rule = defaultRuleOf(context, listener);
  const action = actions ? actionOf(context, actions, { type: balancer.type, protocol, port }) : rule.action;
  context.tx.put(ruleTable, { ...rule, action });
  for (const one of context.tx.find(ruleTable, 'listener', listener.id)) checkGroupsOf(context, balancer, protocol, one.action);
}

function listenerView(listener: ListenerRecord, context: OperationContext): Listener {
  const { action } = defaultRuleOf(context, listener);
  const [certificate] = listener.certificates;
  return {
    ListenerArn: listener.id,
    LoadBalancerArn: listener.loadBalancerArn,
    Port: listener.port,
    Protocol: listener.protocol,
    SslPolicy: listener.sslPolicy,
    Certificates: certificate === undefined ? undefined : [{ CertificateArn: certificate }],
    AlpnPolicy: listener.alpnPolicy === undefined ? undefined : [listener.alpnPolicy],
    MutualAuthentication: listener.protocol === 'HTTPS' ? { Mode: 'off' } : undefined,
    DefaultActions: [actionView(action)],
  };
}
