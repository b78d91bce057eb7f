/** Those who are told of every commit. */
import type { Commit } from '#store/store.ts';

type Listener = (commit: Commit) => void;

export class Listeners {
  readonly #listeners = new Set<{ readonly listener: Listener }>();
  readonly #onError: (error: unknown, doing: string) => void;
  #untold: Commit[] = [];
  #telling = false;

  constructor(onError: (error: unknown, doing: string) => void) {
    this.#onError = onError;
  }

  get hasAny(): boolean {
    return this.#listeners.size > 0;
  }

  /** Returns the way to stop. */
  add(listener: Listener): () => void {
    const own = { listener };
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Tells all before it returns; a commit that a listener makes is told after the one that it heard of. */
  tell(commit: Commit): void {
    this.#untold.push(commit);
    if (this.#telling) return;
    this.#telling = true;
    for (let next = this.#untold.shift(); next; next = this.#untold.shift()) {
      for (const own of this.#listeners) {
        try {
          own.listener(next);
        } catch (error) {
          this.#onError(error, `telling a listener of commit ${next.version}`);
        }
      }
    }
    this.#telling = false;
  }
}
