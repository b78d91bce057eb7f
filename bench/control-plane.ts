/** The API beside moto's server: ready, memory, creating and describing VPCs, the same bytes to both in turn. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Benchmark, Outcome, Row } from './benchmark.ts';
import { createVpc, describeVpcs, filterVpcs } from './ec2-requests.ts';
import {
  Load,
  freePort,
  isOnPath,
  pinningNote,
  processorUs,
  residentMegabytes,
  root,
  startServer,
  stopServer,
  type Server,
} from './pinned.ts';

const rounds = 3;
const starts = 5;
const connections = 4;
/** Regions of their own for each round of creating; the described VPCs are in another. */
const createRegions = ['eu-west-1', 'eu-west-2', 'eu-central-1', 'us-west-2'];
const describeRegion = 'us-east-1';
const described = 500;

/** Creating slows with what is there, so both sides create as many. */
const creates = 1_500;

/** One side of the comparison. Calls that change nothing are repeated as often as gives each side about a second. */
interface Side {
  readonly name: 'keiro' | 'peer';
  readonly counts: { readonly describe: number; readonly filter: number };
  start(port: number, data: string): Promise<Server>;
}

const keiro: Side = {
  name: 'keiro',
  counts: { describe: 600, filter: 8_000 },
  start: (port, data) =>
    startServer(
      [join(root, 'bin', 'keiro'), 'start', '--port', String(port), '--data', data, '--quotas', 'off', '--log-level', 'warn'],
      port,
      '/_keiro/health',
    ),
};
const moto: Side = {
  name: 'peer',
  counts: { describe: 10, filter: 200 },
  start: (port) => startServer(['moto_server', '-H', '127.0.0.1', '-p', String(port)], port, '/moto-api/'),
};

type Figures = Record<string, { keiro: number[]; peer: number[] }>;

function note(figures: Figures, row: string, side: Side, value: number): void {
  const entry = (figures[row] ??= { keiro: [], peer: [] });
  entry[side.name].push(value);
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'keiro-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts and stops each side in turn, on a fresh data directory every time. */
async function measureStarts(sides: readonly Side[], figures: Figures): Promise<void> {
  for (let round = 0; round < starts; round++) {
    for (const side of sides) {
      await inFolder(async (folder) => {
        const server = await side.start(await freePort(), folder);
        note(figures, 'ready', side, server.readyMs);
        await pause(500); // memory settles after the start: what is wanted is that of an idle server
        note(figures, 'idle', side, residentMegabytes(server));
        await stopServer(server);
      });
    }
  }
}

async function fill(load: Load, port: number): Promise<void> {
  const before = await load.run({
    port,
    connections: 1,
    requests: [describeVpcs(port, describeRegion)],
    count: 1,
    status: 200,
    collect: '(<isDefault>true)',
  });
  const already = before.collected.length; // the default VPC, where the side has one
  await load.run({ port, connections: 4, requests: [createVpc(port, describeRegion)], count: described - already, status: 200 });
}

interface Step {
  readonly name: string;
  readonly request: string;
  readonly count: number;
  readonly expect: { readonly text: string; readonly times: number };
}

async function measureRound(load: Load, side: Side, server: Server, region: string, figures: Figures | undefined): Promise<void> {
  const { port } = server;
  const steps: readonly Step[] = [
    { name: 'create', request: createVpc(port, region), count: creates, expect: { text: '<cidrBlock>10.0.0.0/16</cidrBlock>', times: 2 } },
    {
      name: 'describe',
      request: describeVpcs(port, describeRegion),
      count: side.counts.describe,
      expect: { text: '<dhcpOptionsId>', times: described },
    },
    { name: 'filter', request: filterVpcs(port, describeRegion), count: side.counts.filter, expect: { text: '<dhcpOptionsId>', times: 0 } },
  ];
  for (const { name, request, count, expect } of steps) {
    const before = processorUs(server);
    const report = await load.run({ port, connections, requests: [request], count, status: 200, expect });
    if (!figures) continue;
    note(figures, name, side, report.perSecond);
    note(figures, `${name} cpu`, side, (processorUs(server) - before) / count);
  }
}

async function measureCalls(sides: readonly Side[], figures: Figures): Promise<void> {
  await inFolder(async (folder) => {
    const load = new Load();
    const running: { side: Side; server: Server }[] = [];
    try {
      for (const side of sides) running.push({ side, server: await side.start(await freePort(), join(folder, side.name)) });
      for (const { side, server } of running) {
        await fill(load, server.port);
        await load.run({ port: server.port, connections, requests: [describeVpcs(server.port, describeRegion)], count: 20, status: 200 });
        note(figures, 'in use', side, residentMegabytes(server));
      }
      for (let round = 0; round <= rounds; round++) {
        const region = createRegions[round] ?? describeRegion;
        for (const { side, server } of running) await measureRound(load, side, server, region, round === 0 ? undefined : figures);
      }
    } finally {
      load.close();
      for (const { server } of running) await stopServer(server);
    }
  });
}

function rowsOf(figures: Figures): Row[] {
  const row = (key: string, name: string, unit: string, better: Row['better'], goal: Row['goal']): Row => {
    const { keiro: own = [], peer = [] } = figures[key] ?? {};
    return { name, unit, keiro: own, ...(peer.length > 0 ? { peer } : {}), better, ...(goal ? { goal } : {}) };
  };
  return [
    row('ready', 'ready, from the command to an answer', 'ms', 'lower', { limit: 300, times: 1 }),
    row('idle', 'memory, idle', 'MB', 'lower', { limit: 100 }),
    row('in use', `memory, EC2 with ${described} VPCs in use`, 'MB', 'lower', { limit: 160 }),
    row('create', `CreateVpc, ${connections} connections (Keiro: durable)`, '1/s', 'higher', { times: 40 }),
    row('describe', `DescribeVpcs of ${described}, ${connections} connections`, '1/s', 'higher', { times: 100 }),
    row('filter', `DescribeVpcs of ${described} with a filter, ${connections} connections`, '1/s', 'higher', { times: 100 }),
    ...['create', 'describe', 'filter'].map((key) => row(`${key} cpu`, `processor time of one such ${key}`, 'µs', 'lower', undefined)),
  ];
}

export const controlPlane: Benchmark = {
  name: 'control-plane',
  what: 'the EC2 API from outside, beside moto_server',
  peer: 'moto',
  async run(): Promise<Outcome> {
    const hasMoto = isOnPath('moto_server');
    const sides = hasMoto ? [keiro, moto] : [keiro];
    const figures: Figures = {};
    await measureStarts(sides, figures);
    await measureCalls(sides, figures);
    const absent = hasMoto ? [] : ['moto_server is absent here (pip install "moto[server]"): nothing to compare with'];
    return { rows: rowsOf(figures), notes: [pinningNote, ...absent] };
  },
};
