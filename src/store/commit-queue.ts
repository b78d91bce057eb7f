/** The way from memory to the disk: commits that come while others are being written go together, in order. */
import type { LogEntry } from '#store/driver.ts';

/** Something that waits for the disk. */
export interface Pending {
  /** What to append; none for a read that must wait for what it has read. */
  readonly entry?: LogEntry;
  /** Stands instead of `entry` for a step of its own that must keep its place, e.g. forgetting everything. */
  readonly step?: () => Promise<void>;
  /** Takes the change back in memory. */
  readonly undo?: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export interface Disk {
  append(entries: readonly LogEntry[]): Promise<void>;
}

export class CommitQueue {
  readonly #disk: Disk;
  /** Called in the turn in which everything that was pending has been taken back, before anyone is told. */
  readonly #failed: (error: unknown) => void;
  /** The group that the disk has not confirmed yet. */
  #writing: Pending[] | undefined;
  #waiting: Pending[] = [];
  #running = false;

  constructor(disk: Disk, failed: (error: unknown) => void) {
    this.#disk = disk;
    this.#failed = failed;
  }

  /** Queues a change that memory already has. All that come in one turn of the event loop share one write. */
  push(pending: Pending): void {
    this.#waiting.push(pending);
    if (this.#running) return;
    this.#running = true;
    setImmediate(() => void this.#run());
  }

  /** Settles as soon as all that is pending now has settled: at once when there is nothing. */
  settle(resolve: () => void, reject: (error: unknown) => void): void {
    if (this.#waiting.length > 0) this.#waiting.push({ resolve, reject });
    else if (this.#writing) this.#writing.push({ resolve, reject });
    else resolve();
  }

  /** Never rejects. One group is written at a time: the disk takes the next when this one is durable. */
  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      this.#writing = group;
      try {
        await this.#write(group);
      } catch (error) {
        this.#takeBack(error);
        continue;
      }
      this.#writing = undefined;
      for (const pending of group) pending.resolve();
    }
    this.#running = false;
  }

  /** A step goes alone, so that what came before it is durable first. */
  #takeGroup(): Pending[] {
    const firstStep = this.#waiting.findIndex((pending) => pending.step !== undefined);
    return this.#waiting.splice(0, firstStep === -1 ? this.#waiting.length : Math.max(firstStep, 1));
  }

  async #write(group: readonly Pending[]): Promise<void> {
    const step = group[0]?.step;
    if (step) return step();
    const entries: LogEntry[] = [];
    for (const { entry } of group) if (entry) entries.push(entry);
    if (entries.length > 0) await this.#disk.append(entries);
  }

  /** What waits may have read what failed, so it all goes, the latest first. */
  #takeBack(error: unknown): void {
    const lost = [...(this.#writing ?? []), ...this.#waiting];
    this.#writing = undefined;
    this.#waiting = [];
    for (const pending of lost.toReversed()) pending.undo?.();
    this.#failed(error);
    for (const pending of lost) pending.reject(error);
  }
}
