/** A benchmark that is a program of its own and prints JSON: each number in it becomes a row. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import type { Benchmark, Goal, Row } from './benchmark.ts';

function* numbersIn(value: unknown, path: readonly string[]): Generator<Row> {
  if (typeof value === 'number') yield { name: path.join(' '), unit: '', keiro: [value], better: 'higher' };
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value)) yield* numbersIn(inner, [...path, key]);
}

/** @param goals by the row's name: the keys that lead to its number, e.g. `tracesPerSecond mixed` */
export function programBenchmark(name: string, what: string, file: string, goals: Readonly<Record<string, Goal>> = {}): Benchmark {
  return {
    name,
    what,
    async run() {
      const { status, stdout } = spawnSync(process.execPath, [join(import.meta.dirname, file)], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      if (status !== 0) throw new Error(`bench/${file} failed`);
      const start = stdout.indexOf('{');
      const rows = [...numbersIn(JSON.parse(stdout.slice(start)) as unknown, [])];
      const missing = Object.keys(goals).filter((goal) => !rows.some((row) => row.name === goal));
      if (missing.length > 0) throw new Error(`bench/${file} says nothing of ${missing.join(', ')}`);
      return { rows: rows.map((row) => ({ ...row, ...(goals[row.name] && { goal: goals[row.name] }) })), notes: [] };
    },
  };
}
