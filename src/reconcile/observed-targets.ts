/** What load balancers' nodes see of their targets, in memory. */
import type { TargetHealth } from '#model/balancer.ts';
import type { HealthEvent } from '#dataplane/fabric/public.ts';

/** Of what several nodes see, the worst counts. */
const WORST_FIRST = ['unhealthy', 'initial', 'healthy'] as const;

const keyOf = (groupId: string, targetId: string, port: number): string => `${groupId} ${targetId} ${port}`;

export class ObservedTargets {
  /** By target, then by node. */
  readonly #seen = new Map<string, Map<string, TargetHealth>>();
  /** The targets that each node told of last. */
  readonly #byNode = new Map<string, readonly TargetHealth[]>();

  /** A node's word takes the place of all that it said before. */
  see({ balancer, zone, targets }: HealthEvent): void {
    const node = `${balancer} ${zone}`;
    for (const { groupId, targetId, port } of this.#byNode.get(node) ?? []) {
      const key = keyOf(groupId, targetId, port);
      const nodes = this.#seen.get(key);
      nodes?.delete(node);
      if (nodes?.size === 0) this.#seen.delete(key);
    }
    if (targets.length === 0) this.#byNode.delete(node);
    else this.#byNode.set(node, targets);
    for (const health of targets) {
      const key = keyOf(health.groupId, health.targetId, health.port);
      const nodes = this.#seen.get(key) ?? new Map<string, TargetHealth>();
      this.#seen.set(key, nodes.set(node, health));
    }
  }

  /** Nobody sees anything any more: the fabric is gone. */
  clear(): void {
    this.#seen.clear();
    this.#byNode.clear();
  }

  of(groupId: string, targetId: string, port: number): TargetHealth | undefined {
    const seen = [...(this.#seen.get(keyOf(groupId, targetId, port))?.values() ?? [])];
    return WORST_FIRST.flatMap((state) => seen.find((one) => one.state === state) ?? [])[0];
  }
}
