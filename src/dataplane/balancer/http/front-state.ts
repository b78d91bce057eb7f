/** What all connections of a front share, and read anew for each request: so it can be replaced at any time. */
import type { SecureContext } from 'node:tls';
import type { BalancerAttributes, BalancerListener } from '#model/balancer.ts';
import type { ListenerRouter } from '#dataplane/balancer/decision.ts';
import type { OnAccess } from '#dataplane/balancer/http/access.ts';
import type { TargetPools } from '#dataplane/balancer/http/target-pool.ts';
import type { TimerWheel } from '#dataplane/balancer/http/timer-wheel.ts';
import type { Fault } from '#dataplane/balancer/http/wire.ts';

/** Where certificates come from. */
export interface FrontTls {
  /** @param serverName in lower case; undefined when the client names none */
  contextFor(serverName: string | undefined): ChosenContext;
}

export interface ChosenContext {
  readonly context: SecureContext;
  /** The ARN of the certificate. */
  readonly certificateId?: string;
  /** The server's name is one of the certificate's; otherwise the default one is shown. */
  readonly isMatch: boolean;
}

export interface FrontState {
  listener: BalancerListener;
  attributes: BalancerAttributes;
  router: ListenerRouter;
  tls: FrontTls | undefined;
  /** No new requests are to come. */
  isClosing: boolean;
  readonly protocol: 'http' | 'https';
  readonly wheel: TimerWheel;
  readonly pools: TargetPools;
  readonly onAccess: OnAccess | undefined;
  readonly fault: Fault;
}

/** 80 and 443 need not be named. */
export function isDefaultPort(port: number): boolean {
  return port === 80 || port === 443;
}
