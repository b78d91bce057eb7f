/** The health checkers: what they are told to check, and what they have found. */
import { isDeepStrictEqual } from 'node:util';
import type { CheckerObservation, CheckStatus, HealthCheck } from '#model/health-check.ts';
import type { Id } from '#model/topology.ts';
import { AskQueue } from '#dataplane/checker/ask-queue.ts';
import { CheckerWatch, type Station } from '#dataplane/checker/checker-watch.ts';
import { systemClock, type Clock } from '#dataplane/checker/clock.ts';
import { createProbe, type Probe, type Resolve, type Source } from '#dataplane/checker/probe.ts';
import { calculatedVerdicts, isEndpointHealthy, verdictOf } from '#dataplane/checker/verdict.ts';

/** A place to check from. Without an address the system chooses; then there is none to show either. */
export interface CheckerPlace extends Source {
  /** An AWS Region. */
  readonly region: string;
}

/** What is to be checked, in whole checks: `isWhole` says that there are no others; else others stay, and `gone` go. */
export interface WantedChecks {
  readonly isWhole: boolean;
  readonly checks: readonly HealthCheck[];
  readonly gone: readonly Id[];
}

export interface CheckersOptions {
  readonly checkers: readonly CheckerPlace[];
  readonly resolve: Resolve;
  /** Questions that are under way at once; 1 and more. */
  readonly askedAtOnceMax?: number;
  readonly clock?: Clock;
  /** Instead of real connections. */
  readonly probe?: Probe;
}

/** Each one is a socket; they are more only when thousands of endpoints hang. */
const ASKED_AT_ONCE_MAX = 4_000;
/** News that change no verdict are told no more often than this. */
const NEWS_MS = 1_000;

interface Watched {
  check: HealthCheck;
  /** By index of the checker. */
  readonly watches: Map<number, CheckerWatch>;
  isHealthy: boolean;
  /** When it will be told, and how to call that off. */
  telling: { readonly atMs: number; readonly callOff: () => void } | undefined;
}

export class Checkers {
  readonly #options: CheckersOptions;
  readonly #clock: Clock;
  readonly #probe: Probe;
  readonly #queue: AskQueue;
  readonly #checks = new Map<Id, HealthCheck>();
  readonly #watched = new Map<Id, Watched>();
  #calculated = new Map<Id, boolean>();
  readonly #listeners = new Set<(status: CheckStatus) => void>();

  constructor(options: CheckersOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#probe = options.probe ?? createProbe({ resolve: options.resolve });
    this.#queue = new AskQueue(options.askedAtOnceMax ?? ASKED_AT_ONCE_MAX);
  }

