/** `keiro stop`: asks the server to end and waits until it has. */
import { Complaint } from '#cli/complaint.ts';
import { type LocateOptions, requireServer } from '#cli/locate.ts';
import { print } from '#cli/print.ts';

/** How long a server may take to finish what is under way. */
const patienceMs = 15_000;

export async function stop(options: LocateOptions & { readonly json?: boolean }): Promise<void> {
  const { endpoint, health } = await requireServer(options);
  try {
    process.kill(health.pid, 'SIGTERM');
  } catch (error) {
    throw new Complaint(
      `process ${health.pid} at ${endpoint} cannot be stopped: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const deadline = Date.now() + patienceMs;
  while (isAlive(health.pid)) {
    if (Date.now() > deadline)
      throw new Complaint(
        `process ${health.pid} has not ended after ${patienceMs / 1000} s; 'kill -9 ${health.pid}' loses nothing that was answered.`,
      );
    await new Promise((resume) => setTimeout(resume, 20));
  }
  print(options.json, { stopped: health.pid }, () => `Keiro (process ${health.pid}) has stopped.`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
