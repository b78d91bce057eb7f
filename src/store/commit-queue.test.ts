/** The way to the disk, with a disk that fails when told to. */
import { expect, test } from 'vitest';
import { CommitQueue } from '#store/commit-queue.ts';
import { fruits, tokyo } from '#store/conformance-setup.ts';
import type { Driver, LogEntry } from '#store/driver.ts';
import { LocalStore } from '#store/local-store.ts';
import { Memory } from '#store/memory.ts';
import { memoryDriver } from '#store/memory-driver.ts';
import { StoreError } from '#store/store-error.ts';
import type { Commit, Store } from '#store/store.ts';

/** A driver whose appends and clearings the test settles, one after the other. */
function heldDriver() {
  const held: { readonly entries: readonly LogEntry[]; readonly settle: PromiseWithResolvers<void> }[] = [];
  const hold = (entries: readonly LogEntry[]) => {
    const settle = Promise.withResolvers<void>();
    held.push({ entries, settle });
    return settle.promise;
  };
  const driver: Driver = { ...memoryDriver(), append: hold, clear: () => hold([]) };
  return { driver, held };
}

function storeOver(driver: Driver): Store {
  const rest = { memory: new Memory(), version: 0, format: 1, checks: true, onClosed: () => undefined };
  return new LocalStore({ driver, ...rest, onError: (error) => expect.unreachable(String(error)) });
}

const put = (store: Store, ...ids: readonly string[]) => store.transact(tokyo, (tx) => ids.forEach((id) => tx.put(fruits, { id })));
const idsIn = (store: Store) => [...store.reader(tokyo).list(fruits)].map(({ id }) => id);
const turn = () => new Promise((resolve) => setImmediate(resolve));
const full = () => new StoreError('DiskFull', 'The disk of /data/store.db is full, so nothing was changed. Free some space and try again.');

test('commits of one turn share a write, and those that come meanwhile share the next', async () => {
  const { driver, held } = heldDriver();
  const store = storeOver(driver);
  const settled: string[] = [];
  const watch = (name: string, promise: Promise<unknown>) => void promise.then(() => settled.push(name));
  watch('a', put(store, 'a'));
  watch('b', put(store, 'b'));
  await turn();
  watch('c', put(store, 'c'));
  watch(
    'read',
    store.transact(tokyo, (tx) => tx.count(fruits)),
  );
  watch('d', put(store, 'd'));
  await turn();
  expect(held.map(({ entries }) => entries.map(({ version }) => version))).toEqual([[1, 2]]);
  expect(settled).toEqual([]);
  held[0]?.settle.resolve();
  await turn();
  expect(held.map(({ entries }) => entries.map(({ version }) => version))).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(settled).toEqual(['a', 'b']);
  held[1]?.settle.resolve();
  await turn();
  expect(settled).toEqual(['a', 'b', 'c', 'read', 'd']);
});

test('a read, a refusal and a dry run wait for what they may have read, and are not told when it is lost', async () => {
  const { driver, held } = heldDriver();
  const store = storeOver(driver);
  const write = put(store, 'a');
  await turn();
  const read = store.transact(tokyo, (tx) => tx.get(fruits, 'a'));
  const refusal = store.transact(tokyo, (tx) => {
    if (tx.get(fruits, 'a')) throw new RangeError('a exists');
  });
  const dryRun = store.transact(tokyo, (tx) => tx.delete(fruits, 'a'), { dryRun: true });
  const durable = store.durable();
  held[0]?.settle.reject(full());
  const outcomes = await Promise.allSettled([write, read, refusal, dryRun, durable]);
  expect(outcomes).toEqual(
    Array.from({ length: 5 }, () => ({ status: 'rejected', reason: expect.objectContaining({ code: 'DiskFull' }) })),
  );
});

