/** What a process in namespaces of its own does first: a place for namespaces' names that no one else sees, and its own /proc. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readlinkSync } from 'node:fs';
import process from 'node:process';
import { toolEnvironment } from './capability.ts';
import { NAMESPACES } from './script.ts';

/** What is mounted here ends with this process. Gives the process's number as the host counts. */
export function prepareNamespaces(): number {
  const pid = Number(readlinkSync('/proc/self')); // /proc is still the host's, so is the number
  process.env['PATH'] = toolEnvironment()['PATH'];
  const mount = (...args: string[]): void => void execFileSync('mount', args, { stdio: 'pipe' });
  mount('--make-rprivate', '/');
  mount('-t', 'tmpfs', 'keiro', '/run');
  mkdirSync(NAMESPACES, { recursive: true });
  try {
    mount('-t', 'proc', 'proc', '/proc');
  } catch {
    // Some containers keep it from us; the host's /proc still shows this network namespace's settings.
  }
  return pid;
}
