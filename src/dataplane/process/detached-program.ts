/** A program that outlives whoever starts it: it says `ready` on its standard output, and is left to itself. */
import { spawn, type ChildProcess } from 'node:child_process';

/** A limit on how long a start may take: a loaded machine needs a second. */
const START_TIMEOUT_MS = 15_000;

/** In a session of its own: what ends the starter's terminal does not end it. */
export function spawnDetached(file: string, args: readonly string[], environment: NodeJS.ProcessEnv): ChildProcess {
  return spawn(file, args, { detached: true, env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Waits for its `ready`, then lets go of it. Rejects with what it said instead. */
export async function leaveWhenReady(child: ChildProcess): Promise<void> {
  const said = await firstWords(child);
  if (!said.startsWith('ready')) throw new Error(said.trim());
  child.stdin?.destroy();
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
}

/** The next line that it prints, or all that it said when it ends before. */
export async function firstWords(child: ChildProcess): Promise<string> {
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
