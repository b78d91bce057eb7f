/** The health checks of one node: what it sees of every target of its load balancer. */
import { CheckQueue } from '#dataplane/balancer/health/check-queue.ts';
import { planCheck } from '#dataplane/balancer/health/check-plan.ts';
import { TargetWatch, type WatchSettings, type WatchSurroundings } from '#dataplane/balancer/health/target-watch.ts';
import type { Balancer, TargetHealth } from '#model/balancer.ts';

/** Sockets that checks may have open at once. */
const MOST_CHECKS_AT_ONCE = 256;

export interface HealthCheckerOptions {
  /** Checks leave from here: the node's own address. */
  readonly localAddress?: string;
  readonly mostAtOnce?: number;
  /** 0 up to 1. */
  readonly random?: () => number;
}

/**
 * Targets that drain, functions, and groups whose checks are off are not watched: nothing is told of them. Groups share
 * nothing, even where they have the same target.
 */
export class HealthChecker {
  private readonly options: HealthCheckerOptions;
  private readonly watches = new Map<string, { readonly address: string; readonly watch: TargetWatch }>();
  private readonly listeners = new Set<(health: TargetHealth) => void>();
  private readonly surroundings: WatchSurroundings;

  constructor(options: HealthCheckerOptions = {}) {
    this.options = options;
    const queue = new CheckQueue(options.mostAtOnce ?? MOST_CHECKS_AT_ONCE);
    this.surroundings = {
      start: (plan, done) => queue.start(plan, done),
      changed: (health) => {
        for (const listener of this.listeners) listener(health);
      },
      random: options.random ?? Math.random,
    };
  }

  /** New targets are checked at once, those that stay keep state and rhythm, others are forgotten. */
  update(balancer: Balancer): void {
    const wanted = new Set<string>();
    const fresh: TargetWatch[] = [];
    for (const group of balancer.targetGroups) {
      if (!group.healthCheck.isEnabled || group.targetType === 'lambda') continue;
      for (const target of group.targets) {
        if (target.drainsUntilMs !== undefined) continue;
        const key = keyOf(group.id, target.id, target.port);
        wanted.add(key);
        const plan = planCheck(balancer, group, target, this.options.localAddress);
        const settings: WatchSettings = { plan, check: group.healthCheck, isNetwork: balancer.type === 'network' };
        const known = this.watches.get(key);
        if (known?.address === target.address) {
          known.watch.update(settings);
          continue;
        }
        known?.watch.end();
        const watch = new TargetWatch({ groupId: group.id, targetId: target.id, port: target.port }, settings, this.surroundings);
        this.watches.set(key, { address: target.address, watch });
        fresh.push(watch);
      }
    }
    for (const [key, { watch }] of this.watches) {
      if (wanted.has(key)) continue;
      watch.end();
      this.watches.delete(key);
    }
    for (const watch of fresh) watch.begin();
  }

  /** Told of every change of a state or its reason. @returns how to end that */
  onChange(listener: (health: TargetHealth) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  stateOf(groupId: string, targetId: string, port: number): TargetHealth | undefined {
    return this.watches.get(keyOf(groupId, targetId, port))?.watch.health;
  }

  all(): readonly TargetHealth[] {
    return Array.from(this.watches.values(), ({ watch }) => watch.health);
  }

  /** Ends all checks; tells nothing more. */
  close(): void {
    this.listeners.clear();
    for (const { watch } of this.watches.values()) watch.end();
    this.watches.clear();
  }
}

const keyOf = (groupId: string, targetId: string, port: number): string => `${groupId} ${targetId} ${port}`;
