/** Control groups: what a sandbox may take of the machine's memory, processes and time, where whoever starts it may say so. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface GroupLimits {
  readonly memoryBytes: number;
  readonly processes: number;
}

export interface ControlGroupsOptions {
  /** What each sandbox may take, unless `admit` says more of it. */
  readonly limits: GroupLimits;
  /** The process that starts the sandboxes, as the host counts: no two have the same. */
  readonly pid: number;
  /** Where the kernel's control groups are mounted. */
  readonly mount?: string;
  /** What `/proc/self/cgroup` says. */
  readonly membership?: string;
}

/** A folder for this process's groups, and what is written into each group of a sandbox, by file. */
interface Hierarchy {
  readonly top: string;
  readonly limits: (wanted: GroupLimits) => Readonly<Record<string, string>>;
  /** Where the memory of a group is told, and where it is stopped. */
  readonly has: readonly ('memory' | 'freezer')[];
  /** Written into the folder itself when it is made. */
  readonly own: Readonly<Record<string, string>>;
}

const CONTROLLERS = ['memory', 'pids', 'cpu', 'freezer'] as const;
type Controller = (typeof CONTROLLERS)[number];

/** All instances together weigh what two programs of the host do: a flood of processes leaves the others their time. */
const CPU_SHARES = 2_048;
/** The same in version 2, where a program has 100. */
const CPU_WEIGHT = 200;
/** Milliseconds between tries to remove a group whose last process is just leaving, and how many there are. */
const REMOVAL = { everyMs: 50, tries: 100 } as const;

const PREFIX = 'keiro-';
const NAME = /^keiro-\d+$/;

export class ControlGroups {
  readonly #hierarchies: readonly Hierarchy[];
  readonly #limits: GroupLimits;
  readonly limitsMemory: boolean;
  /** Whether `freeze` does anything. */
  readonly freezes: boolean;

  private constructor(hierarchies: readonly Hierarchy[], limits: GroupLimits) {
    this.#hierarchies = hierarchies;
    this.#limits = limits;
    this.limitsMemory = hierarchies.some(({ has }) => has.includes('memory'));
    this.freezes = hierarchies.some(({ has }) => has.includes('freezer'));
  }

  /** Finds out what may be used, and sweeps up what fabrics left there that were killed. */
  static open({ limits, pid, mount = '/sys/fs/cgroup', membership }: ControlGroupsOptions): ControlGroups {
    const own = pathsOf(membership ?? readText('/proc/self/cgroup'));
    const name = `${PREFIX}${pid}`;
    const found: Hierarchy[] = [];
    for (const controller of CONTROLLERS) {
      const hierarchy = versionOne(controller, own.get(controller), mount, name);
      if (hierarchy !== undefined) found.push(hierarchy);
    }
    const unified = found.length > 0 ? undefined : versionTwo(own.get(''), mount, name);
    const hierarchies = unified === undefined ? found : [unified];
    for (const { top } of hierarchies) sweep(dirname(top), name);
    return new ControlGroups(hierarchies, limits);
  }

  /** From now on what this process starts is limited with it. @param pid as the caller counts */
  admit(id: string, pid: number, limits: GroupLimits = this.#limits): void {
    for (const hierarchy of this.#hierarchies) {
      try {
        enter(hierarchy, id, pid, limits);
      } catch {
        tryTo(() => enter(hierarchy, id, pid, limits)); // another process that starts has just swept up the empty folder
      }
    }
  }

  /** Stops all that is in the group, or lets it go on. A stopped process of version 1 cannot be ended. */
  freeze(id: string, isFrozen: boolean): void {
    for (const { top, has } of this.#hierarchies) {
      if (!has.includes('freezer')) continue;
      if (!tryTo(() => writeExisting(join(top, id, 'freezer.state'), isFrozen ? 'FROZEN' : 'THAWED')))
        tryTo(() => writeExisting(join(top, id, 'cgroup.freeze'), isFrozen ? '1' : '0'));
    }
  }

  /** Memory that the group's processes have for themselves now, without files, bytes; undefined where it is not told. */
  memoryOf(id: string): number | undefined {
    for (const { top, has } of this.#hierarchies) {
      if (!has.includes('memory')) continue;
      const told = /^(?:total_rss|anon) (\d+)$/m.exec(readText(join(top, id, 'memory.stat')))?.[1];
      if (told !== undefined) return Number(told);
    }
    return undefined;
  }

  /** Whether the kernel ended something in the group because there was no memory left for it. */
  wasOutOfMemory(id: string): boolean {
    return this.#hierarchies.some(({ top, has }) => {
      if (!has.includes('memory')) return false;
      const told = readText(join(top, id, 'memory.oom_control')) || readText(join(top, id, 'memory.events'));
      return Number(/^oom_kill (\d+)$/m.exec(told)?.[1] ?? 0) > 0;
    });
  }

  /** Takes away the group of a sandbox that has ended. */
  dismiss(id: string): void {
    for (const { top } of this.#hierarchies) removeSoon(join(top, id), REMOVAL.tries);
  }

  /** Takes away all there is; whoever still runs keeps its group. */
  close(): void {
    for (const { top } of this.#hierarchies) removeTree(top);
  }
}

/** This process's own groups, by controller; version 2's is called ''. */
function pathsOf(membership: string): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const line of membership.split('\n')) {
    const [, names, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (names === undefined || path === undefined) continue;
    for (const name of names.split(',')) paths.set(name, path);
  }
  return paths;
}

