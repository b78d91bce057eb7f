/** The application load balancer's HTTP engine beside HAProxy: the same job, one process on core 0 each, load and target on core 1. */
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Benchmark, Outcome, Row } from './benchmark.ts';
import { freePort, isOnPath, pinningNote, processorUs, residentMegabytes, startServer, stopServer, type Server } from './pinned.ts';

const run = promisify(execFile);

const smallBytes = 45;
const largeBytes = 1_000_000;
const idleConnections = 10_000;
const manyRules = 200;
const rounds = 3;
const seconds = 3;
/** V8 takes its time to compile what is used much. */
const warmUpSeconds = 5;

interface Load {
  readonly perSecond: number;
  readonly p99Ms: number;
  readonly megabytesPerSecond: number;
  /** Requests for a second of the server's processor time: neighbours on the machine count less. */
  readonly perProcessorSecond: number;
}

const units: Record<string, number> = { us: 0.001, ms: 1, s: 1000, KB: 0.001, MB: 1, GB: 1000 };

async function load(
  server: Server,
  options: { connections: number; seconds: number; path?: string; isTls?: boolean; closes?: boolean },
): Promise<Load> {
  const before = processorUs(server);
  const { stdout } = await run('taskset', [
    ...['-c', '1', 'wrk', '-t1', `-c${options.connections}`, `-d${options.seconds}s`, '--latency'],
    ...(options.closes ? ['-H', 'Connection: close'] : []),
    `${options.isTls ? 'https' : 'http'}://127.0.0.1:${server.port}${options.path ?? '/'}`,
  ]);
  const usedUs = processorUs(server) - before;
  if (/Non-2xx/.test(stdout)) throw new Error(`answers are not what they should be:\n${stdout}`);
  const [, p99 = '', p99Unit = ''] = /99%\s+([\d.]+)(us|ms|s)/.exec(stdout) ?? [];
  const [, rate = '', rateUnit = ''] = /Transfer\/sec:\s+([\d.]+)(KB|MB|GB)/.exec(stdout) ?? [];
  const count = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    p99Ms: Number(p99) * (units[p99Unit] ?? Number.NaN),
    megabytesPerSecond: Number(rate) * (units[rateUnit] ?? Number.NaN),
    perProcessorSecond: (count * 1e6) / usedUs,
  };
}

function haproxyConfiguration(port: number, targetPort: number, certificate: string | undefined): string {
  return `global
  nbthread 1
  no strict-limits
  maxconn 11000
  tune.ssl.default-dh-param 2048
defaults
  mode http
  option forwardfor
  http-reuse always
  timeout connect 10s
  timeout client 60s
  timeout server 60s
frontend front
  bind 127.0.0.1:${port}${certificate === undefined ? '' : ` ssl crt ${certificate} alpn http/1.1`}
  default_backend back
backend back
  server target 127.0.0.1:${targetPort}
`;
}

/** Servers of a run, and the folder of their files. */
class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), 'keiro-balancer-'));
  readonly #children: ChildProcess[] = [];
  readonly #servers: Server[] = [];

  async target(bytes: number): Promise<number> {
    const port = await freePort();
    const program = join(import.meta.dirname, 'balancer-target.ts');
    const child = spawn('taskset', ['-c', '1', process.execPath, program, String(port), String(bytes)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#children.push(child);
    if (!child.stdout) throw new Error('a pipe was asked for');
    await once(child.stdout, 'data');
    return port;
  }

  async keiro(targetPort: number, certificate?: { cert: string; key: string }, rules = 0): Promise<Server> {
    const port = await freePort();
    const program = join(import.meta.dirname, 'balancer-front.ts');
    return this.#start(
      [
        process.execPath,
        program,
        String(port),
        String(targetPort),
        String(rules),
        ...(certificate ? [certificate.cert, certificate.key] : []),
      ],
      port,
      certificate !== undefined,
    );
  }

  async haproxy(targetPort: number, certificate?: { both: string }): Promise<Server> {
    const port = await freePort();
    const file = join(this.folder, `haproxy-${port}.cfg`);
    writeFileSync(file, haproxyConfiguration(port, targetPort, certificate?.both));
    return this.#start(['haproxy', '-q', '-f', file], port, certificate !== undefined);
  }

  certificate(): { cert: string; key: string; both: string } {
    const [cert, key, both] = ['cert.pem', 'key.pem', 'both.pem'].map((name) => join(this.folder, name));
    if (cert === undefined || key === undefined || both === undefined) throw new Error('there are three names');
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    execFileSync('openssl', ['req', '-x509', ...curve, '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost'], {
      stdio: 'ignore',
    });
    writeFileSync(both, readFileSync(cert, 'utf8') + readFileSync(key, 'utf8'));
    return { cert, key, both };
  }

  async close(): Promise<void> {
    for (const server of this.#servers) await stopServer(server, 'SIGKILL');
    for (const child of this.#children) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #start(command: readonly string[], port: number, isTls: boolean): Promise<Server> {
    let server: Server;
    if (!isTls) server = await startServer(command, port, '/');
    else {
      server = { port, readyMs: 0, child: spawn('taskset', ['-c', '0', ...command], { stdio: 'ignore' }) };
      while (!(await canConnect(port))) await pause(20);
    }
    this.#servers.push(server);
    return server;
  }
}

async function canConnect(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const isOpen = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'close').then(() => false)]).catch(() => false);
  socket.destroy();
  return isOpen;
}

