/**
 * Long-lived `nft -i` processes, one for each namespace whose rules changed lately. A change costs 2 ms in one of them, and 30 ms and
 * more where a shell, `nsenter` and `nft` are started for it and all sets are listed first (measured with 1,000 interfaces).
 */
import { spawn, type ChildProcess } from 'node:child_process';
import process from 'node:process';
import { NAMESPACES } from './script.ts';

/** Sessions that are open at a time; each remembers its ruleset, 45 MB of one with 20,000 rules. */
const MOST = 4;
/** Milliseconds that a session stays open without a change. */
const IDLE_MS = 60_000;
/** Milliseconds that an answer may take. */
const ANSWER_MS = 10_000;
/** A session reads letter by letter: longer texts go to a process of their own. */
const LONGEST = 8_192;

/** A question about no kernel object, which ends every change: its answer says that what was before it is done. */
const QUESTION = 'describe tcp dport';
const ANSWER = 'basetype integer';

const isOneCommand = (line: string): boolean => /^(?:add|delete|flush|destroy|insert|replace) [^\r]*$/.test(line);

interface Session {
  readonly child: ChildProcess;
  said: string;
  answered: (() => void) | undefined;
  idle: NodeJS.Timeout | undefined;
}

export class RulesetSessions {
  /** By namespace, the one used longest ago first. */
  readonly #open = new Map<string, Session>();

  /**
   * Runs one transaction; nothing of it is in force when it is refused. Undefined when it has to be done another way: the
   * text is too long, or there is no session to be had.
   */
  async run(namespace: string, transaction: string): Promise<{ readonly output: string; readonly isGood: boolean } | undefined> {
    const lines = transaction.trim().split('\n');
    if (transaction.length > LONGEST || !lines.every(isOneCommand)) return undefined;
    const session = this.#sessionIn(namespace);
    session.said = '';
    const isAnswered = await ask(session, `${lines.join('; ')}\n${QUESTION}\n`);
    if (!isAnswered) {
      this.close([namespace]);
      return undefined;
    }
    session.idle = setTimeout(() => this.close([namespace]), IDLE_MS).unref();
    return { output: session.said, isGood: !/^Error: /m.test(session.said) };
  }

  /** Whoever is in a namespace keeps it alive. */
  close(namespaces: Iterable<string> = [...this.#open.keys()]): void {
    for (const name of namespaces) {
      const session = this.#open.get(name);
      if (session === undefined) continue;
      this.#open.delete(name);
      clearTimeout(session.idle);
      session.child.kill('SIGKILL');
    }
  }

  #sessionIn(namespace: string): Session {
    const found = this.#open.get(namespace) ?? open(namespace);
    clearTimeout(found.idle);
    this.#open.delete(namespace);
    this.#open.set(namespace, found);
    this.close([...this.#open.keys()].slice(0, -MOST));
    return found;
  }
}

function open(namespace: string): Session {
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', TERM: 'dumb' }; // no history of what was said
  const child = spawn('sh', ['-c', 'exec nsenter "--net=$1" nft -i 2>&1', 'sh', `${NAMESPACES}/${namespace}`], { env, stdio: ['pipe', 'pipe', 'ignore'] }); // prettier-ignore
  const session: Session = { child, said: '', answered: undefined, idle: undefined };
  child.stdin.on('error', () => undefined); // it ended: nobody answers
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    session.said += text;
    if (session.said.includes(ANSWER)) session.answered?.();
  });
  return session;
}

/** Whether it answers. */
async function ask(session: Session, text: string): Promise<boolean> {
  const { child } = session;
  if (child.exitCode !== null || child.signalCode !== null) return false;
  return new Promise((resolve) => {
    const end = (isAnswered: boolean): void => {
      clearTimeout(late);
      child.off('error', gone).off('close', gone);
      session.answered = undefined;
      resolve(isAnswered);
    };
    const gone = (): void => end(false);
    const late = setTimeout(gone, ANSWER_MS);
    session.answered = () => end(true);
    child.on('error', gone).on('close', gone);
    child.stdin?.write(text);
  });
}
