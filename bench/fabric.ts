/** The fabric: what its packets cost beside plain Linux routing, how soon it does what is asked, and what its instances weigh. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { LiveTopology } from '#model/live-topology.ts';
import type { Part } from '#model/topology.ts';
import type { Wanted } from '#model/world.ts';
import { Compiler } from '../src/dataplane/fabric/compile.ts';
import { planOf } from '../src/dataplane/fabric/plan.ts';
import { detectCapability, startFabric, type Fabric } from '../src/dataplane/fabric/public.ts';
import type { Benchmark, Outcome, Row } from './benchmark.ts';
import { measureChanges } from './fabric-changes.ts';
import { measureLaunches } from './fabric-launches.ts';
import { letLoadIn, measurePath } from './fabric-path.ts';
import { missingPrograms, Rig } from './fabric-rig.ts';
import { BenchWorld } from './fabric-world.ts';
import { buildParts } from './large-network.ts';

const size = { interfaces: 1_000, rules: 20_000 } as const;
const groupChanges = 60;

type Measured = Outcome;

const signals = ['SIGINT', 'SIGTERM'] as const;
/** What is open: it ends with the benchmark, also when that is told to end. */
const open = new Set<() => Promise<void>>();

const endAll = (): void => void Promise.allSettled([...open].map(async (close) => close())).then(() => process.exit(1));

async function closingAfter<T>(close: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  let closing: Promise<void> | undefined;
  const closeOnce = async (): Promise<void> => (closing ??= close());
  open.add(closeOnce);
  try {
    return await work();
  } finally {
    await closeOnce();
    open.delete(closeOnce);
  }
}

const wantedOf = (version: number, isWhole: boolean, parts: readonly Part[]): Wanted => ({
  ...{ version, isWhole, parts, goneParts: [], holdings: [], goneHoldings: [], instances: [] },
});

/** A world of plain namespaces, told to a fabric as control tells it. */
async function measureLargeNetwork(): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'keiro-bench-'));
  const fabric = await startFabric(join(folder, 'fabric'));
  const rig = new Rig(fabric.pid);
  const close = async (): Promise<void> => {
    await rig.close();
    await fabric.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return closingAfter(close, async () => {
    const parts = buildParts(size.interfaces, size.rules);
    const start = performance.now();
    await fabric.want(wantedOf(1, true, parts));
    const built = (performance.now() - start) / 1_000;
    await fabric.want(wantedOf(2, false, [letLoadIn(parts)]));
    const path = await measurePath(rig);
    const changed = await measureWants(fabric, parts);
    const name = `${size.interfaces} interfaces and ${size.rules} rules built, told to a fabric`;
    return { rows: [...path.rows, { name, unit: 's', keiro: [built], better: 'lower', goal: { limit: 10 } }, ...changed], notes: path.notes }; // prettier-ignore
  });
}

/** The parts of a change of one group: from telling to the answer, what the fabric says that it took of that, and compiling alone. */
async function measureWants(fabric: Fabric, parts: readonly Part[]): Promise<Row[]> {
  const topology = new LiveTopology(parts);
  const compiler = new Compiler(topology, new Map());
  let state = compiler.compile();
  const times = { told: [] as number[], applied: [] as number[], compiled: [] as number[], planned: [] as number[] };
  for (let at = 0; at < groupChanges; at++) {
    const group = topology.groups.get(`sg-${at * 3}`);
    const [rule] = group?.rules ?? [];
    if (group === undefined || rule === undefined) throw new Error('the large network has lost a group');
    const after = { ...group, rules: [...group.rules, { ...rule, id: 'sgr-changed', traffic: { protocol: 6, ports: { from: 22, to: 22 } } }] }; // prettier-ignore
    const tellAt = performance.now();
    const { milliseconds } = await fabric.want(wantedOf(3 + at, false, [after]));
    times.told.push(performance.now() - tellAt);
    times.applied.push(milliseconds);
    topology.put(after);
    const compileAt = performance.now();
    compiler.touch(group, after);
    const next = compiler.compile();
    const planAt = performance.now();
    planOf(state, next);
    times.compiled.push(planAt - compileAt);
    times.planned.push(performance.now() - planAt);
    state = next;
  }
  const row = (name: string, keiro: readonly number[]): Row => ({ name, unit: 'ms', keiro, better: 'lower' });
  return [
    row('a group changed, told to a fabric until its answer', times.told),
    row('  of which plan, shell and nft, as the fabric says', times.applied),
    row('  of which compiling, here', times.compiled),
    row('  of which the plan, here', times.planned),
  ];
}

async function inWorld(measure: (world: BenchWorld) => Promise<Measured>): Promise<Measured> {
  const world = await BenchWorld.open();
  return closingAfter(
    () => world.close(),
    () => measure(world),
  );
}

export const fabric: Benchmark = {
  name: 'fabric',
  what: 'packets through a VPC router beside plain Linux routing, changes in force, instances',
  peer: 'plain Linux',
  async run(): Promise<Outcome> {
    const capability = await detectCapability();
    if (!capability.isAvailable) return { rows: [], notes: [`packets cannot move here: ${capability.reason}; ${capability.advice}`] };
    const missing = missingPrograms();
    if (missing.length > 0) return { rows: [], notes: [`nothing is measured without ${missing.join(', ')}`] };
    const rows: Row[] = [];
    const notes: string[] = [];
    for (const signal of signals) process.once(signal, endAll);
    try {
      for (const part of [measureLargeNetwork, () => inWorld(measureLaunches), () => inWorld(measureChanges)]) {
        const measured = await part();
        rows.push(...measured.rows);
        notes.push(...measured.notes);
      }
    } finally {
      for (const signal of signals) process.off(signal, endAll);
    }
    return { rows, notes };
  },
};
