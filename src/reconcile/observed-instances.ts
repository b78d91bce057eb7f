/** What is seen of instances, of load balancers' targets and of health checks, in memory: the last word of whoever runs them. */
import type { DnsAnswer, DnsQuestion, Observations, ObservedInstance } from '#aws/context.ts';
import type { FabricEvent } from '#dataplane/fabric/public.ts';
import type { TargetHealth } from '#model/balancer.ts';
import type { CheckStatus } from '#model/health-check.ts';
import { ObservedChecks } from '#reconcile/observed-checks.ts';
import { ObservedTargets } from '#reconcile/observed-targets.ts';
import { Unsettled } from '#reconcile/unsettled.ts';
import type { Partition } from '#store/table.ts';

export class ObservedInstances implements Observations {
  readonly #instances = new Map<string, ObservedInstance>();
  readonly #targets = new ObservedTargets();
  readonly checks = new ObservedChecks();
  readonly unsettled = new Unsettled();
  /** Present from the moment that something serves names. */
  dnsAnswer?: (question: DnsQuestion) => DnsAnswer;
  #runsInstances = false;
  #balancesOnHost = false;

  get runsInstances(): boolean {
    return this.#runsInstances;
  }

  get balancesOnHost(): boolean {
    return this.#balancesOnHost;
  }

  instance(id: string): ObservedInstance | undefined {
    return this.#instances.get(id);
  }

  targetHealth(groupArn: string, targetId: string, port: number): TargetHealth | undefined {
    return this.#targets.of(groupArn, targetId, port);
  }

  healthCheck(id: string): CheckStatus | undefined {
    return this.checks.of(id);
  }

  /** From now on something runs instances; with `end`, nothing does. */
  begin(): void {
    this.#runsInstances = true;
  }

  end(): void {
    this.#runsInstances = false;
  }

  /** From now on load balancers listen on this host. */
  balanceOnHost(): void {
    this.#balancesOnHost = true;
  }

  /** An instance is on its way to another state, or has come there. */
  note(id: string, partition: Partition, isSettled: boolean): void {
    this.unsettled.note(id, partition, isSettled);
  }

  settling(partition: Partition): Promise<void> | undefined {
    return this.unsettled.settling(partition);
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
    if (event.event === 'checks') return this.checks.see(event.statuses);
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
