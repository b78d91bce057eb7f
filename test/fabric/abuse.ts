/** Hostile programs in instances: run by an agent there, within all limits, not by `keiro exec`, which comes from outside. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, type Site } from './site.ts';

/** User data that runs what it is told. */
export const agent = readFileSync(join(import.meta.dirname, 'agent.py'), 'utf8');

export interface Ran {
  readonly code: number;
  /** Both streams. */
  readonly output: string;
}

/** Runs a script as a child of the instance's agent. */
export type Attack = (script: string) => Promise<Ran>;

export function attackIn(site: Site, instance: string): Attack {
  return async (script) => {
    const posted = Buffer.from(script).toString('base64');
    const { stdout, stderr } = await site.inside(instance)(
      `echo ${posted} | base64 -d | curl -sS -m 18 -H 'Content-Type: text/plain' --data-binary @- http://127.0.0.1:9/`,
    );
    if (stdout === '') throw new Error(`the agent does not answer: ${stderr}`);
    return JSON.parse(stdout) as Ran; // what the agent says
  };
}

/** Waits for the agent. */
export async function armed(attack: Attack): Promise<Attack> {
  await eventually(
    () =>
      attack('true').then(
        ({ code }) => code,
        (error: unknown) => error,
      ),
    0,
  );
  return attack;
}

/** A Python program as a script. */
export const python = (program: string): string => `python3 - <<'PYTHON_END'\n${program}\nPYTHON_END`;