/** What so many connections that have asked once cost a server, in MB. */
async function idleMegabytes(server: Server): Promise<number> {
  const before = residentMegabytes(server);
  const sockets: Socket[] = [];
  const request = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
  while (sockets.length < idleConnections) {
    const some = Array.from({ length: 100 }, () => connect(server.port, '127.0.0.1'));
    sockets.push(...some);
    await Promise.all(
      some.map(async (socket) => {
        socket.on('error', () => undefined);
        await once(socket, 'connect');
        socket.write(request);
        await once(socket, 'data');
      }),
    );
  }
  const after = residentMegabytes(server);
  for (const socket of sockets) socket.destroy();
  await pause(500);
  return after - before;
}

/** Measures both in turn. Without HAProxy, Keiro alone. */
async function inTurn<Value>(
  servers: { keiro: Server; peer: Server | undefined },
  measure: (server: Server) => Promise<Value>,
  count = rounds,
): Promise<{ keiro: Value[]; peer: Value[] }> {
  const found: { keiro: Value[]; peer: Value[] } = { keiro: [], peer: [] };
  for (let round = 0; round < count; round += 1) {
    found.keiro.push(await measure(servers.keiro));
    if (servers.peer) found.peer.push(await measure(servers.peer));
  }
  return found;
}

function row<Value>(
  values: { keiro: Value[]; peer: Value[] },
  of: (value: Value) => number,
  rest: Pick<Row, 'name' | 'unit' | 'better'> & { times?: number },
): Row {
  const { times, ...named } = rest;
  return {
    ...named,
    keiro: values.keiro.map(of),
    ...(values.peer.length === 0 ? {} : { peer: values.peer.map(of) }),
    ...(times === undefined ? {} : { goal: { times } }),
  };
}

async function measure(bench: Bench): Promise<Outcome> {
  const hasPeer = isOnPath('haproxy');
  const pair = async (
    bytes: number,
    certificate?: { cert: string; key: string; both: string },
  ): Promise<{ keiro: Server; peer: Server | undefined }> => {
    const target = await bench.target(bytes);
    return { keiro: await bench.keiro(target, certificate), peer: hasPeer ? await bench.haproxy(target, certificate) : undefined };
  };
  const small = await pair(smallBytes);
  await inTurn(small, async (server) => load(server, { connections: 64, seconds: warmUpSeconds }), 1);
  const requests = await inTurn(small, async (server) => load(server, { connections: 64, seconds }));
  const ruled = { keiro: await bench.keiro(await bench.target(smallBytes), undefined, manyRules), peer: small.keiro };
  await inTurn(ruled, async (server) => load(server, { connections: 64, seconds: warmUpSeconds }), 1);
  const byRules = await inTurn(ruled, async (server) => load(server, { connections: 64, seconds }), rounds + 2);
  const large = await pair(largeBytes);
  await inTurn(large, async (server) => load(server, { connections: 16, seconds: 2 }), 1);
  const bodies = await inTurn(large, async (server) => load(server, { connections: 16, seconds }));
  const secured = await pair(smallBytes, bench.certificate());
  await inTurn(secured, async (server) => load(server, { connections: 32, seconds: 2, isTls: true, closes: true }), 1);
  const handshakes = await inTurn(secured, async (server) => load(server, { connections: 32, seconds, isTls: true, closes: true }));
  const idle = await pair(smallBytes);
  const memory = await inTurn(idle, idleMegabytes, 1);
  return {
    rows: [
      row(requests, ({ perSecond }) => perSecond, { name: 'small bodies', unit: '1/s', better: 'higher', times: 0.85 }),
      row(requests, ({ perProcessorSecond }) => perProcessorSecond, {
        name: 'small bodies, for a second of processor time',
        unit: '1/s',
        better: 'higher',
        times: 0.85,
      }),
      row(requests, ({ p99Ms }) => p99Ms, { name: 'small bodies, 99th percentile', unit: 'ms', better: 'lower', times: 1 / 1.5 }),
      row(byRules, ({ perProcessorSecond }) => perProcessorSecond, {
        name: `${manyRules} rules and 50 groups, beside one rule, for a second of processor time`,
        unit: '1/s',
        better: 'higher',
        times: 0.9,
      }),
      row(bodies, ({ megabytesPerSecond }) => megabytesPerSecond, { name: 'bodies of 1 MB', unit: 'MB/s', better: 'higher', times: 0.9 }),
      row(bodies, ({ perProcessorSecond }) => perProcessorSecond, {
        name: 'bodies of 1 MB, for a second of processor time',
        unit: 'MB/s',
        better: 'higher',
        times: 0.9,
      }),
      row(handshakes, ({ perSecond }) => perSecond, { name: 'new TLS connections', unit: '1/s', better: 'higher', times: 0.5 }),
      row(handshakes, ({ perProcessorSecond }) => perProcessorSecond, {
        name: 'new TLS connections, for a second of processor time',
        unit: '1/s',
        better: 'higher',
        times: 0.5,
      }),
      row(memory, (megabytes) => megabytes, { name: '10,000 idle connections', unit: 'MB', better: 'lower' }),
    ],
    notes: [pinningNote, ...(hasPeer ? [] : ['HAProxy is not here: apt-get install haproxy'])],
  };
}

export const balancer: Benchmark = {
  name: 'balancer',
  what: 'requests through the application load balancer’s engine, one process',
  peer: 'HAProxy',
  run: async () => {
    if (!isOnPath('wrk')) throw new Error('the load comes from wrk: apt-get install wrk');
    const bench = new Bench();
    try {
      return await measure(bench);
    } finally {
      await bench.close();
    }
  },
};
