/** The load's side of a benchmark: a process of its own, on a core of its own, that sends given requests and reports. */
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { LoadConnection } from './http-client.ts';

export interface LoadJob {
  readonly port: number;
  readonly connections: number;
  /** Whole requests, each sent once, or in turn until `count`. */
  readonly requests: readonly string[];
  readonly count: number;
  /** Every answer must have this status, */
  readonly status: number;
  /** and the first one must contain this as often as said. */
  readonly expect?: { readonly text: string; readonly times: number };
  /** Collects the first match of this pattern's group in every answer, e.g. ids. */
  readonly collect?: string;
}

export interface LoadReport {
  readonly perSecond: number;
  readonly medianMs: number;
  readonly slowestMs: number;
  readonly collected: readonly string[];
  /** Bytes of the first answer's body. */
  readonly length: number;
}

async function runJob(job: LoadJob): Promise<LoadReport> {
  const requests = job.requests.map((request) => Buffer.from(request));
  const connections = Array.from({ length: job.connections }, () => new LoadConnection(job.port));
  const times: number[] = [];
  const collected: string[] = [];
  const pattern = job.collect === undefined ? undefined : new RegExp(job.collect);
  let length = 0;
  let next = 0;
  const drive = async (connection: LoadConnection): Promise<void> => {
    while (next < job.count) {
      const number = next++;
      const request = requests[number % requests.length];
      if (!request) throw new Error('a job needs requests');
      const looksInside = pattern !== undefined || (number === 0 && job.expect !== undefined);
      const before = performance.now();
      const answer = await connection.send(request, looksInside);
      times.push(performance.now() - before);
      if (answer.status !== job.status)
        throw new Error(`status ${answer.status} for ${request.toString().slice(-200)}: ${answer.text.slice(0, 500)}`);
      if (number === 0) {
        length = answer.length;
        const seen = job.expect ? answer.text.split(job.expect.text).length - 1 : 0;
        if (job.expect && seen !== job.expect.times)
          throw new Error(`${seen} times ${job.expect.text} instead of ${job.expect.times}: ${answer.text.slice(0, 500)}`);
      }
      const match = pattern?.exec(answer.text)?.[1];
      if (match !== undefined) collected.push(match);
    }
  };
  const started = performance.now();
  await Promise.all(connections.map(drive));
  const elapsed = performance.now() - started;
  for (const connection of connections) connection.close();
  times.sort((a, b) => a - b);
  return {
    perSecond: (times.length * 1000) / elapsed,
    medianMs: times[times.length >> 1] ?? Number.NaN,
    slowestMs: times.at(-1) ?? Number.NaN,
    collected,
    length,
  };
}

if (import.meta.main) {
  process.on('message', (job: LoadJob) => {
    runJob(job).then(
      (report) => process.send?.({ report }),
      (error: unknown) => process.send?.({ failure: error instanceof Error ? error.message : String(error) }),
    );
  });
  process.on('disconnect', () => process.exit(0));
}
