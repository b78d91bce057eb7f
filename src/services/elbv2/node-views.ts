/** A load balancer's zones as AWS shows them. */
import type { AvailabilityZone, LoadBalancerAddress } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { OperationContext } from '#aws/context.ts';
import { findInterface } from '#services/ec2/public.ts';
import type { LoadBalancerRecord, NodeRecord } from '#services/elbv2/tables.ts';

export function zoneViews(balancer: LoadBalancerRecord, context: OperationContext): AvailabilityZone[] {
  return balancer.nodes.map((node) => ({
    ZoneName: node.zone,
    SubnetId: node.subnetId,
    LoadBalancerAddresses: balancer.type === 'network' ? addressViews(node, context) : [],
  }));
}

/** Only addresses that were chosen are shown. */
function addressViews(node: NodeRecord, context: OperationContext): LoadBalancerAddress[] {
  const { allocationId, privateIp, ipv6Address } = node;
  if (allocationId === undefined && privateIp === undefined && ipv6Address === undefined) return [];
  return [
    {
      IpAddress: allocationId === undefined ? undefined : findInterface(context.tx, node.interfaceId)?.publicAddress,
      AllocationId: allocationId,
      PrivateIPv4Address: privateIp,
      IPv6Address: ipv6Address,
    },
  ];
}
