/** The conformance suite: what listeners hear, resets and closing. */
import { describe, expect, test } from 'vitest';
import { crates, fruits, ids, oregon, tokyo } from '#store/conformance-setup.ts';
import type { OpenStore } from '#store/conformance-setup.ts';
import type { Commit } from '#store/store.ts';

export function testCommits(on: OpenStore): void {
  const { put, all, reopen } = on;
  describe('commits', () => {
    test('are told in order, in the same turn, with what was before and after', async () => {
      const heard: Commit[] = [];
      const stop = on.store.subscribe((commit) => heard.push(commit));
      const { version } = on.store;
      const first = put({ id: 'apple' }, { id: 'pear' });
      const second = on.store.transact(tokyo, (tx) => {
        tx.put(fruits, { id: 'apple', weight: 1 });
        tx.put(fruits, { id: 'apple', weight: 2 });
        tx.in(oregon).put(fruits, { id: 'plum' });
        tx.delete(fruits, 'pear');
      });
      const told = heard.map((commit) => [commit.version, commit.changes.map(({ id, before, after }) => [id, before, after])]);
      expect(told).toEqual([
        [
          version + 1,
          [
            ['apple', undefined, { id: 'apple' }],
            ['pear', undefined, { id: 'pear' }],
          ],
        ],
        [
          version + 2,
          [
            ['apple', { id: 'apple' }, { id: 'apple', weight: 2 }],
            ['plum', undefined, { id: 'plum' }],
            ['pear', { id: 'pear' }, undefined],
          ],
        ],
      ]);
      expect(heard[1]?.changes[1]).toMatchObject({ partition: oregon, table: 'test.fruit' });
      await Promise.all([first, second]);
      stop();
      await put({ id: 'cherry' });
      expect(heard).toHaveLength(2);
    });

    test('of a listener are told after the one that it heard of', async () => {
      const heard: number[] = [];
      let answer: Promise<void> | undefined;
      on.store.subscribe(() => {
        answer ??= put({ id: 'echo' });
      });
      on.store.subscribe((commit) => heard.push(commit.version));
      const { version } = on.store;
      await put({ id: 'apple' });
      await answer;
      expect(heard).toEqual([version + 1, version + 2]);
    });

    test('are not told when nothing was written or all was taken back', async () => {
      let heard = 0;
      on.store.subscribe(() => heard++);
      await on.store.transact(tokyo, (tx) => tx.put(fruits, { id: 'a' }), { dryRun: true });
      await on.store.transact(tokyo, (tx) => tx.count(fruits));
      await expect(on.store.transact(tokyo, () => Promise.reject(new Error('late')))).rejects.toThrow('synchronous');
      expect(heard).toBe(0);
    });
  });

  describe('reset', () => {
    test('forgets every record, tells the listeners, and goes on', async () => {
      await put({ id: 'apple', colour: 'red' });
      await on.store.transact(oregon, (tx) => tx.put(crates, { id: 'box' }));
      const heard: Commit[] = [];
      on.store.subscribe((commit) => heard.push(commit));
      const { version } = on.store;
      const pending = put({ id: 'pear' });
      const resetting = on.store.reset();
      expect(on.store.reader(tokyo).partitions()).toEqual([]);
      const later = put({ id: 'plum', colour: 'red' });
      await Promise.all([pending, resetting, later]);
      expect(heard.map((commit) => commit.version)).toEqual([version + 1, version + 2, version + 3]);
      expect(heard[1]?.changes.map(({ id, before, after }) => [id, before?.id, after])).toEqual([
        ['apple', 'apple', undefined],
        ['pear', 'pear', undefined],
        ['box', 'box', undefined],
      ]);
      expect(ids(on.store.reader(tokyo).find(fruits, 'colour', 'red'))).toEqual(['plum']);
      await reopen();
      expect(all()).toEqual(on.isKept ? ['plum'] : []);
    });

    test('and compact cannot be called inside a transaction', async () => {
      const inside = on.store.transact(tokyo, () => void on.store.reset());
      await expect(inside).rejects.toThrow('store: reset must not be called inside a transaction');
      let compacting: Promise<void> | undefined;
      await on.store.transact(tokyo, () => void (compacting = on.store.compact()));
      await expect(compacting).rejects.toThrow('store: compact must not be called inside a transaction');
    });
  });

  describe('closing', () => {
    test('waits for what is pending, and refuses what comes after', async () => {
      const pending = put({ id: 'apple' });
      const closing = on.store.close();
      await expect(put({ id: 'pear' })).rejects.toMatchObject({ code: 'Closed' });
      await Promise.all([pending, closing]);
      await expect(on.store.reset()).rejects.toMatchObject({ code: 'Closed' });
      await expect(on.store.compact()).rejects.toMatchObject({ code: 'Closed' });
      await on.store.close();
    });
  });
}
