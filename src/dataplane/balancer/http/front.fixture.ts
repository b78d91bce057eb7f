/** For tests and benchmarks: settings as AWS's defaults, and a router that forwards to given targets in turn. */
import type { BalancerAttributes, BalancerListener, BalancerRule, Target, TargetGroup } from '#model/balancer.ts';
import type { ChosenTarget, Decision, ListenerRouter, RequestView } from '#dataplane/balancer/decision.ts';

export const defaultAttributes: BalancerAttributes = {
  idleSeconds: 60,
  clientKeepAliveSeconds: 3600,
  isHttp2Enabled: true,
  desyncMode: 'defensive',
  dropsInvalidHeaderFields: false,
  preservesHostHeader: false,
  forwardedFor: 'append',
  forwardsClientPort: false,
  forwardsTlsVersion: false,
  isCrossZone: true,
};

export const defaultRule: BalancerRule = { id: 'rule', priority: 0, conditions: [], action: { type: 'forward', groups: [] } };

export function listenerAt(port: number, protocol: 'HTTP' | 'HTTPS' = 'HTTP'): BalancerListener {
  return { id: 'listener', port, protocol, rules: [defaultRule] };
}

export function groupOf(ports: readonly number[], protocol: 'HTTP' | 'HTTPS' = 'HTTP', version: 'HTTP1' | 'HTTP2' = 'HTTP1'): TargetGroup {
  const targets: Target[] = ports.map((port) => ({ id: '127.0.0.1', address: '127.0.0.1', port, zone: 'a' }));
  return {
    id: 'group',
    name: 'group',
    protocol,
    protocolVersion: version,
    targetType: 'ip',
    healthCheck: {
      isEnabled: false,
      protocol: 'HTTP',
      port: 'traffic-port',
      path: '/',
      matcher: '200',
      intervalSeconds: 30,
      timeoutSeconds: 5,
      healthyThreshold: 5,
      unhealthyThreshold: 2,
    },
    attributes: {
      algorithm: 'round_robin',
      slowStartSeconds: 0,
      isCrossZone: true,
      minimumHealthy: { count: 1, percentage: 0 },
      preservesClientIp: false,
      proxyProtocolV2: false,
      deregistrationDelaySeconds: 300,
      terminatesConnections: false,
    },
    targets,
  };
}

/** Counts what it is told. */
export class TurnRouter implements ListenerRouter {
  readonly seen: { begun: number; ended: number; answered: number; failed: number } = { begun: 0, ended: 0, answered: 0, failed: 0 };
  cookies: readonly string[] = [];
  /** In place of forwarding, where it says something. */
  instead: (request: RequestView) => Decision | undefined = () => undefined;
  readonly #chosen: ChosenTarget[];
  #turn = 0;

  constructor(group: TargetGroup) {
    const { seen } = this;
    this.#chosen = group.targets.map((target) => ({
      target,
      group,
      begin: () => (seen.begun += 1),
      end: () => (seen.ended += 1),
      note: (outcome: 'answered' | 'failed') => (seen[outcome] += 1),
    }));
  }

  decide(request: RequestView): Decision {
    return this.instead(request) ?? this.#next() ?? { kind: 'nobody', rule: defaultRule, group: undefined };
  }

  again(): Extract<Decision, { kind: 'forward' }> | undefined {
    return this.#chosen.length > 1 ? this.#next() : undefined;
  }

  #next(): Extract<Decision, { kind: 'forward' }> | undefined {
    this.#turn = (this.#turn + 1) % Math.max(1, this.#chosen.length);
    const chosen = this.#chosen[this.#turn];
    return chosen && { kind: 'forward', rule: defaultRule, chosen, cookies: this.cookies };
  }
}
