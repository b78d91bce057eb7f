/** Makes the kernel equal to desired states, one after the other, by what differs from the last one. */
import { spawn } from 'node:child_process';
import { NOTHING, type KernelState } from './kernel-state.ts';
import { isEmptyPlan, planOf, type Plan } from './plan.ts';
import { FAILED, namespaceScript, readyScript, sharedScript } from './script.ts';

/** What applying a state came to. */
export interface Report {
  readonly version: number;
  /** Namespaces in which something was made or changed. */
  readonly changed: number;
  readonly links: number;
  readonly milliseconds: number;
}

/** The kernel refused something even after the namespaces concerned were made anew. */
export class ApplyError extends Error {
  override readonly name = 'ApplyError';
}

/** Runs a shell script where the namespaces are; gives what it printed, both streams in one. */
export type Run = (script: string) => Promise<string>;

/** Scripts for namespaces are spread over this many shells. */
const SHELLS = 2;

/** Holds the state that the kernel has. One change at a time; the last one asked for wins. */
export class Applier {
  readonly #run: Run;
  #state: KernelState = NOTHING;
  #last: Promise<unknown> = Promise.resolve();

  constructor(run: Run) {
    this.#run = run;
  }

  get state(): KernelState {
    return this.#state;
  }

  /** Makes the kernel so. Rejects with ApplyError when it refuses; what is known to be broken is made anew first. */
  async apply(state: KernelState): Promise<Report> {
    const turn = this.#last.then(async () => this.#applyNow(state));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #applyNow(state: KernelState): Promise<Report> {
    const start = performance.now();
    const plan = planOf(this.#state, state);
    if (!isEmptyPlan(plan)) await this.#carryOut(plan, state);
    this.#state = state;
    return {
      version: state.version,
      changed: plan.work.length,
      links: plan.newLinks.length,
      milliseconds: Math.round(performance.now() - start),
    };
  }

  async #carryOut(plan: Plan, state: KernelState): Promise<void> {
    const first = await this.#execute(plan);
    if (first.broken.size === 0) return;
    this.#state = NOTHING; // whatever is left is swept by the names that it would have
    const names = new Set([...plan.removedNamespaces, ...state.namespaces.map(({ name }) => name)]);
    await this.#run([...names].map((name) => `ip netns del ${name} 2>/dev/null`).join('\n'));
    const second = await this.#execute(planOf(NOTHING, state));
    if (second.broken.size > 0) throw new ApplyError(`the kernel refused: ${second.output.trim() || first.output.trim()}`);
  }

  async #execute(plan: Plan): Promise<{ broken: ReadonlySet<string>; output: string }> {
    const outputs = [await this.#run(sharedScript(plan))];
    const firstEnds = new Set(plan.newLinks.map(({ ends: [first] }) => first.namespace));
    for (const isFirst of [true, false]) {
      outputs.push(...(await this.#runAll(plan.work.filter(({ name }) => firstEnds.has(name) === isFirst).map(namespaceScript))));
    }
    outputs.push(await this.#run(readyScript([...firstEnds])));
    const output = outputs.join('');
    const broken = new Set([...output.matchAll(new RegExp(`^${FAILED} (.*)$`, 'gm'))].map(([, name = '']) => name));
    return { broken, output };
  }

  async #runAll(scripts: readonly string[]): Promise<string[]> {
    const shards = Array.from({ length: SHELLS }, (_, at) => scripts.filter((_one, index) => index % SHELLS === at).join('\n'));
    return Promise.all(shards.map(async (script) => this.#run(script)));
  }
}

/** Runs scripts as children of this process. */
export async function runShell(script: string): Promise<string> {
  if (script.trim() === '') return '';
  const shell = spawn('sh', ['-s'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [shell.stdout, shell.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  shell.stdin.on('error', () => undefined); // a shell that ends early says why itself
  shell.stdin.end(`${script}\n`);
  await new Promise<void>((resolve, reject) => shell.on('error', reject).on('close', () => resolve()));
  return output;
}
