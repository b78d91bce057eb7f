/**
 * The files of instances: a file system of limited size for each. Whoever lives there makes of them what he likes, links into the
 * host's files too, and the fabric follows none: it writes new files at names in folders that a sandbox cannot replace.
 */
import { chmodSync, chownSync, closeSync, fchmodSync, fchownSync, lchownSync, lstatSync, mkdirSync, openSync, renameSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { join } from 'node:path';
import type { Id, NetworkInterface } from '#model/topology.ts';
import type { Workload } from '#model/workload.ts';
import type { Run } from './apply.ts';
import { HOST_SETTINGS } from '#dataplane/sandbox/host-layout.ts';
import { FRESH_FOLDERS, OWN_FOLDERS, OWN_SETTINGS } from './sandbox-arguments.ts';
import { settingsFiles } from './sandbox-files.ts';

const DISKS = '/run/instances';
/** Where what is in the way is put: it is taken away at the next start. */
const DISPLACED = 'displaced';
/** Each takes about a kilobyte of the kernel's memory. */
const FILES_MAX = 65_536;

export const diskOf = (id: Id): string => join(DISKS, id);
export const consoleOf = (id: Id): string => join(diskOf(id), 'console');

export interface DisksOptions {
  readonly run: Run;
  /** Whose the files are, as the fabric counts. */
  readonly uid: number;
  readonly sizeBytes: number;
}

export class SandboxDisks {
  readonly #options: DisksOptions;
  readonly #known = new Set<Id>();
  /** Disks on which nobody has run yet. */
  readonly #blank = new Set<Id>();

  constructor(options: DisksOptions) {
    this.#options = options;
    mkdirSync(DISKS, { recursive: true });
  }

  ids(): readonly Id[] {
    return [...this.#known];
  }

  /** Makes them ready for a start of instances that do not run: new, or without what does not outlive a stop. */
  async lay(ids: readonly Id[]): Promise<void> {
    const { uid, run, sizeBytes } = this.#options;
    const fresh = ids.filter((id) => !this.#known.has(id));
    for (const id of fresh) mkdirSync(diskOf(id), { recursive: true });
    const options = `size=${sizeBytes},nr_inodes=${FILES_MAX},mode=755,uid=${uid},gid=${uid}`;
    const lines = ids.map((id) =>
      fresh.includes(id)
        ? `mount -t tmpfs -o ${options} keiro ${diskOf(id)}`
        : `rm -rf --one-file-system ${[...FRESH_FOLDERS, DISPLACED].map((name) => join(diskOf(id), name)).join(' ')}`,
    );
    await run(lines.join('\n'));
    for (const id of fresh) this.#furnish(id);
    for (const id of ids) {
      this.#folder(join(diskOf(id), DISPLACED), 0o700);
      this.#folder(join(diskOf(id), 'run'), 0o755);
      this.#folder(join(diskOf(id), 'shm'), 0o1777);
    }
  }

  /** Writes the files that are the fabric's to write. The disk is ready, and nobody runs on it. */
  write(workload: Workload, interfaces: readonly NetworkInterface[]): void {
    const disk = diskOf(workload.id);
    for (const [name, text] of Object.entries(settingsFiles(workload, interfaces))) this.#file(disk, join('etc', name), text, 0o644);
    for (const [path, isFolder] of BOUND) this.#clear(disk, path, isFolder);
    if (!this.#blank.delete(workload.id)) return;
    const home = join('home', workload.loginName);
    this.#folder(join(disk, home), 0o700);
    this.#folder(join(disk, home, '.ssh'), 0o700);
    this.#file(disk, join(home, '.ssh', 'authorized_keys'), workload.authorizedKeys.map((line) => `${line}\n`).join(''), 0o600);
    if (workload.userData === undefined) return;
    this.#file(disk, 'var/lib/cloud/user-data', Buffer.from(workload.userData, 'base64'), 0o600);
  }

  async remove(ids: readonly Id[]): Promise<void> {
    for (const id of ids) {
      this.#known.delete(id);
      this.#blank.delete(id);
    }
    await this.#options.run(ids.map((id) => `umount -l ${diskOf(id)}; rmdir ${diskOf(id)}`).join('\n'));
  }

  #furnish(id: Id): void {
    this.#known.add(id);
    this.#blank.add(id);
    const disk = diskOf(id);
    for (const folder of [...OWN_FOLDERS, 'var/log', 'var/lib', 'var/lib/cloud', 'etc/ssh', 'etc/ssl'])
      this.#folder(join(disk, folder), 0o755);
    for (const folder of ['tmp', 'var/tmp']) this.#folder(join(disk, folder), 0o1777);
    symlinkSync('/run', join(disk, 'var/run'));
    lchownSync(join(disk, 'var/run'), this.#options.uid, this.#options.uid);
  }

  /** Only where nobody could put a link: on a blank disk, or beside the folders that a sandbox sees. */
  #folder(path: string, mode: number): void {
    mkdirSync(path, { recursive: true });
    chownSync(path, this.#options.uid, this.#options.uid);
    chmodSync(path, mode);
  }

  /** A new file, whatever was there. */
  #file(disk: string, path: string, content: string | Buffer, mode: number): void {
    displace(disk, path);
    const file = openSync(join(disk, path), 'wx', mode); // refuses what is there, links too
    try {
      writeFileSync(file, content);
      fchownSync(file, this.#options.uid, this.#options.uid);
      fchmodSync(file, mode);
    } finally {
      closeSync(file);
    }
  }

  /** bubblewrap follows links at the places where it puts the host's files, and makes what is not there. */
  #clear(disk: string, path: string, isFolder: boolean): void {
    const steps = path.split('/');
    for (const at of steps.keys()) {
      const part = steps.slice(0, at + 1).join('/');
      const found = lstatSync(join(disk, part), { throwIfNoEntry: false });
      const isFine = at < steps.length - 1 || isFolder ? found?.isDirectory() : found?.isFile();
      if (found !== undefined && isFine !== true) displace(disk, part);
    }
  }
}

/** What of the host's settings, where it has them, is put onto a disk, and whether it is a folder. */
const BOUND: readonly (readonly [string, boolean])[] = [
  ...HOST_SETTINGS.flatMap((name) => {
    const found = statSync(join('/etc', name), { throwIfNoEntry: false });
    return found === undefined ? [] : [[join('etc', name), found.isDirectory()] as const]; // a pair
  }),
  ...OWN_SETTINGS.map((name) => [join('etc', name), false] as const), // a pair
];

let displacements = 0;

/** Takes what has this name out of the way, at the same cost however much it is. */
function displace(disk: string, path: string): void {
  const found = lstatSync(join(disk, path), { throwIfNoEntry: false });
  if (found === undefined) return;
  if (found.isDirectory()) renameSync(join(disk, path), join(disk, DISPLACED, `${displacements++}`));
  else unlinkSync(join(disk, path));
}
