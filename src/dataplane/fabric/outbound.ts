/** The way from Keiro's internet to the real one, when it is asked for: pasta (passt), which needs no rights on the host. */
import { spawn } from 'node:child_process';
import { toolEnvironment } from './capability.ts';
import { OUTBOUND, OUTBOUND_RESOLVER } from './platform.ts';
import { INTERNET } from './presence.ts';
import { NAMESPACES } from './script.ts';

/** Milliseconds after which it is taken to have started. */
const SETTLE_MS = 500;

/**
 * Starts it inside the fabric's processes, so that it ends with them, and in the host's network. The host's own loopback and its
 * ports stay out of reach.
 * @param pid of the fabric, as the host counts
 * @throws Error with pasta's words when it does not start
 */
export async function startOutbound(pid: number): Promise<void> {
  if (await isThere(pid)) return; // from an earlier control
  const args = ['--foreground', '--quiet', '--config-net', '--netns-only', '--netns', `${NAMESPACES}/${INTERNET}`, '-I', OUTBOUND, '--no-map-gw', '--dns-forward', OUTBOUND_RESOLVER]; // prettier-ignore
  const noPorts = ['-t', 'none', '-u', 'none', '-T', 'none', '-U', 'none'];
  const enter = ['--target', `${pid}`, '--user', '--pid', '--mount', '--preserve-credentials', '--'];
  const child = spawn('nsenter', [...enter, 'pasta', ...args, ...noPorts], {
    env: toolEnvironment(),
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  await new Promise<void>((resolve, reject) => {
    const settled = setTimeout(resolve, SETTLE_MS);
    child.once('error', reject).once('exit', () => {
      clearTimeout(settled);
      reject(new Error(`pasta (package passt) did not start: ${said.trim().split('\n').at(-1) ?? ''}`));
    });
  });
  child.stderr.destroy();
  child.unref();
}

async function isThere(pid: number): Promise<boolean> {
  const enter = ['--target', `${pid}`, '--user', '--mount', '--preserve-credentials', '--', 'nsenter', `--net=${NAMESPACES}/${INTERNET}`];
  const child = spawn('nsenter', [...enter, 'ip', 'link', 'show', 'dev', OUTBOUND], { env: toolEnvironment(), stdio: 'ignore' });
  return new Promise((resolve) => child.once('error', () => resolve(false)).once('exit', (code) => resolve(code === 0)));
}
