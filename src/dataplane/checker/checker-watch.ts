/** One checker's view of one endpoint: asks in its rhythm, and changes its mind after so many results in a row. */
import { isIPv6 } from 'node:net';
import type { CheckerObservation, HealthCheck } from '#model/health-check.ts';
import type { Clock } from '#dataplane/checker/clock.ts';
import type { Outcome } from '#dataplane/checker/outcome.ts';
import type { Source } from '#dataplane/checker/probe.ts';
import type { Endpoint } from '#dataplane/checker/request.ts';

/** A checker, as the watch knows it. */
export interface Station extends Source {
  readonly region: string;
  /** Asks when there is room. @returns how to call it off */
  ask(endpoint: Endpoint, done: (outcome: Outcome | undefined) => void): () => void;
}

export interface WatchOptions {
  readonly check: HealthCheck;
  readonly station: Station;
  readonly clock: Clock;
  /** Milliseconds until it asks first. */
  readonly firstInMs: number;
  /** Told after every result. @param isTurned whether the checker has changed its mind */
  readonly seen: (isTurned: boolean, isNews: boolean) => void;
}

export class CheckerWatch {
  /** What the checker thinks; an endpoint is healthy until it has failed often enough. */
  isHealthy = true;
  last: CheckerObservation | undefined;
  lastFailure: CheckerObservation | undefined;
  #check: HealthCheck;
  readonly #options: WatchOptions;
  /** Results in a row that speak against what it thinks. */
  #against = 0;
  #callOff: () => void;

  constructor(options: WatchOptions) {
    this.#check = options.check;
    this.#options = options;
    this.#callOff = options.clock.after(options.firstInMs, () => this.#ask());
  }

  /** Goes on with what it thinks and in its rhythm, and counts anew: what was asked before was perhaps another endpoint. */
  update(check: HealthCheck): void {
    this.#check = check;
    this.#against = 0;
  }

  end(): void {
    this.#callOff();
  }

  #ask(): void {
    const { station, clock } = this.#options;
    const check = this.#check;
    const begunAtMs = clock.now();
    this.#callOff = station.ask(check, (outcome) => {
      // From one question to the next, so that a slow endpoint does not delay what is found out about it.
      const elapsedMs = Math.max(0, clock.now() - begunAtMs);
      this.#callOff = clock.after(Math.max(0, this.#check.intervalSeconds * 1_000 - elapsedMs), () => this.#ask());
      if (outcome !== undefined && check === this.#check) this.#take(outcome);
    });
  }

  #take({ isHealthy, words }: Outcome): void {
    const { station, clock, seen } = this.#options;
    const isNews = this.last?.words !== words;
    const address = (isIPv6(this.#check.address ?? '') ? station.ipv6 : station.ipv4) ?? '';
    this.last = { region: station.region, address, isHealthy, words, atMs: clock.now() };
    if (!isHealthy) this.lastFailure = this.last;
    this.#against = isHealthy === this.isHealthy ? 0 : this.#against + 1;
    const isTurned = this.#against >= this.#check.failureThreshold;
    if (isTurned) {
      this.isHealthy = isHealthy;
      this.#against = 0;
    }
    seen(isTurned, isNews);
  }
}
