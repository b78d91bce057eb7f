/** The tree of an instance's metadata out of its leaves: what is at a path, and what a folder lists. */
import type { Metadata } from '#model/workload.ts';

type Leaves = Metadata['tree'];

interface Index {
  readonly leaves: ReadonlyMap<string, string>;
  /** Listings by the folder's path without its last slash; `` is the top. */
  readonly listings: ReadonlyMap<string, string>;
  /** When the tree was first asked for: AWS tells when data last changed. */
  readonly sinceMs: number;
}

/** A tree is immutable and asked many times; a changed one is another object. */
const indexes = new WeakMap<Leaves, Index>();

export interface Found {
  readonly text: string;
  readonly sinceMs: number;
}

/**
 * What is at a path (without slash at either end): the leaf, or the listing of the folder.
 * @param asFolder the path was asked with a slash behind it: where a leaf and a folder share a name, it means the folder
 */
export function findInTree(tree: Leaves, path: string, asFolder: boolean, nowMs: number): Found | undefined {
  const { leaves, listings, sinceMs } = indexOf(tree, nowMs);
  const [leaf, listing] = [leaves.get(path), listings.get(path)];
  // AWS answers a leaf that is asked with a slash, and a folder that is asked without one, without a redirect.
  const text = asFolder ? (listing ?? leaf) : (leaf ?? listing);
  return text === undefined ? undefined : { text, sinceMs };
}

function indexOf(tree: Leaves, nowMs: number): Index {
  let index = indexes.get(tree);
  if (!index) indexes.set(tree, (index = makeIndex(tree, nowMs)));
  return index;
}

function makeIndex(tree: Leaves, sinceMs: number): Index {
  const leaves = new Map<string, string>();
  const told = new Map<string, string>();
  const folders = new Map<string, Set<string>>();
  for (const [path, text] of Object.entries(tree)) {
    const isListing = path.endsWith('/');
    if (isListing) told.set(path.slice(0, -1), text);
    else leaves.set(path, text);
    enter(folders, path);
  }
  const made = [...folders].map(([folder, names]) => [folder, [...names].sort(byName).join('\n')] as const);
  return { leaves, listings: new Map([...made, ...told]), sinceMs };
}

/** Enters a leaf, or with a slash at the end a folder, into every folder above it. */
function enter(folders: Map<string, Set<string>>, path: string): void {
  let slash = path.lastIndexOf('/', path.length - 2);
  let name = path.slice(slash + 1);
  for (;;) {
    const folder = slash < 0 ? '' : path.slice(0, slash);
    const names = folders.get(folder) ?? new Set<string>();
    folders.set(folder, names.add(name));
    if (slash < 0) return;
    const above = path.lastIndexOf('/', slash - 1);
    name = path.slice(above + 1, slash + 1);
    slash = above;
  }
}

/** AWS lists by name; the slash of a folder is none of it. */
function byName(a: string, b: string): number {
  const [left, right] = [a.replace('/', ''), b.replace('/', '')];
  return left < right ? -1 : left > right ? 1 : 0;
}
