/** `keiro reset`: forgets every record. */
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Complaint } from '#cli/complaint.ts';
import { dataDirectory, findServer, type LocateOptions } from '#cli/locate.ts';
import { print } from '#cli/print.ts';
import { removeStore } from '#store/open.ts';

export async function reset(options: LocateOptions & { readonly json?: boolean; readonly yes?: boolean }): Promise<void> {
  const { endpoint, health, place } = await findServer(options);
  const directory = dataDirectory(options);
  if (!health && (options.port !== undefined || !existsSync(directory))) {
    const what = options.port === undefined ? ` and there is no directory ${directory}` : '';
    throw new Complaint(`no Keiro runs ${place}${what}: nothing to reset.`);
  }
  const what = health ? `the Keiro at ${endpoint}` : `the data in ${directory}`;
  if (!options.yes) await confirm(what);
  if (health) {
    const response = await fetch(`${endpoint}/_keiro/reset`, { method: 'POST' });
    if (!response.ok) throw new Complaint(`the server refused the reset: ${response.status} ${await response.text()}`);
  } else {
    await removeStore(directory);
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
