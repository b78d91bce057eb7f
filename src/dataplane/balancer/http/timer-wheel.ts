/** Deadlines of many connections for the price of one interval: what moves its deadline often only writes a number. */

export interface Timed {
  /** On the wheel's clock; may be moved at any time. Infinity: none. */
  deadlineMs: number;
  /** The wheel's own. */
  wheelSlot: number;
  /** The deadline has passed. Set a new one, or leave the wheel. */
  expire(nowMs: number): void;
}

const TICK_MS = 250;
/** One turn is 64 seconds; what is due later is looked at once a turn. */
const SLOTS = 256;
const NOWHERE = -1;

export class TimerWheel {
  /** Milliseconds of a monotonic clock, as of the last tick. Good enough for deadlines of seconds. */
  nowMs = performance.now();
  readonly #slots: Set<Timed>[] = Array.from({ length: SLOTS }, () => new Set<Timed>());
  #tick = Math.floor(this.nowMs / TICK_MS);
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => this.#turn(), TICK_MS);
    this.#timer.unref();
  }

  /** Takes something in, or takes note of an earlier deadline. */
  add(timed: Timed): void {
    const atTick = this.#tickOf(timed.deadlineMs);
    const slot = atTick & (SLOTS - 1);
    if (timed.wheelSlot === slot) return;
    this.remove(timed);
    timed.wheelSlot = slot;
    this.#slots[slot]?.add(timed);
  }

  remove(timed: Timed): void {
    if (timed.wheelSlot === NOWHERE) return;
    this.#slots[timed.wheelSlot]?.delete(timed);
    timed.wheelSlot = NOWHERE;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** When something is to be looked at: at its deadline, or before one turn is over. */
  #tickOf(deadlineMs: number): number {
    const due = Number.isFinite(deadlineMs) ? Math.floor(deadlineMs / TICK_MS) + 1 : Number.POSITIVE_INFINITY;
    return Math.min(Math.max(due, this.#tick + 1), this.#tick + SLOTS - 1);
  }

  #turn(): void {
    this.nowMs = performance.now();
    const end = Math.floor(this.nowMs / TICK_MS);
    // A process that was stopped for long need not go round more than once.
    if (end - this.#tick > SLOTS) this.#tick = end - SLOTS;
    while (this.#tick < end) {
      this.#tick += 1;
      const slot = this.#slots[this.#tick & (SLOTS - 1)];
      if (!slot || slot.size === 0) continue;
      for (const timed of [...slot]) {
        if (timed.deadlineMs <= this.nowMs) timed.expire(this.nowMs);
        // It is still here, and not where it belongs now.
        if (timed.wheelSlot === (this.#tick & (SLOTS - 1))) {
          slot.delete(timed);
          timed.wheelSlot = NOWHERE;
          this.add(timed);
        }
      }
    }
  }
}
