/** Where the fabric benchmark's programs run: in namespaces of a fabric, on a core of their own, ended with the benchmark whatever happens. */
import { execFile, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { isOnPath, root } from './pinned.ts';

const run = promisify(execFile);
/** Where `ip netns` keeps namespaces, in the fabric's mount namespace. */
const namespaces = '/run/netns';

/** Milliseconds that any one program of the load may take to say its next word. */
const longestSilenceMs = 30_000;

/** Programs without which nothing of the fabric can be measured. */
export function missingPrograms(): readonly string[] {
  return ['python3', 'nsenter', 'setpriv', 'taskset', 'ip', 'nft'].filter((one) => !isOnPath(one) && !isOnPath(`../sbin/${one}`));
}

/** One of the load's programs; it says lines of JSON. */
export interface LoadProgram {
  /** Its next line. @param withinMs how long it may take */
  next(withinMs?: number): Promise<Record<string, unknown>>;
  tell(value: unknown): void;
  end(): void;
}

/** The namespaces of one fabric. */
export class Rig {
  readonly #pid: number;
  readonly #children = new Set<ChildProcessWithoutNullStreams>();

  /** @param pid the fabric's, as the host counts */
  constructor(pid: number) {
    this.#pid = pid;
  }

  /** What to put before a command; `namespace` undefined: the fabric's own. */
  enter(namespace?: string): readonly string[] {
    const fabric = ['nsenter', '--target', `${this.#pid}`, '--user', '--net', '--mount', '--preserve-credentials'];
    return namespace === undefined ? fabric : [...fabric, 'nsenter', `--net=${namespaces}/${namespace}`];
  }

  /** Runs a command to its end and gives what it printed. @throws Error with what it said when it fails */
  async run(namespace: string | undefined, core: number | undefined, command: readonly string[]): Promise<string> {
    const entered = this.enter(namespace).flatMap((word) => (word === '--mount' ? ['--mount', '--pid'] : [word])); // ip looks for itself in /proc
    const [file = '', ...args] = [...entered, ...pinnedTo(core), ...command];
    const { stdout } = await run(file, args, { maxBuffer: 64 * 2 ** 20, timeout: longestSilenceMs });
    return stdout;
  }

  /** Starts a command that runs until it is ended, or the benchmark ends. */
  start(namespace: string, core: number | undefined, command: readonly string[]): ChildProcessWithoutNullStreams {
    const [file = '', ...args] = [...this.enter(namespace), ...pinnedTo(core), 'setpriv', '--pdeathsig', 'KILL', ...command];
    const child = spawn(file, args, { stdio: 'pipe' });
    this.#children.add(child);
    child.once('close', () => this.#children.delete(child));
    child.once('error', () => this.#children.delete(child));
    child.stdin.on('error', () => undefined); // it may be gone
    return child;
  }

  /** Starts a mode of fabric-load.py. */
  load(namespace: string, core: number | undefined, ...args: readonly (string | number)[]): LoadProgram {
    const child = this.start(namespace, core, ['python3', join(root, 'bench', 'fabric-load.py'), ...args.map(String)]);
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(-2_000)));
    const lines: string[] = [];
    const waiting: { take(line: string): void; fail(why: string): void }[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => {
      const first = waiting.shift();
      if (first === undefined) lines.push(line);
      else first.take(line);
    });
    child.once('close', () => waiting.splice(0).forEach(({ fail }) => fail(`it ended: ${said}`)));
    const nextLine = async (withinMs: number): Promise<string> => {
      const held = lines.shift();
      if (held !== undefined) return held;
      if (child.exitCode !== null) throw new Error(`fabric-load.py ${args.join(' ')} ended: ${said}`);
      return new Promise((resolve, reject) => {
        const fail = (why: string): void => reject(new Error(`fabric-load.py ${args.join(' ')}: ${why}`));
        const timer = setTimeout(() => fail('it said nothing in time'), withinMs);
        const settle = (work: () => void): void => {
          clearTimeout(timer);
          work();
        };
        waiting.push({ take: (line) => settle(() => resolve(line)), fail: (why) => settle(() => fail(why)) });
      });
    };
    return {
      next: async (withinMs = longestSilenceMs) => JSON.parse(await nextLine(withinMs)) as Record<string, unknown>, // fabric-load.py prints objects
      tell: (value) => void child.stdin.write(`${JSON.stringify(value)}\n`),
      end: () => void child.kill('SIGKILL'),
    };
  }

  /** Runs a mode of fabric-load.py to its only line, whose numbers these are. */
  async measure(namespace: string, core: number | undefined, ...args: readonly (string | number)[]): Promise<Record<string, number>> {
    const program = this.load(namespace, core, ...args);
    try {
      return (await program.next()) as Record<string, number>; // all that these modes print
    } finally {
      program.end();
    }
  }

  /** Ends whatever still runs. */
  async close(): Promise<void> {
    const left = [...this.#children];
    for (const child of left) child.kill('SIGKILL');
    await Promise.all(left.map(async (child) => child.exitCode === null && child.signalCode === null && once(child, 'close')));
  }
}

const pinnedTo = (core: number | undefined): readonly string[] => (core === undefined ? [] : ['taskset', '-c', `${core}`]);
