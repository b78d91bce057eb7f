/** The sandboxes that instances are: made with a network namespace each, begun when their network is there, watched, ended. */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, closeSync, existsSync, lstatSync, mkdirSync, openSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Id, Topology } from '#model/topology.ts';
import type { Workload } from '#model/workload.ts';
import type { Run, Tenants } from './apply.ts';
import { Consoles } from './consoles.ts';
import { toolEnvironment } from './capability.ts';
import type { Namespace } from './kernel-state.ts';
import type { FabricEvent, Found } from './messages.ts';
import { HALT_STATUS, REBOOT_STATUS, settingsFiles, sharedFiles } from './sandbox-files.ts';
import { OWN_FOLDERS, sandboxArguments, type HostLayout } from './sandbox-arguments.ts';
import { sandboxFilter } from './seccomp.ts';
import { DEFAULT_DISK_BYTES, DEFAULT_PROCESSES, type FabricSettings } from './settings.ts';

/** Of the fabric's own file system in memory. */
const HOME = '/run/keiro';
const DISKS = '/run/instances';
const FILTER = `${HOME}/filter`;
const TRUST = `${HOME}/trust.pem`;
/** Milliseconds that bubblewrap may take. */
const PREPARE_MS = 20_000;

const diskOf = (id: Id): string => join(DISKS, id);
const consoleOf = (id: Id): string => join(diskOf(id), 'console');

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
  readonly tell: (event: FabricEvent) => void;
}

export class Sandboxes implements Tenants {
  readonly #options: SandboxesOptions;
  readonly #running = new Map<Id, Sandbox>();
  readonly #disks = new Set<Id>();
  readonly #consoles: Consoles;
  readonly #layout: HostLayout = hostLayout();

  constructor(options: SandboxesOptions) {
    this.#options = options;
    this.#consoles = new Consoles(options.tell);
    mkdirSync(DISKS, { recursive: true });
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
  *history(): Generator<FabricEvent> {
    yield* this.#lastEvents.values();
    yield* this.#consoles.history();
  }

  readonly #lastEvents = new Map<Id, FabricEvent>();

  /** Drops the files of instances that are no more. @param kept undefined: all but those in `gone` */
  async forget(gone: (id: Id) => boolean): Promise<void> {
    const ids = [...this.#disks].filter((id) => gone(id) && !this.#running.has(id));
    for (const id of ids) {
      this.#disks.delete(id);
      this.#lastEvents.delete(id);
      this.#consoles.forget(id);
    }
    await this.#options.run(ids.map((id) => `umount -l ${diskOf(id)}; rmdir ${diskOf(id)}`).join('\n'));
  }

  async prepare(namespaces: readonly Namespace[]): Promise<readonly string[]> {
    const wanted = namespaces.flatMap(({ name, sandbox }) => {
      const workload = sandbox && this.#options.workloads.get(sandbox.id);
      return workload === undefined ? [] : [{ name, workload }];
    });
    await this.#layDisks(wanted.map(({ workload }) => workload.id));
    const made = await Promise.all(
      wanted.map(async ({ name, workload }) => {
        try {
          return { name, sandbox: await this.#make(workload) };
        } catch (error) {
          this.#tell({ event: 'ended', instance: workload.id, boot: workload.boot, atMs: Date.now(), how: 'failed', words: error instanceof Error ? error.message : String(error) }); // prettier-ignore
          return { name, sandbox: undefined };
        }
      }),
    );
    const attached = made.flatMap(({ name, sandbox }) => (sandbox === undefined ? [] : [`netns attach ${name} ${sandbox.pid}`]));
    if (attached.length > 0) await this.#options.run(`ip -batch - <<'KEIRO_END'\n${attached.join('\n')}\nKEIRO_END`);
    const homes = new Set(made.filter(({ sandbox }) => sandbox !== undefined).map(({ name }) => name));
    return namespaces.map(({ name }) => name).filter((name) => !homes.has(name));
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
        running.isWanted = false;
        this.#lastEvents.delete(running.id);
        kill(running.pid);
        running.child.kill('SIGKILL');
        await running.ended;
      }),
    );
  }

