/** `kill -9` at any moment loses no acknowledged commit and leaves none half done. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openStore } from '#store/open.ts';
import { counterId, counters, here, numbered, there } from '#test/crash/store-records.ts';

const rounds = 25;
const kept = 400;
const longestLifeMs = 250;

/** Every so many rounds the writer may be killed before its first commit: while it makes, reads or mends the store. */
const roundsPerEarlyKill = 4;

/** Runs a writer, kills it after so long a life, and gives back the numbers of the commits that it acknowledged. */
async function runAndKill(directory: string, isEarly: boolean, lifeMs: number): Promise<readonly number[]> {
  const writer = spawn(process.execPath, [join(import.meta.dirname, 'store-writer.ts'), directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  writer.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = once(writer, 'close');
  if (!isEarly) await Promise.race([once(writer.stdout, 'data'), ended]);
  expect(writer.exitCode).toBeNull();
  await pause(lifeMs); // the moment of the crash, not a wait for anything
  expect(writer.kill('SIGKILL')).toBe(true);
  await ended;
  // A line that the kill cut short was not acknowledged.
  return output.split('\n').slice(0, -1).map(Number);
}

test(`no acknowledged commit is lost, and none is half there, in ${rounds} crashes`, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'keiro-crash-'));
  let acknowledged = 0;
  let last = 0;
  try {
    for (let round = 0; round < rounds; round++) {
      const lifeMs = Math.random() * longestLifeMs;
      const isEarly = round % roundsPerEarlyKill === 0;
      const numbers = await runAndKill(directory, isEarly, lifeMs);
      const about = `round ${round}, killed ${lifeMs} ms after its ${isEarly ? 'start' : 'first commit'}`;
      acknowledged += numbers.length;

      const store = await openStore({ directory });
      const reader = store.reader(here);
      const before = last;
      last = reader.get(counters, counterId)?.value ?? 0;
      const newest = Math.max(before, ...numbers);
      const isProgress = isEarly || newest > before;
      expect({ about, isProgress, isNewestThere: last >= newest }).toEqual({ about, isProgress: true, isNewestThere: true });
      // Commits are in order: whatever the counter says, exactly the last numbers are there, whole, on both sides.
      const expected = Array.from({ length: Math.min(last, kept) }, (_, n) => last - Math.min(last, kept) + 1 + n);
      for (const partition of [here, there]) {
        const records = [...reader.in(partition).list(numbered)];
        const torn = records.filter(({ number, text }) => text.length !== number % 997);
        expect({ about, torn, numbers: records.map(({ number }) => number) }).toEqual({ about, torn: [], numbers: expected });
      }
      await store.close();
    }
    expect(acknowledged).toBeGreaterThan(rounds * 10);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
