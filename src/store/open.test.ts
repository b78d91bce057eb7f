/** Opening a store: the modes of its files, formats, growth, and disks that refuse. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { fruits, tokyo } from '#store/conformance-setup.ts';
import type { Migration } from '#store/migrations.ts';
import { openStore, removeStore } from '#store/open.ts';
import { defineTable } from '#store/table.ts';
import { data, file, idsIn, inDirectory, open, program, put, useDirectory } from '#store/test-directory.ts';

useDirectory();

const children: ChildProcess[] = [];
afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

describe('files', () => {
  test('are for their owner alone', async () => {
    const store = await open();
    await put(store, 'apple');
    await store.compact();
    const modes = readdirSync(data()).map((name) => [name, (statSync(join(data(), name)).mode & 0o777).toString(8)]);
    expect(modes).toEqual([
      ['store.db', '600'],
      ['store.db-snapshot-1', '600'],
      ['store.db-wal', '600'],
      ['store.lock', '600'],
      ['store.pid', '600'],
    ]);
    expect((statSync(data()).mode & 0o777).toString(8)).toBe('700');
    await store.close();
    expect(readdirSync(data())).toEqual(['store.db', 'store.db-snapshot-1', 'store.lock']);
  });

  test('of snapshots that are replaced or were never finished go away', async () => {
    let store = await open();
    await put(store, 'apple');
    await store.compact();
    await store.compact();
    await store.close();
    writeFileSync(`${file()}-snapshot-3`, 'half of one');
    store = await open();
    expect(readdirSync(data()).filter((name) => name.includes('snapshot'))).toEqual(['store.db-snapshot-2']);
    await store.reset();
    expect(readdirSync(data()).filter((name) => name.includes('snapshot'))).toEqual([]);
    await store.close();
  });

  test('that cannot be made are told with their path', async () => {
    writeFileSync(inDirectory('plain'), '');
    await expect(openStore({ directory: inDirectory('plain/data') })).rejects.toMatchObject({
      code: 'NotWritable',
      message: expect.stringMatching(/plain\/data cannot be used: ENOTDIR.* Check its owner and permissions, and those of /) as string,
    });
  });

  test('are all removed by removeStore, and nothing else', async () => {
    const store = await open();
    await put(store, 'apple');
    await store.compact();
    await store.close();
    writeFileSync(join(data(), 'ca.pem'), 'kept');
    await removeStore(data());
    expect(readdirSync(data())).toEqual(['ca.pem', 'store.lock']);
  });
});

describe('formats', () => {
  const old = defineTable<{ readonly id: string; readonly text: string }>()('test.old');
  const renamed = defineTable<{ readonly id: string; readonly words: readonly string[] }>()('test.renamed', {});
  const steps: readonly Migration[] = [
    { why: 'test.old is called test.renamed', renamed: { 'test.old': 'test.renamed' } },
    {
      why: 'words are a list, and no words are no record',
      records: {
        'test.renamed': (record) => {
          const { id, text } = record as { id: string; text: string }; // what format 2 holds
          return text === '' ? undefined : { id, words: text.split(' ') };
        },
      },
    },
  ];

  /** A store of format 1, with records in the snapshot and in the log. */
  async function makeOld(): Promise<void> {
    const store = await open();
    const write = (id: string, text: string) => store.transact(tokyo, (tx) => tx.put(old, { id, text }));
    await write('a', 'one two');
    await write('b', 'gone');
    await write('d', 'was here');
    await store.compact();
    await store.transact(tokyo, (tx) => tx.delete(old, 'b'));
    await write('c', 'three');
    await write('d', '');
    await store.close();
  }

  test('an older one is brought up to date, once', async () => {
    await makeOld();
    for (let times = 0; times < 2; times++) {
      const store = await openStore({ directory: data(), migrations: steps });
      const reader = store.reader(tokyo);
      expect([...reader.list(renamed)]).toEqual([
        { id: 'a', words: ['one', 'two'] },
        { id: 'c', words: ['three'] },
      ]);
      expect(reader.count(old)).toBe(0);
      await store.close();
    }
  });

  test('an older one whose migration fails stays as it is', async () => {
    await makeOld();
    const failing: Migration = { why: 'a mistake', records: { 'test.old': () => expect.unreachable('a mistake') } };
    await expect(openStore({ directory: data(), migrations: [failing] })).rejects.toThrow('a mistake');
    const store = await open();
    expect(store.reader(tokyo).get(old, 'a')).toEqual({ id: 'a', text: 'one two' });
    await store.close();
  });

  test('a newer one is refused', async () => {
    await (await openStore({ directory: data(), migrations: steps })).close();
    const before = readFileSync(file(), 'latin1');
    await expect(open()).rejects.toMatchObject({
      code: 'NewerFormat',
      message:
        `${file()} was written by a newer Keiro (format 3; this Keiro reads up to 1). ` +
        'Nothing was changed. Start it with that Keiro, or choose another data directory.',
    });
    expect(readFileSync(file(), 'latin1')).toBe(before);
  });
});

