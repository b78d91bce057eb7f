/** A load balancer as data planes are told of it: whole, with everything that its nodes need to work by themselves. */
import type { Id } from '#model/topology.ts';

export type BalancerProtocol = 'HTTP' | 'HTTPS' | 'TCP' | 'TLS' | 'UDP' | 'TCP_UDP';

/** Where a load balancer stands in one zone. */
export interface BalancerNode {
  readonly zone: string;
  /** Its interface in the topology. */
  readonly interfaceId: Id;
  /** That interface's own addresses, as text; the first is IPv4. */
  readonly addresses: readonly string[];
  /** What the internet sees, where it is internet-facing. */
  readonly publicAddress?: string;
}

export interface Balancer {
  readonly kind: 'balancer';
  /** Its ARN. */
  readonly id: Id;
  readonly type: 'application' | 'network';
  readonly networkId: Id;
  readonly name: string;
  readonly region: string;
  /** Lower case, fully qualified, no dot at the end: `my-lb-0123456789.us-east-1.elb.amazonaws.com`. */
  readonly dnsName: string;
  readonly isInternetFacing: boolean;
  /** 32 random bytes, base64, made with the load balancer: its nodes seal cookies and TLS tickets with it, also after they began anew. */
  readonly secret: string;
  readonly nodes: readonly BalancerNode[];
  readonly attributes: BalancerAttributes;
  readonly listeners: readonly BalancerListener[];
  /** All that its listeners' actions name. */
  readonly targetGroups: readonly TargetGroup[];
}

/** AWS's load balancer attributes, in units (ELB API reference, "LoadBalancerAttribute"). */
export interface BalancerAttributes {
  /** `idle_timeout.timeout_seconds`, 1 to 4,000. */
  readonly idleSeconds: number;
  /** `client_keep_alive.seconds`, 60 to 604,800: a client's connection is closed politely after that. */
  readonly clientKeepAliveSeconds: number;
  readonly isHttp2Enabled: boolean;
  /** `routing.http.desync_mitigation_mode`. */
  readonly desyncMode: 'monitor' | 'defensive' | 'strictest';
  readonly dropsInvalidHeaderFields: boolean;
  readonly preservesHostHeader: boolean;
  /** `routing.http.xff_header_processing.mode`. */
  readonly forwardedFor: 'append' | 'preserve' | 'remove';
  /** `routing.http.xff_client_port.enabled`. */
  readonly forwardsClientPort: boolean;
  /** `routing.http.x_amzn_tls_version_and_cipher_suite.enabled`. */
  readonly forwardsTlsVersion: boolean;
  /** `load_balancing.cross_zone.enabled`: always on for an application load balancer, off by default for a network one. */
  readonly isCrossZone: boolean;
  /** Where access logs go: `access_logs.s3.*`; absent: nowhere. */
  readonly accessLogs?: { readonly bucket: string; readonly prefix: string };
}

/** A certificate with its key. */
export interface BalancerCertificate {
  /** Its ARN. */
  readonly id: Id;
  /** The names that it is for, lower case, `*.example.com` among them. */
  readonly names: readonly string[];
  /** PEM, the leaf first. */
  readonly chain: string;
  /** PEM, PKCS #8. */
  readonly privateKey: string;
}

export interface BalancerListener {
  /** Its ARN. */
  readonly id: Id;
  /** 1 to 65,535. */
  readonly port: number;
  readonly protocol: BalancerProtocol;
  /** With HTTPS and TLS. The first certificate is the default one. */
  readonly tls?: { readonly policy: string; readonly alpn?: string; readonly certificates: readonly BalancerCertificate[] };
  /** By rising priority; the last is the default rule and has no conditions. */
  readonly rules: readonly BalancerRule[];
  /** `tcp.idle_timeout.seconds` of a network load balancer's TCP listener, 60 to 6,000. */
  readonly tcpIdleSeconds?: number;
}

export interface BalancerRule {
  /** Its ARN. */
  readonly id: Id;
  /** 1 to 50,000; 0: the default rule. */
  readonly priority: number;
  /** All have to hold. */
  readonly conditions: readonly RuleCondition[];
  readonly action: RuleAction;
}

