/** Keeps the process of names on the host running, and, where no packets move, equal to the records: then it is the name server. */
import type { FoundHostNames, HostNamesEvent } from '#dataplane/node/public.ts';
import type { HoldingKind, Wanted } from '#model/world.ts';
import { allHoldings, TouchedHoldings } from '#reconcile/holdings.ts';
import type { NameChanges } from '#reconcile/name-changes.ts';
import type { Store } from '#store/store.ts';

export interface HostNamesOptions {
  readonly store: Pick<Store, 'reader' | 'subscribe'>;
  /** Starts the process, or finds the one that runs. */
  readonly open: () => Promise<FoundHostNames>;
  /** Whether it answers itself, and is told everything; else it passes questions on. */
  readonly isTold: boolean;
  readonly changes: NameChanges;
  readonly see: (event: Extract<HostNamesEvent, { readonly event: 'checks' }>) => void;
  /** Told of what went wrong, and is tried again. */
  readonly onTrouble: (error: unknown, doing: string) => void;
}

const KINDS: readonly HoldingKind[] = ['balancer', 'hostedZone', 'zoneName', 'healthCheck', 'registeredDomain'];
/** Milliseconds before a process that ended is started again, at first and at most. */
const RESTART_MS = { first: 50, most: 10_000 } as const;

export class HostNames {
  readonly #options: HostNamesOptions;
  readonly #touched: TouchedHoldings;
  #host: FoundHostNames | undefined;
  #unsubscribe: (() => void) | undefined;
  /** What is told is told in turn. */
  #last: Promise<void> = Promise.resolve();
  #isSending = false;
  #delayMs: number = RESTART_MS.first;
  #isClosed = false;

  constructor(options: HostNamesOptions) {
    this.#options = options;
    this.#touched = new TouchedHoldings(options.store, KINDS);
  }

  /** Where it answers; undefined while it does not. */
  get place(): { readonly address: string; readonly port: number } | undefined {
    return this.#host && { address: this.#host.address, port: this.#host.port };
  }

  /** @throws Error when no port can be had at the first try: it is not tried again then */
  async start(): Promise<void> {
    const { store, isTold, changes, open } = this.#options;
    if (isTold) {
      this.#unsubscribe = store.subscribe((commit) => {
        this.#touched.add(commit);
        changes.add(commit);
        this.#sendSoon();
      });
      changes.addAll();
    }
    await this.#adopt(await open());
  }

  /** Follows no more, and ends the process. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#unsubscribe?.();
    await this.#last;
    await this.#host?.stop();
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(work).catch((error: unknown) => {
      this.#options.onTrouble(error, 'names on the host are not as they are wanted');
      this.#openLater();
    });
    return this.#last;
  }

  /** Commits of one turn go together. */
  #sendSoon(): void {
    if (this.#isSending || this.#isClosed) return;
    this.#isSending = true;
    setImmediate(() => {
      this.#isSending = false;
      const host = this.#host;
      if (host === undefined) return; // who is started next is told all
      void this.#inTurn(async () => this.#tell(host, { ...BARE, ...this.#touched.take() }));
    });
  }

  async #adopt(host: FoundHostNames): Promise<void> {
    this.#host = host;
    void host.closed.then(() => this.#lost(host));
    host.listen((event) => {
      if (event.event === 'checks') this.#options.see(event);
      else this.#options.onTrouble(new Error(event.words), 'names on the host');
    });
    if (this.#options.isTold) {
      this.#touched.take();
      await this.#inTurn(async () => this.#tell(host, { ...BARE, isWhole: true, holdings: allHoldings(this.#options.store, KINDS) }));
    }
    this.#delayMs = RESTART_MS.first;
  }

  async #tell(host: FoundHostNames, wanted: Wanted): Promise<void> {
    const { changes } = this.#options;
    const pending = changes.take();
    if (!wanted.isWhole && wanted.holdings.length + wanted.goneHoldings.length + pending.size === 0) return;
    try {
      await host.want(wanted);
    } catch (error) {
      changes.putBack(pending);
      throw error;
    }
    await changes.inSync(pending);
  }

  #lost(host: FoundHostNames): void {
    if (this.#host !== host) return;
    this.#host = undefined;
    if (this.#isClosed) return;
    this.#options.onTrouble(new Error('it ended'), 'the process of names on the host is gone and is started again');
    this.#openLater();
  }

  #openLater(): void {
    if (this.#isClosed) return;
    setTimeout(() => {
      if (this.#isClosed || this.#host !== undefined) return;
      this.#options.open().then(
        async (host) => this.#adopt(host),
        () => this.#openLater(),
      );
    }, this.#delayMs).unref();
    this.#delayMs = Math.min(this.#delayMs * 2, RESTART_MS.most);
  }
}

/** Nothing, as a message. */
const BARE: Wanted = { version: 0, isWhole: false, parts: [], goneParts: [], holdings: [], goneHoldings: [], instances: [] };
