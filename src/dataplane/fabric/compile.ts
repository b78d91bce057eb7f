/** From a Topology to the kernel state that makes it real: a pure function. */
import type { Topology } from '#model/topology.ts';
import { compileHolders } from './holders.ts';
import { compileInternet } from './internet.ts';
import { compileInternetGateway } from './internet-gateway.ts';
import type { KernelState, Link, Namespace } from './kernel-state.ts';
import { presentInterfaces, indexInterfaces, type PresentInterface } from './presence.ts';
import { compileRouter } from './router.ts';

/**
 * Everything that the kernel is to hold: a namespace for each network's router, its internet gateway, each instance
 * and NAT gateway, and one for the internet. The same topology gives the same state; nothing throws, whatever dangles.
 */
export function compile(topology: Topology): KernelState {
  const namespaces: Namespace[] = [];
  const links: Link[] = [];
  const indexes = indexInterfaces(topology);
  const everywhere: PresentInterface[] = [];
  for (const network of [...topology.networks.values()].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const present = presentInterfaces(topology, network, indexes);
    everywhere.push(...present);
    const router = compileRouter(topology, network, present);
    namespaces.push(router.namespace);
    links.push(...router.links);
    const gateway = compileInternetGateway(topology, network);
    if (gateway === undefined) continue;
    namespaces.push(gateway.namespace);
    links.push(gateway.link);
  }
  namespaces.push(...compileHolders(topology, everywhere));
  const internet = compileInternet(topology);
  namespaces.push(internet.namespace);
  links.push(...internet.links);
  return { version: topology.version, namespaces, links };
}
