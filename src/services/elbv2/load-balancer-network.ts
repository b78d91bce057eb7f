/** Where a load balancer stands and who may reach it, changed afterwards: security groups, subnets, address types. */
import type { OperationContext } from '#aws/context.ts';
import { setNodeGroups, setNodeIpv6, setNodePublic } from '#services/ec2/public.ts';
import { invalidConfiguration, unmodelled, validationError } from '#services/elbv2/errors.ts';
import { checkIpAddressType } from '#services/elbv2/load-balancers.ts';
import { checkRoom, createNode, deleteNodes, isNodeOf, placementsOf } from '#services/elbv2/load-balancer-nodes.ts';
import { requireLoadBalancer } from '#services/elbv2/lookup.ts';
import { zoneViews } from '#services/elbv2/node-views.ts';
import type { Elbv2Operations } from '#services/elbv2/sdk.ts';
import { checkGroups } from '#services/elbv2/security-groups.ts';
import { type IpAddressType, listenerTable, type LoadBalancerRecord, loadBalancerTable } from '#services/elbv2/tables.ts';

export const loadBalancerNetwork = {
  SetSecurityGroups(context, input) {
    const balancer = requireLoadBalancer(context, input.LoadBalancerArn);
    const { EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: enforces } = input;
    if (balancer.type === 'network' && balancer.groupIds.length === 0) {
      throw invalidConfiguration('You cannot set security groups on a Network Load Balancer that was created without security groups');
    }
    if (enforces !== undefined && balancer.type !== 'network') {
      throw invalidConfiguration(
        "'EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic' can only be specified for LoadBalancer type 'network'.",
      );
    }
    if (input.SecurityGroups.length === 0) throw validationError('At least one security group must be specified');
    const groupIds = checkGroups(context, balancer.vpcId, input.SecurityGroups);
    for (const { interfaceId } of balancer.nodes) setNodeGroups(context, interfaceId, groupIds);
    const changed = { ...balancer, groupIds, ...(enforces === undefined ? {} : { enforcesPrivateLink: enforces }) };
    context.tx.put(loadBalancerTable, changed);
    return {
      SecurityGroupIds: [...groupIds],
      EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: changed.enforcesPrivateLink,
    };
  },

  SetSubnets(context, input) {
    if (input.EnablePrefixForIpv6SourceNat === 'on') throw unmodelled('prefixes for IPv6 source NAT');
    const before = requireLoadBalancer(context, input.LoadBalancerArn);
    const balancer = input.IpAddressType ? withIpAddressType(context, before, input.IpAddressType) : before;
    const placements = placementsOf(context, balancer, input);
    if (placements[0]?.subnet.vpcId !== balancer.vpcId) {
      throw invalidConfiguration(`All subnets must belong to the same VPC: '${balancer.vpcId}'`);
    }
    const kept = placements.map((placement) => balancer.nodes.find((node) => isNodeOf(node, placement)));
    checkRoom(
      context,
      balancer,
      placements.filter((_placement, index) => !kept[index]),
    );
    deleteNodes(
      context,
      balancer.nodes.filter((node) => !kept.includes(node)),
    );
    applyIpAddressType(context, { ...balancer, nodes: kept.filter((node) => node !== undefined) });
    const nodes = placements.map((placement, index) => kept[index] ?? createNode(context, balancer, placement));
    const changed = { ...balancer, nodes };
    context.tx.put(loadBalancerTable, changed);
    return {
      AvailabilityZones: zoneViews(changed, context),
      IpAddressType: changed.ipAddressType,
      EnablePrefixForIpv6SourceNat: changed.type === 'network' ? 'off' : undefined,
    };
  },

  SetIpAddressType(context, input) {
    const balancer = requireLoadBalancer(context, input.LoadBalancerArn);
    const changed = withIpAddressType(context, balancer, input.IpAddressType);
    placementsOf(context, changed, {
      SubnetMappings: changed.nodes.map(({ subnetId: SubnetId, allocationId: AllocationId }) => ({ SubnetId, AllocationId })),
    });
    applyIpAddressType(context, changed);
    context.tx.put(loadBalancerTable, changed);
    return { IpAddressType: changed.ipAddressType };
  },
} satisfies Elbv2Operations;

/** @throws AwsError ValidationError, InvalidConfigurationRequest */
function withIpAddressType(context: OperationContext, balancer: LoadBalancerRecord, ipAddressType: IpAddressType): LoadBalancerRecord {
  checkIpAddressType(balancer.type, ipAddressType);
  const listeners = context.tx.find(listenerTable, 'loadBalancer', balancer.id);
  if (ipAddressType !== 'ipv4' && listeners.some(({ protocol }) => protocol.includes('UDP'))) {
    throw invalidConfiguration('You cannot enable dual-stack mode for a load balancer with a UDP or TCP_UDP listener');
  }
  return { ...balancer, ipAddressType };
}

/** Gives the nodes the addresses that their load balancer's type wants; Elastic IPs stay. */
function applyIpAddressType(context: OperationContext, { nodes, scheme, ipAddressType }: LoadBalancerRecord): void {
  for (const { interfaceId, allocationId } of nodes) {
    setNodeIpv6(context, interfaceId, ipAddressType !== 'ipv4');
    if (scheme === 'internal' || allocationId !== undefined) continue;
    setNodePublic(context, interfaceId, ipAddressType !== 'dualstack-without-public-ipv4');
  }
}
