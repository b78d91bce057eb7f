/** Whoever holds interfaces: instances, NAT gateways, which translate, and nodes of network load balancers, whose own process has them translate. */
import { formatCidr, hostCidr } from '#model/cidr.ts';
import { formatIp, isIpv4, type Ip } from '#model/ip.ts';
import type { Id, Topology } from '#model/topology.ts';
import type { Workload } from '#model/workload.ts';
import { emptyNamespace, type MutableNamespace } from './kernel-state.ts';
import { macOf } from './names.ts';
import { forwardingSysctls, INNER } from './next-hops.ts';
import { chainOf } from './nftables.ts';
import { isBalancing, type PresentInterface } from './presence.ts';
import { areSame } from './ruleset-changes.ts';

/** A gateway's own idle time-out, in seconds (VPC guide, "NAT gateway basics"). */
const natSysctls = {
  'net/netfilter/nf_conntrack_tcp_timeout_established': '350',
  'net/netfilter/nf_conntrack_udp_timeout_stream': '350',
};
/** Table numbers of a holder's second and further interfaces start here. */
const OWN_TABLES = 100;

interface CompiledHolder {
  readonly held: readonly PresentInterface[];
  readonly gatewayUp: boolean | undefined;
  readonly workload: Workload | undefined;
  readonly namespace: MutableNamespace;
}

/** Compiles holders; one whose interfaces are those of last time is the same object again. */
export class HolderCompiler {
  #known = new Map<string, CompiledHolder>();

  /** @param present of all networks: an instance may have interfaces in several */
  compile(topology: Topology, present: readonly PresentInterface[], workloads: ReadonlyMap<Id, Workload>): MutableNamespace[] {
    const holders = new Map<string, PresentInterface[]>();
    for (const one of present) {
      const held = holders.get(one.holder);
      if (held === undefined) holders.set(one.holder, [one]);
      else held.push(one);
    }
    const last = this.#known;
    this.#known = new Map();
    for (const [name, held] of holders) {
      const gatewayId = held[0]?.natGatewayId;
      const gatewayUp = gatewayId === undefined ? undefined : topology.natGateways.get(gatewayId)?.up === true;
      const attachment = held[0]?.part.attachment;
      const workload = attachment?.kind === 'instance' ? workloads.get(attachment.id) : undefined;
      const old = last.get(name);
      const isSame = old !== undefined && old.gatewayUp === gatewayUp && old.workload === workload && areSame(old.held, held);
      this.#known.set(name, isSame ? old : { held, gatewayUp, workload, namespace: compileHolder(name, held, gatewayUp, workload) });
    }
    return [...this.#known.values()].map(({ namespace }) => namespace);
  }
}

function compileHolder(name: string, held: readonly PresentInterface[], gatewayUp: boolean | undefined, workload: Workload | undefined) {
  const namespace: MutableNamespace = emptyNamespace(name);
  for (const one of held) {
    configure(namespace, one);
    if (isBalancing(one)) Object.assign(namespace.sysctls, forwardingSysctls);
    if (gatewayUp !== undefined) translate(namespace, one, gatewayUp);
  }
  return workload === undefined ? namespace : { ...namespace, sandbox: { id: workload.id, boot: workload.boot } };
}

/** Addresses as AWS's DHCP gives them: IPv4 with the subnet's prefix, IPv6 alone; the router is the way to everything else. */
function configure(namespace: MutableNamespace, { part, segment, holderDevice: device, index }: PresentInterface): void {
  const four = part.addresses.filter(isIpv4);
  const six = part.addresses.filter((ip) => !isIpv4(ip));
  const router = segment.routerAddresses.find(isIpv4);
  const gateway = router === undefined ? INNER.ipv4 : formatIp(router);
  const prefixLength = (ip: Ip): number => segment.cidrs.find(({ address }) => isIpv4(address) === isIpv4(ip))?.prefixLength ?? 32;
  namespace.addresses.push(...four.map((ip) => `${formatIp(ip)}/${prefixLength(ip)} dev ${device}`));
  namespace.addresses.push(...six.map((ip) => `${formatCidr(hostCidr(ip))} dev ${device} nodad`));
  // The kernel's limit on what ARP learns is one for all namespaces together (1,024); what is written here does not count.
  const routerMac = macOf(`${part.id} router`);
  if (four.length > 0) namespace.neighbours.push(`${gateway} lladdr ${routerMac} dev ${device} nud permanent`);
  if (six.length > 0) namespace.neighbours.push(`${INNER.ipv6} lladdr ${routerMac} dev ${device} nud permanent`);
  const ways = [
    ...(four.length > 0 ? [`0.0.0.0/0 via ${gateway} dev ${device} onlink`] : []),
    ...(six.length > 0 ? [`::/0 via ${INNER.ipv6} dev ${device}`] : []),
  ];
  namespace.routes.push(...ways.map((way) => (index === 0 ? way : `${way} metric ${OWN_TABLES + index}`)));
  if (index === 0) return;
  namespace.routes.push(...ways.map((way) => `${way} table ${OWN_TABLES + index}`));
  const rule = (ip: Ip): string => `from ${formatIp(ip)} lookup ${OWN_TABLES + index} pref ${OWN_TABLES + index}`;
  namespace.rules4.push(...four.map(rule));
  namespace.rules6.push(...six.map(rule));
}

/** A NAT gateway takes IPv4 TCP, UDP and ICMP under its primary address, from port 1024 up, and nothing for itself. */
function translate(namespace: MutableNamespace, { part, holderDevice: device }: PresentInterface, isUp: boolean): void {
  const primary = part.addresses.find(isIpv4);
  Object.assign(namespace.sysctls, forwardingSysctls, natSysctls);
  const source = primary === undefined ? undefined : formatIp(primary);
  const rules = [
    `oifname "${device}" ip protocol { tcp, udp } snat ip to ${source}:1024-65535`,
    `oifname "${device}" ip protocol icmp snat ip to ${source}`,
  ];
  namespace.ruleset = [
    chainOf('outgoing', ['type nat hook postrouting priority srcnat; policy accept;', ...(source === undefined ? [] : rules)]),
    chainOf('forwarding', [
      'type filter hook forward priority filter; policy drop;',
      'ct state invalid drop',
      ...(isUp && source !== undefined ? [`iifname "${device}" oifname "${device}" ip protocol { icmp, tcp, udp } accept`] : []),
    ]),
    chainOf('arriving', [
      'type filter hook input priority filter; policy drop;',
      'iifname "lo" accept',
      'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept',
    ]),
  ];
}
