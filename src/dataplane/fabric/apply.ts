/** Makes the kernel equal to desired states, one after the other, by what differs from the last one. */
import { spawn } from 'node:child_process';
import { NOTHING, type KernelState, type Namespace } from './kernel-state.ts';
import { isEmptyPlan, planOf, type NamespaceWork, type Plan } from './plan.ts';
import { RulesetSessions } from './ruleset-sessions.ts';
import {
  clearingScript,
  FAILED,
  linkingScript,
  namespaceScript,
  namespacesScript,
  readyScript,
  sweepingScript,
  NAMESPACES,
} from './script.ts';

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

/** Those who live in namespaces, and bring them. */
export interface Tenants {
  /** Makes the sandboxes with their network namespaces, and holds them at their door. Gives the number of each one's first process; of those that could not be made, nothing. */
  prepare(namespaces: readonly Namespace[]): Promise<ReadonlyMap<string, number>>;
  /** Their network is there: they may begin. */
  begin(namespaces: readonly Namespace[]): void;
  /** Ends them at once, as a power switch does. */
  end(namespaces: readonly Namespace[]): Promise<void>;
}

const NOBODY: Tenants = {
  prepare: async () => new Map(),
  begin: () => undefined,
  end: async () => undefined,
};

/** Namespaces of a plan that one shell does as fast as several. */
const SMALL_PLAN = 8;
/** Scripts for namespaces are spread over this many shells. */
const SHELLS = 2;

/** Holds the state that the kernel has. One change at a time. */
export class Applier {
  readonly #run: Run;
  readonly #tenants: Tenants;
  readonly #sessions = new RulesetSessions();
  #state: KernelState = NOTHING;
  #last: Promise<unknown> = Promise.resolve();

  constructor(run: Run, tenants: Tenants = NOBODY) {
    this.#run = run;
    this.#tenants = tenants;
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
    const sound = without(state, first.broken);
    this.#state = sound; // whatever is left of the broken ones is swept by the names that they would have
    this.#sessions.close();
    const swept = state.namespaces.filter(({ name }) => first.broken.has('*') || first.broken.has(name));
    await this.#tenants.end(swept.filter(isLivedIn));
    const names = new Set([...plan.removedNamespaces, ...swept].map(({ name }) => name));
    await this.#run(sweepingScript(state, first.broken, names));
    const second = await this.#execute(planOf(sound, state));
    if (second.broken.size > 0) {
      this.#state = without(state, second.broken);
      throw new ApplyError(`the kernel refused: ${second.output.trim() || first.output.trim()}`);
    }
  }

  async #execute(plan: Plan): Promise<{ broken: ReadonlySet<string>; output: string }> {
    const only = onlyRules(plan);
    if (only !== undefined) return this.#changeRules(only);
    this.#sessions.close(plan.removedNamespaces.map(({ name }) => name));
    const tenants = plan.newNamespaces.filter(isLivedIn);
    await this.#tenants.end(plan.removedNamespaces.filter(isLivedIn));
    const empty = plan.newNamespaces.filter((one) => !isLivedIn(one)).map(({ name }) => name);
    const outputs = [await this.#run(clearingScript(plan, empty))];
    const homes = tenants.length === 0 ? new Map<string, number>() : await this.#tenants.prepare(tenants);
    const moving = namespacesScript(tenants.map(({ name }) => name), homes); // prettier-ignore
    const firstEnds = new Set(plan.newLinks.map(({ ends: [first] }) => first.namespace));
    const [first, others] = [true, false].map((isFirst) => plan.work.filter(({ name }) => firstEnds.has(name) === isFirst).map(namespaceScript)); // prettier-ignore
    const ready = readyScript([...firstEnds]);
    if (plan.work.length <= SMALL_PLAN) {
      outputs.push(await this.#run([moving, linkingScript(plan), ...first!, ...others!, ready].filter(Boolean).join('\n'))); // both are made above
    } else {
      outputs.push(await this.#run([moving, linkingScript(plan)].filter(Boolean).join('\n')));
      for (const scripts of [first!, others!]) outputs.push(...(await this.#runAll(scripts))); // both are made above
      outputs.push(await this.#run(ready));
    }
    this.#tenants.begin(tenants);
    const output = outputs.join('');
    const broken = new Set([...output.matchAll(new RegExp(`^${FAILED} (.*)$`, 'gm'))].map(([, name = '']) => name));
    return { broken, output };
  }

  /** The change of a rule, which is what people wait for most, without a shell. */
  async #changeRules({ name, transactions }: NamespaceWork): Promise<{ broken: ReadonlySet<string>; output: string }> {
    for (const text of transactions) {
      const { output, isGood } =
        (await this.#sessions.run(name, text)) ?? (await feedProgram(['nsenter', `--net=${NAMESPACES}/${name}`, 'nft', '-f', '-'], text));
      if (!isGood) return { broken: new Set([name]), output };
    }
    return { broken: new Set(), output: '' };
  }

  async #runAll(scripts: readonly string[]): Promise<string[]> {
    const shards = Array.from({ length: SHELLS }, (_, at) => scripts.filter((_one, index) => index % SHELLS === at).join('\n'));
    return Promise.all(shards.map(async (script) => this.#run(script)));
  }
}

/** The one namespace that a plan changes, when it changes nothing but rules there. */
function onlyRules({ removedLinks, removedNamespaces, newNamespaces, newLinks, work }: Plan): NamespaceWork | undefined {
  const [one, ...others] = work;
  if (one === undefined || others.length + removedLinks.length + removedNamespaces.length + newNamespaces.length + newLinks.length > 0)
    return undefined;
  const isOnly = one.lines.length + one.lines4.length + one.lines6.length + Object.keys(one.sysctls).length === 0;
  return isOnly ? one : undefined;
}

const isLivedIn = ({ sandbox }: Namespace): boolean => sandbox !== undefined;

/** The state as if some namespaces had never been; `*` is all of them. */
function without(state: KernelState, names: ReadonlySet<string>): KernelState {
  if (names.has('*')) return NOTHING;
  return {
    version: state.version,
    namespaces: state.namespaces.filter(({ name }) => !names.has(name)),
    links: state.links.filter(({ ends }) => !ends.some(({ namespace }) => names.has(namespace))),
  };
}

/** Runs scripts as children of this process. */
export async function runShell(script: string): Promise<string> {
  return script.trim() === '' ? '' : (await feedProgram(['sh', '-s'], script)).output;
}

/** Runs a program as a child of this process. */
export async function feedProgram([command = '', ...args]: readonly string[], input: string): Promise<{ output: string; isGood: boolean }> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stdin.on('error', () => undefined); // one that ends early says why itself
  child.stdin.end(`${input}\n`);
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  return { output, isGood: code === 0 };
}
