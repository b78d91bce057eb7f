/** Namespaces as the fabric has them, with nothing in them but a sandbox: for tests of the entering alone. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Place } from '#cli/inside.ts';
import { toolEnvironment, UNSHARE } from '../../src/dataplane/fabric/capability.ts';
import { nodeBinary } from '#test/cli/keiro-process.ts';

export interface BareFabric {
  readonly pid: number;
  /** The first process of a sandbox, as the fabric counts. */
  readonly instance: number;
  close(): void;
}

const script = `
mount --make-rprivate /; mount -t tmpfs keiro /run; mkdir /run/netns; mount -t proc proc /proc
ip netns add internet; ip -n internet link set lo up; ip -n internet address add 198.18.0.10/32 dev lo
bwrap --unshare-user --uid 0 --gid 0 --unshare-net --unshare-pid --unshare-uts --hostname sandbox --ro-bind / / --tmpfs /root \\
  --proc /proc --dev /dev --die-with-parent --info-fd 3 sleep infinity 3>/run/info &
while ! grep -q child-pid /run/info; do sleep 0.05; done
tr -d ' \\n' </run/info; echo; exec sleep infinity`;

export async function openBareFabric(): Promise<BareFabric> {
  const child = spawn('unshare', [...UNSHARE, 'sh', '-c', script], { env: toolEnvironment(), stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]; // what readline gives
  const { 'child-pid': instance } = JSON.parse(line) as { 'child-pid': number }; // what bwrap tells
  const pid = Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8'));
  return { pid, instance, close: () => void child.kill('SIGKILL') };
}

/** The command line that runs `program` there as `keiro` does, with what it is to pass on. */
export function enteringCommand(fabric: BareFabric, place: Place, program: readonly string[]): readonly [string, ...string[]] {
  return [nodeBinary, join(import.meta.dirname, 'enter.ts'), JSON.stringify({ pid: fabric.pid, place, program })];
}

export function enterBareFabric(fabric: BareFabric, place: Place, program: readonly string[]): ChildProcess {
  const [command, ...args] = enteringCommand(fabric, place, program);
  return spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
}
