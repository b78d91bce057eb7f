/** `keiro reset`: forgets every record. */
import { createInterface } from 'node:readline/promises';
import { Complaint } from '#cli/complaint.ts';
import { dataDirectory, endpointOf, healthOf, type LocateOptions } from '#cli/locate.ts';
import { print } from '#cli/print.ts';
import { openStore } from '#store/open.ts';
import { existsSync } from 'node:fs';

export async function reset(options: LocateOptions & { readonly json?: boolean; readonly yes?: boolean }): Promise<void> {
  const endpoint = endpointOf(options);
  const running = (await healthOf(endpoint)) !== undefined;
  const directory = dataDirectory(options);
  if (!running && !existsSync(directory)) {
    throw new Complaint(`no Keiro answers at ${endpoint} and there is no data directory ${directory}: nothing to reset.`);
  }
  const what = running ? `the Keiro at ${endpoint}` : `the data in ${directory}`;
  if (!options.yes) await confirm(what);
  if (running) {
    const response = await fetch(`${endpoint}/_keiro/reset`, { method: 'POST' });
    if (!response.ok) throw new Complaint(`the server refused the reset: ${response.status} ${await response.text()}`);
  } else {
    const store = await openStore({ directory });
    await store.reset();
    await store.close();
  }
  print(options.json, { reset: true }, () => `Every record of ${what} is forgotten.`);
}

async function confirm(what: string): Promise<void> {
  if (!process.stdin.isTTY) throw new Complaint(`this forgets every record of ${what}; say --yes to do it.`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`Forget every record of ${what}? Type 'yes': `);
  terminal.close();
  if (answer.trim() !== 'yes') throw new Complaint('nothing was changed.');
}
