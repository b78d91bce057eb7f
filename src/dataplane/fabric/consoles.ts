/** What instances write to their consoles, told as it grows, the last 64 KB of it. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Id } from '#model/topology.ts';
import type { InstanceEvent } from './messages.ts';

/** "Only the most recent 64 KB" (EC2 API reference, GetConsoleOutput). */
const CONSOLE_BYTES = 64 * 2 ** 10;
/** How often files are looked at. */
const LOOK_MS = 250;

interface Watched {
  readonly path: string;
  size: number;
  modifiedMs: number;
  last: InstanceEvent | undefined;
}

export class Consoles {
  readonly #tell: (event: InstanceEvent) => void;
  readonly #watched = new Map<Id, Watched>();
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (event: InstanceEvent) => void) {
    this.#tell = tell;
  }

  watch(id: Id, path: string): void {
    this.#watched.set(id, { path, size: 0, modifiedMs: 0, last: undefined });
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS);
  }

  forget(id: Id): void {
    this.#watched.delete(id);
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  *history(): Generator<InstanceEvent> {
    for (const { last } of this.#watched.values()) if (last !== undefined) yield last;
  }

  #look(): void {
    for (const id of this.#watched.keys()) this.read(id);
  }

  /** Tells of what is new. */
  read(id: Id): void {
    const watched = this.#watched.get(id);
    if (watched === undefined) return;
    let file: number | undefined;
    try {
      file = openSync(watched.path, 'r');
      const { size, mtimeMs } = fstatSync(file);
      if (size === watched.size && mtimeMs === watched.modifiedMs) return;
      watched.size = size;
      watched.modifiedMs = mtimeMs;
      const text = Buffer.alloc(Math.min(size, CONSOLE_BYTES));
      const length = readSync(file, text, 0, text.length, Math.max(0, size - CONSOLE_BYTES));
      watched.last = { event: 'console', instance: id, atMs: Date.now(), text: text.subarray(0, length) };
      this.#tell(watched.last);
    } catch {
      // Its file system is being taken away.
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }
}
