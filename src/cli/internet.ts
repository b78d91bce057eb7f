/** `keiro internet` and `keiro shell`: programs and a shell on Keiro's internet, where AWS's names lead to Keiro. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchCa } from '#cli/ca.ts';
import { Complaint } from '#cli/complaint.ts';
import { credentialsOf, defaultRegion } from '#cli/env.ts';
import { type FoundFabric, requireFabric } from '#cli/fabric-of.ts';
import { entrance } from '#cli/inside.ts';
import { internetEnvironment, onInternet, shellProgram } from '#cli/internet-setup.ts';
import type { LocateOptions } from '#cli/locate.ts';
import { print } from '#cli/print.ts';
import { runInside } from '#cli/run-inside.ts';
import { INTERNET_HOST, RESOLVER } from '#dataplane/fabric/public.ts';

/** A program on the internet, as `keiro internet run -- PROGRAM`. */
export async function runOnInternet(program: readonly string[], options: LocateOptions): Promise<void> {
  const found = await requireFabric(options);
  found.fabric.disconnect();
  const env = internetEnvironment(process.env, {
    authority: await authorityOf(found),
    resolver: RESOLVER.ipv4,
    workingDirectory: process.cwd(),
    credentials: await credentialsOf(found.health ?? { capabilities: {}, data: found.data }),
    region: defaultRegion,
  });
  await runInside(entrance(found.fabric.pid, { kind: 'internet' }, onInternet(program)), env);
}

export async function shell(command: readonly string[], options: LocateOptions): Promise<void> {
  await runOnInternet(command.length > 0 ? command : shellProgram(process.env['SHELL'], existsSync('/bin/bash')), options);
}

export function internetAddress(options: { readonly json?: boolean; readonly ipv6?: boolean }): void {
  print(options.json, INTERNET_HOST, () => (options.ipv6 ? INTERNET_HOST.ipv6 : INTERNET_HOST.ipv4));
}

/** From the server, which makes it when there is none yet; from its directory when it does not run. */
async function authorityOf({ endpoint, data }: FoundFabric): Promise<string> {
  if (endpoint !== undefined) return (await fetchCa(endpoint)).trim();
  const file = join(data, 'ca.pem');
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch {
    throw new Complaint(`Keiro does not run, and ${file} cannot be read. Start it with 'keiro start'.`);
  }
}
