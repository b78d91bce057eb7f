/** Load balancers: made with a node in each zone, described, deleted with their listeners. */
import type { CreateLoadBalancerInput, LoadBalancer } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { OperationContext } from '#aws/context.ts';
import { becoming, stateAt } from '#aws/eventual.ts';
import { checkArn, newLoadBalancerArn } from '#services/elbv2/arns.ts';
import {
  duplicateName,
  loadBalancerNamesNotFound,
  loadBalancersNotFound,
  operationNotPermitted,
  tooMany,
  unmodelled,
  validationError,
} from '#services/elbv2/errors.ts';
import { hostedZoneOf } from '#services/elbv2/hosted-zones.ts';
import { deleteListener } from '#services/elbv2/listener-lifecycle.ts';
import { loadBalancerAttribute } from '#services/elbv2/load-balancer-attributes.ts';
import { checkRoom, createNode, deleteNodes, isNodeOf, type Placement, placementsOf } from '#services/elbv2/load-balancer-nodes.ts';
import { checkLoadBalancerName, newDnsName } from '#services/elbv2/names.ts';
import { zoneViews } from '#services/elbv2/node-views.ts';
import { pageOfRecords } from '#services/elbv2/pages.ts';
import { limitOf, quotaCodes } from '#services/elbv2/quotas.ts';
import type { Elbv2Operations } from '#services/elbv2/sdk.ts';
import { groupsFor } from '#services/elbv2/security-groups.ts';
import { type BalancerType, listenerTable, type LoadBalancerRecord, loadBalancerTable, targetTable } from '#services/elbv2/tables.ts';
import { checkTags } from '#services/elbv2/tag-values.ts';

export const loadBalancers = {
  CreateLoadBalancer(context, input) {
    refuseUnmodelled(input);
    checkLoadBalancerName(input.Name);
    const kind = {
      type: (input.Type ?? 'application') as BalancerType, // gateway was refused above
      scheme: input.Scheme ?? 'internet-facing',
      ipAddressType: input.IpAddressType ?? 'ipv4',
    } as const;
    checkIpAddressType(kind.type, kind.ipAddressType);
    const placements = placementsOf(context, kind, input);
    const vpcId = placements[0]?.subnet.vpcId ?? '';
    const groupIds = groupsFor(context, kind.type, vpcId, input.SecurityGroups);
    const tags = checkTags(input.Tags);
    const same = context.tx.find(loadBalancerTable, 'name', input.Name)[0];
    if (same) {
      if (!isSame(same, { ...kind, groupIds }, placements)) throw duplicateName('load balancer', input.Name);
      return { LoadBalancers: [loadBalancerView(same, context)] };
    }
    checkRoom(context, kind, placements);
    if (context.tx.find(loadBalancerTable, 'type', kind.type).length >= limitOf(context, quotaCodes.loadBalancers[kind.type])) {
      throw tooMany('LoadBalancers');
    }
    const id = newLoadBalancerArn(context, kind.type, input.Name);
    const balancer: LoadBalancerRecord = {
      id,
      name: input.Name,
      ...kind,
      vpcId,
      dnsName: newDnsName(context, { id, name: input.Name, ...kind }),
      secret: context.randomBytes(32).toString('base64'),
      createdMs: context.nowMs,
      state: becoming('provisioning', 'active', context.nowMs),
      nodes: placements.map((placement) => createNode(context, { id, ...kind, groupIds }, placement)),
      groupIds,
      ...(kind.type === 'network' && groupIds.length > 0 ? { enforcesPrivateLink: 'on' } : {}),
      attributes: {},
      tags,
    };
    context.tx.put(loadBalancerTable, balancer);
    return { LoadBalancers: [loadBalancerView(balancer, context)] };
  },

  DescribeLoadBalancers(context, input) {
    const { items, nextMarker } = pageOfRecords(context, input, loadBalancerTable, chosen(context, input), [
      'load-balancers',
      input.LoadBalancerArns,
      input.Names,
    ]);
    return { LoadBalancers: items.map((balancer) => loadBalancerView(balancer, context)), NextMarker: nextMarker };
  },

  DeleteLoadBalancer(context, input) {
    checkArn(input.LoadBalancerArn, 'loadbalancer');
    const balancer = context.tx.get(loadBalancerTable, input.LoadBalancerArn);
    if (!balancer) return {}; // one that is gone is no error
    if (loadBalancerAttribute(balancer)('deletion_protection.enabled') === 'true') {
      throw operationNotPermitted(`Load balancer '${balancer.id}' cannot be deleted because deletion protection is enabled`);
    }
    for (const listener of context.tx.find(listenerTable, 'loadBalancer', balancer.id)) deleteListener(context, listener);
    // As a target it is gone as well.
    for (const target of context.tx.find(targetTable, 'target', balancer.id)) context.tx.delete(targetTable, target.id);
    deleteNodes(context, balancer.nodes);
    context.tx.delete(loadBalancerTable, balancer.id);
    return {};
  },
} satisfies Elbv2Operations;

