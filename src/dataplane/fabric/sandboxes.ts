/** The sandboxes that instances are: made with a network namespace each, begun when their network is there, watched, ended. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Id, Topology } from '#model/topology.ts';
import type { Workload } from '#model/workload.ts';
import type { Run, Tenants } from './apply.ts';
import { toolEnvironment } from './capability.ts';
import { Consoles } from './consoles.ts';
import { ControlGroups } from '#dataplane/sandbox/control-groups.ts';
import type { Namespace } from './kernel-state.ts';
import type { Found, InstanceEvent } from './messages.ts';
import { type HostLayout, hostLayout } from '#dataplane/sandbox/host-layout.ts';
import { sandboxArguments } from './sandbox-arguments.ts';
import { consoleOf, diskOf, SandboxDisks } from './sandbox-disks.ts';
import { HALT_STATUS, REBOOT_STATUS, sharedFiles } from './sandbox-files.ts';
import { sandboxFilter } from '#dataplane/sandbox/seccomp.ts';
import { DEFAULT_DISK_BYTES, DEFAULT_MEMORY_BYTES, DEFAULT_PROCESSES, type FabricSettings } from './settings.ts';

/** Of the fabric's own file system in memory. */
const HOME = '/run/keiro';
const FILTER = `${HOME}/filter`;
const TRUST = `${HOME}/trust.pem`;
/** Sandboxes that are being made at a time, and how often one is tried. */
const MADE_AT_ONCE = 8;
const TRIES = 2;
/** Milliseconds that bubblewrap may take. */
const PREPARE_MS = 20_000;
/** Milliseconds that a sandbox's processes may take to end when its first one is killed, which takes all with it. */
const END_MS = 10_000;

interface Sandbox {
  readonly id: Id;
  readonly boot: number;
  readonly child: ChildProcess;
  /** The first process's number, once it is known. */
  pid: number;
  readonly ended: Promise<void>;
  isWanted: boolean;
}

export interface SandboxesOptions {
  readonly run: Run;
  readonly topology: Topology;
  readonly workloads: ReadonlyMap<Id, Workload>;
  readonly settings: FabricSettings;
  /** The user number that instances have in the fabric: 0 when it has no other. */
  readonly uid: 0 | 1;
  /** The fabric's process, as the host counts. */
  readonly pid: number;
  readonly tell: (event: InstanceEvent) => void;
}

export class Sandboxes implements Tenants {
  readonly #options: SandboxesOptions;
  readonly #running = new Map<Id, Sandbox>();
  readonly #disks: SandboxDisks;
  readonly #groups: ControlGroups;
  readonly #limits: { readonly memoryBytes: number; readonly processes: number };
  readonly #consoles: Consoles;
  readonly #layout: HostLayout = hostLayout();

  constructor(options: SandboxesOptions) {
    this.#options = options;
    this.#consoles = new Consoles(options.tell);
    const { run, uid, pid, settings } = options;
    this.#disks = new SandboxDisks({ run, uid, sizeBytes: settings.diskBytes ?? DEFAULT_DISK_BYTES });
    this.#limits = { memoryBytes: settings.memoryBytes ?? DEFAULT_MEMORY_BYTES, processes: settings.processes ?? DEFAULT_PROCESSES };
    this.#groups = ControlGroups.open({ limits: this.#limits, pid });
    mkdirSync(HOME, { recursive: true });
    writeFileSync(FILTER, sandboxFilter());
    for (const [path, text] of Object.entries(sharedFiles)) {
      mkdirSync(dirname(join(HOME, 'shared', path)), { recursive: true });
      writeFileSync(join(HOME, 'shared', path), text, { mode: 0o755 });
    }
  }

  /** The bundle of authorities that instances trust from their next start on. */
  trust(pem: string): void {
    writeFileSync(TRUST, pem);
  }

  found(id: Id): Found | undefined {
    const sandbox = this.#running.get(id);
    const workload = this.#options.workloads.get(id);
    return sandbox === undefined || workload === undefined ? undefined : { pid: sandbox.pid, loginName: workload.loginName };
  }

  /** What a newcomer is told. */
  *history(): Generator<InstanceEvent> {
    yield* this.#lastEvents.values();
    yield* this.#consoles.history();
  }

  readonly #lastEvents = new Map<Id, InstanceEvent>();

  /** Drops the files of instances that are no more. */
  async forget(gone: (id: Id) => boolean): Promise<void> {
    const ids = this.#disks.ids().filter((id) => gone(id) && !this.#running.has(id));
    for (const id of ids) {
      this.#lastEvents.delete(id);
      this.#consoles.forget(id);
    }
    await this.#disks.remove(ids);
  }

