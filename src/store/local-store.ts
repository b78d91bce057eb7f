/** The store of one process: it alone changes what its driver keeps. */
import { CommitQueue } from '#store/commit-queue.ts';
import { compact, isCompactionDue } from '#store/compaction.ts';
import type { Driver } from '#store/driver.ts';
import { Listeners } from '#store/listeners.ts';
import { encodeEntry } from '#store/log-entry.ts';
import type { Memory } from '#store/memory.ts';
import { invariant, StoreError } from '#store/store-error.ts';
import type { Change, Commit, Reader, Store, TransactOptions, Transaction } from '#store/store.ts';
import type { Partition } from '#store/table.ts';
import { Session } from '#store/transaction.ts';
import type { LoggedChange } from '#store/transaction.ts';
import { View } from '#store/view.ts';

export interface LocalStoreOptions {
  readonly driver: Driver;
  /** What the driver has loaded. */
  readonly memory: Memory;
  readonly version: number;
  readonly format: number;
  readonly checks: boolean;
  /** Told what fails with nobody to tell: a listener that throws, a compaction that the disk refuses. */
  readonly onError: (error: unknown, doing: string) => void;
  /** Called when the driver is closed. */
  readonly onClosed: () => void;
}

export class LocalStore implements Store {
  readonly #driver: Driver;
  readonly #memory: Memory;
  readonly #options: LocalStoreOptions;
  readonly #queue: CommitQueue;
  readonly #listeners: Listeners;
  #version: number;
  #working = false;
  /** Changes of commits that the disk refused, the latest first, until the listeners are told. */
  readonly #takenBack: (readonly Change[])[] = [];
  /** Why every further write is refused. */
  #refusal: StoreError | undefined;
  #closing: Promise<void> | undefined;
  #compaction: { readonly done: Promise<void>; readonly stop: AbortController } | undefined;
  /** After a compaction that failed: the log must have grown to this before the next one starts by itself. */
  #compactAt = 0;

  constructor(options: LocalStoreOptions) {
    this.#options = options;
    this.#driver = options.driver;
    this.#memory = options.memory;
    this.#version = options.version;
    this.#listeners = new Listeners(options.onError);
    this.#queue = new CommitQueue(options.driver, (error) => this.#failed(error));
  }

  get version(): number {
    return this.#version;
  }

  transact<T>(partition: Partition, work: (tx: Transaction) => T, options: TransactOptions = {}): Promise<T> {
    invariant(!this.#working, 'transact must not be called inside a transaction: use `in` of the running one');
    return new Promise<T>((resolve, reject) => {
      this.#requireOpen();
      const session = new Session(this.#memory, this.#options.checks);
      try {
        const result = this.#run(session, partition, work);
        const changes = options.dryRun === true ? [] : session.end();
        if (changes.length > 0) {
          this.#commit(session, changes, () => resolve(result), reject);
        } else {
          session.undo();
          this.#queue.settle(() => resolve(result), reject);
        }
      } catch (error) {
        session.undo();
        this.#queue.settle(() => reject(error), reject); // even a refusal may rest on what is not durable yet
      }
    });
  }

  reader(partition: Partition): Reader {
    return new View(this.#memory, partition);
  }

  subscribe(listener: (commit: Commit) => void): () => void {
    return this.#listeners.add(listener);
  }

  durable(): Promise<void> {
    return new Promise((resolve, reject) => this.#queue.settle(resolve, reject));
  }

  async compact(): Promise<void> {
    this.#requireOpen();
    invariant(!this.#working, 'compact must not be called inside a transaction');
    if (this.#refusal) throw this.#refusal;
    while (this.#compaction) await this.#compaction.done.catch(() => undefined);
    await this.#compact();
  }

  reset(): Promise<void> {
    invariant(!this.#working, 'reset must not be called inside a transaction');
    return new Promise((resolve, reject) => {
      this.#requireOpen();
      if (this.#refusal) return reject(this.#refusal);
      this.#compaction?.stop.abort();
      const changes = this.#everyRecordGone();
      const restore = this.#memory.clear();
      const version = ++this.#version;
      this.#queue.push({
        step: () => this.#driver.clear(version, this.#options.format),
        undo: () => {
          restore();
          this.#takenBack.push(changes);
        },
        resolve,
        reject,
      });
      this.#listeners.tell({ version, changes });
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #run<T>(session: Session, partition: Partition, work: (tx: Transaction) => T): T {
    this.#working = true;
    try {
      const result = work(session.view(partition));
      if (isThenable(result)) {
        result.then(undefined, () => undefined); // what it goes on to do is refused, and nobody listens
        throw new Error('store: the work of a transaction must be synchronous, and this one returned a promise');
      }
      return result;
    } finally {
      this.#working = false;
    }
  }

  #commit(session: Session, changes: readonly LoggedChange[], resolve: () => void, reject: (error: unknown) => void): void {
    if (this.#refusal) throw this.#refusal;
    const entry = { version: this.#version + 1, text: encodeEntry(changes) };
    this.#version = entry.version;
    const undo = () => {
      session.undo();
      this.#takenBack.push(changes);
    };
    const durable = () => {
      resolve();
      this.#compactIfDue();
    };
    this.#queue.push({ entry, undo, resolve: durable, reject });
    this.#listeners.tell({ version: entry.version, changes });
  }

  #requireOpen(): void {
    if (this.#closing) throw new StoreError('Closed', `The store ${this.#driver.location} is closed.`);
  }

  /** Everything that was not durable has been taken back in memory. */
  #failed(error: unknown): void {
    this.#compaction?.stop.abort();
    if (!(error instanceof StoreError) || error.lasting) {
      this.#refusal = error instanceof StoreError ? error : new StoreError('WriteFailed', String(error), { cause: error, lasting: true });
    }
    for (const changes of this.#takenBack.splice(0)) {
      const inverse = changes.toReversed().map((change) => ({ ...change, before: change.after, after: change.before }));
      this.#listeners.tell({ version: ++this.#version, changes: inverse });
    }
  }

  #everyRecordGone(): Change[] {
    const changes: Change[] = [];
    if (!this.#listeners.hasAny) return changes;
    for (const { partition, tables } of this.#memory.all()) {
      for (const table of tables.values()) {
        for (const before of table.list()) changes.push({ partition, table: table.name, id: before.id, before, after: undefined });
      }
    }
    return changes;
  }

  #compactIfDue(): void {
    if (this.#compaction || this.#closing || !isCompactionDue(this.#driver) || this.#driver.size.log < this.#compactAt) return;
    this.#compact().catch((error: unknown) => {
      this.#compactAt = this.#driver.size.log * 1.5;
      this.#options.onError(error, 'compacting the store');
    });
  }

  #compact(): Promise<void> {
    const stop = new AbortController();
    const task = { driver: this.#driver, memory: this.#memory, format: this.#options.format, version: () => this.#version };
    const done = compact({ ...task, durable: () => this.durable(), signal: stop.signal }).finally(() => {
      this.#compaction = undefined;
    });
    this.#compaction = { done, stop };
    return done;
  }

  async #close(): Promise<void> {
    this.#compaction?.stop.abort();
    await this.#compaction?.done.catch(() => undefined);
    await this.durable().catch(() => undefined); // whoever waits for the commit is told
    await this.#driver.close();
    this.#options.onClosed();
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
