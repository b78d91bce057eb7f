/** All choices of one node of a load balancer: a router for each listener over shared targets. */
import type { ListenerRouter } from '#dataplane/balancer/decision.ts';
import { CookieSeal } from '#dataplane/balancer/routing/cookie-seal.ts';
import { RulesRouter, type RouterContext } from '#dataplane/balancer/routing/listener-router.ts';
import { Pool, type HealthView, type PoolSettings } from '#dataplane/balancer/routing/pool.ts';
import { StickyCookies } from '#dataplane/balancer/routing/sticky-cookies.ts';
import { WeightedGroups } from '#dataplane/balancer/routing/weighted-groups.ts';
import type { Balancer, BalancerListener, Target, TargetHealth } from '#model/balancer.ts';

export interface NodeRouterOptions {
  /** The node's own. */
  readonly zone: string;
  readonly health: HealthView;
  /** Instead of the load balancer's own secret. All nodes, workers and restarts with the same one read each other's cookies. */
  readonly cookieSecret?: Uint8Array;
  /** 0 up to 1. */
  readonly random?: () => number;
  readonly nowMs?: () => number;
}

/** Keeps, over updates, what belongs to targets, groups and rules that stay: positions, counts, slow starts, health. */
export class NodeRouter {
  private readonly settings: PoolSettings;
  private readonly pools = new Map<string, Pool>();
  private readonly routers = new Map<string, { readonly router: RulesRouter; listener: BalancerListener }>();
  private readonly weighted = new Map<string, WeightedGroups>();
  private readonly context: RouterContext;

  constructor(balancer: Balancer, options: NodeRouterOptions) {
    const random = options.random ?? Math.random;
    this.settings = {
      zone: options.zone,
      health: options.health,
      random,
      nowMs: options.nowMs ?? Date.now,
      hasPassiveChecks: balancer.type === 'network',
    };
    this.context = {
      pools: this.pools,
      cookies: new StickyCookies(new CookieSeal(options.cookieSecret ?? Buffer.from(balancer.secret, 'base64'))),
      weightedGroups: (rule, groups) => {
        const known = this.weighted.get(rule.id) ?? new WeightedGroups(groups, random);
        known.update(groups);
        this.weighted.set(rule.id, known);
        return known;
      },
    };
    this.update(balancer);
  }

  /** Takes over a changed configuration. Routers that were handed out follow it. */
  update(balancer: Balancer): void {
    syncMap(this.pools, balancer.targetGroups, (group, pool) => {
      pool?.update(group);
      return pool ?? new Pool(group, this.settings);
    });
    syncMap(this.routers, balancer.listeners, (listener, known) => {
      if (known === undefined) return { router: new RulesRouter(listener, this.context), listener };
      if (known.listener !== listener) known.router.update(listener);
      known.listener = listener;
      return known;
    });
    const rules = new Set(balancer.listeners.flatMap((listener) => listener.rules.map(({ id }) => id)));
    for (const id of this.weighted.keys()) if (!rules.has(id)) this.weighted.delete(id);
  }

  /** @param id the listener's ARN */
  listener(id: string): ListenerRouter | undefined {
    return this.routers.get(id)?.router;
  }

  /** To be told whenever a target's health changes. */
  noteHealth(health: TargetHealth): void {
    this.pools.get(health.groupId)?.noteHealth(health);
  }

  /** Those of a group that this node uses now: all that it could use when too few are healthy. */
  usableTargets(groupId: string): readonly Target[] {
    return this.pools.get(groupId)?.usableTargets ?? [];
  }
}

/** Makes a map hold exactly these, by their ids. */
function syncMap<I extends { readonly id: string }, V>(
  map: Map<string, V>,
  items: readonly I[],
  merge: (item: I, known: V | undefined) => V,
): void {
  const ids = new Set(items.map(({ id }) => id));
  for (const id of map.keys()) if (!ids.has(id)) map.delete(id);
  for (const item of items) map.set(item.id, merge(item, map.get(item.id)));
}
