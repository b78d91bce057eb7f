/** Load balancers for tests: whole ones, of which a test says only what matters to it. */
import type { RequestView } from '#dataplane/balancer/decision.ts';
import type {
  Balancer,
  BalancerAttributes,
  BalancerListener,
  BalancerRule,
  HealthCheck,
  RuleAction,
  RuleCondition,
  Target,
  TargetGroup,
  TargetGroupAttributes,
  TargetHealth,
} from '#model/balancer.ts';

export const ZONE = 'us-east-1a';

const attributes: BalancerAttributes = {
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

export function makeBalancer(parts: Partial<Balancer> = {}): Balancer {
  return {
    kind: 'balancer',
    id: 'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/50dc6c495c0c9188',
    type: 'application',
    networkId: 'vpc-1',
    name: 'web',
    region: 'us-east-1',
    dnsName: 'web-1.us-east-1.elb.amazonaws.com',
    isInternetFacing: true,
    secret: Buffer.alloc(32, 1).toString('base64'),
    nodes: [{ zone: ZONE, interfaceId: 'eni-1', addresses: ['10.0.0.10'] }],
    attributes,
    listeners: [],
    targetGroups: [],
    ...parts,
  };
}

export function makeTarget(id: string, parts: Partial<Target> = {}): Target {
  return { id, port: 80, address: `10.0.1.${id.replaceAll(/\D/g, '') || '1'}`, zone: ZONE, ...parts };
}

type GroupParts = Omit<Partial<TargetGroup>, 'attributes' | 'healthCheck'> & {
  readonly attributes?: Partial<TargetGroupAttributes>;
  readonly healthCheck?: Partial<HealthCheck>;
};

export function makeGroup(id: string, targets: readonly Target[], parts: GroupParts = {}): TargetGroup {
  return {
    id,
    name: id,
    protocol: 'HTTP',
    protocolVersion: 'HTTP1',
    targetType: 'ip',
    targets,
    ...parts,
    healthCheck: {
      isEnabled: true,
      protocol: 'HTTP',
      port: 'traffic-port',
      path: '/',
      matcher: '200',
      intervalSeconds: 5,
      timeoutSeconds: 2,
      healthyThreshold: 3,
      unhealthyThreshold: 2,
      ...parts.healthCheck,
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
      ...parts.attributes,
    },
  };
}

export function forwardTo(...groups: readonly (string | { readonly id: string; readonly weight: number })[]): RuleAction {
  return { type: 'forward', groups: groups.map((group) => (typeof group === 'string' ? { id: group, weight: 1 } : group)) };
}

/** The default rule of a listener. */
export function makeRule(action: RuleAction, priority = 0, ...conditions: readonly RuleCondition[]): BalancerRule {
  return { id: `rule-${priority}`, priority, conditions, action };
}

export function makeListener(rules: readonly BalancerRule[], parts: Partial<BalancerListener> = {}): BalancerListener {
  return { id: 'listener', port: 80, protocol: 'HTTP', rules, ...parts };
}

type RequestParts = Partial<Omit<RequestView, 'header'>> & { readonly headers?: Readonly<Record<string, string | readonly string[]>> };

export function makeRequest({ headers = {}, ...parts }: RequestParts = {}): RequestView {
  return {
    method: 'GET',
    host: 'www.example.com',
    hostPort: '',
    path: '/',
    query: '',
    sourceAddress: '203.0.113.9',
    ...parts,
    header: (name) => {
      const value = headers[name];
      return value === undefined ? [] : [value].flat();
    },
  };
}

/** A view of health that tests write to. */
export class HealthBook {
  private readonly states = new Map<string, TargetHealth>();

  stateOf(groupId: string, targetId: string, port: number): TargetHealth | undefined {
    return this.states.get(`${groupId} ${targetId} ${port}`);
  }

  set(groupId: string, targetId: string, state: TargetHealth['state'], port = 80): TargetHealth {
    const health: TargetHealth = { groupId, targetId, port, state };
    this.states.set(`${groupId} ${targetId} ${port}`, health);
    return health;
  }
}
