/** Next hops on links: fixed addresses with fixed MAC addresses, so that no router ever asks who has what. */
import { formatCidr, type Cidr } from '#model/cidr.ts';
import { isIpv4 } from '#model/ip.ts';
import type { MutableNamespace } from './kernel-state.ts';

/** The end of a link nearer to the network's router. */
export const INNER = { ipv4: '169.254.0.1', ipv6: 'fe80::1' } as const;
/** The end of a link away from it. */
export const OUTER = { ipv4: '169.254.0.2', ipv6: 'fe80::2' } as const;

type End = typeof INNER | typeof OUTER;

/** Says where the other end of a device is. */
export function knowNeighbour(namespace: Pick<MutableNamespace, 'neighbours'>, end: End, mac: string, device: string): void {
  for (const address of [end.ipv4, end.ipv6]) namespace.neighbours.push(`${address} lladdr ${mac} dev ${device} nud permanent`);
}

/** A route to a block over a device's other end. */
export function routeVia(block: Cidr, end: End, device: string): string {
  const isIpv4Block = isIpv4(block.address);
  return `${formatCidr(block)} via ${isIpv4Block ? end.ipv4 : end.ipv6} dev ${device}${isIpv4Block ? ' onlink' : ''}`;
}

/** Bytes: inside a network, jumbo frames (EC2 guide, "Network maximum transmission unit"). */
export const INNER_MTU = 9001;
/** Bytes: through an internet or egress-only gateway. */
export const OUTER_MTU = 1500;

/** What every namespace that forwards has set. */
export const forwardingSysctls: Readonly<Record<string, string>> = {
  'net/ipv4/ip_forward': '1',
  'net/ipv4/ip_early_demux': '0', // a look for a socket of its own that what is forwarded never has
  'net/ipv4/conf/all/rp_filter': '0',
  'net/ipv4/conf/default/rp_filter': '0',
  'net/ipv4/conf/all/send_redirects': '0',
  'net/ipv4/conf/default/send_redirects': '0',
  'net/ipv6/conf/all/forwarding': '1',
  'net/ipv6/conf/default/accept_dad': '0',
  'net/ipv6/conf/default/addr_gen_mode': '1', // no link-local addresses but those that are set
};
