/** Time, as the checkers have it: the machine's, or a test's. */

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs it once after so many milliseconds. @returns how to call it off */
  after(delayMs: number, run: () => void): () => void;
}

/** The machine's own. Its timers keep no process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs).unref();
    return () => clearTimeout(timer);
  },
};
