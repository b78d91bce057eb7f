/** Starts a process in namespaces of its own, in which it is root; everything in them ends with it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { OWN_NAMESPACES, toolEnvironment, UNSHARE } from './capability.ts';
import { FabricError } from './conversation.ts';

/** A limit on how long a start may take: a loaded machine needs a second. */
const START_TIMEOUT_MS = 15_000;

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
  if (!said.startsWith('unmapped')) throw new FabricError(`the fabric did not start: ${said.trim()}`);
  for (const map of ['gid_map', 'uid_map']) writeFileSync(`/proc/${child.pid}/${map}`, `0 0 1\n1 ${TENANT_UID} 1\n`);
  const ready = settle(child);
  child.stdin?.end('\n');
  return ready;
}

function start(args: readonly string[]): ChildProcess {
  return spawn('unshare', args, { detached: true, env: toolEnvironment(), stdio: ['pipe', 'pipe', 'pipe'] });
}

async function settle(child: ChildProcess): Promise<ChildProcess> {
  const said = await firstWords(child);
  if (!said.startsWith('ready')) throw new FabricError(`the fabric did not start: ${said.trim()}`);
  child.stdin?.destroy();
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
  return child;
}

/** The next line that it prints, or all that it said when it ends before. */
async function firstWords(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    const timer = setTimeout(() => finish(`${said} no word within ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
    const onOut = (text: string): void => {
      said += text;
      if (said.includes('\n')) finish(said);
    };
    const onErr = (text: string): void => void (said += text);
    const onError = (error: Error): void => finish(error.message);
    const onClose = (): void => finish(said);
    const finish = (words: string): void => {
      clearTimeout(timer);
      child.stdout?.off('data', onOut);
      child.stderr?.off('data', onErr);
      child.off('error', onError).off('close', onClose);
      resolve(words);
    };
    child.stdout?.setEncoding('utf8').on('data', onOut);
    child.stderr?.setEncoding('utf8').on('data', onErr);
    child.on('error', onError).on('close', onClose);
  });
}