  /** Begins with new checks, goes on with those that there were, as they now are, and tells the status of whatever is new or changed. */
  take({ isWhole, checks, gone }: WantedChecks): void {
    const named = new Set(checks.map(({ id }) => id));
    for (const id of isWhole ? [...this.#checks.keys()].filter((known) => !named.has(known)) : gone) this.#forget(id);
    for (const check of checks) {
      // Whoever is told the same again goes on counting.
      if (isDeepStrictEqual(this.#checks.get(check.id), check)) continue;
      this.#checks.set(check.id, check);
      if (check.type !== 'CALCULATED') this.#watch(check);
    }
    const told = this.#recalculate();
    for (const { id } of checks) if (!told.has(id)) this.#tell(id);
  }

  /** Told a status whenever a verdict changes, at once; and what checkers see, some time after. @returns how to end that */
  onChange(listener: (status: CheckStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What name servers go by; undefined for what is no check. */
  isHealthy(id: Id): boolean | undefined {
    return this.#watched.get(id)?.isHealthy ?? this.#calculated.get(id);
  }

  statusOf(id: Id): CheckStatus | undefined {
    const isHealthy = this.isHealthy(id);
    if (isHealthy === undefined) return undefined;
    const watches = [...(this.#watched.get(id)?.watches.values() ?? [])];
    const those = (pick: (watch: CheckerWatch) => CheckerObservation | undefined) =>
      watches.flatMap((watch) => {
        const observation = pick(watch);
        return observation === undefined ? [] : [observation];
      });
    return { id, isHealthy, observations: those(({ last }) => last), lastFailures: those(({ lastFailure }) => lastFailure) };
  }

  all(): CheckStatus[] {
    return [...this.#checks.keys()].flatMap((id) => this.statusOf(id) ?? []);
  }

  /** Ends everything; tells nothing more. */
  close(): void {
    this.#listeners.clear();
    for (const id of [...this.#checks.keys()]) this.#forget(id);
  }

  #forget(id: Id): void {
    this.#checks.delete(id);
    this.#calculated.delete(id);
    const watched = this.#watched.get(id);
    this.#watched.delete(id);
    watched?.telling?.callOff();
    for (const watch of watched?.watches.values() ?? []) watch.end();
  }

  #watch(check: HealthCheck): void {
    let watched = this.#watched.get(check.id);
    if (watched === undefined) {
      watched = { check, watches: new Map(), isHealthy: verdictOf(check, true), telling: undefined };
      this.#watched.set(check.id, watched);
    }
    watched.check = check;
    const wanted = new Set(check.isDisabled ? [] : this.#placesOf(check));
    for (const [index, watch] of watched.watches) {
      if (wanted.has(index)) watch.update(check);
      else {
        watch.end();
        watched.watches.delete(index);
      }
    }
    const fresh = [...wanted].filter((index) => !watched.watches.has(index));
    for (const [turn, index] of fresh.entries()) watched.watches.set(index, this.#begin(watched, index, turn / fresh.length));
    this.#settle(watched);
  }

  #placesOf({ regions }: HealthCheck): number[] {
    const all = [...this.#options.checkers.keys()];
    return regions.length === 0 ? all : all.filter((index) => regions.includes(this.#options.checkers[index]?.region ?? ''));
  }

  /** @param turn 0 to 1: checkers ask one after the other, each check's from another time on */
  #begin(watched: Watched, index: number, turn: number): CheckerWatch {
    const { check } = watched;
    const intervalMs = check.intervalSeconds * 1_000;
    const checkers = Math.max(1, this.#options.checkers.length);
    return new CheckerWatch({
      check,
      station: this.#stationOf(index),
      clock: this.#clock,
      firstInMs: (turn + spread(check.id) / checkers) * intervalMs,
      seen: (isTurned, isNews) => {
        if (isTurned && this.#settle(watched)) this.#recalculate();
        else this.#tellLater(watched, isTurned || isNews ? NEWS_MS : intervalMs);
      },
    });
  }

  #stationOf(index: number): Station {
    const place = this.#options.checkers[index] ?? { region: '' }; // never: indexes are of the list
    return {
      ...place,
      ask: (endpoint, done) =>
        this.#queue.add((leave) =>
          this.#probe(endpoint, place, (outcome) => {
            leave();
            done(outcome);
          }),
        ),
    };
  }

  /** Whether the verdict has changed; then it is told. */
  #settle(watched: Watched): boolean {
    const { check, watches } = watched;
    const healthy = [...watches.values()].filter(({ isHealthy }) => isHealthy).length;
    const verdict = verdictOf(check, isEndpointHealthy(healthy, watches.size));
    if (verdict === watched.isHealthy) return false;
    watched.isHealthy = verdict;
    this.#tell(check.id);
    return true;
  }

  /** Tells those that have changed. @returns which */
  #recalculate(): ReadonlySet<Id> {
    const before = this.#calculated;
    this.#calculated = calculatedVerdicts(this.#checks, (id) => this.#watched.get(id)?.isHealthy, before);
    const changed = new Set<Id>();
    for (const [id, isHealthy] of this.#calculated) if (before.get(id) !== isHealthy) changed.add(id);
    for (const id of changed) this.#tell(id);
    return changed;
  }

  #tell(id: Id): void {
    const watched = this.#watched.get(id);
    watched?.telling?.callOff();
    if (watched !== undefined) watched.telling = undefined;
    const status = this.statusOf(id);
    if (status !== undefined) for (const listener of this.#listeners) listener(status);
  }

  #tellLater(watched: Watched, withinMs: number): void {
    const atMs = this.#clock.now() + withinMs;
    if (watched.telling !== undefined && watched.telling.atMs <= atMs) return;
    watched.telling?.callOff();
    watched.telling = { atMs, callOff: this.#clock.after(withinMs, () => this.#tell(watched.check.id)) };
  }
}

/** A number from 0 up to 1 for a text, always the same. */
function spread(text: string): number {
  let hash = 0x811c9dc5; // FNV-1a
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return hash / 2 ** 32;
}
