/** Runs botocore as the other side of the wire. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const SCRIPT = join(import.meta.dirname, 'botocore_side.py');

export interface WireCase {
  readonly service: string;
  readonly operation: string;
  readonly input: unknown;
  readonly output: unknown;
  readonly answer: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string };
}

export interface WireResult {
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly query: Readonly<Record<string, string | string[]>>;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  readonly input: unknown;
  readonly mismatch: unknown;
  readonly error: { readonly Code: string; readonly Message: string; readonly Type?: string } | null;
  readonly requestId: string | null;
}

/** Why botocore cannot be asked; undefined when it can. */
export function botocoreAbsence(): string | undefined {
  const run = spawnSync('python3', ['-c', 'import botocore'], { encoding: 'utf8' });
  if (run.status === 0) return undefined;
  return `python3 cannot import botocore: ${(run.error?.message ?? run.stderr).trim().split('\n').at(-1) ?? ''}`;
}

function askPython(args: readonly string[], question: unknown): unknown {
  const run = spawnSync('python3', [SCRIPT, ...args], { input: JSON.stringify(question), encoding: 'utf8', maxBuffer: 1 << 28 });
  if (run.status !== 0) throw new Error(`botocore_side.py failed: ${run.error?.message ?? run.stderr}`);
  return JSON.parse(run.stdout) as unknown;
}

/** What botocore makes of each case; null where its model lacks the operation. */
export function askBotocore(cases: readonly WireCase[]): (WireResult | null)[] {
  return askPython([], {
    cases: cases.map((one) => ({ ...one, input: marked(one.input), output: marked(one.output) })),
  }) as (WireResult | null)[]; // written by the script
}

export function fractionalMembers(services: readonly string[]): string[] {
  return askPython(['fractional'], { fractionalOf: services }) as string[]; // written by the script
}

/** A value as JSON with dates and bytes marked, as the script does it. */
export function marked(value: unknown): unknown {
  if (value instanceof Date) return { $date: value.getTime() };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(marked);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.create(null) as Record<string, unknown>; // a key may be `__proto__`
  for (const [key, member] of Object.entries(value)) copy[key] = marked(member);
  return copy;
}
