/**
 * A network load balancer's node in the kernel: new flows to its listeners are translated to a target's address by connection tracking,
 * so that no byte passes through a process; what is under way stays with its target, whatever changes.
 */
import { isIPv6 } from 'node:net';
import type { Balancer, BalancerListener, Target, TargetGroup } from '#model/balancer.ts';

/** The node's own table; nobody else writes it. */
export const TABLE = 'inet balancer';

/** Which of a group's targets a node uses now. */
export type UsableTargets = (group: TargetGroup) => readonly Target[];

/** Seconds after which a flow without packets is forgotten (NLB guide, "Connection idle timeout"). */
export const UDP_IDLE_SECONDS = 120;

/** The protocols that the kernel passes on; TLS listeners end in a process. */
export function kernelProtocols({ protocol }: BalancerListener): readonly ('tcp' | 'udp')[] {
  return protocol === 'TCP' ? ['tcp'] : protocol === 'UDP' ? ['udp'] : protocol === 'TCP_UDP' ? ['tcp', 'udp'] : [];
}

/** Whether flows to a group pass through a process: the PROXY header has to be written by one. */
export const needsProcess = ({ attributes }: TargetGroup): boolean => attributes.proxyProtocolV2;

/** The group that a listener's flows go to. */
export function groupOf(balancer: Balancer, { rules }: Pick<BalancerListener, 'rules'>): TargetGroup | undefined {
  const action = rules.at(-1)?.action;
  const id = action?.type === 'forward' ? action.groups[0]?.id : undefined;
  return balancer.targetGroups.find((group) => group.id === id);
}

/** Targets whose deregistration delay is over, of groups that then cut connections (`deregistration_delay.connection_termination.enabled`). */
export function cutTargets({ targetGroups }: Pick<Balancer, 'targetGroups'>, nowMs: number): readonly Target[] {
  const cutting = targetGroups.filter(({ attributes }) => attributes.terminatesConnections);
  return cutting.flatMap(({ targets }) => targets.filter(({ drainsUntilMs }) => drainsUntilMs !== undefined && drainsUntilMs <= nowMs));
}

/**
 * The whole table as one transaction for `nft -f`: what was there before is replaced, tracked flows stay.
 * @param cut flows to these are reset
 */
export function flowRules(balancer: Balancer, addresses: readonly string[], usable: UsableTargets, cut: readonly Target[] = []): string {
  const own = { ip: addresses.filter((text) => !isIPv6(text)), ip6: addresses.filter((text) => isIPv6(text)) };
  const arriving: string[] = [];
  const leaving: string[] = [];
  for (const listener of balancer.listeners) {
    const group = groupOf(balancer, listener);
    if (group === undefined || needsProcess(group)) continue;
    for (const protocol of kernelProtocols(listener))
      for (const family of ['ip', 'ip6'] as const) {
        const targets = usable(group).filter(({ address }) => isIPv6(address) === (family === 'ip6'));
        if (own[family].length === 0) continue;
        const match = `${family} daddr { ${own[family].join(', ')} } ${protocol} dport ${listener.port}`;
        if (targets.length > 0) arriving.push(`${match} dnat ${family} to ${choice(targets)}`);
        if (targets.length > 0 && !keepsClient(group, protocol))
          leaving.push(`meta l4proto ${protocol} ct original ${family} daddr { ${own[family].join(', ')} } ct original proto-dst ${listener.port} ct status dnat masquerade`); // prettier-ignore
      }
  }
  return [
    `add table ${TABLE}`,
    `delete table ${TABLE}`,
    `table ${TABLE} {`,
    '  chain arriving {',
    '    type nat hook prerouting priority dstnat; policy accept;',
    ...arriving.map((rule) => `    ${rule}`),
    '  }',
    '  chain leaving {',
    '    type nat hook postrouting priority srcnat; policy accept;',
    ...leaving.map((rule) => `    ${rule}`),
    '  }',
    '  chain passing {',
    '    type filter hook forward priority filter; policy drop;',
    ...cut.map((target) => `    ${resetOf(target)}`),
    '    ct status dnat accept',
    '    ct state related accept',
    '  }',
    '}',
    '',
  ].join('\n');
}

const resetOf = ({ address, port }: Target): string =>
  `meta l4proto tcp ct reply ${isIPv6(address) ? 'ip6' : 'ip'} saddr ${address} ct reply proto-src ${port} reject with tcp reset`;

/** UDP keeps the client's address whatever the group says (NLB guide, "Client IP preservation"). */
const keepsClient = ({ attributes }: TargetGroup, protocol: 'tcp' | 'udp'): boolean => attributes.preservesClientIp || protocol === 'udp';

/** One of several, for each flow anew: AWS hashes the flow with its sequence number, which is chance to everybody else. */
function choice(targets: readonly Target[]): string {
  const places = targets.map(({ address, port }) => ({ address, port }));
  const [first, ...others] = places;
  if (first === undefined) throw new Error('there is nothing to choose from'); // callers have looked
  if (others.length === 0) return isIPv6(first.address) ? `[${first.address}]:${first.port}` : `${first.address}:${first.port}`;
  const elements = places.map(({ address, port }, at) => `${at} : ${address} . ${port}`);
  return `numgen random mod ${places.length} map { ${elements.join(', ')} }`;
}