test('a full disk takes back all that was not durable, tells the listeners, and the store goes on', async () => {
  const { driver, held } = heldDriver();
  const store = storeOver(driver);
  const first = put(store, 'a', 'b');
  await turn();
  held[0]?.settle.resolve();
  await first;
  const heard: Commit[] = [];
  store.subscribe((commit) => heard.push(commit));
  const second = store.transact(tokyo, (tx) => {
    tx.delete(fruits, 'a');
    tx.put(fruits, { id: 'b', colour: 'red' });
    tx.put(fruits, { id: 'c' });
  });
  await turn();
  const third = store.transact(tokyo, (tx) => {
    tx.put(fruits, { id: 'a' });
    tx.delete(fruits, 'c');
  });
  held[1]?.settle.reject(full());
  await expect(second).rejects.toThrow('The disk of /data/store.db is full, so nothing was changed. Free some space and try again.');
  await expect(third).rejects.toMatchObject({ code: 'DiskFull' });
  expect([...store.reader(tokyo).list(fruits)]).toEqual([{ id: 'a' }, { id: 'b' }]);
  expect(store.reader(tokyo).find(fruits, 'colour', 'red')).toEqual([]);
  const told = heard.map(({ version, changes }) => [version, changes.map(({ id, before, after }) => [id, before?.id, after?.id])]);
  expect(told).toEqual([
    [
      2,
      [
        ['a', 'a', undefined],
        ['b', 'b', 'b'],
        ['c', undefined, 'c'],
      ],
    ],
    [
      3,
      [
        ['a', undefined, 'a'],
        ['c', 'c', undefined],
      ],
    ],
    [
      4,
      [
        ['c', undefined, 'c'],
        ['a', 'a', undefined],
      ],
    ],
    [
      5,
      [
        ['c', 'c', undefined],
        ['b', 'b', 'b'],
        ['a', undefined, 'a'],
      ],
    ],
  ]);
  const later = put(store, 'd');
  await turn();
  expect(held[2]?.entries.map(({ version }) => version)).toEqual([6]);
  held[2]?.settle.resolve();
  await later;
  expect(idsIn(store)).toEqual(['a', 'b', 'd']);
});

test('a reset that the disk refuses is taken back, with what came after it', async () => {
  const { driver, held } = heldDriver();
  const store = storeOver(driver);
  const before = put(store, 'a');
  await turn();
  const resetting = store.reset();
  const after = put(store, 'b');
  expect(idsIn(store)).toEqual(['b']);
  held[0]?.settle.resolve();
  await before;
  await turn();
  held[1]?.settle.reject(full());
  await expect(resetting).rejects.toMatchObject({ code: 'DiskFull' });
  await expect(after).rejects.toMatchObject({ code: 'DiskFull' });
  expect(idsIn(store)).toEqual(['a']);
});

test('when it is unknown what the disk holds, the store refuses every write and still answers reads', async () => {
  const { driver, held } = heldDriver();
  const store = storeOver(driver);
  const first = put(store, 'a');
  await turn();
  held[0]?.settle.resolve();
  await first;
  const second = put(store, 'b');
  await turn();
  held[1]?.settle.reject(new StoreError('WriteFailed', 'The disk did not confirm what was written.', { lasting: true }));
  await expect(second).rejects.toMatchObject({ code: 'WriteFailed', lasting: true });
  await expect(put(store, 'c')).rejects.toThrow('The disk did not confirm what was written.');
  await expect(store.reset()).rejects.toMatchObject({ code: 'WriteFailed' });
  await expect(store.compact()).rejects.toMatchObject({ code: 'WriteFailed' });
  await expect(store.transact(tokyo, (tx) => tx.count(fruits))).resolves.toBe(1);
  expect(idsIn(store)).toEqual(['a']);
  expect(held).toHaveLength(2);
});

test('a listener that throws harms nobody, and onError is told', async () => {
  const told: string[] = [];
  const rest = { memory: new Memory(), version: 0, format: 1, checks: true, onClosed: () => undefined };
  const store = new LocalStore({ driver: memoryDriver(), ...rest, onError: (error, doing) => told.push(`${doing}: ${String(error)}`) });
  let heard = 0;
  store.subscribe(() => {
    throw new Error('broken listener');
  });
  store.subscribe(() => heard++);
  await put(store, 'a');
  expect(heard).toBe(1);
  expect(told).toEqual(['telling a listener of commit 1: Error: broken listener']);
});

test('steps keep their place and go alone', async () => {
  const done: string[] = [];
  const disk = {
    append: async (entries: readonly LogEntry[]) => {
      await turn();
      done.push(`append ${entries.map(({ version }) => version).join()}`);
    },
  };
  const queue = new CommitQueue(disk, (error) => expect.unreachable(String(error)));
  const pending = (version: number) => ({ entry: { version, text: '' }, resolve: () => done.push(`${version}`), reject: () => undefined });
  queue.push(pending(1));
  const step = () => Promise.resolve(void done.push('step'));
  queue.push({ step, resolve: () => done.push('stepped'), reject: () => undefined });
  queue.push(pending(2));
  queue.push(pending(3));
  await new Promise<void>((resolve, reject) => queue.settle(resolve, reject));
  expect(done).toEqual(['append 1', '1', 'step', 'stepped', 'append 2,3', '2', '3']);
});
