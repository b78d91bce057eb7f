/** What every store must do, whatever keeps its data: each driver's test runs this suite. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Commit, Store } from '#store/store.ts';
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
const crates = defineTable<{ readonly id: string }>()('test.crate');
export const tokyo = { account: '111111111111', region: 'ap-northeast-1' };
const oregon = { account: '111111111111', region: 'us-west-2' };
const elsewhere = { account: '222222222222', region: 'us-west-2' };

export function testStore({ name, open, isKept }: StoreUnderTest): void {
  describe(`${name}: a store`, () => {
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

    const put = (...records: readonly Fruit[]) => store.transact(tokyo, (tx) => records.forEach((record) => tx.put(fruits, record)));
    const ids = (records: Iterable<{ readonly id: string }>) => [...records].map((record) => record.id);
    const all = () => ids(store.reader(tokyo).list(fruits));
    const reopen = async () => {
      await store.close();
      store = await open(directory);
    };

    describe('transactions', () => {
      test('give back what the work returns, and see their own writes', async () => {
        const seen = await store.transact(tokyo, (tx) => {
          tx.put(fruits, { id: 'apple', colour: 'red' });
          return [tx.get(fruits, 'apple'), tx.count(fruits), tx.find(fruits, 'colour', 'red').length, tx.get(fruits, 'pear')];
        });
        expect(seen).toEqual([{ id: 'apple', colour: 'red' }, 1, 1, undefined]);
      });

      test('take back every write when the work throws', async () => {
        await put({ id: 'apple', colour: 'red' }, { id: 'pear', colour: 'green' }, { id: 'plum', colour: 'blue' });
        const { version } = store;
        const failing = store.transact(tokyo, (tx) => {
          tx.put(fruits, { id: 'apple', colour: 'green' });
          tx.delete(fruits, 'pear');
          tx.put(fruits, { id: 'cherry', colour: 'red' });
          tx.delete(fruits, 'plum');
          tx.put(fruits, { id: 'plum', colour: 'green' });
          tx.in(elsewhere).put(crates, { id: 'box' });
          throw new Error('no');
        });
        await expect(failing).rejects.toThrow('no');
        expect([...store.reader(tokyo).list(fruits)]).toEqual([
          { id: 'apple', colour: 'red' },
          { id: 'pear', colour: 'green' },
          { id: 'plum', colour: 'blue' },
        ]);
        expect(ids(store.reader(tokyo).find(fruits, 'colour', 'red'))).toEqual(['apple']);
        expect(ids(store.reader(tokyo).find(fruits, 'colour', 'green'))).toEqual(['pear']);
        expect(store.reader(elsewhere).count(crates)).toBe(0);
        expect(store.version).toBe(version);
      });

      test('take back every write of a dry run, and give back its result', async () => {
        await put({ id: 'apple' });
        const result = await store.transact(
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
        expect(all()).toEqual(isKept ? ['apple'] : []);
      });

      test('are seen at once by readers and by later transactions, before they are durable', async () => {
        const first = put({ id: 'apple' });
        expect(all()).toEqual(['apple']);
        const second = store.transact(tokyo, (tx) => tx.count(fruits));
        await expect(Promise.all([first, second])).resolves.toEqual([undefined, 1]);
      });

      test('resolve in the order in which they were called', async () => {
        const order: number[] = [];
        const calls = [0, 1, 2, 3, 4].map((n) =>
          store
            .transact(tokyo, (tx) => {
              if (n % 2 === 0) tx.put(fruits, { id: `fruit-${n}` });
            })
            .then(() => order.push(n)),
        );
        await Promise.all(calls);
        expect(order).toEqual([0, 1, 2, 3, 4]);
      });

      test('count a version only for what changed', async () => {
        const { version } = store;
        await put({ id: 'apple' });
        await store.transact(tokyo, (tx) => tx.get(fruits, 'apple'));
        await store.transact(tokyo, (tx) => {
          tx.put(fruits, { id: 'pear' });
          tx.delete(fruits, 'pear');
          tx.delete(fruits, 'none');
        });
        expect(store.version).toBe(version + 1);
      });

      test('cannot be nested', async () => {
        const nested = store.transact(tokyo, (tx) => {
          tx.put(fruits, { id: 'apple' });
          void store.transact(tokyo, () => undefined);
        });
        await expect(nested).rejects.toThrow('store: transact must not be called inside a transaction: use `in` of the running one');
        expect(all()).toEqual([]);
        await put({ id: 'pear' });
        expect(all()).toEqual(['pear']);
      });

      test('must be synchronous', async () => {
        const asynchronous = store.transact(tokyo, async (tx) => {
          tx.put(fruits, { id: 'apple' });
          await Promise.resolve();
        });
        await expect(asynchronous).rejects.toThrow('store: the work of a transaction must be synchronous');
        expect(all()).toEqual([]);
      });

      test('cannot be used after their end', async () => {
        const kept = await store.transact(tokyo, (tx) => tx);
        const ended = 'store: the transaction has ended';
        expect(() => kept.put(fruits, { id: 'apple' })).toThrow(ended);
        expect(() => kept.delete(fruits, 'apple')).toThrow(ended);
        expect(() => kept.get(fruits, 'apple')).toThrow(ended);
        expect(() => kept.in(oregon)).toThrow(ended);
        expect(store.reader(tokyo)).not.toHaveProperty('put');
      });

      test('refuse what JSON cannot hold, naming the member, and freeze what they hold', async () => {
        const wrong = (record: object) => store.transact(tokyo, (tx) => tx.put(fruits, record as Fruit)); // wrong on purpose
        const circle: { id: string; self?: unknown } = { id: 'a' };
        circle.self = circle;
        await expect(wrong({ id: 'a', made: new Date(0) })).rejects.toThrow('test.fruit a.made is an instance of a class');
        await expect(wrong({ id: 'a', list: [1, undefined] })).rejects.toThrow('test.fruit a.list[1] is a undefined');
        await expect(wrong({ id: 'a', deep: { run: () => 1 } })).rejects.toThrow('test.fruit a.deep.run is a function');
        await expect(wrong({ id: 'a', weight: Number.NaN })).rejects.toThrow('test.fruit a.weight is NaN');
        await expect(wrong({ id: 'a', big: 1n })).rejects.toThrow('test.fruit a.big is a bigint');
        await expect(wrong(circle)).rejects.toThrow('nests deeper than 64 levels, or holds itself');
        await expect(wrong({ id: '' })).rejects.toThrow('a record of test.fruit needs an id');
        await put({ id: 'apple', colour: undefined, tags: ['fresh'] } as Fruit); // allowed, and gone after a restart
        expect(Object.isFrozen(store.reader(tokyo).get(fruits, 'apple')?.tags)).toBe(true);
      });
    });

    describe('reads', () => {
      test('list in the order of creation, which an update does not change', async () => {
        await put({ id: 'c' }, { id: 'a' }, { id: 'b' });
        await put({ id: 'c', weight: 2 });
        expect(all()).toEqual(['c', 'a', 'b']);
        await store.transact(tokyo, (tx) => tx.delete(fruits, 'c'));
        await put({ id: 'c' });
        expect(all()).toEqual(['a', 'b', 'c']);
      });

      test('go on behind a sequence number, also when its record is gone', async () => {
        await put(...Array.from({ length: 100 }, (_, n) => ({ id: `fruit-${n}` })));
        const reader = store.reader(tokyo);
        const at = reader.sequenceOf(fruits, 'fruit-42') ?? 0;
        expect(ids(reader.list(fruits, at)).slice(0, 2)).toEqual(['fruit-43', 'fruit-44']);
        await store.transact(tokyo, (tx) => {
          for (let n = 0; n < 90; n++) tx.delete(fruits, `fruit-${n}`);
        });
        expect(ids(reader.list(fruits, at))).toEqual(Array.from({ length: 10 }, (_, n) => `fruit-${n + 90}`));
        expect(ids(reader.list(fruits, Number.MAX_SAFE_INTEGER))).toEqual([]);
        expect(reader.sequenceOf(fruits, 'fruit-42')).toBeUndefined();
      });

      test('may delete and insert while they list', async () => {
        await put({ id: 'a' }, { id: 'b' }, { id: 'c' });
        await store.transact(tokyo, (tx) => {
          for (const { id } of tx.list(fruits)) {
            tx.delete(fruits, id);
            tx.put(fruits, { id: `${id}2` });
          }
        });
        expect(all()).toEqual(['a2', 'b2', 'c2']);
      });

      test('find by every key of an index, in the order of creation', async () => {
        await put({ id: 'a', tags: ['x', 'y'] }, { id: 'b', tags: ['y', 'y'] }, { id: 'c', colour: 'red' });
        const find = (tag: string) => ids(store.reader(tokyo).find(fruits, 'tag', tag));
        expect([find('x'), find('y'), find('z')]).toEqual([['a'], ['a', 'b'], []]);
        await put({ id: 'a', tags: ['z'] }, { id: 'c', tags: ['y'] });
        expect([find('x'), find('y'), find('z')]).toEqual([[], ['b', 'c'], ['a']]);
        await put({ id: 'a', tags: ['y'] });
        expect(find('y')).toEqual(['a', 'b', 'c']);
        await store.transact(tokyo, (tx) => tx.delete(fruits, 'b'));
        expect(find('y')).toEqual(['a', 'c']);
      });

      test('keep partitions apart, and reach them from one transaction', async () => {
        await store.transact(tokyo, (tx) => {
          tx.put(fruits, { id: 'apple' });
          tx.in(oregon).put(fruits, { id: 'pear' });
          tx.in(elsewhere).in(oregon).put(crates, { id: 'box' });
          expect(tx.in(tokyo).count(fruits)).toBe(1);
          expect(tx.in(oregon).get(fruits, 'apple')).toBeUndefined();
        });
        const reader = store.reader(elsewhere);
        expect(reader.partitions()).toEqual([tokyo, oregon]);
        expect([reader.count(crates), reader.in(oregon).count(crates), reader.in(oregon).count(fruits)]).toEqual([0, 1, 1]);
        await store.transact(tokyo, (tx) => tx.delete(fruits, 'apple'));
        expect(reader.partitions()).toEqual([oregon]);
      });

      test('refuse an index that the table lacks, and a table declared twice', async () => {
        await put({ id: 'apple', colour: 'red' });
        const reader = store.reader(tokyo);
        expect(() => reader.find(fruits, 'size' as 'colour', 'big')).toThrow('store: table test.fruit has no index size'); // wrong on purpose
        expect(reader.find(fruits, 'colour', 'red')).toHaveLength(1);
        const twin = defineTable<Fruit>()('test.fruit', { colour: (fruit) => fruit.id });
        expect(() => reader.find(twin, 'colour', 'red')).toThrow('store: table test.fruit is declared twice, with another index colour');
      });
    });

    describe('commits', () => {
      test('are told in order, in the same turn, with what was before and after', async () => {
        const heard: Commit[] = [];
        const stop = store.subscribe((commit) => heard.push(commit));
        const { version } = store;
        const first = put({ id: 'apple' }, { id: 'pear' });
        const second = store.transact(tokyo, (tx) => {
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
        store.subscribe(() => (answer ??= put({ id: 'echo' })));
        store.subscribe((commit) => heard.push(commit.version));
        const { version } = store;
        await put({ id: 'apple' });
        await answer;
        expect(heard).toEqual([version + 1, version + 2]);
      });

      test('are not told when nothing was written or all was taken back', async () => {
        let heard = 0;
        store.subscribe(() => heard++);
        await store.transact(tokyo, (tx) => tx.put(fruits, { id: 'a' }), { dryRun: true });
        await store.transact(tokyo, (tx) => tx.count(fruits));
        await expect(store.transact(tokyo, () => Promise.reject(new Error('late')))).rejects.toThrow('synchronous');
        expect(heard).toBe(0);
      });
    });

    describe('reset', () => {
      test('forgets every record, tells the listeners, and goes on', async () => {
        await put({ id: 'apple', colour: 'red' });
        await store.transact(oregon, (tx) => tx.put(crates, { id: 'box' }));
        const heard: Commit[] = [];
        store.subscribe((commit) => heard.push(commit));
        const { version } = store;
        const pending = put({ id: 'pear' });
        const resetting = store.reset();
        expect(store.reader(tokyo).partitions()).toEqual([]);
        const later = put({ id: 'plum', colour: 'red' });
        await Promise.all([pending, resetting, later]);
        expect(heard.map((commit) => commit.version)).toEqual([version + 1, version + 2, version + 3]);
        expect(heard[1]?.changes.map(({ id, before, after }) => [id, before?.id, after])).toEqual([
          ['apple', 'apple', undefined],
          ['pear', 'pear', undefined],
          ['box', 'box', undefined],
        ]);
        expect(ids(store.reader(tokyo).find(fruits, 'colour', 'red'))).toEqual(['plum']);
        await reopen();
        expect(all()).toEqual(isKept ? ['plum'] : []);
      });

      test('and compact cannot be called inside a transaction', async () => {
        const inside = store.transact(tokyo, () => void store.reset());
        await expect(inside).rejects.toThrow('store: reset must not be called inside a transaction');
        let compacting: Promise<void> | undefined;
        await store.transact(tokyo, () => void (compacting = store.compact()));
        await expect(compacting).rejects.toThrow('store: compact must not be called inside a transaction');
      });
    });

    describe('closing', () => {
      test('waits for what is pending, and refuses what comes after', async () => {
        const pending = put({ id: 'apple' });
        const closing = store.close();
        await expect(put({ id: 'pear' })).rejects.toMatchObject({ code: 'Closed' });
        await Promise.all([pending, closing]);
        await expect(store.reset()).rejects.toMatchObject({ code: 'Closed' });
        await expect(store.compact()).rejects.toMatchObject({ code: 'Closed' });
        await store.close();
      });
    });

    if (!isKept) return;
    describe('restarts', () => {
      test('keep records, order, sequence numbers, indexes and the version', async () => {
        await put({ id: 'c', colour: 'red' }, { id: 'a', colour: 'red' }, { id: 'b' });
        await store.transact(tokyo, (tx) => {
          tx.put(fruits, { id: 'c', colour: 'red', weight: 1 });
          tx.delete(fruits, 'b');
          tx.in(oregon).put(crates, { id: '経路 🚏 "\n\u2028' });
        });
        const before = [store.version, store.reader(tokyo).sequenceOf(fruits, 'a')];
        await reopen();
        const reader = store.reader(tokyo);
        expect([...reader.list(fruits)]).toEqual([
          { id: 'c', colour: 'red', weight: 1 },
          { id: 'a', colour: 'red' },
        ]);
        expect(ids(reader.find(fruits, 'colour', 'red'))).toEqual(['c', 'a']);
        expect(ids(reader.in(oregon).list(crates))).toEqual(['経路 🚏 "\n\u2028']);
        expect([store.version, reader.sequenceOf(fruits, 'a')]).toEqual(before);
      });

      test('never give a sequence number again, also after a compaction', async () => {
        await put({ id: 'a' }, { id: 'b' });
        const last = store.reader(tokyo).sequenceOf(fruits, 'b') ?? Number.NaN;
        await store.transact(tokyo, (tx) => tx.delete(fruits, 'b'));
        await store.compact();
        await reopen();
        await put({ id: 'c' });
        expect(store.reader(tokyo).sequenceOf(fruits, 'c')).toBeGreaterThan(last);
      });

      test('find a compacted store with what came while it was written and after it', async () => {
        await put(...Array.from({ length: 3_000 }, (_, n) => ({ id: `fruit-${n}`, colour: `colour ${n % 7} ${'-'.repeat(200)}` })));
        const compacting = store.compact();
        const meanwhile: Promise<void>[] = [];
        for (let n = 0; n < 30; n++) {
          meanwhile.push(
            store.transact(tokyo, (tx) => {
              tx.delete(fruits, `fruit-${n * 100}`);
              tx.put(fruits, { id: `fruit-${n * 100 + 1}`, weight: n });
              tx.put(fruits, { id: `late-${n}` });
            }),
          );
          await new Promise((resolve) => setImmediate(resolve)); // lets the compaction go on a slice
        }
        await Promise.all([compacting, ...meanwhile]);
        await put({ id: 'after' });
        const expected = [...store.reader(tokyo).list(fruits)];
        expect(expected).toHaveLength(3_001);
        await reopen();
        expect([...store.reader(tokyo).list(fruits)]).toEqual(expected);
        await store.compact();
        await store.compact();
        await reopen();
        expect([...store.reader(tokyo).list(fruits)]).toEqual(expected);
      });

      test('find nothing after a reset that interrupts a compaction', async () => {
        await put(...Array.from({ length: 3_000 }, (_, n) => ({ id: `fruit-${n}`, colour: '-'.repeat(200) })));
        const compacting = store.compact();
        await new Promise((resolve) => setImmediate(resolve));
        await Promise.all([compacting, store.reset()]);
        await put({ id: 'new' });
        await reopen();
        expect(all()).toEqual(['new']);
      });
    });
  });
}
