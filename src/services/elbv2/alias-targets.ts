/** Load balancers as targets of Route 53's alias records. */
import { zoneOwner } from '#services/elbv2/hosted-zones.ts';
import { loadBalancerTable } from '#services/elbv2/tables.ts';
import type { Reader } from '#store/store.ts';

/**
 * Whether a hosted zone of load balancers has a load balancer of that name, of whichever account; undefined for a zone that is not theirs.
 * @param dnsName lower case, without a dot at the end; `dualstack.` before it is of no matter
 */
export function isBalancerInZone(reader: Reader, zoneId: string, dnsName: string): boolean | undefined {
  const owner = zoneOwner(zoneId);
  if (owner === undefined) return undefined;
  const name = dnsName.replace(/^dualstack\./, '');
  for (const partition of reader.partitions()) {
    if (partition.region !== owner.region) continue;
    for (const balancer of reader.in(partition).list(loadBalancerTable)) {
      if (balancer.type === owner.type && balancer.dnsName.toLowerCase() === name) return true;
    }
  }
  return false;
}
