/** Watches one target of one group: checks it in its rhythm and counts what comes of it. */
import type { CheckPlan } from '#dataplane/balancer/health/check-plan.ts';
import { CHECKING, HEALTHY, REGISTERING, unhealthy, type Outcome } from '#dataplane/balancer/health/outcome.ts';
import type { HealthCheck, TargetHealth } from '#model/balancer.ts';

/** Checks drift apart by up to this part of the interval … */
const JITTER = 0.05;
/** … and the second one, by which they first spread, comes up to this part early. */
const FIRST_JITTER = 0.25;

export interface WatchSettings {
  readonly plan: CheckPlan;
  readonly check: HealthCheck;
  readonly isNetwork: boolean;
}

export interface WatchSurroundings {
  /** Makes a check when there is room for one; the answer comes later. Returns how to call it off. */
  start(plan: CheckPlan, done: (outcome: Outcome) => void): () => void;
  changed(health: TargetHealth): void;
  /** 0 up to 1. */
  random(): number;
}

export class TargetWatch {
  /** As it was at the last change. */
  health: TargetHealth;
  private settings: WatchSettings;
  private readonly surroundings: WatchSurroundings;
  private passes = 0;
  private failures = 0;
  private timer: NodeJS.Timeout | undefined;
  private dueAtMs = 0;
  private cancel: (() => void) | undefined;
  private isFirst = true;

  constructor(target: Pick<TargetHealth, 'groupId' | 'targetId' | 'port'>, settings: WatchSettings, surroundings: WatchSurroundings) {
    this.health = { ...target, ...REGISTERING };
    this.settings = settings;
    this.surroundings = surroundings;
  }

  /** The first check comes at once. */
  begin(): void {
    this.surroundings.changed(this.health);
    this.checkIn(0);
  }

  /** Keeps state and rhythm; a shorter interval counts from now. */
  update(settings: WatchSettings): void {
    this.settings = settings;
    const latestMs = performance.now() + settings.check.intervalSeconds * 1000;
    if (this.timer !== undefined && this.dueAtMs > latestMs) this.checkIn(settings.check.intervalSeconds * 1000);
  }

  end(): void {
    clearTimeout(this.timer);
    this.cancel?.();
  }

  private checkIn(delayMs: number): void {
    clearTimeout(this.timer);
    this.dueAtMs = performance.now() + delayMs;
    this.timer = setTimeout(() => this.check(), delayMs).unref();
  }

  private check(): void {
    this.timer = undefined;
    const begunAtMs = performance.now();
    if (this.health.reason === 'Elb.RegistrationInProgress') this.set(CHECKING);
    this.cancel = this.surroundings.start(this.settings.plan, (outcome) => {
      this.cancel = undefined;
      this.count(outcome);
      // From one begin to the next: how long a target takes makes no difference.
      this.checkIn(Math.max(0, this.nextDelayMs() - (performance.now() - begunAtMs)));
    });
  }

  private nextDelayMs(): number {
    const intervalMs = this.settings.check.intervalSeconds * 1000;
    const jitter = this.isFirst ? -FIRST_JITTER * this.surroundings.random() : JITTER * (2 * this.surroundings.random() - 1);
    this.isFirst = false;
    return intervalMs * (1 + jitter);
  }

  private count(outcome: Outcome): void {
    const { check, isNetwork } = this.settings;
    if (outcome.kind === 'pass') {
      this.passes++;
      this.failures = 0;
      if (this.health.state === 'initial' || (this.health.state === 'unhealthy' && this.passes >= check.healthyThreshold))
        this.set(HEALTHY);
    } else {
      this.failures++;
      this.passes = 0;
      // An unhealthy one tells the latest reason.
      if (this.failures >= check.unhealthyThreshold || this.health.state === 'unhealthy') this.set(unhealthy(outcome, isNetwork));
    }
  }

  private set(verdict: Pick<TargetHealth, 'state' | 'reason' | 'description'>): void {
    const { groupId, targetId, port, state, description } = this.health;
    if (state === verdict.state && description === verdict.description) return;
    this.health = { groupId, targetId, port, ...verdict };
    this.surroundings.changed(this.health);
  }
}
