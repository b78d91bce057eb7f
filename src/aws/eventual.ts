/** States that change by themselves: `pending` now, `available` a moment later, as a pure function of the time. */

export interface Eventual<S extends string = string> {
  readonly now: S;
  /** Milliseconds since the epoch at which `then` holds; absent for a settled state. */
  readonly untilMs?: number;
  readonly then?: S;
}

/** How long Keiro lets short transitions last: long enough to be seen, too short to be waited for. */
export const transitionMs = 50;

/** A state that holds until it is changed. */
export function settled<S extends string>(state: S): Eventual<S> {
  return { now: state };
}

/** `now` for `delayMs`, then `then`. */
export function becoming<S extends string>(now: S, then: S, nowMs: number, delayMs: number = transitionMs): Eventual<S> {
  return { now, untilMs: nowMs + delayMs, then };
}

/** The state at a time. */
export function stateAt<S extends string>(state: Eventual<S>, nowMs: number): S {
  return state.then !== undefined && state.untilMs !== undefined && nowMs >= state.untilMs ? state.then : state.now;
}
