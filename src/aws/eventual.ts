/** States that change by themselves: `pending` now, `available` a moment later, as a pure function of the time. */

export interface Eventual<S extends string = string> {
  readonly now: S;
  /** Milliseconds since the epoch at which `then` holds; absent for a settled state. */
  readonly untilMs?: number;
  readonly then?: S;
}

/**
 * How long Keiro lets transitions last that wait for nothing real: the answer to the call shows the first state, the
 * next call the settled one. Longer ones would cost users dearly: the waiters of AWS's tools look once, then sleep for 15 s.
 */
export const transitionMs = 1;

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
