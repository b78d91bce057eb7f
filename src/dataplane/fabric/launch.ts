/** Starts a process in namespaces of its own, in which it is root; everything in them ends with it. */
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { firstWords, leaveWhenReady, spawnDetached } from '#dataplane/process/detached-program.ts';
import { OWN_NAMESPACES, toolEnvironment, UNSHARE } from './capability.ts';
import { FabricError } from './conversation.ts';

/**
 * Who instances are on the host when Keiro is run by root: nobody that the host knows. Root's own number would own
 * the host's settings in /proc/sys, whatever namespaces a process is in. An ordinary user has no other number to give.
 */
export const TENANT_UID = 2_000_000_001;

/** Runs `program` there, and resolves with the process when it has said `ready` on its standard output. @throws FabricError */
export async function launch(program: readonly string[]): Promise<ChildProcess> {
  return process.getuid?.() === 0 ? launchAsRoot(program) : launchAsUser(program);
}

async function launchAsUser(program: readonly string[]): Promise<ChildProcess> {
  const child = start([...UNSHARE, ...program]);
  return settle(child);
}

/** Root may map two numbers: its own, and that of the instances. */
async function launchAsRoot(program: readonly string[]): Promise<ChildProcess> {
  const child = start([
    '--user',
    'sh',
    '-c',
    `echo unmapped; read -r _ && exec unshare ${OWN_NAMESPACES.join(' ')} "$@"`,
    'sh',
    ...program,
  ]);
  const said = await firstWords(child);
  if (!said.startsWith('unmapped')) throw notStarted(said);
  for (const map of ['gid_map', 'uid_map']) writeFileSync(`/proc/${child.pid}/${map}`, `0 0 1\n1 ${TENANT_UID} 1\n`);
  const ready = settle(child);
  child.stdin?.end('\n');
  return ready;
}

const start = (args: readonly string[]): ChildProcess => spawnDetached('unshare', args, toolEnvironment());

async function settle(child: ChildProcess): Promise<ChildProcess> {
  await leaveWhenReady(child).catch((error: unknown) => {
    throw notStarted(error instanceof Error ? error.message : String(error));
  });
  return child;
}

const notStarted = (said: string): FabricError => new FabricError(`the fabric did not start: ${said.trim()}`);
