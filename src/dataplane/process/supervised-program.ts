/** A program that runs as a child with a channel, runs again whenever it ends, and is followed by another one before it leaves. */
import { spawn, type ChildProcess } from 'node:child_process';

/** What each says of its life: `ready` once it does its work; `leaving` when it was asked to end, and goes on until another one is ready. */
export interface LifeWord {
  readonly say: 'ready' | 'leaving';
}

/** What one that leaves is told: another one does its work, and it may end when what is under way is over. */
export interface ReplacedMessage {
  readonly isReplaced: true;
}

export interface SupervisedOptions<Message, Word> {
  /** The program and its arguments. */
  readonly command: readonly [string, ...string[]];
  readonly environment: NodeJS.ProcessEnv;
  /** What each is told as soon as it is started; undefined: nothing. */
  readonly greeting: () => Message | undefined;
  /** All that it says but of its life. @param isCurrent false for one that leaves */
  readonly take?: (word: Word, isCurrent: boolean) => void;
  /** It ended unasked. @param words the last of its standard error, or that it ended */
  readonly failed?: (words: string) => void;
}

/** Milliseconds between an end and the next start, at first and at most. */
const RESTART_MS = { first: 50, most: 5_000 } as const;
/** Characters of its standard error that are told. */
const LAST_WORDS = 2_000;

/** @typeParam Word what the program says beside `LifeWord`s: objects with a `say` of their own */
export class SupervisedProgram<Message extends object, Word extends { readonly say: string }> {
  readonly #options: SupervisedOptions<Message, Word>;
  #child: ChildProcess | undefined;
  /** Those that go on until another one is ready. */
  readonly #leaving = new Set<ChildProcess>();
  #delayMs: number = RESTART_MS.first;
  #restart: NodeJS.Timeout | undefined;
  #isWanted = false;

  constructor(options: SupervisedOptions<Message, Word>) {
    this.#options = options;
  }

  /** Once; from then on it runs until `end`. */
  start(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#spawn();
  }

  /** Tells the one that runs. Between two of them nobody is told: the next one's greeting says all. */
  send(message: Message): void {
    if (this.#child !== undefined) send(this.#child, message);
  }

  /** Ends it at once, for good. */
  end(): void {
    this.#isWanted = false;
    clearTimeout(this.#restart);
    for (const child of [this.#child, ...this.#leaving]) child?.kill('SIGKILL');
  }

  #spawn(): void {
    const [file, ...args] = this.#options.command;
    const child = spawn(file, args, {
      env: this.#options.environment,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    this.#child = child;
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(-LAST_WORDS)));
    child.on('message', (word: Word | LifeWord) => this.#take(child, word));
    child.on('error', (error) => (said = `${said}${error.message}`)); // it could not be started, or not be told
    child.once('close', (code: number | null) => {
      if (this.#leaving.delete(child) || !this.#isWanted) return;
      if (code !== 0) this.#options.failed?.(said.trim() || 'its process ended');
      this.#follow();
    });
    const greeting = this.#options.greeting();
    if (greeting !== undefined) send(child, greeting);
  }

  #take(child: ChildProcess, word: Word | LifeWord): void {
    switch (word.say) {
      case 'leaving':
        this.#leaving.add(child);
        this.#delayMs = 0;
        return this.#follow();
      case 'ready':
        this.#delayMs = RESTART_MS.first;
        for (const old of this.#leaving) send(old, { isReplaced: true } satisfies ReplacedMessage);
        return;
      default:
        this.#options.take?.(word as Word, this.#child === child); // the others are its own
    }
  }

  /** Starts another one, later each time until one is ready. */
  #follow(): void {
    this.#child = undefined;
    if (!this.#isWanted) return;
    this.#restart = setTimeout(() => this.#spawn(), this.#delayMs);
    this.#delayMs = Math.min(Math.max(this.#delayMs * 2, RESTART_MS.first), RESTART_MS.most);
  }
}

function send(child: ChildProcess, message: object): void {
  if (child.connected) child.send(message, (error) => void error); // it may be ending: the next one is told
}
