/** What the VPC router costs a packet at 1,000 interfaces and 20,000 rules: the same load over it and over plain Linux routing, in turn. */
import type { Group, GroupRule, Part } from '#model/topology.ts';
import type { Row } from './benchmark.ts';
import { isOnPath } from './pinned.ts';
import type { Rig } from './fabric-rig.ts';

const rounds = 5;
const throughputSeconds = 2;
/** Of each kind and round. */
const connections = 10_000;
const roundTrips = 4_000;
/** No rule of the large network lets anything in to these ports but the one that `letLoadIn` adds. */
const ports = { throughput: 9_001, echo: 9_002, bare: 9_010, http: 9_030, last: 9_099 } as const;
const portOf = (kind: 'bare' | 'http', round: number): number => ports[kind] + round;
/** All that the load of throughput and connections listens at. */
export const loadPorts: readonly number[] = [ports.throughput, ...(['bare', 'http'] as const).flatMap((kind) => Array.from({ length: rounds + 1 }, (_, round) => portOf(kind, round)))]; // prettier-ignore
const cores = { client: 0, server: 1 } as const;

/** Two hosts, and the address at which one reaches the other. */
export interface Path {
  readonly name: 'keiro' | 'peer';
  readonly client: string;
  readonly server: string;
  readonly address: string;
  /** Added to the ports of connections: two ways to one server must not meet, for each port is waited out after its connection. */
  readonly portShift?: number;
}

const keiroPath: Path = { name: 'keiro', client: 'host-eni-0', server: 'host-eni-200', address: '10.0.1.11' };
const plainPath: Path = { name: 'peer', client: 'plain-client', server: 'plain-server', address: '10.1.1.10' };

/**
 * The server's last group lets the load in, by naming a group of the client: so a new flow is asked about by every rule of all the
 * groups before, and what an allowed flow costs is not flattered by a rule that happens to be first.
 */
export function letLoadIn(parts: readonly Part[]): Group {
  const groupsOf = (id: string): readonly string[] => parts.flatMap((part) => (part.kind === 'interface' && part.id === id ? [...part.groupIds].sort() : [])); // prettier-ignore
  const [from = ''] = groupsOf('eni-0');
  const last = groupsOf('eni-200').at(-1);
  const group = parts.find((part): part is Group => part.kind === 'group' && part.id === last);
  if (group === undefined) throw new Error('the large network has no group for its interfaces');
  const range = { from: ports.throughput, to: ports.last };
  const rules = [6, 17].map((protocol): GroupRule => ({ id: `sgr-load-${protocol}`, direction: 'in', traffic: { protocol, ports: range }, peer: { kind: 'group', id: from } })); // prettier-ignore
  return { ...group, rules: [...group.rules, ...rules] };
}

/** As the fabric's inner links are. */
const mtu = 9001;