describe('growth', () => {
  test('the log is compacted by itself, and its space is used again', async () => {
    const store = await open();
    const text = 'x'.repeat(100_000);
    const writeMuch = async () => {
      for (let round = 0; round < 10; round++) {
        const write = (n: number) => store.transact(tokyo, (tx) => tx.put(fruits, { id: `fruit-${n % 10}`, colour: `${n}${text}` }));
        await Promise.all(Array.from({ length: 40 }, (_, n) => write(round * 40 + n)));
      }
      await store.compact(); // waits for the one that runs by itself
      return statSync(file()).size;
    };
    const first = await writeMuch();
    expect(readdirSync(data()).filter((name) => name.includes('snapshot'))).not.toEqual(['store.db-snapshot-1']);
    expect(await writeMuch()).toBeLessThan(first * 1.5);
    await store.close();
    const again = await open();
    expect(again.reader(tokyo).find(fruits, 'colour', `399${text}`)).toHaveLength(1);
    await again.close();
  });

  test('a disk that refuses: the commit is taken back, what was acknowledged stays', async () => {
    const source = `
      const fruits = { name: 'test.fruit', indexes: {} };
      const tokyo = ${JSON.stringify(tokyo)};
      const store = await openStore({ directory: data, onError: () => undefined });
      let count = 0;
      try {
        for (;; count++) await store.transact(tokyo, (tx) => tx.put(fruits, { id: 'fruit-' + count, colour: 'x'.repeat(10000) }));
      } catch (error) {
        const again = await store.transact(tokyo, (tx) => tx.put(fruits, { id: 'again', colour: 'x'.repeat(10000) })).catch(({ code }) => code);
        console.log(JSON.stringify({ code: error.code, message: error.message, lasting: error.lasting, again, count, held: store.reader(tokyo).count(fruits) }));
      }
      process.kill(process.pid, 'SIGKILL');`;
    // A limit on the size of files stands for a disk that takes no more; SIGXFSZ is ignored so that the write fails.
    const shell = spawn('bash', ['-c', `trap '' XFSZ; ulimit -f 4096; exec "$0" "$@"`, process.execPath, ...program(source)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(shell);
    let output = '';
    shell.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    await once(shell, 'close');
    const told = JSON.parse(output) as { count: number }; // printed by the program above
    expect(told).toMatchObject({ code: 'WriteFailed', again: 'WriteFailed', lasting: false, held: told.count });
    expect(told).toMatchObject({
      message: expect.stringMatching(/^Writing to .*store\.db failed: .*The change was taken back\.$/) as string,
    });
    expect(told.count).toBeGreaterThan(100);
    const store = await open();
    expect(idsIn(store)).toEqual(Array.from({ length: told.count }, (_, n) => `fruit-${n}`));
    await store.close();
  });
});