  /** A file system of limited size for each instance that has none yet. */
  async #layDisks(ids: readonly Id[]): Promise<void> {
    const fresh = ids.filter((id) => !this.#disks.has(id));
    if (fresh.length === 0) return;
    const { uid, settings, run } = this.#options;
    const size = settings.diskBytes ?? DEFAULT_DISK_BYTES;
    for (const id of fresh) mkdirSync(diskOf(id), { recursive: true });
    await run(fresh.map((id) => `mount -t tmpfs -o size=${size},mode=755,uid=${uid},gid=${uid} keiro ${diskOf(id)}`).join('\n'));
    for (const id of fresh) {
      this.#disks.add(id);
      for (const folder of [...OWN_FOLDERS, 'var/log', 'var/lib', 'var/lib/cloud', 'var/tmp', 'etc/ssh', 'etc/ssl'])
        this.#folder(join(diskOf(id), folder), 0o755);
      for (const folder of ['tmp', 'var/tmp']) this.#folder(join(diskOf(id), folder), 0o1777);
    }
  }

  #folder(path: string, mode: number): void {
    mkdirSync(path, { recursive: true });
    chmodOwn(path, mode, this.#options.uid);
  }

  #writeFiles(workload: Workload): void {
    const disk = diskOf(workload.id);
    const { uid, topology } = this.#options;
    const write = (path: string, text: string | Buffer, mode: number): void => {
      writeFileSync(path, text, { mode });
      chmodOwn(path, mode, uid);
    };
    const interfaces = [...topology.interfaces.values()].filter(({ attachment }) => attachment?.kind === 'instance' && attachment.id === workload.id); // prettier-ignore
    for (const [name, text] of Object.entries(settingsFiles(workload, interfaces))) write(join(disk, 'etc', name), text, 0o644);
    const home = join(disk, 'home', workload.loginName);
    if (!existsSync(home)) {
      this.#folder(home, 0o700);
      this.#folder(join(home, '.ssh'), 0o700);
      write(join(home, '.ssh', 'authorized_keys'), workload.authorizedKeys.map((line) => `${line}\n`).join(''), 0o600);
      if (workload.userData !== undefined) write(join(disk, 'var/lib/cloud/user-data'), Buffer.from(workload.userData, 'base64'), 0o600);
    }
  }

  async #make(workload: Workload): Promise<Sandbox> {
    this.#writeFiles(workload);
    const { uid, settings } = this.#options;
    const console = openSync(consoleOf(workload.id), 'w', 0o600);
    const filter = openSync(FILTER, 'r');
    const place = {
      hostName: workload.hostName,
      disk: diskOf(workload.id),
      shared: join(HOME, 'shared'),
      ...(existsSync(TRUST) ? { trust: TRUST } : {}),
      processes: settings.processes ?? DEFAULT_PROCESSES,
      blockFd: 3,
      infoFd: 4,
      filterFd: 5,
    };
    const bwrap = ['bwrap', ...sandboxArguments(place, this.#layout)];
    const [command = '', ...args] = uid === 0 ? bwrap : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', ...bwrap];
    const child = spawn(command, args, { env: toolEnvironment(), stdio: ['ignore', console, console, 'pipe', 'pipe', filter] });
    closeSync(console);
    closeSync(filter);
    const ended = new Promise<void>((resolve) => child.once('error', () => resolve()).once('exit', () => resolve()));
    const sandbox: Sandbox = { id: workload.id, boot: workload.boot, child, pid: 0, ended, isWanted: true };
    (child.stdio[3] as Writable).on('error', () => undefined); // it may end before it is let go
    sandbox.pid = await firstPid(child, ended);
    this.#running.set(workload.id, sandbox);
    this.#consoles.watch(workload.id, consoleOf(workload.id));
    child.once('exit', (status) => this.#ended(sandbox, status));
    if (child.exitCode !== null) this.#ended(sandbox, child.exitCode);
    return sandbox;
  }

  #ended(sandbox: Sandbox, status: number | null): void {
    if (this.#running.get(sandbox.id) !== sandbox) return;
    this.#running.delete(sandbox.id);
    this.#consoles.read(sandbox.id);
    if (!sandbox.isWanted) return;
    const how = status === HALT_STATUS ? 'halt' : status === REBOOT_STATUS ? 'reboot' : 'failed';
    this.#tell({ event: 'ended', instance: sandbox.id, boot: sandbox.boot, atMs: Date.now(), how });
  }

  #tell(event: FabricEvent): void {
    this.#lastEvents.set(event.instance, event);
    this.#options.tell(event);
  }
}

function chmodOwn(path: string, mode: number, uid: number): void {
  if (uid !== 0) chownSync(path, uid, uid);
  chmodSync(path, mode);
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

function hostLayout(): HostLayout {
  const links: Record<string, string> = {};
  const folders = ['/usr'];
  for (const name of ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32']) {
    const found = lstatSync(name, { throwIfNoEntry: false });
    if (found?.isSymbolicLink()) links[name] = readlinkSync(name);
    else if (found?.isDirectory()) folders.push(name);
  }
  return { links, folders };
}
