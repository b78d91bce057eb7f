/** The store against a naive model: whatever is done to both, they hold the same. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fruits, tokyo } from '#store/conformance-setup.ts';
import type { Fruit } from '#store/conformance-setup.ts';
import { openStore } from '#store/open.ts';
import type { Reader, Store, Transaction } from '#store/store.ts';

const partitions = [tokyo, { account: '222222222222', region: 'eu-west-1' }] as const;
const colours = ['red', 'green', 'blue'] as const;
const tags = ['x', 'y'] as const;

interface Write {
  readonly partition: 0 | 1;
  readonly record: Fruit;
  readonly isDelete: boolean;
}
type Ending = 'commit' | 'throw' | 'dry run';
type Step =
  | { readonly kind: 'transaction'; readonly writes: readonly Write[]; readonly ending: Ending; readonly isAwaited: boolean }
  | { readonly kind: 'restart' | 'compact' | 'compact meanwhile' | 'reset' | 'turn' };

const record: fc.Arbitrary<Fruit> = fc.record(
  {
    id: fc.integer({ min: 0, max: 9 }).map((n) => `fruit-${n}`),
    colour: fc.constantFrom(...colours),
    tags: fc.array(fc.constantFrom(...tags), { maxLength: 3 }),
    weight: fc.integer(),
  },
  { requiredKeys: ['id'] },
);
const write: fc.Arbitrary<Write> = fc.record({ partition: fc.constantFrom(0, 1), record, isDelete: fc.boolean() });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('transaction' as const),
      writes: fc.array(write, { maxLength: 8 }),
      ending: fc.constantFrom<Ending>('commit', 'commit', 'throw', 'dry run'),
      isAwaited: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('restart', 'compact', 'compact meanwhile', 'turn') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reset' as const) }) },
);

/** Records of both partitions in the order of their creation: deleting and filtering arrays is all it can do. */
type Model = [readonly Fruit[], readonly Fruit[]];

function written(model: Model, writes: readonly Write[]): Model {
  const next: Model = [...model];
  for (const { partition, record: fruit, isDelete } of writes) {
    const held = next[partition];
    const others = held.filter(({ id }) => id !== fruit.id);
    if (isDelete) next[partition] = others;
    else if (others.length === held.length) next[partition] = [...held, fruit];
    else next[partition] = held.map((old) => (old.id === fruit.id ? fruit : old));
  }
  return next;
}

function expectSame(reader: Reader, model: Model): void {
  partitions.forEach((partition, position) => {
    const held = model[position] ?? [];
    const view = reader.in(partition);
    expect([...view.list(fruits)]).toEqual(held);
    expect(view.count(fruits)).toBe(held.length);
    for (const colour of colours) expect(view.find(fruits, 'colour', colour)).toEqual(held.filter((fruit) => fruit.colour === colour));
    for (const tag of tags) expect(view.find(fruits, 'tag', tag)).toEqual(held.filter((fruit) => fruit.tags?.includes(tag)));
    held.forEach((fruit, place) => {
      expect(view.get(fruits, fruit.id)).toEqual(fruit);
      const sequence = view.sequenceOf(fruits, fruit.id) ?? Number.NaN;
      expect([...view.list(fruits, sequence)]).toEqual(held.slice(place + 1));
    });
  });
  expect(reader.partitions()).toEqual(expect.arrayContaining(partitions.filter((_, position) => model[position]?.length)));
}

function runWrites(tx: Transaction, writes: readonly Write[]): void {
  for (const { partition, record: fruit, isDelete } of writes) {
    const view = tx.in(partitions[partition]);
    if (isDelete) view.delete(fruits, fruit.id);
    else view.put(fruits, fruit);
  }
}

test('random transactions, roll-backs, compactions, resets and restarts leave what the model says', async () => {
  const property = fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
    const directory = mkdtempSync(join(tmpdir(), 'keiro-store-model-'));
    let store: Store = await openStore({ directory, checks: true });
    let model: Model = [[], []];
    const pending: Promise<unknown>[] = [];
    try {
      for (const { kind, ...rest } of steps) {
        if (kind === 'restart') {
          await store.close();
          store = await openStore({ directory, checks: true });
        } else if (kind === 'compact') await store.compact();
        else if (kind === 'compact meanwhile') pending.push(store.compact());
        else if (kind === 'turn') await new Promise((resolve) => setImmediate(resolve));
        else if (kind === 'reset') {
          pending.push(store.reset());
          model = [[], []];
        } else if ('writes' in rest) {
          const after = written(model, rest.writes);
          const result = store
            .transact(
              tokyo,
              (tx) => {
                runWrites(tx, rest.writes);
                expectSame(tx, after);
                if (rest.ending === 'throw') throw new RangeError('taken back');
              },
              { dryRun: rest.ending === 'dry run' },
            )
            .catch((error: unknown) => {
              if (!(error instanceof RangeError)) throw error;
            });
          if (rest.ending === 'commit') model = after;
          if (rest.isAwaited) await result;
          else pending.push(result);
        }
        expectSame(store.reader(tokyo), model);
      }
      await Promise.all(pending);
      await store.close();
      store = await openStore({ directory });
      expectSame(store.reader(tokyo), model);
    } finally {
      await Promise.allSettled(pending);
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    }
  });
  await fc.assert(property, { numRuns: 150, interruptAfterTimeLimit: 6_000, markInterruptAsFailure: false });
});