function versionOne(controller: Controller, path: string | undefined, mount: string, name: string): Hierarchy | undefined {
  const root = join(mount, controller);
  if (path === undefined || !existsSync(join(root, 'cgroup.procs'))) return undefined;
  // In a container its own group may be what is mounted: then its path is not below.
  const parent = existsSync(join(root, path)) ? join(root, path) : root;
  const hierarchy = { top: join(parent, name), ...valuesOf(controller) };
  return tryTo(() => makeTop(hierarchy)) ? hierarchy : undefined;
}

function valuesOf(controller: Controller): Pick<Hierarchy, 'limits' | 'own' | 'has'> {
  switch (controller) {
    case 'memory':
      return {
        limits: ({ memoryBytes }) => ({ 'memory.limit_in_bytes': `${memoryBytes}`, 'memory.memsw.limit_in_bytes': `${memoryBytes}` }),
        own: {},
        has: ['memory'],
      };
    case 'pids':
      return { limits: ({ processes }) => ({ 'pids.max': `${processes}` }), own: {}, has: [] };
    case 'cpu':
      return { limits: () => ({}), own: { 'cpu.shares': `${CPU_SHARES}` }, has: [] };
    case 'freezer':
      return { limits: () => ({}), own: {}, has: ['freezer'] };
  }
}

/** The nearest folder upwards from this process's own that it may write to and that passes controllers on. */
function versionTwo(path: string | undefined, mount: string, name: string): Hierarchy | undefined {
  if (path === undefined || !existsSync(join(mount, 'cgroup.controllers'))) return undefined;
  const limits = ({ memoryBytes, processes }: GroupLimits): Record<string, string> => ({
    'memory.max': `${memoryBytes}`,
    'memory.swap.max': '0',
    'pids.max': `${processes}`,
  });
  const own = { 'cgroup.subtree_control': '+memory +pids', 'cpu.weight': `${CPU_WEIGHT}` };
  const start = existsSync(join(mount, path)) ? join(mount, path) : mount;
  for (let parent = start; parent.startsWith(mount); parent = dirname(parent)) {
    const hierarchy: Hierarchy = { top: join(parent, name), limits, own, has: ['memory', 'freezer'] };
    const passesOn = (): boolean => {
      if (!tryTo(() => makeTop(hierarchy))) return false;
      tryTo(() => writeExisting(join(hierarchy.top, 'cgroup.subtree_control'), '+cpu')); // not everybody is given it
      if (readText(join(hierarchy.top, 'cgroup.subtree_control')).includes('memory')) return true;
      tryTo(() => rmdirSync(hierarchy.top));
      return false;
    };
    if (passesOn()) return hierarchy;
    // Refused to a group that has processes of its own, unless it is the first of all.
    if (tryTo(() => writeFileSync(join(parent, 'cgroup.subtree_control'), '+memory +pids +cpu')) && passesOn()) return hierarchy;
  }
  return undefined;
}

function makeTop({ top, own }: Hierarchy): void {
  if (existsSync(top)) return;
  mkdirSync(top);
  for (const [file, value] of Object.entries(own)) tryTo(() => writeExisting(join(top, file), value));
}

function enter(hierarchy: Hierarchy, id: string, pid: number, limits: GroupLimits): void {
  makeTop(hierarchy);
  const group = join(hierarchy.top, id);
  mkdirSync(group, { recursive: true });
  for (const [file, value] of Object.entries(hierarchy.limits(limits))) tryTo(() => writeExisting(join(group, file), value));
  writeExisting(join(group, 'cgroup.procs'), `${pid}`);
}

/** Not every kernel has every file; none is to be made where a folder is only a folder. */
function writeExisting(path: string, value: string): void {
  writeFileSync(path, value, { flag: 'r+' });
}

function removeSoon(group: string, tries: number): void {
  if (!existsSync(group) || tryTo(() => rmdirSync(group)) || tries === 0) return;
  setTimeout(() => removeSoon(group, tries - 1), REMOVAL.everyMs).unref();
}

/** What no process is in any more goes, whoever made it; the kernel refuses the rest. */
function sweep(parent: string, own: string): void {
  for (const name of foldersIn(parent)) if (NAME.test(name) && name !== own) removeTree(join(parent, name));
}

function removeTree(top: string): void {
  for (const name of foldersIn(top)) tryTo(() => rmdirSync(join(top, name)));
  tryTo(() => rmdirSync(top));
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function tryTo(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
