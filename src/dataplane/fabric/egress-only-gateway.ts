/** Egress-only internet gateways: a link of the router's own to the internet, over which only answers come in. */
import type { Id, Topology } from '#model/topology.ts';
import { macOf } from './names.ts';

/** The device in the router's namespace. */
export const EGRESS = 'eigw';

export const egressMacs = (networkId: Id) => ({
  router: macOf(`${networkId} egress router`),
  internet: macOf(`${networkId} egress internet`),
});

export function hasEgressOnlyGateway(topology: Topology, networkId: Id): boolean {
  for (const gateway of topology.egressOnlyGateways.values()) if (gateway.networkId === networkId) return true;
  return false;
}
