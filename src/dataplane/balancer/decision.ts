/** What the request engine asks of routing, and what it is told: the seam between bytes and choices. */
import type { BalancerRule, Target, TargetGroup } from '#model/balancer.ts';

/** A request's head, read only as far as somebody asks. */
export interface RequestView {
  readonly method: string;
  /** Lower case, without the port. */
  readonly host: string;
  /** The port that the `Host` header names, else ''. */
  readonly hostPort: string;
  /** With its leading slash, not decoded, without the query. */
  readonly path: string;
  /** Without the `?`; '' where there is none. */
  readonly query: string;
  /** Values of a header, one for each line. @param name in lower case */
  header(name: string): readonly string[];
  /** The client's address, as text. */
  readonly sourceAddress: string;
}

/** A target while a node uses it. */
export interface ChosenTarget {
  readonly target: Target;
  readonly group: TargetGroup;
  /** A request is on its way to it: counted until `end`. */
  begin(): void;
  end(): void;
  /** What it did, for the algorithms and for passive checks: `failed` when no connection could be made. */
  note(outcome: 'answered' | 'failed'): void;
}

export type Decision =
  | {
      readonly kind: 'forward';
      readonly rule: BalancerRule;
      readonly chosen: ChosenTarget;
      /**
       * Values of `Set-Cookie` to add to the answer: `AWSALB=…`, `AWSALBCORS=…`, `AWSALBTG=…`. `answerCookies` is asked with the
       * answer's own cookies, where the application's cookie makes requests stick.
       */
      readonly cookies: readonly string[];
      readonly answerCookies?: (setCookies: readonly string[]) => readonly string[];
    }
  | { readonly kind: 'redirect'; readonly rule: BalancerRule; readonly status: 301 | 302; readonly location: string }
  | {
      readonly kind: 'fixed';
      readonly rule: BalancerRule;
      readonly status: number;
      readonly contentType: string;
      readonly body: Buffer;
    }
  /** No target is registered, or all weights are 0: 503. */
  | { readonly kind: 'nobody'; readonly rule: BalancerRule; readonly group: TargetGroup | undefined };

/** Decides for the requests of one listener of one node. Replaced whole when anything changes; stickiness and counts outlive that. */
export interface ListenerRouter {
  /** @param protocol the listener's: `http` or `https`, for redirects */
  decide(request: RequestView, protocol: 'http' | 'https', nowMs: number): Decision;
  /** Another target of the same group after one refused its connection; undefined when there is no other. */
  again(decision: Extract<Decision, { kind: 'forward' }>, nowMs: number): Extract<Decision, { kind: 'forward' }> | undefined;
}
