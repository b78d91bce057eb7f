/** A process that commits as fast as it can and prints the number of each commit once it is durable, until it is killed. */
import { writeSync } from 'node:fs';
import { openStore } from '#store/open.ts';
import { counterId, counters, here, numbered, there } from '#test/crash/store-records.ts';

const inFlight = 4;
const kept = 400;
const commitsPerCompaction = 150;

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: store-writer.ts DIRECTORY');
const store = await openStore({ directory });
let next = (store.reader(here).get(counters, counterId)?.value ?? 0) + 1;

async function commitForever(): Promise<never> {
  for (;;) {
    const number = next++;
    await store.transact(here, (tx) => {
      const record = { id: `n-${number}`, number, text: 'x'.repeat(number % 997) };
      tx.put(numbered, record);
      tx.put(counters, { id: counterId, value: number });
      tx.in(there).put(numbered, record);
      tx.delete(numbered, `n-${number - kept}`);
      tx.in(there).delete(numbered, `n-${number - kept}`);
    });
    writeSync(1, `${number}\n`);
    if (number % commitsPerCompaction === 0) void store.compact();
  }
}

await Promise.all(Array.from({ length: inFlight }, commitForever));
