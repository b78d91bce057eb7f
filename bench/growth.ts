/** What calls cost as the number of VPCs grows to 100,000, and how soon a server with all of them is back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, type Benchmark, type Outcome, type Row } from './benchmark.ts';
import { createVpc, describeVpc, describeVpcs } from './ec2-requests.ts';
import { Load, freePort, pinningNote, residentMegabytes, root, startServer, stopServer, type Server } from './pinned.ts';

const sizes = [100, 1_000, 10_000, 100_000];
const region = 'us-east-1';
const connections = 4;
const rounds = 3;
const creates = 400;
const lookups = 4_000;

/** Milliseconds, or microseconds where said. */
interface Costs {
  readonly size: number;
  readonly createUs: number[];
  readonly lookUpUs: number[];
  readonly describeAllMs: number[];
}

const start = async (data: string): Promise<Server> => {
  const port = await freePort();
  return startServer(
    [join(root, 'bin', 'keiro'), 'start', '--port', String(port), '--data', data, '--quotas', 'off', '--log-level', 'warn'],
    port,
    '/_keiro/health',
  );
};

async function measureAt(load: Load, port: number, size: number, ids: string[]): Promise<Costs> {
  const costs: Costs = { size, createUs: [], lookUpUs: [], describeAllMs: [] };
  const common = { port, connections, status: 200 };
  const collect = '<vpcId>(vpc-[0-9a-f]+)</vpcId>';
  const missing = size - ids.length;
  // More connections than are measured with: filling is not what is measured.
  if (missing > 0)
    ids.push(...(await load.run({ ...common, connections: 32, requests: [createVpc(port, region)], count: missing, collect })).collected);
  for (let round = 0; round < rounds; round++) {
    const described = await load.run({
      ...common,
      connections: 1,
      requests: [describeVpcs(port, region)],
      count: size > 10_000 ? 1 : 5,
      expect: { text: '<vpcId>', times: ids.length },
    });
    costs.describeAllMs.push((described.medianMs * size) / ids.length);
    const some = Array.from({ length: lookups }, (_, at) => ids[(at * 7_919) % ids.length] ?? '');
    const looked = await load.run({
      ...common,
      requests: some.map((id) => describeVpc(port, region, id)),
      count: lookups,
      expect: { text: `<vpcId>${some[0]}</vpcId>`, times: 1 },
    });
    costs.lookUpUs.push(1e6 / looked.perSecond);
    const created = await load.run({ ...common, requests: [createVpc(port, region)], count: creates, collect });
    costs.createUs.push(1e6 / created.perSecond);
    ids.push(...created.collected);
  }
  return costs;
}

/** Lets both sides compile their code before anything is measured, on VPCs of another Region. */
async function warmUp(load: Load, port: number): Promise<void> {
  const common = { port, connections, status: 200 };
  const collect = '<vpcId>(vpc-[0-9a-f]+)</vpcId>';
  for (let round = 0; round < rounds; round++) {
    const { collected } = await load.run({ ...common, requests: [createVpc(port, 'eu-west-1')], count: 1_000, collect });
    await load.run({ ...common, requests: collected.map((id) => describeVpc(port, 'eu-west-1', id)), count: 6_000 });
    await load.run({ ...common, requests: [describeVpcs(port, 'eu-west-1')], count: 20 });
  }
}

/** Restarts until the first answer that needs the records. Milliseconds. */
async function restart(
  load: Load,
  server: Server,
  data: string,
  signal: NodeJS.Signals,
  id: string,
): Promise<{ server: Server; ms: number }> {
  await stopServer(server, signal);
  const fresh = await start(data);
  const { medianMs } = await load.run({
    port: fresh.port,
    connections: 1,
    requests: [describeVpc(fresh.port, region, id)],
    count: 1,
    status: 200,
    expect: { text: `<vpcId>${id}</vpcId>`, times: 1 },
  });
  return { server: fresh, ms: fresh.readyMs + medianMs };
}

/** How many times as dear the dearest size is as the cheapest: 1 is flat. */
function spread(costs: readonly Costs[], cost: (at: Costs) => number): number {
  const all = costs.map(cost);
  return Math.max(...all) / Math.min(...all);
}

function rowsOf(costs: readonly Costs[]): Row[] {
  const each = (name: string, unit: string, values: (at: Costs) => number[]): Row[] =>
    costs.map((at) => ({ name: `${name} at ${at.size.toLocaleString('en')}`, unit, keiro: values(at), better: 'lower' }));
  // Of a few records the fixed cost of a call is most, so that the smallest size does not tell of linearity.
  const many = costs.filter(({ size }) => size >= 1_000);
  return [
    ...each('CreateVpc', 'µs', (at) => at.createUs),
    {
      name: 'CreateVpc, dearest to cheapest size',
      unit: '×',
      keiro: [spread(costs, (at) => median(at.createUs))],
      better: 'lower',
      goal: { limit: 2 },
    },
    ...each('DescribeVpcs by id', 'µs', (at) => at.lookUpUs),
    {
      name: 'DescribeVpcs by id, dearest to cheapest size',
      unit: '×',
      keiro: [spread(costs, (at) => median(at.lookUpUs))],
      better: 'lower',
      goal: { limit: 2 },
    },
    ...each('DescribeVpcs of all', 'ms', (at) => at.describeAllMs),
    {
      name: 'DescribeVpcs of all, per VPC, dearest to cheapest size',
      unit: '×',
      keiro: [spread(many, (at) => median(at.describeAllMs) / at.size)],
      better: 'lower',
      goal: { limit: 2 },
    },
  ];
}

export const growth: Benchmark = {
  name: 'growth',
  what: 'the cost of calls at 100 to 100,000 VPCs, and restarts with all of them',
  async run(): Promise<Outcome> {
    const data = mkdtempSync(join(tmpdir(), 'keiro-bench-'));
    const load = new Load();
    let server = await start(data);
    try {
      const ids: string[] = [];
      await warmUp(load, server.port);
      const first = await load.run({
        port: server.port,
        connections: 1,
        requests: [describeVpcs(server.port, region)],
        count: 1,
        status: 200,
        collect: '<vpcId>(vpc-[0-9a-f]+)</vpcId>',
      });
      ids.push(...first.collected); // the default VPC
      const costs: Costs[] = [];
      for (const size of sizes) costs.push(await measureAt(load, server.port, size, ids));
      const memory = residentMegabytes(server);
      const restarts: Record<'SIGTERM' | 'SIGKILL', number[]> = { SIGTERM: [], SIGKILL: [] };
      for (let round = 0; round < rounds; round++) {
        for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
          const again = await restart(load, server, data, signal, ids[7] ?? '');
          server = again.server;
          restarts[signal].push(again.ms);
        }
      }
      const rows: Row[] = [
        ...rowsOf(costs),
        { name: `memory with ${ids.length.toLocaleString('en')} VPCs`, unit: 'MB', keiro: [memory], better: 'lower' },
        {
          name: 'restart after stop, to the first answer about a VPC',
          unit: 'ms',
          keiro: restarts.SIGTERM,
          better: 'lower',
          goal: { limit: 3_000 },
        },
        {
          name: 'restart after kill -9, to the first answer about a VPC',
          unit: 'ms',
          keiro: restarts.SIGKILL,
          better: 'lower',
          goal: { limit: 3_000 },
        },
      ];
      return { rows, notes: [pinningNote, 'with each VPC come its main route table, network ACL and security group'] };
    } finally {
      load.close();
      await stopServer(server, 'SIGKILL');
      rmSync(data, { recursive: true, force: true });
    }
  },
};
