/** Keiro's name server beside PowerDNS and Knot: dnsperf on one core, each server alone on the other, in one run. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Benchmark, Outcome, Row } from './benchmark.ts';
import { isOnPath, pinnedToLoadCore, pinningNote, processorUs, residentMegabytes, stopServer, type Server } from './pinned.ts';
import { startKeiro, startKnot, startPowerDns, type World } from './names-peers.ts';
import { hostName } from './names-world.ts';

const run = promisify(execFile);

const few: World = { zones: 1, namesPerZone: 10_000 };
const many: World = { zones: 1_000, namesPerZone: 1_000 };
const rounds = 5;
const seconds = 3;
const warmUpSeconds = 2;
/** Questions under way at a time. */
const outstanding = 100;
const questionCount = 100_000;

interface Load {
  readonly perSecond: number;
  /** Answers for a second of the server's processor time: neighbours on the machine count less. */
  readonly perProcessorSecond: number;
}

async function load(server: Server, questions: string, length = seconds): Promise<Load> {
  const before = processorUs(server);
  const [program, args] = pinnedToLoadCore(['dnsperf', '-s', '127.0.0.1', '-p', `${server.port}`, '-d', questions, '-l', `${length}`, '-q', `${outstanding}`]); // prettier-ignore
  const { stdout } = await run(program, [...args]);
  const usedUs = processorUs(server) - before;
  const completed = Number(/Queries completed:\s+(\d+)/.exec(stdout)?.[1]);
  if (Number(/NOERROR (\d+)/.exec(stdout)?.[1]) !== completed) throw new Error(`answers are not what they should be:\n${stdout}`);
  return { perSecond: Number(/Queries per second:\s+([\d.]+)/.exec(stdout)?.[1]), perProcessorSecond: (completed * 1e6) / usedUs };
}

/** Questions for hosts of a world by chance, the same in each run. */
function writeQuestions(file: string, { zones, namesPerZone }: World): string {
  let state = 1;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const lines = Array.from({ length: questionCount }, () => `${hostName(below(zones), below(namesPerZone))} A`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

type Loads = Map<string, Load[]>;

/** Measures all servers in turn, round by round. */
async function inTurn(servers: ReadonlyMap<string, readonly [Server, string]>): Promise<Loads> {
  const loads: Loads = new Map([...servers.keys()].map((name) => [name, []]));
  for (const [server, questions] of servers.values()) await load(server, questions, warmUpSeconds);
  for (let round = 0; round < rounds; round++) {
    for (const [name, [server, questions]] of servers) loads.get(name)?.push(await load(server, questions));
  }
  return loads;
}

function rows(loads: Loads, name: string, keiro: string, peer: string, times: number): Row[] {
  const [ours = [], theirs = []] = [loads.get(keiro), loads.get(peer)];
  const of = (text: string, value: (one: Load) => number): Row => ({
    name: text,
    unit: '1/s',
    keiro: ours.map(value),
    ...(theirs.length === 0 ? {} : { peer: theirs.map(value) }),
    better: 'higher',
    goal: { times },
  });
  return [
    of(name, ({ perSecond }) => perSecond),
    of(`${name}, for a second of processor time`, ({ perProcessorSecond }) => perProcessorSecond),
  ];
}

async function measure(folder: string, opened: Server[]): Promise<Outcome> {
  const open = async <S extends Server>(server: Promise<S>): Promise<S> => {
    const started = await server;
    opened.push(started);
    return started;
  };
  const fewQuestions = writeQuestions(join(folder, 'few'), few);
  const manyQuestions = writeQuestions(join(folder, 'many'), many);
  const servers = new Map<string, readonly [Server, string]>();
  const simple = await open(startKeiro(folder, few, 'simple'));
  servers.set('simple', [simple, fewQuestions]);
  if (isOnPath('pdns_server')) servers.set('powerdns', [await open(startPowerDns(folder, few)), fewQuestions]);
  if (isOnPath('knotd')) servers.set('knot', [await open(startKnot(folder, few)), fewQuestions]);
  for (const policy of ['weighted', 'latency', 'failover'])
    servers.set(policy, [await open(startKeiro(folder, few, policy)), fewQuestions]);
  const million = await open(startKeiro(folder, many, 'simple'));
  servers.set('million', [million, manyQuestions]);
  const loadedMb = residentMegabytes(million) - residentMegabytes(simple);
  const knot = isOnPath('knotd') ? await open(startKnot(folder, many)) : undefined;
  const fewKnot = servers.get('knot')?.[0];
  const knotMb = knot && fewKnot && residentMegabytes(knot) - residentMegabytes(fewKnot);
  if (knot) await stopServer(knot);
  const loads = await inTurn(servers);
  const missing = ['pdns_server', 'knotd'].filter((command) => !isOnPath(command));
  return {
    rows: [
      ...rows(loads, '10,000 A records, beside PowerDNS', 'simple', 'powerdns', 0.8),
      ...rows(loads, '10,000 A records, beside Knot', 'simple', 'knot', 0.6),
      ...rows(loads, '1,000,000 in 1,000 zones, beside 10,000', 'million', 'simple', 0.9),
      ...['weighted', 'latency', 'failover'].flatMap((policy) => rows(loads, `${policy}, beside simple`, policy, 'simple', 0.7)),
      { name: 'loading 1,000,000 records', unit: 'ms', keiro: [million.loadMs], better: 'lower', goal: { limit: 10_000 } },
      { name: 'a million records more than 10,000, beside Knot', unit: 'MB', keiro: [loadedMb], ...(knotMb === undefined ? {} : { peer: [knotMb] }), better: 'lower' }, // prettier-ignore
      { name: 'names and records, for each', unit: 'bytes', keiro: [million.heldBytes / 1e6], better: 'lower' },
    ],
    notes: [
      pinningNote,
      'Keiro’s answers bring the zone’s four name servers along, as Route 53’s do; the others’ do not',
      ...missing.map(
        (command) => `${command} is not here: apt-get install ${command === 'knotd' ? 'knot' : 'pdns-server pdns-backend-bind'}`,
      ),
    ],
  };
}

export const names: Benchmark = {
  name: 'names',
  what: 'questions answered by the authoritative name server, one process',
  peer: 'peer',
  run: async () => {
    if (!isOnPath('dnsperf')) throw new Error('the load comes from dnsperf: apt-get install dnsperf');
    const folder = mkdtempSync(join(tmpdir(), 'keiro-names-'));
    const opened: Server[] = [];
    try {
      return await measure(folder, opened);
    } finally {
      for (const server of opened) await stopServer(server, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