function refuseUnmodelled(input: CreateLoadBalancerInput): void {
  if (input.Type === 'gateway') throw unmodelled('the type gateway');
  if (input.CustomerOwnedIpv4Pool !== undefined) throw unmodelled('customer-owned address pools (Outposts)');
  if (input.IpamPools?.Ipv4IpamPoolId !== undefined) throw unmodelled('IPAM pools');
  if (input.EnablePrefixForIpv6SourceNat === 'on') throw unmodelled('prefixes for IPv6 source NAT');
}

/** @throws AwsError ValidationError */
export function checkIpAddressType(type: BalancerType, ipAddressType: string): void {
  if (type === 'network' && ipAddressType === 'dualstack-without-public-ipv4') {
    throw validationError(`The specified IP address type is not supported on load balancers with type '${type}'.`);
  }
}

function isSame(
  balancer: LoadBalancerRecord,
  wanted: Pick<LoadBalancerRecord, 'type' | 'scheme' | 'ipAddressType' | 'groupIds'>,
  placements: readonly Placement[],
): boolean {
  return (
    balancer.type === wanted.type &&
    balancer.scheme === wanted.scheme &&
    balancer.ipAddressType === wanted.ipAddressType &&
    balancer.groupIds.toSorted().join() === wanted.groupIds.toSorted().join() &&
    balancer.nodes.length === placements.length &&
    placements.every((placement) => balancer.nodes.some((node) => isNodeOf(node, placement)))
  );
}

/** Those that the call names; undefined: all. */
function chosen(
  { tx }: OperationContext,
  input: { readonly LoadBalancerArns?: readonly string[] | undefined; readonly Names?: readonly string[] | undefined },
): readonly LoadBalancerRecord[] | undefined {
  const { LoadBalancerArns: arns = [], Names: names = [] } = input;
  if (arns.length > 0 && names.length > 0) {
    throw validationError('Load balancer names and load balancer ARNs cannot be specified at the same time');
  }
  if (arns.length > 0) {
    return [...new Set(arns)].map((arn) => {
      checkArn(arn, 'loadbalancer');
      const balancer = tx.get(loadBalancerTable, arn);
      if (!balancer) throw loadBalancersNotFound();
      return balancer;
    });
  }
  if (names.length === 0) return undefined;
  const found = [...new Set(names)].map((name) => ({ name, balancer: tx.find(loadBalancerTable, 'name', name)[0] }));
  const missing = found.filter(({ balancer }) => !balancer);
  if (missing.length > 0) throw loadBalancerNamesNotFound(missing.map(({ name }) => name));
  return found.flatMap(({ balancer }) => balancer ?? []);
}

function loadBalancerView(balancer: LoadBalancerRecord, context: OperationContext): LoadBalancer {
  return {
    LoadBalancerArn: balancer.id,
    LoadBalancerName: balancer.name,
    DNSName: balancer.dnsName,
    CanonicalHostedZoneId: hostedZoneOf(context.region, balancer.type),
    CreatedTime: new Date(balancer.createdMs),
    Scheme: balancer.scheme,
    VpcId: balancer.vpcId,
    State: { Code: stateAt(balancer.state, context.nowMs) },
    Type: balancer.type,
    AvailabilityZones: zoneViews(balancer, context),
    SecurityGroups: balancer.groupIds.length > 0 ? [...balancer.groupIds] : undefined,
    IpAddressType: balancer.ipAddressType,
    EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: balancer.enforcesPrivateLink,
    EnablePrefixForIpv6SourceNat: balancer.type === 'network' ? 'off' : undefined,
  };
}
