/** One process per data directory. */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { removeStore } from '#store/open.ts';
import { data, open, program, put, useDirectory } from '#store/test-directory.ts';

useDirectory();

const children: ChildProcess[] = [];
afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

describe('the lock', () => {
  const holding = "await openStore({ directory: data }); console.log('open'); setInterval(() => undefined, 1000);";

  async function startHolder(): Promise<ChildProcess> {
    const child = spawn(process.execPath, program(holding), { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    await once(child.stdout, 'data');
    return child;
  }

  test('keeps a second process out, naming the first, until it is gone', async () => {
    const holder = await startHolder();
    await expect(open()).rejects.toThrow(
      `The data directory ${data()} is in use by the process ${holder.pid}. Stop that Keiro first (keiro stop), or choose another directory with --data.`,
    );
    await expect(removeStore(data())).rejects.toMatchObject({ code: 'InUse' });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const store = await open();
    await put(store, 'apple');
    await store.close();
  });

  test('keeps a second store out in one process too, and the first keeps it then', async () => {
    const store = await open();
    await expect(open()).rejects.toMatchObject({ code: 'InUse' });
    const { stdout } = await promisify(execFile)(
      process.execPath,
      program('await openStore({ directory: data }).catch((error) => console.log(error.code));'),
    );
    expect(stdout).toBe('InUse\n');
    await store.close();
    await (await open()).close();
  });

  test('is given to exactly one of several processes that start at once', async () => {
    const source =
      "await openStore({ directory: data }).then(() => { console.log('won'); setInterval(() => undefined, 1000); }, (error) => console.log(error.message));";
    const starters = Array.from({ length: 4 }, () => spawn(process.execPath, program(source), { stdio: ['ignore', 'pipe', 'inherit'] }));
    children.push(...starters);
    const said = await Promise.all(starters.map(async ({ stdout }) => String((await once(stdout, 'data'))[0]).trim()));
    const winner = starters[said.indexOf('won')];
    expect(said.filter((words) => words === 'won')).toHaveLength(1);
    const strangers = said.filter((words) => words !== 'won' && !words.includes(`in use by the process ${winner?.pid}.`));
    expect(strangers).toEqual([]);
  });
});
