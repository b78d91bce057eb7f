/** Stores that are not whole: damaged ones are refused, what a crash leaves is put right. */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { removeStore } from '#store/open.ts';
import type { Store } from '#store/store.ts';
import { data, file, idsIn, inDirectory, open, put, useDirectory } from '#store/test-directory.ts';

useDirectory();

describe('a damaged store is refused with what to do, and nothing is overwritten:', () => {
  /** Two snapshots' worth of records and a log behind them, closed. */
  async function makeStore(): Promise<void> {
    const store = await open();
    await put(store, ...Array.from({ length: 500 }, (_, n) => `in-snapshot-${n}`));
    await store.compact();
    await Promise.all(Array.from({ length: 200 }, (_, n) => put(store, `in-log-${n}-${'x'.repeat(200)}`)));
    await store.close();
  }

  async function expectDamaged(reason: RegExp): Promise<void> {
    const sumOf = (name: string) =>
      [
        name,
        createHash('sha256')
          .update(readFileSync(join(data(), name)))
          .digest('hex'),
      ] as const;
    const contents = () =>
      Object.fromEntries(
        readdirSync(data())
          .filter((name) => name !== 'store.lock')
          .map(sumOf),
      );
    const before = contents();
    const refused = await open().then(
      () => expect.unreachable('a damaged store was opened'),
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ code: 'Damaged', message: expect.stringMatching(reason) as string });
    expect(refused).toMatchObject({ message: expect.stringContaining(`The store ${file()} is damaged: `) as string });
    expect(refused).toMatchObject({
      message: expect.stringContaining(
        `Nothing was changed. Put a copy of the directory ${data()} back, or give up what it held and start anew with keiro reset.`,
      ) as string,
    });
    expect(contents()).toEqual(before);
    await removeStore(data());
    const store = await open();
    await put(store, 'anew');
    await store.close();
  }

  function overwrite(path: string, at: number, bytes: string): void {
    const content = readFileSync(path);
    content.write(bytes, at);
    writeFileSync(path, content);
  }

  test('garbage', async () => {
    mkdirSync(data());
    writeFileSync(file(), 'this is not a database'.repeat(1000));
    await expectDamaged(/file is not a database/);
  });

  test('an empty file', async () => {
    await makeStore();
    truncateSync(file(), 0);
    await expectDamaged(/it is not a store of Keiro/);
  });

  test("another program's SQLite file", async () => {
    mkdirSync(data());
    const other = new DatabaseSync(file());
    other.exec('CREATE TABLE notes (text)');
    other.close();
    await expectDamaged(/it is not a store of Keiro/);
  });

  test('a file() cut in the middle', async () => {
    await makeStore();
    truncateSync(file(), Math.floor(statSync(file()).size / 8192) * 4096);
    await expectDamaged(/malformed|cut short|lacks|checksum/);
  });

  test('a page of zeros', async () => {
    await makeStore();
    overwrite(file(), 4096 * 4, '\0'.repeat(4096));
    await expectDamaged(/malformed|checksum|lacks/);
  });

  test('one changed letter in the log', async () => {
    await makeStore();
    overwrite(file(), readFileSync(file()).lastIndexOf('in-log-77-'), 'in-log-78-');
    await expectDamaged(/version 78 of its log fails its checksum|version 79 of its log fails its checksum/);
  });

  test('one changed letter in the snapshot', async () => {
    await makeStore();
    overwrite(`${file()}-snapshot-1`, readFileSync(`${file()}-snapshot-1`).indexOf('in-snapshot-77'), 'in-snapshot-78');
    await expectDamaged(/its snapshot .*store\.db-snapshot-1 fails its checksum at byte/);
  });

  test('a snapshot that is cut short', async () => {
    await makeStore();
    truncateSync(`${file()}-snapshot-1`, 2000);
    await expectDamaged(/its snapshot .*store\.db-snapshot-1 fails its checksum at byte|is cut short/);
  });

  test('a snapshot that is missing', async () => {
    await makeStore();
    rmSync(`${file()}-snapshot-1`);
    await expectDamaged(/its snapshot .*store\.db-snapshot-1 is missing/);
  });

  test('a commit that is missing', async () => {
    await makeStore();
    const database = new DatabaseSync(file());
    database.exec('DELETE FROM log WHERE version = 100');
    database.close();
    await expectDamaged(/its log lacks what comes before version 101/);
  });

  test('random bytes anywhere are noticed, or do no harm', async () => {
    await makeStore();
    const whole = await open();
    const expected = idsIn(whole);
    await whole.close();
    const copy = inDirectory('copy');
    cpSync(data(), copy, { recursive: true });
    const property = fc.asyncProperty(
      fc.constantFrom('', '-snapshot-1'),
      fc.nat(),
      fc.string({ minLength: 1 }),
      async (ending, at, bytes) => {
        rmSync(data(), { recursive: true });
        cpSync(copy, data(), { recursive: true });
        overwrite(file() + ending, at % statSync(file() + ending).size, bytes);
        const opened = await open().catch((error: unknown) => error);
        if (opened instanceof Error) return opened.name === 'StoreError';
        const store = opened as Store; // open() gives a store or throws an error
        const held = idsIn(store);
        await store.close();
        return isDeepStrictEqual(held, expected);
      },
    );
    await fc.assert(property, { numRuns: 150, interruptAfterTimeLimit: 4_000, markInterruptAsFailure: false });
  });
});

describe('what a crash leaves', () => {
  test('a write-ahead log that is cut anywhere gives the commits before the cut, whole', async () => {
    const store = await open();
    for (let n = 0; n < 20; n++) await put(store, `a-${n}`, `b-${n}`);
    const crashed = inDirectory('crashed');
    cpSync(data(), crashed, { recursive: true });
    await store.close();
    const wal = statSync(join(crashed, 'store.db-wal')).size;
    let longest = 0;
    for (let cut = 0; cut <= wal; cut += 1_511) {
      rmSync(data(), { recursive: true });
      cpSync(crashed, data(), { recursive: true });
      truncateSync(`${file()}-wal`, wal - cut);
      const after = await open();
      const ids = idsIn(after);
      expect(ids).toEqual(Array.from({ length: ids.length / 2 }, (_, n) => [`a-${n}`, `b-${n}`]).flat());
      longest = Math.max(longest, ids.length);
      await after.close();
    }
    expect(longest).toBe(40);
  });

  test('a reset or a first start that ended half-way', async () => {
    mkdirSync(data());
    writeFileSync(`${file()}.new`, 'half of a file');
    const store = await open();
    await put(store, 'apple');
    writeFileSync(`${file()}.new-journal`, 'left behind');
    await store.reset();
    await store.close();
    expect(readdirSync(data())).toEqual(['store.db', 'store.lock']);
  });
});
