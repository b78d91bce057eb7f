/** Records of load balancers, listeners, rules, target groups and targets. Ids are ARNs. */
import type { Eventual } from '#aws/eventual.ts';
import type { Tagged } from '#aws/tags.ts';
import { defineTable, type StoreRecord } from '#store/table.ts';

export type BalancerType = 'application' | 'network';
export type Scheme = 'internet-facing' | 'internal';
export type IpAddressType = 'ipv4' | 'dualstack' | 'dualstack-without-public-ipv4';
export type Protocol = 'HTTP' | 'HTTPS' | 'TCP' | 'TLS' | 'UDP' | 'TCP_UDP';

/** Attributes that were set, by AWS's key; the others have their default. */
export type SetAttributes = Readonly<Record<string, string>>;

/** A subnet that a load balancer is in, with its node there. */
export interface NodeRecord {
  readonly zone: string;
  readonly subnetId: string;
  readonly interfaceId: string;
  /** The Elastic IP that was asked for. */
  readonly allocationId?: string;
  /** The addresses that were asked for. */
  readonly privateIp?: string;
  readonly ipv6Address?: string;
}

export interface LoadBalancerRecord extends StoreRecord, Tagged {
  readonly name: string;
  readonly type: BalancerType;
  readonly scheme: Scheme;
  readonly vpcId: string;
  readonly ipAddressType: IpAddressType;
  readonly dnsName: string;
  /** 32 random bytes, base64, that its nodes seal cookies and tickets with. */
  readonly secret: string;
  readonly createdMs: number;
  readonly state: Eventual<'provisioning' | 'active'>;
  readonly nodes: readonly NodeRecord[];
  /** Empty for a network load balancer that was made without groups: it never gets any. */
  readonly groupIds: readonly string[];
  /** Of network load balancers with groups. */
  readonly enforcesPrivateLink?: 'on' | 'off';
  readonly attributes: SetAttributes;
}

export const loadBalancerTable = defineTable<LoadBalancerRecord>()('elbv2.load-balancer', {
  name: (balancer) => balancer.name,
  type: (balancer) => balancer.type,
  interface: (balancer) => balancer.nodes.map((node) => node.interfaceId),
});

export interface ListenerRecord extends StoreRecord, Tagged {
  readonly loadBalancerArn: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly sslPolicy?: string;
  /** ARNs; the first is the default certificate. */
  readonly certificates: readonly string[];
  readonly alpnPolicy?: string;
  readonly attributes: SetAttributes;
}

export const listenerTable = defineTable<ListenerRecord>()('elbv2.listener', {
  loadBalancer: (listener) => listener.loadBalancerArn,
  certificate: (listener) => listener.certificates,
});

export interface ConditionRecord {
  readonly field: ConditionField;
  /** `http-header`, as given. */
  readonly headerName?: string;
  readonly values?: readonly string[];
  readonly regexValues?: readonly string[];
  /** `query-string` */
  readonly pairs?: readonly { readonly key?: string; readonly value: string }[];
}

export type ConditionField = 'host-header' | 'path-pattern' | 'http-header' | 'http-request-method' | 'query-string' | 'source-ip';

export type ActionRecord = { readonly order?: number } & (
  | {
      readonly type: 'forward';
      /** In one group alone, its weight is of no matter. */
      readonly groups: readonly { readonly arn: string; readonly weight: number }[];
      readonly stickiness?: { readonly enabled: boolean; readonly seconds?: number };
    }
  | {
      readonly type: 'redirect';
      readonly protocol: string;
      readonly host: string;
      readonly port: string;
      readonly path: string;
      readonly query: string;
      readonly status: 'HTTP_301' | 'HTTP_302';
    }
  | { readonly type: 'fixed-response'; readonly status: string; readonly contentType?: string; readonly body?: string }
);

export interface RuleRecord extends StoreRecord, Tagged {
  readonly listenerArn: string;
  readonly loadBalancerArn: string;
  /** 1 to 50,000; 0: the default rule, which lives and dies with its listener. */
  readonly priority: number;
  readonly conditions: readonly ConditionRecord[];
  readonly action: ActionRecord;
}

export const ruleTable = defineTable<RuleRecord>()('elbv2.rule', {
  listener: (rule) => rule.listenerArn,
  loadBalancer: (rule) => rule.loadBalancerArn,
  targetGroup: (rule) => groupsOf(rule.action),
});

/** The target groups that an action names. */
export function groupsOf(action: ActionRecord): readonly string[] {
  return action.type === 'forward' ? action.groups.map(({ arn }) => arn) : [];
}

export type TargetType = 'instance' | 'ip' | 'alb';

export interface HealthCheckRecord {
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP';
  /** A number, or `traffic-port`. */
  readonly port: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  /** Of HTTP and HTTPS. */
  readonly path?: string;
  readonly matcher?: string;
}

export interface TargetGroupRecord extends StoreRecord, Tagged {
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly vpcId: string;
  readonly targetType: TargetType;
  readonly ipAddressType: 'ipv4' | 'ipv6';
  readonly healthCheck: HealthCheckRecord;
  readonly attributes: SetAttributes;
}

export const targetGroupTable = defineTable<TargetGroupRecord>()('elbv2.target-group', {
  name: (group) => group.name,
});

/** A registered target; the id is `targetRecordId`. */
export interface TargetRecord extends StoreRecord {
  readonly groupArn: string;
  /** An instance's id, an address, or a load balancer's ARN. */
  readonly targetId: string;
  readonly port: number;
  /** As it was given: a zone, or `all`. */
  readonly zone?: string;
  /** Until when (epoch) it drains; then it is no target any more. */
  readonly drainsUntilMs?: number;
}

export const targetTable = defineTable<TargetRecord>()('elbv2.target', {
  group: (target) => target.groupArn,
  target: (target) => target.targetId,
});

export function targetRecordId(groupArn: string, targetId: string, port: number): string {
  return `${groupArn}|${targetId}|${port}`;
}
