/** Runs a program inside the fabric on this terminal, passes signals to it, and ends as it ended. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import process from 'node:process';
import { isatty } from 'node:tty';
import { Complaint } from '#cli/complaint.ts';
import type { Entrance } from '#cli/inside.ts';
import { toolEnvironment } from '#dataplane/fabric/capability.ts';

const passedOn = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

/** Resolves when the program has ended; its exit code is this process's from then on. */
export async function runInside({ command, args, depth }: Entrance, env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(command, args, { env: toolEnvironment(env), stdio: 'inherit' });
  const onTerminal = [0, 1, 2].some((descriptor) => isatty(descriptor));
  for (const signal of passedOn) {
    process.on(signal, () => {
      if (onTerminal && (signal === 'SIGINT' || signal === 'SIGQUIT')) return; // the terminal has told the program already
      if (child.pid !== undefined) tell(descendant(child.pid, depth), signal);
    });
  }
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', (error) =>
      reject(new Complaint(`${command} cannot be started (${error.message}): 'keiro doctor' says what is missing.`)),
    );
    child.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
  });
  for (const signal of passedOn) process.removeAllListeners(signal);
}

/** The program itself, which has a number on this host too; a process on the way to it while it is not there yet. */
function descendant(pid: number, depth: number): number {
  let found = pid;
  try {
    for (let left = depth; left > 0; left -= 1) {
      const [first] = readFileSync(`/proc/${found}/task/${found}/children`, 'utf8').split(' ');
      if (!first) break;
      found = Number(first);
    }
  } catch {
    // It has just ended: whoever waits for it knows.
  }
  return found;
}

function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Ended meanwhile.
  }
}
