/** One health check, said whole: where to, what to ask, what passes. */
import { compileMatcher, type StatusMatcher } from '#dataplane/balancer/health/status-matcher.ts';
import type { Balancer, HealthCheck, Target, TargetGroup } from '#model/balancer.ts';

export interface CheckPlan {
  readonly protocol: HealthCheck['protocol'];
  readonly address: string;
  readonly port: number;
  readonly path: string;
  readonly version: TargetGroup['protocolVersion'];
  readonly passes: StatusMatcher;
  readonly timeoutMs: number;
  /** Sends a PROXY protocol header (LOCAL) before all else. */
  readonly sendsProxyHeader: boolean;
  /** Set for network load balancers: their `Host` names the node, with this port, not the target (NLB guide, "Health checks"). */
  readonly listenerPort?: number;
  /** Leave from this address. */
  readonly localAddress?: string;
}

export function planCheck(balancer: Balancer, group: TargetGroup, target: Target, localAddress: string | undefined): CheckPlan {
  const check = group.healthCheck;
  const listenerPort = balancer.type === 'network' ? listenerPortOf(balancer, group) : undefined;
  return {
    protocol: check.protocol,
    address: target.address,
    port: check.port === 'traffic-port' ? target.port : check.port,
    path: check.path === '' ? '/' : check.path,
    version: balancer.type === 'application' ? group.protocolVersion : 'HTTP1',
    passes: compileMatcher(check.matcher),
    timeoutMs: check.timeoutSeconds * 1000,
    sendsProxyHeader: group.attributes.proxyProtocolV2,
    ...(listenerPort === undefined ? {} : { listenerPort }),
    ...(localAddress === undefined ? {} : { localAddress }),
  };
}

function listenerPortOf({ listeners }: Balancer, { id }: TargetGroup): number | undefined {
  return listeners.find(({ rules }) =>
    rules.some(({ action }) => action.type === 'forward' && action.groups.some((group) => group.id === id)),
  )?.port;
}
