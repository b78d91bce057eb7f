/** What the parts of the conformance suite share: tables, partitions, and a store that is open during each test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { Store } from '#store/store.ts';
import { defineTable } from '#store/table.ts';

export interface StoreUnderTest {
  readonly name: string;
  /** Opens the store of a directory that the suite makes and takes away; with `checks` on. */
  readonly open: (directory: string) => Promise<Store>;
  /** Whether a store that is closed and opened again has its records. */
  readonly isKept: boolean;
}

export interface Fruit {
  readonly id: string;
  readonly colour?: string;
  readonly tags?: readonly string[];
  readonly weight?: number;
}

export const fruits = defineTable<Fruit>()('test.fruit', { colour: (fruit) => fruit.colour, tag: (fruit) => fruit.tags });
export const crates = defineTable<{ readonly id: string }>()('test.crate');
export const tokyo = { account: '111111111111', region: 'ap-northeast-1' };
export const oregon = { account: '111111111111', region: 'us-west-2' };
export const elsewhere = { account: '222222222222', region: 'us-west-2' };

/** The store of the running test. */
export interface OpenStore {
  readonly store: Store;
  readonly isKept: boolean;
  put(...records: readonly Fruit[]): Promise<void>;
  /** Ids of all fruits in Tokyo. */
  all(): string[];
  /** Closes the store and opens it again. */
  reopen(): Promise<void>;
}

export function useStore({ open, isKept }: StoreUnderTest): OpenStore {
  let directory: string;
  let store: Store;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'keiro-store-'));
    store = await open(directory);
  });
  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    get store() {
      return store;
    },
    isKept,
    put: (...records) => store.transact(tokyo, (tx) => records.forEach((record) => tx.put(fruits, record))),
    all: () => ids(store.reader(tokyo).list(fruits)),
    async reopen() {
      await store.close();
      store = await open(directory);
    },
  };
}

export function ids(records: Iterable<{ readonly id: string }>): string[] {
  return [...records].map((record) => record.id);
}
