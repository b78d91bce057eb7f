/** What is between two states, by partition, and who waits for it. */
import type { Partition } from '#store/table.ts';

/** Milliseconds that a description waits at most. */
const SETTLE_MS = 500;

const keyOf = ({ account, region }: Partition): string => `${account} ${region}`;

export class Unsettled {
  /** By id, the partition that it is in. */
  readonly #partitions = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #waiting = new Map<string, (() => void)[]>();

  /** Something is on its way to another state, or has come there. */
  note(id: string, partition: Partition, isSettled: boolean): void {
    const had = this.#partitions.get(id);
    if (!isSettled) {
      if (had !== undefined) return;
      const key = keyOf(partition);
      this.#partitions.set(id, key);
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
      return;
    }
    if (had === undefined) return;
    this.#partitions.delete(id);
    const left = (this.#counts.get(had) ?? 1) - 1;
    if (left > 0) return void this.#counts.set(had, left);
    this.#counts.delete(had);
    for (const done of this.#waiting.get(had) ?? []) done();
    this.#waiting.delete(had);
  }

  /** Settles when nothing of the partition is between two states, or soon; undefined when nothing is. */
  settling(partition: Partition): Promise<void> | undefined {
    const key = keyOf(partition);
    if (!this.#counts.has(key)) return undefined;
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
}
