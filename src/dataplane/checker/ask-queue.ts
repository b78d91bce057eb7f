/** Bounds how many questions are under way at once: the others wait their turn. */

/** Begins something and is called back at its end. @returns how to call it off, after which it is not called back */
export type Begin = (done: () => void) => () => void;

export class AskQueue {
  readonly #max: number;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** @returns how to call it off, at any time */
  add(begin: Begin): () => void {
    let callOff: (() => void) | undefined;
    let isOver = false;
    const leave = (): void => {
      if (isOver) return;
      isOver = true;
      this.#running--;
      this.#next();
    };
    const run = (): void => {
      this.#running++;
      callOff = begin(leave);
    };
    this.#waiting.add(run);
    this.#next();
    return () => {
      if (this.#waiting.delete(run) || isOver) return;
      callOff?.();
      leave();
    };
  }

  #next(): void {
    for (const run of this.#waiting) {
      if (this.#running >= this.#max) return;
      this.#waiting.delete(run);
      run();
    }
  }
}
