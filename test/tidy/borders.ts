/** Which room may import what: the table of ARCHITECTURE.md, and the check of a file against it. */
import { posix } from 'node:path';
import { importsOf } from '#test/tidy/imports.ts';

/** What a room may import beside itself. */
interface Border {
  /** Rooms; `*` is every one. */
  readonly rooms: readonly string[];
  /** Rooms of which only the public.ts files are open. */
  readonly publicOf?: readonly string[];
  /** npm packages that are there at run time. */
  readonly packages?: readonly string[];
  /** False where even Node's own modules would be an outside world. */
  readonly node?: false;
}

/** One row a room. A path under `src/`; the longest that fits is a file's room. */
export const borders: Readonly<Record<string, Border>> = {
  model: { rooms: [], node: false },
  engine: { rooms: ['model'], node: false },
  protocol: { rooms: [] },
  store: { rooms: [] },
  aws: { rooms: ['protocol', 'store', 'model'] },
  services: { rooms: ['aws', 'protocol', 'store', 'model', 'engine'], publicOf: ['services'] },
  reconcile: { rooms: ['aws', 'store', 'model', 'engine'], publicOf: ['services', 'dataplane'] },
  'dataplane/process': { rooms: [] },
  'dataplane/sandbox': { rooms: [] },
  'dataplane/fabric': { rooms: ['model', 'dataplane/process', 'dataplane/sandbox'], publicOf: ['dataplane/node', 'dataplane/balancer'] },
  'dataplane/balancer': { rooms: ['model', 'dataplane/process'] },
  'dataplane/dns': { rooms: ['model'] },
  'dataplane/metadata': { rooms: ['model'] },
  'dataplane/node': { rooms: ['model', 'dataplane/dns', 'dataplane/metadata', 'dataplane/process', 'dataplane/checker'] },
  'dataplane/checker': { rooms: ['model'] },
  'dataplane/gateway': { rooms: ['model'] },
  server: { rooms: ['*'], packages: ['pino', '@peculiar/x509', 'reflect-metadata'] },
  cli: { rooms: ['*'], packages: ['commander'] },
};

/** Packages whose types any room may use; nothing of them may be left at run time. */
const typesFrom = /^(@aws-sdk|@smithy)\//;
/** What tests beside the code, and what they share, may import too. */
const forTests = /^(vitest|fast-check|@aws-sdk\/.*|@smithy\/.*|#test\/.*)$/;
const isForTests = (path: string): boolean => /\.(test|fixture)\.ts$|\/(arbitraries|conformance[a-z-]*|test-[a-z-]+)\.ts$/.test(path);

export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

/** The room of a path under `src/`: each service is one, by its folder. Undefined when no row has it. */
export function roomOf(path: string): string | undefined {
  const parts = path.split('/');
  if (parts[0] !== 'src') return undefined;
  if (parts[1] === 'services') return parts.length > 3 ? `services/${parts[2]}` : undefined;
  const two = `${parts[1]}/${parts[2]}`;
  if (borders[two]) return two;
  return parts[1] !== undefined && borders[parts[1]] ? parts[1] : undefined;
}

/** The path in the repository that an import means; undefined for packages and Node's modules. */
export function pathOf(from: string, target: string): string | undefined {
  if (target.startsWith('#')) return target.startsWith('#test/') ? target.slice(1) : `src/${target.slice(1)}`;
  return target.startsWith('.') ? posix.join(posix.dirname(from), target) : undefined;
}

const rowOf = (room: string): string => (room.startsWith('services/') ? 'services' : room);
const rowFor = (room: string): Border => borders[rowOf(room)]!; // rooms come from roomOf, which only knows rows

function refusedRoom(room: string, target: string): string | undefined {
  const row = rowFor(room);
  if (target === 'package.json' && row.rooms.includes('*')) return undefined; // the version is there
  const other = roomOf(target);
  if (other === undefined) return `${target} is in no room of the table`;
  if (other === room) return undefined;
  if (row.rooms.includes('*') || row.rooms.includes(other)) return undefined;
  const isOpen = row.publicOf?.some((open) => other === open || other.startsWith(`${open}/`)) ?? false;
  if (isOpen && target.endsWith('/public.ts')) return undefined;
  return isOpen ? `${room} may import only public.ts of ${other}` : `${room} may not import ${other}`;
}

function refusedPackage(room: string, target: string, typeOnly: boolean): string | undefined {
  const row = rowFor(room);
  if (target.startsWith('node:')) return row.node === false && !typeOnly ? `${room} may not import Node's modules` : undefined;
  if (typesFrom.test(target)) return typeOnly ? undefined : `only types may come from ${target}`;
  return row.packages?.includes(target) ? undefined : `${room} may not import the package ${target}`;
}

function refused(room: string, target: string, inside: string | undefined, typeOnly: boolean): string | undefined {
  if (target === '?') return 'a computed import cannot be checked';
  return inside === undefined ? refusedPackage(room, target, typeOnly) : refusedRoom(room, inside);
}

/** What is wrong with the imports of a file. Tests beside the code keep the borders too. */
export function checkImports(path: string, source: string): Finding[] {
  const room = roomOf(path);
  if (room === undefined) return [{ path, line: 1, what: 'in no room of the table' }];
  const found: Finding[] = [];
  for (const { target, typeOnly, line } of importsOf(path, source)) {
    if (isForTests(path) && forTests.test(target)) continue;
    const what = refused(room, target, pathOf(path, target), typeOnly);
    if (what !== undefined) found.push({ path, line, what: `${target}: ${what}` });
  }
  return found;
}

/** Rooms that import each other, directly or round about, each cycle once as `a → b → a`. Type imports count: they tie as well. */
export function roomCycles(files: ReadonlyMap<string, string>): string[] {
  const edges = new Map<string, Set<string>>();
  for (const [path, source] of files) {
    const from = roomOf(path);
    if (from === undefined || isForTests(path)) continue;
    for (const { target } of importsOf(path, source)) {
      const to = roomOf(pathOf(path, target) ?? '');
      if (to === undefined || to === from) continue;
      edges.set(from, (edges.get(from) ?? new Set()).add(to));
    }
  }
  const cycles = new Map<string, string>();
  const follow = (room: string, trail: readonly string[]): void => {
    const seenAt = trail.indexOf(room);
    if (seenAt >= 0) {
      const cycle = trail.slice(seenAt);
      const key = [...cycle].sort().join();
      if (!cycles.has(key)) cycles.set(key, [...cycle, room].join(' → '));
      return;
    }
    for (const next of edges.get(room) ?? []) follow(next, [...trail, room]);
  };
  for (const room of edges.keys()) follow(room, []);
  return [...cycles.values()];
}
