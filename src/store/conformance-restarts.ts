/** The conformance suite: what a store that is opened again holds. */
import { describe, expect, test } from 'vitest';
import { crates, fruits, ids, oregon, tokyo } from '#store/conformance-setup.ts';
import type { OpenStore } from '#store/conformance-setup.ts';

export function testRestarts(on: OpenStore): void {
  const { put, all, reopen } = on;
  describe('restarts', () => {
    test('keep records, order, sequence numbers, indexes and the version', async () => {
      await put({ id: 'c', colour: 'red' }, { id: 'a', colour: 'red' }, { id: 'b' });
      await on.store.transact(tokyo, (tx) => {
        tx.put(fruits, { id: 'c', colour: 'red', weight: 1 });
        tx.delete(fruits, 'b');
        tx.in(oregon).put(crates, { id: '経路 🚏 "\n\u2028' });
      });
      const before = [on.store.version, on.store.reader(tokyo).sequenceOf(fruits, 'a')];
      await reopen();
      const reader = on.store.reader(tokyo);
      expect([...reader.list(fruits)]).toEqual([
        { id: 'c', colour: 'red', weight: 1 },
        { id: 'a', colour: 'red' },
      ]);
      expect(ids(reader.find(fruits, 'colour', 'red'))).toEqual(['c', 'a']);
      expect(ids(reader.in(oregon).list(crates))).toEqual(['経路 🚏 "\n\u2028']);
      expect([on.store.version, reader.sequenceOf(fruits, 'a')]).toEqual(before);
    });

    test('never give a sequence number again, also after a compaction', async () => {
      await put({ id: 'a' }, { id: 'b' });
      const last = on.store.reader(tokyo).sequenceOf(fruits, 'b') ?? Number.NaN;
      await on.store.transact(tokyo, (tx) => tx.delete(fruits, 'b'));
      await on.store.compact();
      await reopen();
      await put({ id: 'c' });
      expect(on.store.reader(tokyo).sequenceOf(fruits, 'c')).toBeGreaterThan(last);
    });

    test('find a compacted store with what came while it was written and after it', async () => {
      await put(...Array.from({ length: 3_000 }, (_, n) => ({ id: `fruit-${n}`, colour: `colour ${n % 7} ${'-'.repeat(200)}` })));
      const compacting = on.store.compact();
      const meanwhile: Promise<void>[] = [];
      for (let n = 0; n < 30; n++) {
        meanwhile.push(
          on.store.transact(tokyo, (tx) => {
            tx.delete(fruits, `fruit-${n * 100}`);
            tx.put(fruits, { id: `fruit-${n * 100 + 1}`, weight: n });
            tx.put(fruits, { id: `late-${n}` });
          }),
        );
        await new Promise((resolve) => setImmediate(resolve)); // lets the compaction go on a slice
      }
      await Promise.all([compacting, ...meanwhile]);
      await put({ id: 'after' });
      const expected = [...on.store.reader(tokyo).list(fruits)];
      expect(expected).toHaveLength(3_001);
      await reopen();
      expect([...on.store.reader(tokyo).list(fruits)]).toEqual(expected);
      await on.store.compact();
      await on.store.compact();
      await reopen();
      expect([...on.store.reader(tokyo).list(fruits)]).toEqual(expected);
    });

    test('find nothing after a reset that interrupts a compaction', async () => {
      await put(...Array.from({ length: 3_000 }, (_, n) => ({ id: `fruit-${n}`, colour: '-'.repeat(200) })));
      const compacting = on.store.compact();
      await new Promise((resolve) => setImmediate(resolve));
      await Promise.all([compacting, on.store.reset()]);
      await put({ id: 'new' });
      await reopen();
      expect(all()).toEqual(['new']);
    });
  });
}
