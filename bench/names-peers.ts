/** Name servers of the benchmark: Keiro, PowerDNS and Knot, each alone on its core with the same zones. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, pinnedToServerCore, root, type Server } from './pinned.ts';
import { addressOf, hostName, nameServers, zoneNameOf } from './names-world.ts';

export interface World {
  readonly zones: number;
  readonly namesPerZone: number;
}

const longestStartMs = 120_000;

/** A question for the apex of the last zone, which is loaded last. */
function probe(zone: string): Buffer {
  const labels = zone.split('.').map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)]));
  return Buffer.concat([Buffer.from('000100000001000000000000', 'hex'), ...labels, Buffer.from('0000060001', 'hex')]);
}

async function answers(port: number, zone: string): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    socket.on('error', () => undefined);
    socket.send(probe(zone), port, '127.0.0.1');
    const [reply] = (await Promise.race([once(socket, 'message'), pause(200, [])])) as [Buffer?]; // what dgram sends, or nothing
    return reply !== undefined && ((reply[3] ?? 0) & 15) === 0 && (reply[7] ?? 0) > 0;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

async function start(command: readonly string[], folder: string, port: number, world: World): Promise<Server> {
  const [program, args] = pinnedToServerCore(command);
  const logFile = join(folder, `${port}.log`);
  const log = openSync(logFile, 'w');
  const started = performance.now();
  const child: ChildProcess = spawn(program, args, { cwd: root, stdio: ['ignore', log, log] });
  closeSync(log);
  while (performance.now() - started < longestStartMs) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${command[0]} ended: ${readFileSync(logFile, 'utf8')}`);
    if (await answers(port, zoneNameOf(world.zones - 1))) return { port, readyMs: performance.now() - started, child };
    await pause(20);
  }
  child.kill('SIGKILL');
  throw new Error(`${command[0]} did not answer: ${readFileSync(logFile, 'utf8').slice(-2_000)}`);
}

export interface KeiroServer extends Server {
  /** Of the zones alone, without the start of the process. */
  readonly loadMs: number;
  /** What names and records take. */
  readonly heldBytes: number;
}

export async function startKeiro(folder: string, world: World, policy: string): Promise<KeiroServer> {
  const port = await freePort();
  const program = join(import.meta.dirname, 'names-server.ts');
  const server = await start(
    [process.execPath, program, `${port}`, `${world.zones}`, `${world.namesPerZone}`, policy],
    folder,
    port,
    world,
  );
  const said = JSON.parse(readFileSync(join(folder, `${port}.log`), 'utf8')) as { loadMs: number; heldBytes: number }; // names-server.ts writes just this
  return { ...server, ...said };
}

/** A zone file. */
function zoneFile(zone: number, namesPerZone: number): string {
  const lines = [`$ORIGIN ${zoneNameOf(zone)}.`, `@ 900 IN SOA ${nameServers[0]}. hostmaster 1 3600 900 1209600 300`];
  for (const server of nameServers) lines.push(`@ 3600 IN NS ${server}.`);
  for (let index = 0; index < namesPerZone; index++) lines.push(`${hostName(zone, index)}. 300 IN A ${addressOf(index)}`);
  return `${lines.join('\n')}\n`;
}

/** Writes all zone files once; the files by zone. */
function zoneFiles(folder: string, world: World): string[] {
  const of = join(folder, `zones-${world.zones}`);
  mkdirSync(of, { recursive: true });
  return Array.from({ length: world.zones }, (_, zone) => {
    const file = join(of, `${zone}.zone`);
    writeFileSync(file, zoneFile(zone, world.namesPerZone));
    return file;
  });
}

export async function startPowerDns(folder: string, world: World): Promise<Server> {
  const port = await freePort();
  const own = join(folder, `pdns-${port}`);
  mkdirSync(own);
  const zones = zoneFiles(folder, world).map((file, zone) => `zone "${zoneNameOf(zone)}" { type native; file "${file}"; };`);
  writeFileSync(join(own, 'named.conf'), `options { directory "${own}"; };\n${zones.join('\n')}\n`);
  const options = [
    `launch=bind\nbind-config=${join(own, 'named.conf')}\nlocal-address=127.0.0.1\nlocal-port=${port}\nsocket-dir=${own}`,
    'receiver-threads=1\ndistributor-threads=1\ndaemon=no\nguardian=no\nloglevel=3\nsetuid=\nsetgid=\ncache-ttl=60',
  ];
  writeFileSync(join(own, 'pdns.conf'), `${options.join('\n')}\n`);
  return start(['pdns_server', `--config-dir=${own}`], folder, port, world);
}

export async function startKnot(folder: string, world: World): Promise<Server> {
  const port = await freePort();
  const own = join(folder, `knot-${port}`);
  mkdirSync(own);
  const zones = zoneFiles(folder, world).map((file, zone) => `  - domain: ${zoneNameOf(zone)}\n    file: ${file}`);
  const server = `server:\n    listen: 127.0.0.1@${port}\n    rundir: ${own}\n    udp-workers: 1\n    tcp-workers: 1\n    background-workers: 1`;
  writeFileSync(join(own, 'knot.conf'), `${server}\ndatabase:\n    storage: ${own}\nzone:\n${zones.join('\n')}\n`);
  return start(['knotd', '-c', join(own, 'knot.conf')], folder, port, world);
}
