/** What is seen of instances, in memory: the last word of whoever runs them. */
import type { Observations, ObservedInstance } from '#aws/context.ts';
import type { FabricEvent } from '#dataplane/fabric/public.ts';

export class ObservedInstances implements Observations {
  readonly #instances = new Map<string, ObservedInstance>();
  #runsInstances = false;

  get runsInstances(): boolean {
    return this.#runsInstances;
  }

  instance(id: string): ObservedInstance | undefined {
    return this.#instances.get(id);
  }

  /** From now on something runs instances; with `end`, nothing does. */
  begin(): void {
    this.#runsInstances = true;
  }

  end(): void {
    this.#runsInstances = false;
  }

  /** Whoever ran them is gone, and another one begins. */
  forgetHealth(nowMs: number): void {
    for (const [id, seen] of this.#instances) this.#instances.set(id, { ...seen, health: 'initializing', sinceMs: nowMs });
  }

  forget(id: string): void {
    this.#instances.delete(id);
  }

  see(event: FabricEvent): void {
    const { instance: id, atMs } = event;
    const last = this.#instances.get(id);
    switch (event.event) {
      case 'begun':
        this.#instances.set(id, { ...last, health: 'ok', sinceMs: atMs });
        return;
      case 'ended':
        this.#instances.set(id, { ...last, health: event.how === 'failed' ? 'impaired' : 'initializing', sinceMs: atMs });
        return;
      case 'console':
        this.#instances.set(id, { health: 'initializing', sinceMs: atMs, ...last, console: { text: Buffer.from(event.text), atMs } });
    }
  }
}
