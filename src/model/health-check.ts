/** A health check as data planes are told of it, and what they see. */
import type { Id } from '#model/topology.ts';

/** Of an endpoint, or of other checks (`CALCULATED`). Route 53 guide, "Types of health checks". */
export interface HealthCheck {
  readonly kind: 'healthCheck';
  readonly id: Id;
  readonly type: 'HTTP' | 'HTTPS' | 'HTTP_STR_MATCH' | 'HTTPS_STR_MATCH' | 'TCP' | 'CALCULATED';
  /** IPv4 or IPv6, as text; absent: the host name is resolved (IPv4 only, as AWS does). */
  readonly address?: string;
  /** Goes into `Host` and the server name of TLS; what is resolved where there is no address. */
  readonly hostName?: string;
  /** 1 to 65,535; absent for calculated ones. */
  readonly port?: number;
  /** With its leading slash and its query. */
  readonly path?: string;
  /** What must be in the first 5,120 bytes of the body. */
  readonly searchString?: string;
  readonly intervalSeconds: 10 | 30;
  /** 1 to 10 results in a row that change what a checker thinks. */
  readonly failureThreshold: number;
  readonly sendsServerName: boolean;
  /** AWS Regions that check from; at least three, or all eight. */
  readonly regions: readonly string[];
  readonly isInverted: boolean;
  /** Always healthy (unhealthy when inverted), and nothing is asked. */
  readonly isDisabled: boolean;
  /** Calculated ones: at least so many of these must be healthy. */
  readonly children: readonly Id[];
  readonly healthyChildrenMin: number;
}

/** What one checker saw last. */
export interface CheckerObservation {
  readonly region: string;
  /** The checker's address. */
  readonly address: string;
  readonly isHealthy: boolean;
  /** AWS's words: `Success: HTTP Status Code 200, OK. Resolved IP: 198.18.1.4`. */
  readonly words: string;
  readonly atMs: number;
}

/** The whole of what is seen of a check. */
export interface CheckStatus {
  readonly id: Id;
  /** What the name servers go by: after thresholds, the 18 % rule and inversion. */
  readonly isHealthy: boolean;
  /** Empty for a calculated or disabled one, and until the first results. */
  readonly observations: readonly CheckerObservation[];
  /** As above, of the last failure of each checker. */
  readonly lastFailures: readonly CheckerObservation[];
}

/** A place from which endpoints are asked, on Keiro's internet. */
export interface Checker {
  /** An AWS Region. */
  readonly region: string;
  readonly ipv4: string;
  readonly ipv6: string;
}

/** AWS checks from eight Regions (Route 53 API reference, "HealthCheckRegion"). */
export const checkerRegions = [
  'us-east-1',
  'us-west-1',
  'us-west-2',
  'eu-west-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-northeast-1',
  'sa-east-1',
] as const;
const CHECKERS_PER_REGION = 2;

/** All of them; security groups must let them in where they are to see a target. */
export const checkers: readonly Checker[] = Array.from({ length: checkerRegions.length * CHECKERS_PER_REGION }, (_, at) => ({
  region: checkerRegions[Math.floor(at / CHECKERS_PER_REGION)] ?? checkerRegions[0],
  ipv4: `198.18.0.${160 + at}`,
  ipv6: `2001:db8::53:1${at.toString(16).padStart(2, '0')}`,
}));
/** The blocks that these are in (`GetCheckerIpRanges`). */
export const checkerBlocks = ['198.18.0.160/28', '2001:db8::53:100/120'] as const;
