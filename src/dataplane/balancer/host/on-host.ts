/** A load balancer as it is on the host: one node at the loopback address for all zones, over the targets that the host reaches. */
import type { Balancer, BalancerNode, TargetGroup } from '#model/balancer.ts';

export const HOST_NODE: BalancerNode = { zone: 'host', interfaceId: 'host', addresses: ['127.0.0.1'] };

/** Addresses of the network are nobody's here: on the host they would be somebody else's. */
export function onHost(balancer: Balancer): Balancer {
  const zones = new Set(balancer.nodes.map(({ zone }) => zone));
  const groupOnHost = (group: TargetGroup): TargetGroup => ({
    ...group,
    attributes: { ...group.attributes, isCrossZone: true },
    targets: group.targets.filter(({ isOutside, zone }) => isOutside && (zone === 'all' || zones.has(zone))),
  });
  return { ...balancer, nodes: [HOST_NODE], targetGroups: balancer.targetGroups.map(groupOnHost) };
}
