/** What tests of a store's files share: a data directory that comes and goes with each test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { fruits, ids, tokyo } from '#store/conformance-setup.ts';
import { openStore } from '#store/open.ts';
import type { Store } from '#store/store.ts';

let directory = '';

/** Call at the top of a test file. */
export function useDirectory(): void {
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'keiro-open-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
}

/** A path in the test's own directory. */
export function inDirectory(name: string): string {
  return join(directory, name);
}

/** The data directory; nobody has made it. */
export function data(): string {
  return inDirectory('data');
}

/** The store's main file. */
export function file(): string {
  return join(data(), 'store.db');
}

export function open(): Promise<Store> {
  return openStore({ directory: data(), checks: true });
}

export function put(store: Store, ...names: readonly string[]): Promise<void> {
  return store.transact(tokyo, (tx) => names.forEach((id) => tx.put(fruits, { id })));
}

export function idsIn(store: Store): string[] {
  return ids(store.reader(tokyo).list(fruits));
}

/** Arguments for Node to run a program that has `openStore` and `data` at hand. */
export function program(source: string): string[] {
  const head = `const { openStore } = await import(${JSON.stringify(import.meta.resolve('#store/open.ts'))}); const data = ${JSON.stringify(data())};`;
  return ['--input-type=module', '--eval', `${head}\n${source}`];
}
