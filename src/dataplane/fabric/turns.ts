/** Work that is asked for often and is done once for all who asked before it began. */

export class Turns<T> {
  readonly #work: () => Promise<T>;
  #running: Promise<unknown> | undefined;
  #waiting: Promise<T> | undefined;

  constructor(work: () => Promise<T>) {
    this.#work = work;
  }

  /** The result of a run that begins after this call. */
  async next(): Promise<T> {
    this.#waiting ??= (this.#running ?? Promise.resolve()).then(async () => {
      this.#waiting = undefined;
      const run = this.#work();
      const settled = run.then(
        () => undefined,
        () => undefined,
      );
      this.#running = settled;
      void settled.then(() => {
        if (this.#running === settled) this.#running = undefined;
      });
      return run;
    });
    return this.#waiting;
  }
}
