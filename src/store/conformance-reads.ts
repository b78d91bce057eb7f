/** The conformance suite: what readers see. */
import { describe, expect, test } from 'vitest';
import { crates, elsewhere, fruits, ids, oregon, tokyo } from '#store/conformance-setup.ts';
import type { Fruit, OpenStore } from '#store/conformance-setup.ts';
import { defineTable } from '#store/table.ts';

export function testReads(on: OpenStore): void {
  const { put, all } = on;
  describe('reads', () => {
    test('list in the order of creation, which an update does not change', async () => {
      await put({ id: 'c' }, { id: 'a' }, { id: 'b' });
      await put({ id: 'c', weight: 2 });
      expect(all()).toEqual(['c', 'a', 'b']);
      await on.store.transact(tokyo, (tx) => tx.delete(fruits, 'c'));
      await put({ id: 'c' });
      expect(all()).toEqual(['a', 'b', 'c']);
    });

    test('go on behind a sequence number, also when its record is gone', async () => {
      await put(...Array.from({ length: 100 }, (_, n) => ({ id: `fruit-${n}` })));
      const reader = on.store.reader(tokyo);
      const at = reader.sequenceOf(fruits, 'fruit-42') ?? 0;
      expect(ids(reader.list(fruits, at)).slice(0, 2)).toEqual(['fruit-43', 'fruit-44']);
      await on.store.transact(tokyo, (tx) => {
        for (let n = 0; n < 90; n++) tx.delete(fruits, `fruit-${n}`);
      });
      expect(ids(reader.list(fruits, at))).toEqual(Array.from({ length: 10 }, (_, n) => `fruit-${n + 90}`));
      expect(ids(reader.list(fruits, Number.MAX_SAFE_INTEGER))).toEqual([]);
      expect(reader.sequenceOf(fruits, 'fruit-42')).toBeUndefined();
    });

    test('may delete and insert while they list', async () => {
      await put({ id: 'a' }, { id: 'b' }, { id: 'c' });
      await on.store.transact(tokyo, (tx) => {
        for (const { id } of tx.list(fruits)) {
          tx.delete(fruits, id);
          tx.put(fruits, { id: `${id}2` });
        }
      });
      expect(all()).toEqual(['a2', 'b2', 'c2']);
    });

    test('find by every key of an index, in the order of creation', async () => {
      await put({ id: 'a', tags: ['x', 'y'] }, { id: 'b', tags: ['y', 'y'] }, { id: 'c', colour: 'red' });
      const find = (tag: string) => ids(on.store.reader(tokyo).find(fruits, 'tag', tag));
      expect([find('x'), find('y'), find('z')]).toEqual([['a'], ['a', 'b'], []]);
      await put({ id: 'a', tags: ['z'] }, { id: 'c', tags: ['y'] });
      expect([find('x'), find('y'), find('z')]).toEqual([[], ['b', 'c'], ['a']]);
      await put({ id: 'a', tags: ['y'] });
      expect(find('y')).toEqual(['a', 'b', 'c']);
      await on.store.transact(tokyo, (tx) => tx.delete(fruits, 'b'));
      expect(find('y')).toEqual(['a', 'c']);
    });

    test('keep partitions apart, and reach them from one transaction', async () => {
      await on.store.transact(tokyo, (tx) => {
        tx.put(fruits, { id: 'apple' });
        tx.in(oregon).put(fruits, { id: 'pear' });
        tx.in(elsewhere).in(oregon).put(crates, { id: 'box' });
        expect(tx.in(tokyo).count(fruits)).toBe(1);
        expect(tx.in(oregon).get(fruits, 'apple')).toBeUndefined();
      });
      const reader = on.store.reader(elsewhere);
      expect(reader.partitions()).toEqual([tokyo, oregon]);
      expect([reader.count(crates), reader.in(oregon).count(crates), reader.in(oregon).count(fruits)]).toEqual([0, 1, 1]);
      await on.store.transact(tokyo, (tx) => tx.delete(fruits, 'apple'));
      expect(reader.partitions()).toEqual([oregon]);
    });

    test('refuse an index that the table lacks, and a table declared twice', async () => {
      await put({ id: 'apple', colour: 'red' });
      const reader = on.store.reader(tokyo);
      expect(() => reader.find(fruits, 'size' as 'colour', 'big')).toThrow('store: table test.fruit has no index size'); // wrong on purpose
      expect(reader.find(fruits, 'colour', 'red')).toHaveLength(1);
      const twin = defineTable<Fruit>()('test.fruit', { colour: (fruit) => fruit.id });
      expect(() => reader.find(twin, 'colour', 'red')).toThrow('store: table test.fruit is declared twice, with another index colour');
    });
  });
}
