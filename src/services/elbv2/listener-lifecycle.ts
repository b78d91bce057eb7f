/** The end of listeners, and which load balancer a target group may serve. */
import type { OperationContext } from '#aws/context.ts';
import { dropListener } from '#services/elbv2/certificates.ts';
import { incompatibleProtocols, invalidConfiguration, targetGroupAssociationLimit, tooMany } from '#services/elbv2/errors.ts';
import { balancersUsing, requireTargetGroup } from '#services/elbv2/lookup.ts';
import { fixedLimit, targetGroupsPerLoadBalancer } from '#services/elbv2/quotas.ts';
import {
  type ActionRecord,
  groupsOf,
  type ListenerRecord,
  type LoadBalancerRecord,
  type Protocol,
  ruleTable,
} from '#services/elbv2/tables.ts';

/** Deletes a listener with its rules. */
export function deleteListener(context: OperationContext, listener: ListenerRecord): void {
  const { tx } = context;
  for (const rule of tx.find(ruleTable, 'listener', listener.id)) tx.delete(ruleTable, rule.id);
  dropListener(context, listener);
}

/** The target groups' protocols that a listener of each protocol forwards to (guides, "Listener configuration", "Target groups"). */
const compatible: Readonly<Record<Protocol, readonly Protocol[]>> = {
  HTTP: ['HTTP', 'HTTPS'],
  HTTPS: ['HTTP', 'HTTPS'],
  TCP: ['TCP', 'TCP_UDP'],
  TLS: ['TCP', 'TLS'],
  UDP: ['UDP', 'TCP_UDP'],
  TCP_UDP: ['TCP_UDP'],
};

/**
 * Checks that a listener may forward to the groups of an action.
 * @throws AwsError IncompatibleProtocols, TargetGroupAssociationLimit, InvalidConfigurationRequest, TooManyUniqueTargetGroupsPerLoadBalancer
 */
export function checkGroupsOf(context: OperationContext, balancer: LoadBalancerRecord, protocol: Protocol, action: ActionRecord): void {
  const groups = groupsOf(action).map((arn) => requireTargetGroup(context, arn));
  const incompatibles = groups.filter((group) => !compatible[protocol].includes(group.protocol));
  if (incompatibles.length > 0) throw incompatibleProtocols(incompatibles.map(({ id }) => id));
  const strangers = groups.filter((group) => group.vpcId !== balancer.vpcId);
  if (strangers.length > 0) {
    throw invalidConfiguration(
      `The following target groups are not in the VPC of the load balancer '${balancer.vpcId}': '${strangers.map(({ id }) => id).join("', '")}'`,
    );
  }
  if (new Set(groups.map((group) => group.ipAddressType)).size > 1) {
    throw invalidConfiguration('The target groups of a forward action must have the same IP address type');
  }
  const taken = groups.filter((group) => balancersUsing(context, group.id).some((arn) => arn !== balancer.id));
  if (taken.length > 0) throw targetGroupAssociationLimit(taken.map(({ id }) => id));
  const used = context.tx.find(ruleTable, 'loadBalancer', balancer.id).flatMap((rule) => groupsOf(rule.action));
  const unique = new Set([...used, ...groups.map(({ id }) => id)]);
  if (groups.length > 0 && unique.size > fixedLimit(context, targetGroupsPerLoadBalancer))
    throw tooMany('UniqueTargetGroupsPerLoadBalancer');
}
