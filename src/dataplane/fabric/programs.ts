/** Where the programs are that run beside control: their sources, or in the bundle the files made from them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export type Program = 'fabric' | 'node' | 'balancer';

/** Sources, from this folder. */
const sources: Readonly<Record<Program, string>> = { fabric: 'main.ts', node: '../node/main.ts', balancer: '../balancer/main.ts' };

/** Arguments for Node that start the program. */
export function programPath(program: Program): string[] {
  const source = join(import.meta.dirname, sources[program]);
  if (existsSync(source)) return ['--disable-warning=ExperimentalWarning', source];
  return [join(import.meta.dirname, '..', `${program}.js`)]; // dist/lib/… beside dist/fabric.js
}