  /** Ends them all, so that nothing is left on the host when the fabric ends. */
  async close(): Promise<void> {
    await Promise.all([...this.#running.values()].map(async (sandbox) => this.#kill(sandbox)));
    this.#groups.close();
  }

  async prepare(namespaces: readonly Namespace[]): Promise<ReadonlyMap<string, number>> {
    const wanted = namespaces.flatMap(({ name, sandbox }) => {
      const workload = sandbox && this.#options.workloads.get(sandbox.id);
      return workload === undefined ? [] : [{ name, workload }];
    });
    await this.#disks.lay(wanted.map(({ workload }) => workload.id));
    const homes = new Map<string, number>();
    const make = async (): Promise<void> => {
      for (let next = wanted.shift(); next !== undefined; next = wanted.shift()) {
        const pid = await this.#tryToMake(next.workload);
        if (pid !== undefined) homes.set(next.name, pid);
      }
    };
    await Promise.all(Array.from({ length: MADE_AT_ONCE }, make));
    return homes;
  }

  /** The number of its first process; of one that cannot be made it is told why. */
  async #tryToMake(workload: Workload): Promise<number | undefined> {
    for (let tries = 1; ; tries++) {
      try {
        return (await this.#make(workload)).pid;
      } catch (error) {
        if (tries < TRIES) continue;
        const words = error instanceof Error ? error.message : String(error);
        this.#tell({ event: 'ended', instance: workload.id, boot: workload.boot, atMs: Date.now(), how: 'unmade', words });
        return undefined;
      }
    }
  }

  begin(namespaces: readonly Namespace[]): void {
    for (const { sandbox } of namespaces) {
      const running = sandbox && this.#running.get(sandbox.id);
      if (running === undefined) continue;
      (running.child.stdio[3] as Writable).end('.'); // the pipe that it was spawned with
      this.#tell({ event: 'begun', instance: running.id, boot: running.boot, atMs: Date.now() });
    }
  }

  async end(namespaces: readonly Namespace[]): Promise<void> {
    await Promise.all(
      namespaces.map(async ({ sandbox }) => {
        const running = sandbox && this.#running.get(sandbox.id);
        if (running === undefined) return;
        this.#lastEvents.delete(running.id);
        await this.#kill(running);
      }),
    );
  }

  /** The first process takes all others with it, and bubblewrap, which waits for it, ends when they are gone. */
  async #kill(sandbox: Sandbox): Promise<void> {
    sandbox.isWanted = false;
    kill(sandbox.pid);
    const late = setTimeout(() => sandbox.child.kill('SIGKILL'), END_MS);
    await sandbox.ended;
    clearTimeout(late);
  }

  async #make(workload: Workload): Promise<Sandbox> {
    const { uid, topology } = this.#options;
    const interfaces = [...topology.interfaces.values()].filter(({ attachment }) => attachment?.kind === 'instance' && attachment.id === workload.id); // prettier-ignore
    this.#disks.write(workload, interfaces);
    const console = openSync(consoleOf(workload.id), 'w', 0o600);
    const filter = openSync(FILTER, 'r');
    const place = {
      hostName: workload.hostName,
      disk: diskOf(workload.id),
      shared: join(HOME, 'shared'),
      ...(existsSync(TRUST) ? { trust: TRUST } : {}),
      processes: this.#limits.processes,
      ...(this.#groups.limitsMemory ? {} : { dataBytes: this.#limits.memoryBytes }),
      blockFd: 3,
      infoFd: 4,
      filterFd: 5,
    };
    const bwrap = ['bwrap', ...sandboxArguments(place, this.#layout)];
    const [command = '', ...args] = uid === 0 ? bwrap : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', ...bwrap];
    const env = { PATH: toolEnvironment()['PATH'] }; // nothing more: a sandbox may read what its first process was started with
    const child = spawn(command, args, { env, stdio: ['ignore', console, console, 'pipe', 'pipe', filter] });
    closeSync(console);
    closeSync(filter);
    const ended = new Promise<void>((resolve) => child.once('error', () => resolve()).once('exit', () => resolve()));
    const sandbox: Sandbox = { id: workload.id, boot: workload.boot, child, pid: 0, ended, isWanted: true };
    (child.stdio[3] as Writable).on('error', () => undefined); // it may end before it is let go
    sandbox.pid = await firstPid(child, ended);
    this.#groups.admit(workload.id, sandbox.pid);
    this.#running.set(workload.id, sandbox);
    this.#consoles.watch(workload.id, consoleOf(workload.id));
    child.once('exit', (status) => this.#ended(sandbox, status));
    if (child.exitCode !== null) this.#ended(sandbox, child.exitCode);
    return sandbox;
  }

  #ended(sandbox: Sandbox, status: number | null): void {
    if (this.#running.get(sandbox.id) !== sandbox) return;
    this.#running.delete(sandbox.id);
    this.#groups.dismiss(sandbox.id);
    this.#consoles.read(sandbox.id);
    if (!sandbox.isWanted) return;
    const how = status === HALT_STATUS ? 'halt' : status === REBOOT_STATUS ? 'reboot' : 'failed';
    this.#tell({ event: 'ended', instance: sandbox.id, boot: sandbox.boot, atMs: Date.now(), how });
  }

  #tell(event: InstanceEvent): void {
    this.#lastEvents.set(event.instance, event);
    this.#options.tell(event);
  }
}

function kill(pid: number): void {
  try {
    if (pid > 0) process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}

/** bubblewrap tells of itself in JSON when the namespaces are there. */
async function firstPid(child: ChildProcess, ended: Promise<void>): Promise<number> {
  const info = child.stdio[4] as Readable; // the pipe that it was spawned with
  let said = '';
  const told = new Promise<void>((resolve) =>
    info
      .setEncoding('utf8')
      .on('data', (text: string) => {
        said += text;
        if (said.includes('}')) resolve();
      })
      .on('error', () => resolve()),
  );
  const late = new Promise<void>((resolve) => setTimeout(resolve, PREPARE_MS).unref());
  await Promise.race([told, ended, late]);
  info.destroy();
  const pid = Number(/"child-pid": (\d+)/.exec(said)?.[1] ?? 0);
  if (pid > 0) return pid;
  child.kill('SIGKILL');
  throw new Error('bubblewrap did not start (its words are in the console)');
}
