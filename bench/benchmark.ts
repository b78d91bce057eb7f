/** What a benchmark is, and how its figures are judged. */

export interface Row {
  readonly name: string;
  /** E.g. `1/s`, `ms`, `MB`. */
  readonly unit: string;
  /** Measurements in the order they were made; their median counts. */
  readonly keiro: readonly number[];
  /** The peer's, made in turn with Keiro's in the same run. Missing when there is no peer here. */
  readonly peer?: readonly number[];
  readonly better: 'higher' | 'lower';
  readonly goal?: Goal;
}

export interface Goal {
  /** At least (higher is better) or at most (lower is better) this, in the row's unit. */
  readonly limit?: number;
  /** How many times as good as the peer: 40 is forty times its rate, or a fortieth of its time. */
  readonly times?: number;
}

export interface Outcome {
  readonly rows: readonly Row[];
  /** What a reader must know to judge the figures, e.g. that the peer is absent. */
  readonly notes: readonly string[];
}

export interface Benchmark {
  readonly name: string;
  readonly what: string;
  /** The peer's name, for the heading. */
  readonly peer?: string;
  run(): Promise<Outcome>;
}

/** A row with its medians, ratio and judgement. */
export interface Judged extends Row {
  readonly keiroMedian: number;
  readonly peerMedian?: number;
  /** How many times as good as the peer. */
  readonly ratio?: number;
  /** `unknown`: the goal names a peer that is not here. */
  readonly verdict: 'pass' | 'short' | 'unknown' | 'no goal';
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[middle - 1], sorted[middle]];
  if (high === undefined) return Number.NaN;
  return sorted.length % 2 === 1 || low === undefined ? high : (low + high) / 2;
}

/** The smallest value that so many of a hundred do not exceed (nearest rank). */
export function percentile(values: readonly number[], percent: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil((values.length * percent) / 100) - 1] ?? Number.NaN;
}

export function judge(row: Row): Judged {
  const keiroMedian = median(row.keiro);
  const peerMedian = row.peer ? median(row.peer) : undefined;
  const ratio = peerMedian === undefined ? undefined : row.better === 'higher' ? keiroMedian / peerMedian : peerMedian / keiroMedian;
  const compared = { ...row, keiroMedian, ...(peerMedian === undefined ? {} : { peerMedian }), ...(ratio === undefined ? {} : { ratio }) };
  const { limit, times } = row.goal ?? {};
  if (limit === undefined && times === undefined) return { ...compared, verdict: 'no goal' };
  // A comparison with NaN is false: what was not measured does not pass.
  const withinLimit = limit === undefined || (row.better === 'higher' ? keiroMedian >= limit : keiroMedian <= limit);
  if (!withinLimit) return { ...compared, verdict: 'short' };
  if (times === undefined) return { ...compared, verdict: 'pass' };
  if (ratio === undefined) return { ...compared, verdict: 'unknown' };
  return { ...compared, verdict: ratio >= times ? 'pass' : 'short' };
}