/** Three namespaces that route as any Linux does: no nftables, no connection tracking, nothing else in them. */
async function buildPlainPath(rig: Rig): Promise<void> {
  const link = (router: string, host: string): string =>
    `link add name ${router} mtu ${mtu} netns plain-router type veth peer name eth0 mtu ${mtu} netns ${host}`;
  const batch = async (namespace: string | undefined, lines: readonly string[]): Promise<void> => {
    await rig.run(namespace, undefined, ['sh', '-c', `printf '%s\\n' "$@" | ip -batch -`, 'sh', ...lines]);
  };
  await batch(undefined, [
    ...['plain-client', 'plain-router', 'plain-server'].map((name) => `netns add ${name}`),
    link('client', 'plain-client'),
    link('server', 'plain-server'),
  ]);
  await rig.run('plain-router', undefined, ['sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
  const host = (name: string, subnet: number): Promise<void> =>
    batch(name, [
      'link set dev lo up',
      'link set dev eth0 up',
      `address add 10.1.${subnet}.10/24 dev eth0`,
      `route add default via 10.1.${subnet}.1`,
    ]);
  await batch('plain-router', [
    'link set dev client up',
    'link set dev server up',
    'address add 10.1.0.1/24 dev client',
    'address add 10.1.1.1/24 dev server',
  ]);
  await host('plain-client', 0);
  await host('plain-server', 1);
}

/** Measurements by row, one after the other. */
export type Figures = Map<string, { readonly keiro: number[]; readonly peer: number[] }>;

function note(figures: Figures, row: string, path: Path, value: number): void {
  const entry = figures.get(row) ?? { keiro: [], peer: [] };
  figures.set(row, entry);
  entry[path.name].push(value);
}

export type Paths = readonly [Path, Path];
const paths: Paths = [keiroPath, plainPath];

/** Each round visits both paths, the one that was last first, so that a machine that slows or warms favours neither. */
async function alternate(paths: Paths, count: number, visit: (path: Path, round: number) => Promise<void>): Promise<void> {
  for (let round = 0; round < count; round++) for (const path of round % 2 === 0 ? paths : paths.toReversed()) await visit(path, round);
}

export async function measureThroughput(rig: Rig, figures: Figures, paths: Paths): Promise<void> {
  for (const server of new Set(paths.map((path) => path.server))) {
    rig.start(server, cores.server, ['iperf3', '--server', '--port', `${ports.throughput}`]).stdout.resume();
  }
  await new Promise((resolve) => setTimeout(resolve, 300)); // it says nothing through a pipe when it listens
  await alternate(paths, rounds, async (path) => {
    const command = ['iperf3', '--client', path.address, '--port', `${ports.throughput}`, '--time', `${throughputSeconds}`, '--json'];
    const report = JSON.parse(await rig.run(path.client, cores.client, command)) as { end: { sum_received: { bits_per_second: number } } }; // iperf3's own format
    note(figures, 'throughput', path, report.end.sum_received.bits_per_second / 1e9);
  });
}

/**
 * New connections one after the other on one core, each closed at once, and each with one HTTP request and its answer. Python's
 * part of the time is noted beside, for it would hide the path's if it were large.
 */
export async function measureConnections(
  rig: Rig,
  figures: Figures,
  paths: Paths,
  kind: 'bare' | 'http',
  count = connections,
): Promise<void> {
  // Enough ports that looking for a free one, which is no part of the path, costs nothing.
  for (const { client } of paths)
    await rig.run(client, undefined, ['sh', '-c', 'echo 1024 65535 > /proc/sys/net/ipv4/ip_local_port_range']);
  await alternate(paths, rounds + 1, async (path, round) => {
    const port = portOf(kind, round) + (path.portShift ?? 0); // ports of an earlier round may still be waited out
    const server = rig.load(path.server, cores.server, 'accept', kind, port);
    await server.next();
    const figure = await rig.measure(path.client, cores.client, 'connect', kind, path.address, port, count);
    server.end();
    if (round === 0) return; // the kernel's memory for all of them is made once
    const { perSecond = Number.NaN, userShare = Number.NaN, busyShare = Number.NaN } = figure;
    note(figures, kind, path, perSecond);
    note(figures, `${kind} cpu`, path, (busyShare * 1e6) / perSecond);
    note(figures, `${kind} generator`, path, userShare * 100);
  });
}

async function measureRoundTrips(rig: Rig, figures: Figures, kind: 'udp' | 'tcp'): Promise<void> {
  const servers = [];
  for (const { server } of paths) {
    const one = rig.load(server, cores.server, 'echo', kind, ports.echo);
    await one.next();
    servers.push(one);
  }
  await alternate(paths, 3 * rounds, async (path) => {
    const { median = Number.NaN, p99 = Number.NaN } = await rig.measure(path.client, cores.server, 'ping', kind, path.address, ports.echo, roundTrips); // prettier-ignore
    note(figures, kind, path, median);
    note(figures, `${kind} p99`, path, p99);
  });
  for (const one of servers) one.end();
}

export async function measurePath(rig: Rig): Promise<{ rows: Row[]; notes: string[] }> {
  const figures: Figures = new Map();
  await buildPlainPath(rig);
  const notes: string[] = [];
  if (isOnPath('iperf3')) await measureThroughput(rig, figures, paths);
  else notes.push('iperf3 is absent here (apt install iperf3): throughput is not measured');
  await measureConnections(rig, figures, paths, 'http');
  await measureConnections(rig, figures, paths, 'bare');
  await measureRoundTrips(rig, figures, 'udp');
  await measureRoundTrips(rig, figures, 'tcp');
  for (const kind of ['http', 'bare']) {
    const share = Math.max(...(figures.get(`${kind} generator`)?.peer ?? []));
    notes.push(`connections (${kind}): ${share.toFixed(0)}% of the client's time is its own code, the rest the kernel's`);
  }
  return { rows: rowsOf(figures), notes };
}

function rowsOf(figures: Figures): Row[] {
  const both = (key: string) => figures.get(key) ?? { keiro: [], peer: [] };
  const added = (key: string): number[] => both(key).keiro.map((own, at) => own - (both(key).peer[at] ?? Number.NaN));
  return [
    { name: 'TCP throughput through the VPC router', unit: 'Gbit/s', ...both('throughput'), better: 'higher', goal: { times: 0.85 } },
    { name: 'new TCP connections, one HTTP request each', unit: '1/s', ...both('http'), better: 'higher', goal: { times: 0.85 } },
    { name: 'new TCP connections, nothing in them', unit: '1/s', ...both('bare'), better: 'higher' },
    { name: 'processor time of one with a request', unit: 'µs', ...both('http cpu'), better: 'lower' },
    { name: 'processor time of one with nothing', unit: 'µs', ...both('bare cpu'), better: 'lower' },
    { name: 'latency added, UDP, median', unit: 'µs', keiro: added('udp'), better: 'lower', goal: { limit: 15 } },
    { name: 'latency added, warm TCP, median', unit: 'µs', keiro: added('tcp'), better: 'lower', goal: { limit: 15 } },
    ...(['udp', 'tcp'] as const).flatMap((kind): Row[] => [
      { name: `${kind.toUpperCase()} round trip, median`, unit: 'µs', ...both(kind), better: 'lower' },
      { name: `${kind.toUpperCase()} round trip, 99th percentile`, unit: 'µs', ...both(`${kind} p99`), better: 'lower' },
    ]),
  ];
}
