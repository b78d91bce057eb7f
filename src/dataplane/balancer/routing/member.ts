/** One target of one group as a node uses it: its health, what is on its way to it, and where it is in its slow start. */
import type { ChosenTarget } from '#dataplane/balancer/decision.ts';
import type { Target, TargetGroup } from '#model/balancer.ts';

/** AWS tells no figures for its passive checks: a target of a network load balancer rests after this many refusals in a row … */
const PASSIVE_FAILURES = 3;
/** … for so long, or until it answers. */
const PASSIVE_REST_MS = 10_000;

/** Outlives updates of the configuration, so that counts stay right: the engine holds it from `begin` to `end`. */
export class Member implements ChosenTarget {
  target: Target;
  group: TargetGroup;
  isHealthy = false;
  /** Requests on their way. */
  outstanding = 0;
  /** When its slow start began (epoch); 0: it has its full share. */
  slowSinceMs = 0;
  /** Saved share of a slow start: at 1 it may take a request. */
  credit = 0;
  /** Epoch; set by passive checks. */
  restsUntilMs = 0;
  private failures = 0;
  private readonly hasPassiveChecks: boolean;
  private readonly nowMs: () => number;

  constructor(target: Target, group: TargetGroup, hasPassiveChecks: boolean, nowMs: () => number) {
    this.target = target;
    this.group = group;
    this.hasPassiveChecks = hasPassiveChecks;
    this.nowMs = nowMs;
  }

  begin(): void {
    this.outstanding++;
  }

  end(): void {
    if (this.outstanding > 0) this.outstanding--;
  }

  note(outcome: 'answered' | 'failed'): void {
    if (outcome === 'answered') {
      this.failures = 0;
      this.restsUntilMs = 0;
    } else if (++this.failures >= PASSIVE_FAILURES && this.hasPassiveChecks) {
      this.restsUntilMs = this.nowMs() + PASSIVE_REST_MS;
    }
  }

  /** Its share of the requests, 0 to 1: below 1 in slow start. */
  share(nowMs: number): number {
    if (this.slowSinceMs === 0) return 1;
    const share = (nowMs - this.slowSinceMs) / (this.group.attributes.slowStartSeconds * 1000);
    if (share < 1) return share > 0 ? share : 0;
    this.slowSinceMs = 0;
    return 1;
  }
}

/** Two registrations are the same target when all of these are the same. */
export function memberKey(target: Target): string {
  return `${target.id} ${target.port} ${target.address}`;
}
