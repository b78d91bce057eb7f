/** Which parts of a topology are there for the kernel, and where. */
import type { Id, Network, NetworkInterface, Segment, Topology } from '#model/topology.ts';
import { deviceOf, macOf, wordOf } from './names.ts';

/** An interface that packets can reach, and its place. */
export interface PresentInterface {
  readonly part: NetworkInterface;
  readonly segment: Segment;
  /** The namespace of whoever holds it. */
  readonly holder: string;
  /** Its name there. */
  readonly holderDevice: string;
  /** Its place among the holder's interfaces, from 0. */
  readonly index: number;
  /** Its other end, in the router's namespace. */
  readonly device: string;
  readonly mac: string;
  /** The NAT gateway that it belongs to. */
  readonly natGatewayId: Id | undefined;
}

export const routerOf = (networkId: Id): string => `router-${wordOf(networkId)}`;
export const gatewayOf = (networkId: Id): string => `igw-${wordOf(networkId)}`;
export const INTERNET = 'internet';

const known = new WeakMap<NetworkInterface, PresentInterface>();

/** The interfaces of a network that are up and in one of its segments, in the order of ids. What has not changed is the same object. */
export function presentInterfaces(topology: Topology, network: Network): PresentInterface[] {
  const present: PresentInterface[] = [];
  for (const id of topology.interfacesOf(network.id)) {
    const part = topology.interfaces.get(id);
    const segment = part === undefined ? undefined : segmentOf(topology, part);
    if (part === undefined || segment === undefined) continue;
    const natGatewayId = topology.natGatewayOn(id)?.id;
    const last = known.get(part);
    if (last?.segment === segment && last.natGatewayId === natGatewayId) {
      present.push(last);
      continue;
    }
    const index = part.attachment?.kind === 'instance' ? part.attachment.index : 0;
    const fresh: PresentInterface = {
      part,
      segment,
      holder: holderOf(topology, part),
      holderDevice: `eth${index}`,
      index,
      device: deviceOf(id),
      mac: part.macAddress ?? macOf(id),
      natGatewayId,
    };
    known.set(part, fresh);
    present.push(fresh);
  }
  return present;
}

/** Whether it passes on flows of others under their own addresses, whose answers have to come by it again: a network load balancer's node. */
export const isBalancing = ({ part }: PresentInterface): boolean =>
  part.attachment?.kind === 'balancerNode' && !part.sourceDestinationCheck;

function segmentOf(topology: Topology, part: NetworkInterface): Segment | undefined {
  const segment = topology.segments.get(part.segmentId);
  return part.up && part.addresses.length > 0 && segment?.networkId === part.networkId ? segment : undefined;
}

/** The namespace of the instance or gateway that an interface is on; an interface that nothing claims has one to itself. */
export function holderOf(topology: Topology, part: NetworkInterface): string {
  const gateway = topology.natGatewayOn(part.id);
  if (gateway !== undefined) return `nat-${wordOf(gateway.id)}`;
  if (part.attachment?.kind === 'balancerNode') return `lb-${wordOf(part.id)}`;
  return `host-${wordOf(part.attachment?.id ?? part.id)}`;
}
