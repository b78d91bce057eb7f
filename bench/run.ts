/**
 * `npm run bench`: runs benchmarks beside their peers, prints medians and ratios, and judges them by the goals.
 *
 *   npm run bench                    all
 *   npm run bench -- NAME …          some
 *   npm run bench -- --json          for machines
 *   npm run bench -- --list          which there are
 */
import { cpus, loadavg, totalmem } from 'node:os';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { judge, type Benchmark, type Judged } from './benchmark.ts';
import { programBenchmark } from './program.ts';

/** One line a benchmark. */
const benchmarks: readonly (() => Promise<Benchmark>)[] = [
  async () => (await import('./control-plane.ts')).controlPlane,
  async () => (await import('./growth.ts')).growth,
  async () => programBenchmark('store', 'transactions, durable, and reopening, without the server', 'store.ts'),
  async () =>
    programBenchmark('engine', 'flows traced through a topology, and what a change costs', 'engine.ts', {
      'tracesPerSecond mixed': { limit: 200_000 },
    }),
  async () => (await import('./fabric.ts')).fabric,
  async () => (await import('./balancer.ts')).balancer,
  async () => (await import('./names.ts')).names,
  async () => (await import('./network-balancer.ts')).networkBalancer,
  async () => programBenchmark('topology', 'what a change of records costs the topology that follows them', 'topology.ts'),
];

function figure(value: number | undefined): string {
  if (value === undefined) return '';
  if (Number.isNaN(value)) return 'not measured';
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function goalOf(row: Judged): string {
  const sign = row.better === 'higher' ? '≥' : '≤';
  const { limit, times } = row.goal ?? {};
  return [limit === undefined ? '' : `${sign} ${limit}`, times === undefined ? '' : `≥ ${times}×`].filter(Boolean).join(', ');
}

function table(rows: readonly Judged[], peer: string): string {
  const cells = rows.map((row) => [
    row.name,
    row.unit,
    figure(row.keiroMedian),
    figure(row.peerMedian),
    row.ratio === undefined ? '' : `${figure(row.ratio)}×`,
    goalOf(row),
    row.verdict === 'no goal' ? '' : row.verdict,
  ]);
  const all = [['', 'unit', 'Keiro', peer, 'ratio', 'goal', ''], ...cells];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0))) ?? [];
  return all
    .map((line) =>
      line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '),
    )
    .join('\n');
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean' }, list: { type: 'boolean' } } });
  const all = await Promise.all(benchmarks.map((load) => load()));
  const unknown = positionals.filter((name) => !all.some((one) => one.name === name));
  if (unknown.length > 0) throw new Error(`no benchmark ${unknown.join(', ')}; there are ${all.map((one) => one.name).join(', ')}`);
  if (values.list) {
    for (const { name, what } of all) console.log(`${name}: ${what}`);
    return;
  }
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`;
  const report = [];
  let judgedRows: Judged[] = [];
  for (const one of all.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
    if (!values.json) console.log(`\n${one.name}: ${one.what}`);
    const [loadBefore] = loadavg();
    const { rows, notes } = await one.run();
    const judged = rows.map(judge);
    judgedRows = [...judgedRows, ...judged];
    report.push({ name: one.name, what: one.what, peer: one.peer, loadBefore, rows: judged, notes });
    if (values.json) continue;
    console.log(table(judged, one.peer ?? 'peer'));
    if (loadBefore !== undefined && loadBefore > 0.5)
      console.log(`note: the machine was not idle before (load ${loadBefore.toFixed(1)}): read ratios, not figures`);
    for (const note of notes) console.log(`note: ${note}`);
  }
  const count = (verdict: string): number => judgedRows.filter((row) => row.verdict === verdict).length;
  if (values.json) console.log(JSON.stringify({ machine, benchmarks: report }, null, 2));
  else console.log(`\n${machine}\ngoals: ${count('pass')} pass, ${count('short')} short, ${count('unknown')} without their peer`);
  if (judgedRows.length === 0) throw new Error('nothing was measured');
}

await main();
