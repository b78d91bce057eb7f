/** The conformance suite: what transactions do. */
import { describe, expect, test } from 'vitest';
import { crates, elsewhere, fruits, ids, oregon, tokyo } from '#store/conformance-setup.ts';
import type { Fruit, OpenStore } from '#store/conformance-setup.ts';

export function testTransactions(on: OpenStore): void {
  const { put, all, reopen } = on;
  describe('transactions', () => {
    test('give back what the work returns, and see their own writes', async () => {
      const seen = await on.store.transact(tokyo, (tx) => {
        tx.put(fruits, { id: 'apple', colour: 'red' });
        return [tx.get(fruits, 'apple'), tx.count(fruits), tx.find(fruits, 'colour', 'red').length, tx.get(fruits, 'pear')];
      });
      expect(seen).toEqual([{ id: 'apple', colour: 'red' }, 1, 1, undefined]);
    });

    test('take back every write when the work throws', async () => {
      await put({ id: 'apple', colour: 'red' }, { id: 'pear', colour: 'green' }, { id: 'plum', colour: 'blue' });
      const { version } = on.store;
      const failing = on.store.transact(tokyo, (tx) => {
        tx.put(fruits, { id: 'apple', colour: 'green' });
        tx.delete(fruits, 'pear');
        tx.put(fruits, { id: 'cherry', colour: 'red' });
        tx.delete(fruits, 'plum');
        tx.put(fruits, { id: 'plum', colour: 'green' });
        tx.in(elsewhere).put(crates, { id: 'box' });
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect([...on.store.reader(tokyo).list(fruits)]).toEqual([
        { id: 'apple', colour: 'red' },
        { id: 'pear', colour: 'green' },
        { id: 'plum', colour: 'blue' },
      ]);
      expect(ids(on.store.reader(tokyo).find(fruits, 'colour', 'red'))).toEqual(['apple']);
      expect(ids(on.store.reader(tokyo).find(fruits, 'colour', 'green'))).toEqual(['pear']);
      expect(on.store.reader(elsewhere).count(crates)).toBe(0);
      expect(on.store.version).toBe(version);
    });

    test('take back every write of a dry run, and give back its result', async () => {
      await put({ id: 'apple' });
      const result = await on.store.transact(
        tokyo,
        (tx) => {
          tx.delete(fruits, 'apple');
          tx.put(fruits, { id: 'pear' });
          return ids(tx.list(fruits));
        },
        { dryRun: true },
      );
      expect(result).toEqual(['pear']);
      expect(all()).toEqual(['apple']);
      await reopen();
      expect(all()).toEqual(on.isKept ? ['apple'] : []);
    });

    test('are seen at once by readers and by later transactions, before they are durable', async () => {
      const first = put({ id: 'apple' });
      expect(all()).toEqual(['apple']);
      const second = on.store.transact(tokyo, (tx) => tx.count(fruits));
      await expect(Promise.all([first, second])).resolves.toEqual([undefined, 1]);
    });

    test('resolve in the order in which they were called', async () => {
      const order: number[] = [];
      const calls = [0, 1, 2, 3, 4].map((n) =>
        on.store
          .transact(tokyo, (tx) => {
            if (n % 2 === 0) tx.put(fruits, { id: `fruit-${n}` });
          })
          .then(() => order.push(n)),
      );
      await Promise.all(calls);
      expect(order).toEqual([0, 1, 2, 3, 4]);
    });

    test('count a version only for what changed', async () => {
      const { version } = on.store;
      await put({ id: 'apple' });
      await on.store.transact(tokyo, (tx) => tx.get(fruits, 'apple'));
      await on.store.transact(tokyo, (tx) => {
        tx.put(fruits, { id: 'pear' });
        tx.delete(fruits, 'pear');
        tx.delete(fruits, 'none');
      });
      expect(on.store.version).toBe(version + 1);
    });

    test('cannot be nested', async () => {
      const nested = on.store.transact(tokyo, (tx) => {
        tx.put(fruits, { id: 'apple' });
        void on.store.transact(tokyo, () => undefined);
      });
      await expect(nested).rejects.toThrow('store: transact must not be called inside a transaction: use `in` of the running one');
      expect(all()).toEqual([]);
      await put({ id: 'pear' });
      expect(all()).toEqual(['pear']);
    });

    test('must be synchronous', async () => {
      const asynchronous = on.store.transact(tokyo, async (tx) => {
        tx.put(fruits, { id: 'apple' });
        await Promise.resolve();
      });
      await expect(asynchronous).rejects.toThrow('store: the work of a transaction must be synchronous');
      expect(all()).toEqual([]);
    });

    test('cannot be used after their end', async () => {
      const kept = await on.store.transact(tokyo, (tx) => tx);
      const ended = 'store: the transaction has ended';
      expect(() => kept.put(fruits, { id: 'apple' })).toThrow(ended);
      expect(() => kept.delete(fruits, 'apple')).toThrow(ended);
      expect(() => kept.get(fruits, 'apple')).toThrow(ended);
      expect(() => kept.in(oregon)).toThrow(ended);
      expect(on.store.reader(tokyo)).not.toHaveProperty('put');
    });

    test('refuse what JSON cannot hold, naming the member, and freeze what they hold', async () => {
      const wrong = (record: object) => on.store.transact(tokyo, (tx) => tx.put(fruits, record as Fruit)); // wrong on purpose
      const circle: { id: string; self?: unknown } = { id: 'a' };
      circle.self = circle;
      await expect(wrong({ id: 'a', made: new Date(0) })).rejects.toThrow('test.fruit a.made is an instance of a class');
      await expect(wrong({ id: 'a', list: [1, undefined] })).rejects.toThrow('test.fruit a.list[1] is a undefined');
      await expect(wrong({ id: 'a', deep: { run: () => 1 } })).rejects.toThrow('test.fruit a.deep.run is a function');
      await expect(wrong({ id: 'a', weight: Number.NaN })).rejects.toThrow('test.fruit a.weight is NaN');
      await expect(wrong({ id: 'a', big: 1n })).rejects.toThrow('test.fruit a.big is a bigint');
      await expect(wrong(circle)).rejects.toThrow('nests deeper than 64 levels, or holds itself');
      await expect(wrong({ id: '' })).rejects.toThrow('a record of test.fruit needs an id');
      await put({ id: 'apple', colour: undefined, tags: ['fresh'] }); // an undefined field is allowed, and gone after a restart
      expect(Object.isFrozen(on.store.reader(tokyo).get(fruits, 'apple')?.tags)).toBe(true);
    });
  });
}
