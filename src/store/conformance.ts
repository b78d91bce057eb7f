/** What every store must do, whatever keeps its data: each driver's test runs this suite. */
import { describe } from 'vitest';
import { testCommits } from '#store/conformance-commits.ts';
import { testReads } from '#store/conformance-reads.ts';
import { testRestarts } from '#store/conformance-restarts.ts';
import { useStore } from '#store/conformance-setup.ts';
import type { StoreUnderTest } from '#store/conformance-setup.ts';
import { testTransactions } from '#store/conformance-transactions.ts';

export function testStore(store: StoreUnderTest): void {
  describe(`${store.name}: a store`, () => {
    const on = useStore(store);
    testTransactions(on);
    testReads(on);
    testCommits(on);
    if (store.isKept) testRestarts(on);
  });
}
