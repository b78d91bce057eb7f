/** What is seen of instances and of load balancers' targets, in memory: the last word of whoever runs them. */
import type { Observations, ObservedInstance } from '#aws/context.ts';
import type { FabricEvent } from '#dataplane/fabric/public.ts';
import type { TargetHealth } from '#model/balancer.ts';
import { ObservedTargets } from '#reconcile/observed-targets.ts';
import type { Partition } from '#store/table.ts';

/** Milliseconds that a description waits at most for instances that change. */
const SETTLE_MS = 500;

export class ObservedInstances implements Observations {
  readonly #instances = new Map<string, ObservedInstance>();
  readonly #targets = new ObservedTargets();
  /** Instances between two states, with their partitions; who waits for a partition's. */
  readonly #unsettled = new Map<string, string>();
  readonly #waiting = new Map<string, (() => void)[]>();
  #runsInstances = false;

  get runsInstances(): boolean {
    return this.#runsInstances;
  }

  instance(id: string): ObservedInstance | undefined {
    return this.#instances.get(id);
  }

  targetHealth(groupArn: string, targetId: string, port: number): TargetHealth | undefined {
    return this.#targets.of(groupArn, targetId, port);
  }

  /** From now on something runs instances; with `end`, nothing does. */
  begin(): void {
    this.#runsInstances = true;
  }

  end(): void {
    this.#runsInstances = false;
  }

  /** An instance is on its way to another state, or has come there. */
  note(id: string, { account, region }: Partition, isSettled: boolean): void {
    if (!isSettled) {
      this.#unsettled.set(id, `${account} ${region}`);
      return;
    }
    const key = this.#unsettled.get(id);
    if (key === undefined) return;
    this.#unsettled.delete(id);
    if ([...this.#unsettled.values()].includes(key)) return;
    for (const done of this.#waiting.get(key) ?? []) done();
    this.#waiting.delete(key);
  }

  settling({ account, region }: Partition): Promise<void> | undefined {
    const key = `${account} ${region}`;
    if (this.#unsettled.size === 0 || ![...this.#unsettled.values()].includes(key)) return undefined;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, SETTLE_MS);
      const waiting = this.#waiting.get(key) ?? [];
      waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
      this.#waiting.set(key, waiting);
    });
  }

  /** Whoever ran them is gone, and another one begins. */
  forgetHealth(nowMs: number): void {
    this.#targets.clear();
    for (const [id, seen] of this.#instances) this.#instances.set(id, { ...seen, health: 'initializing', sinceMs: nowMs });
  }

  forget(id: string): void {
    this.#instances.delete(id);
  }

  see(event: FabricEvent): void {
    if (event.event === 'health') return this.#targets.see(event);
    if (event.event === 'fault') return;
    const { instance: id, atMs } = event;
    const last = this.#instances.get(id);
    switch (event.event) {
      case 'begun':
        this.#instances.set(id, { ...last, health: 'ok', sinceMs: atMs });
        return;
      case 'ended':
        this.#instances.set(id, {
          ...last,
          health: event.how === 'failed' || event.how === 'unmade' ? 'impaired' : 'initializing',
          sinceMs: atMs,
        });
        return;
      case 'console':
        this.#instances.set(id, { health: 'initializing', sinceMs: atMs, ...last, console: { text: Buffer.from(event.text), atMs } });
    }
  }
}
