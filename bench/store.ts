/** Benchmarks the store alone, durable, on this machine's disk; prints JSON. Optional argument: the directory to use. */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '#store/open.ts';
import type { Store, Transaction } from '#store/store.ts';
import { defineTable } from '#store/table.ts';

/** Records as EC2 keeps them, about 600 bytes of JSON. */
interface Vpc {
  readonly id: string;
  readonly dhcpOptionsId: string;
  readonly isDefault: boolean;
}
/** About 140 bytes. */
interface RouteTable {
  readonly id: string;
  readonly vpcId: string;
}

const vpcs = defineTable<Vpc>()('bench.vpc', { dhcp: (vpc) => vpc.dhcpOptionsId, default: (vpc) => (vpc.isDefault ? 'yes' : undefined) });
const routeTables = defineTable<RouteTable>()('bench.route-table', { vpc: (table) => table.vpcId });
const here = { account: '123456789012', region: 'eu-west-1' };

const inFlight = 4;
const transactions = 40_000;
const vpcCount = 100_000;
const smallPerVpc = 3;

function hexId(prefix: string, n: number): string {
  return `${prefix}-${n.toString(16).padStart(17, '0')}`;
}

function vpc(n: number): Vpc {
  const record = {
    id: hexId('vpc', n),
    cidrBlock: `10.${n & 255}.0.0/16`,
    state: 'available',
    isDefault: false,
    instanceTenancy: 'default',
    dhcpOptionsId: hexId('dopt', n % 1000),
    ownerId: here.account,
    associations: [{ id: hexId('vpc-cidr-assoc', n), cidrBlock: `10.${n & 255}.0.0/16`, state: 'associated', message: '' }],
    ipv6Associations: [],
    enableDnsSupport: true,
    enableDnsHostnames: false,
    mainRouteTableId: hexId('rtb', n * smallPerVpc),
    tags: [
      { key: 'Name', value: `vpc number ${n}` },
      { key: 'Environment', value: 'test' },
    ],
    createdMs: 1_700_000_000_000 + n,
  };
  return record;
}

function routeTable(n: number): RouteTable {
  const record = { id: hexId('rtb', n), vpcId: hexId('vpc', Math.floor(n / smallPerVpc)), main: true, routes: ['10.0.0.0/16'], tags: [] };
  return record;
}

/** What CreateVpc writes: four records, about 2 KB of JSON. */
function createVpc(tx: Transaction, n: number): void {
  tx.put(vpcs, vpc(n));
  for (let k = 0; k < smallPerVpc; k++) tx.put(routeTables, { ...routeTable(n * smallPerVpc + k), entries: 'x'.repeat(330) } as RouteTable); // padded to CreateVpc's size
}

function percentile(sorted: readonly number[], share: number): number {
  return Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(3));
}

async function commits(directory: string): Promise<object> {
  const store = await openStore({ directory });
  const latencies: number[] = [];
  let next = 0;
  const start = performance.now();
  const client = async (): Promise<void> => {
    for (let n = next++; n < transactions; n = next++) {
      const sent = performance.now();
      await store.transact(here, (tx) => createVpc(tx, n));
      latencies.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, client));
  const seconds = (performance.now() - start) / 1000;
  latencies.sort((a, b) => a - b);
  const reads = await readTimes(store);
  await store.close();
  return {
    transactionsPerSecond: Math.round(transactions / seconds),
    latencyMs: { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), max: percentile(latencies, 1) },
    ...reads,
  };
}

async function readTimes(store: Store): Promise<object> {
  const rounds = 100_000;
  const start = performance.now();
  for (let n = 0; n < rounds; n++) await store.transact(here, (tx) => tx.get(vpcs, hexId('vpc', n % transactions)));
  const afterGet = performance.now();
  for (let n = 0; n < rounds; n++) await store.transact(here, (tx) => tx.find(routeTables, 'vpc', hexId('vpc', n % transactions)));
  const afterFind = performance.now();
  return { getMicroseconds: (afterGet - start) * (1000 / rounds), findMicroseconds: (afterFind - afterGet) * (1000 / rounds) };
}

async function fill(directory: string): Promise<object> {
  const store = await openStore({ directory });
  const heapBefore = heapAfterCollection();
  let longestTurnMs = 0;
  let last = performance.now();
  const watch = setInterval(() => {
    const now = performance.now();
    longestTurnMs = Math.max(longestTurnMs, now - last - 1);
    last = now;
  }, 1);
  for (let n = 0; n < vpcCount; n += 100) {
    await store.transact(here, (tx) => {
      for (let k = n; k < n + 100; k++) {
        tx.put(vpcs, vpc(k));
        for (let small = 0; small < smallPerVpc; small++) tx.put(routeTables, routeTable(k * smallPerVpc + small));
      }
    });
  }
  await store.durable();
  const bytesPerRecord = Math.round((heapAfterCollection() - heapBefore) / (vpcCount * (1 + smallPerVpc)));
  last = performance.now();
  longestTurnMs = 0;
  const start = performance.now();
  await store.compact();
  const compactionMs = Math.round(performance.now() - start);
  clearInterval(watch);
  await store.close();
  return { bytesPerRecord, compactionMs, longestTurnWhileCompactingMs: Math.round(longestTurnMs * 10) / 10 };
}

function heapAfterCollection(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

async function load(directory: string): Promise<object> {
  const start = performance.now();
  const store = await openStore({ directory });
  const loadMs = Math.round(performance.now() - start);
  const reader = store.reader(here);
  const counted = reader.count(vpcs) + reader.count(routeTables);
  const beforeIndex = performance.now();
  reader.find(vpcs, 'dhcp', '');
  reader.find(vpcs, 'default', '');
  const twoIndexesMs = Math.round(performance.now() - beforeIndex);
  const rssMegabytes = Math.round(process.memoryUsage().rss / 1e6);
  await store.close();
  return { records: counted, loadMs, twoIndexesMs, rssMegabytes };
}

async function reset(directory: string): Promise<object> {
  const store = await openStore({ directory });
  const start = performance.now();
  await store.reset();
  const resetMs = Math.round(performance.now() - start);
  await store.close();
  return { resetMs };
}

const phases: Readonly<Record<string, (directory: string) => Promise<object>>> = { commits, fill, load, reset };

/** Each phase in a process of its own, so that none inherits another's heap. */
function runApart(phase: string, directory: string): Promise<object> {
  return new Promise((resolve, reject) => {
    const child = fork(import.meta.filename, [phase, directory], { execArgv: [...process.execArgv, '--expose-gc'] });
    child.once('message', (result: object) => resolve(result));
    child.once('exit', (code) => {
      if (code !== 0) reject(new Error(`phase ${phase} ended with ${code}`));
    });
  });
}

const [phase, phaseDirectory] = process.argv.slice(2);
const run = phase === undefined ? undefined : phases[phase];
if (run && phaseDirectory !== undefined && process.send) {
  process.send(await run(phaseDirectory));
} else {
  const directory = mkdtempSync(join(phase ?? tmpdir(), 'keiro-bench-store-'));
  try {
    const results: Record<string, object> = { commits: await runApart('commits', join(directory, 'commits')) };
    for (const name of ['fill', 'load', 'reset']) results[name] = await runApart(name, join(directory, 'large'));
    console.log(JSON.stringify({ benchmark: 'store', inFlight, ...results }, undefined, 2));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