/** One value of a condition has to match. `*` is any run of characters, `?` is one. */
export type RuleCondition =
  /** Patterns are in lower case; a host is compared in lower case, without its port. */
  | { readonly field: 'host-header'; readonly patterns: readonly TextPattern[] }
  /** With the case as it is; the path alone, without the query. */
  | { readonly field: 'path-pattern'; readonly patterns: readonly TextPattern[] }
  | { readonly field: 'http-request-method'; readonly methods: readonly string[] }
  /** `name` in lower case; values are compared without regard to case. */
  | { readonly field: 'http-header'; readonly name: string; readonly patterns: readonly TextPattern[] }
  /** Without regard to case; without a key any key does. */
  | { readonly field: 'query-string'; readonly pairs: readonly { readonly key?: string; readonly value: string }[] }
  /** CIDRs of either family, as text. */
  | { readonly field: 'source-ip'; readonly cidrs: readonly string[] };

export type TextPattern = { readonly glob: string } | { readonly regex: string };

export type RuleAction =
  | {
      readonly type: 'forward';
      /** Weights 0 to 999. With all of them 0, nothing is chosen (503). */
      readonly groups: readonly { readonly id: Id; readonly weight: number }[];
      /** Seconds, 1 to 604,800: a client stays with its group (`AWSALBTG`). */
      readonly stickySeconds?: number;
    }
  | {
      readonly type: 'redirect';
      readonly status: 301 | 302;
      /** Each may hold `#{protocol}`, `#{host}`, `#{port}`, `#{path}`, `#{query}`. The path begins with a slash; the query has no `?`. */
      readonly protocol: string;
      readonly host: string;
      readonly port: string;
      readonly path: string;
      readonly query: string;
    }
  | { readonly type: 'fixed-response'; readonly status: number; readonly contentType?: string; readonly body?: string };

export interface TargetGroup {
  /** Its ARN. */
  readonly id: Id;
  readonly name: string;
  readonly protocol: BalancerProtocol;
  readonly protocolVersion: 'HTTP1' | 'HTTP2' | 'GRPC';
  readonly targetType: 'instance' | 'ip' | 'alb' | 'lambda';
  readonly healthCheck: HealthCheck;
  readonly attributes: TargetGroupAttributes;
  readonly targets: readonly Target[];
}

/** All times in seconds. */
export interface HealthCheck {
  readonly isEnabled: boolean;
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP';
  /** `traffic-port`: each target's own. */
  readonly port: number | 'traffic-port';
  readonly path: string;
  /** `200`, `200,202`, `200-299`. */
  readonly matcher: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
}

/** AWS's target group attributes (ELB API reference, "TargetGroupAttribute"). */
export interface TargetGroupAttributes {
  readonly algorithm: 'round_robin' | 'least_outstanding_requests' | 'weighted_random';
  /** 30 to 900; 0: off. */
  readonly slowStartSeconds: number;
  readonly stickiness?:
    | { readonly type: 'lb_cookie'; readonly seconds: number }
    | { readonly type: 'app_cookie'; readonly seconds: number; readonly cookieName: string }
    | { readonly type: 'source_ip' };
  /** Whether a node also uses targets of other zones. */
  readonly isCrossZone: boolean;
  /** With fewer healthy targets than this (a number, and a share in percent) requests go to all of them: fail open. */
  readonly minimumHealthy: { readonly count: number; readonly percentage: number };
  readonly preservesClientIp: boolean;
  readonly proxyProtocolV2: boolean;
  /** Seconds, 0 to 3,600. */
  readonly deregistrationDelaySeconds: number;
  /** Whether connections are cut when the delay is over (network load balancers). */
  readonly terminatesConnections: boolean;
}

export interface Target {
  /** As it was registered: an instance's id or an address. */
  readonly id: string;
  /** 1 to 65,535. */
  readonly port: number;
  /** Where it is reached, as text. */
  readonly address: string;
  /** `all`: used by nodes of every zone (addresses outside the network). */
  readonly zone: string;
  /** It is in none of the network's segments. */
  readonly isOutside?: true;
  /** New requests do not go to a draining one; those under way end. After `drainsUntilMs` (epoch) what is left is cut. */
  readonly drainsUntilMs?: number;
}

/** What a node sees of a target. Reasons are AWS's (`Target.Timeout`, …). */
export interface TargetHealth {
  readonly groupId: Id;
  readonly targetId: string;
  readonly port: number;
  readonly state: 'initial' | 'healthy' | 'unhealthy';
  readonly reason?:
    | 'Elb.RegistrationInProgress'
    | 'Elb.InitialHealthChecking'
    | 'Target.ResponseCodeMismatch'
    | 'Target.Timeout'
    | 'Target.FailedHealthChecks'
    | 'Elb.InternalError';
  /** AWS's words, e.g. `Health checks failed with these codes: [502]`. */
  readonly description?: string;
}
