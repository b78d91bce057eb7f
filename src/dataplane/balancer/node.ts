/** One load balancer's node: its listeners, open as they are wanted, over the targets that it sees. Nothing is lost when what is wanted changes. */
import type { Balancer } from '#model/balancer.ts';
import { HealthChecker } from './health/health-checker.ts';
import { HttpListeners } from './http-listeners.ts';
import type { Listeners, NodeOptions } from './listeners.ts';
import { NetworkListeners } from './network-listeners.ts';
import { NodeRouter } from './routing/node-router.ts';

/** Milliseconds in which changes of health are told together. */
const TELL_MS = 20;
/** The longest that a timer takes. */
const TIMER_MAX_MS = 2 ** 31 - 1;

export class LoadBalancerNode {
  readonly #options: NodeOptions;
  readonly #health = new HealthChecker();
  #router: NodeRouter | undefined;
  #listeners: Listeners | undefined;
  #last: Promise<void> = Promise.resolve();
  #telling: NodeJS.Timeout | undefined;
  readonly #cuts = new Map<string, NodeJS.Timeout>();

  constructor(options: NodeOptions) {
    this.#options = options;
    this.#health.onChange((health) => {
      this.#router?.noteHealth(health);
      this.#listeners?.noteHealth();
      this.#tellSoon();
    });
  }

  /** One after the other; settles when listeners are as wanted, as far as they can be. */
  async update(balancer: Balancer): Promise<void> {
    this.#last = this.#last.then(async () => this.#updateNow(balancer)).catch((error: unknown) => this.#options.fault(error));
    return this.#last;
  }

  async #updateNow(balancer: Balancer): Promise<void> {
    const node = balancer.nodes.find(({ interfaceId }) => interfaceId === this.#options.interfaceId);
    if (node === undefined) return;
    const health = this.#health;
    health.update(balancer);
    const router = (this.#router ??= new NodeRouter(balancer, { zone: node.zone, health }));
    router.update(balancer);
    this.#options.logs.update(balancer, node);
    this.#listeners ??=
      balancer.type === 'application' ? new HttpListeners(router, this.#options) : new NetworkListeners(router, this.#options);
    await this.#listeners.update(balancer, node);
    this.#cutLater(balancer);
    this.#tellSoon();
  }

  /** Takes no more connections, and finishes what is under way. */
  async close(graceMs: number): Promise<void> {
    await this.#last;
    await this.#listeners?.close(graceMs);
    this.#health.close();
    await this.#options.logs.close();
  }

  #tellSoon(): void {
    if (this.#telling !== undefined) return;
    this.#telling = setTimeout(() => {
      this.#telling = undefined;
      this.#options.tellHealth(this.#health.all());
    }, TELL_MS);
  }

  /** What is under way with a draining target is ended when its delay is over, unless the same place serves on for others. */
  #cutLater({ targetGroups }: Balancer): void {
    const targets = targetGroups.flatMap((group) => group.targets);
    const wanted = new Set<string>();
    for (const { address, port, drainsUntilMs } of targets) {
      if (drainsUntilMs === undefined) continue;
      if (targets.some((one) => one.address === address && one.port === port && one.drainsUntilMs === undefined)) continue;
      const key = `${address} ${port} ${drainsUntilMs}`;
      wanted.add(key);
      if (this.#cuts.has(key)) continue;
      const leftMs = Math.min(Math.max(drainsUntilMs - Date.now(), 0) + 1, TIMER_MAX_MS); // timers are early by less
      this.#cuts.set(key, setTimeout(() => this.#listeners?.cutTarget(address, port), leftMs).unref()); // prettier-ignore
    }
    for (const [key, timer] of this.#cuts) {
      if (wanted.has(key)) continue;
      clearTimeout(timer); // it is registered again, or forgotten
      this.#cuts.delete(key);
    }
  }
}
