/** Keeps the process of load balancers on the host equal to the records, where no packets move; it is there once there is a load balancer. */
import type { BalancerHostEvent, FoundBalancerHost, WantedBalancers } from '#dataplane/balancer/public.ts';
import type { Balancer } from '#model/balancer.ts';
import type { Id } from '#model/topology.ts';
import type { Holding, HoldingKind } from '#model/world.ts';
import { allHoldings, TouchedHoldings } from '#reconcile/holdings.ts';
import type { Store } from '#store/store.ts';

export interface HostBalancersOptions {
  readonly store: Pick<Store, 'reader' | 'subscribe'>;
  /** Starts the process, or finds the one that runs. */
  readonly open: () => Promise<FoundBalancerHost>;
  /** The one that runs. */
  readonly find: () => Promise<FoundBalancerHost | undefined>;
  readonly see: (event: Extract<BalancerHostEvent, { readonly event: 'health' }>) => void;
  /** Told of what went wrong, and is tried again. */
  readonly onTrouble: (error: unknown, doing: string) => void;
}

const KINDS: readonly HoldingKind[] = ['balancer'];
/** Milliseconds before a process that ended is started again, at first and at most. */
const RESTART_MS = { first: 50, most: 10_000 } as const;

export class HostBalancers {
  readonly #options: HostBalancersOptions;
  readonly #touched: TouchedHoldings;
  #host: FoundBalancerHost | undefined;
  #ports: ReadonlyMap<Id, number> = new Map();
  /** The load balancers that the process told of. */
  #told = new Set<Id>();
  #unsubscribe: (() => void) | undefined;
  /** What is told is told in turn. */
  #last: Promise<void> = Promise.resolve();
  #isSending = false;
  #delayMs: number = RESTART_MS.first;
  #isClosed = false;

  constructor(options: HostBalancersOptions) {
    this.#options = options;
    this.#touched = new TouchedHoldings(options.store, KINDS);
  }

  /** Takes up the process that an earlier control left, or starts one as soon as there is a load balancer. */
  async start(): Promise<void> {
    this.#unsubscribe = this.#options.store.subscribe((commit) => {
      this.#touched.add(commit);
      this.#sendSoon();
    });
    await this.#inTurn(async () => {
      const isLeft = await this.#options.find();
      if (isLeft !== undefined) await this.#adopt(isLeft);
      else await this.#open();
    });
  }

  /** The port on the loopback address at which a listener is reached, when all that was asked for until now is done. */
  async portOf(listenerId: Id): Promise<number | undefined> {
    if (this.#isSending) await new Promise((resolve) => setImmediate(resolve));
    await this.#last;
    return this.#ports.get(listenerId);
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
      this.#options.onTrouble(error, 'load balancers on the host are not as they are wanted');
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
      const { holdings, goneHoldings } = this.#touched.take();
      const wanted = { isWhole: false, balancers: holdings.filter(isBalancer), gone: goneHoldings.map(([, id]) => id) };
      if (wanted.balancers.length + wanted.gone.length === 0) return;
      void this.#inTurn(async () => (this.#host === undefined ? this.#open() : this.#want(this.#host, wanted)));
    });
  }

  async #open(): Promise<void> {
    if (this.#isClosed || this.#host !== undefined) return;
    if (allHoldings(this.#options.store, KINDS).length === 0) return; // it would have nothing to do
    await this.#adopt(await this.#options.open());
  }

  async #adopt(host: FoundBalancerHost): Promise<void> {
    this.#host = host;
    void host.closed.then(() => this.#lost(host));
    host.listen((event) => this.#take(event));
    const balancers = allHoldings(this.#options.store, KINDS).filter(isBalancer);
    await this.#want(host, { isWhole: true, balancers, gone: [] });
    this.#delayMs = RESTART_MS.first;
  }

  async #want(host: FoundBalancerHost, wanted: WantedBalancers): Promise<void> {
    this.#ports = new Map(await host.want(wanted));
  }

  #lost(host: FoundBalancerHost): void {
    if (this.#host !== host) return;
    this.#host = undefined;
    this.#ports = new Map();
    for (const balancer of this.#told) this.#options.see({ event: 'health', balancer, zone: 'host', targets: [] });
    this.#told = new Set();
    if (this.#isClosed) return;
    this.#options.onTrouble(new Error('it ended'), 'the process of load balancers on the host is gone and is started again');
    this.#openLater();
  }

  #openLater(): void {
    if (this.#isClosed) return;
    setTimeout(() => void this.#inTurn(async () => this.#again()), this.#delayMs).unref();
    this.#delayMs = Math.min(this.#delayMs * 2, RESTART_MS.most);
  }

  /** Starts it when it is gone; one that refused is told all again. */
  async #again(): Promise<void> {
    if (this.#host === undefined) return this.#open();
    const balancers = allHoldings(this.#options.store, KINDS).filter(isBalancer);
    await this.#want(this.#host, { isWhole: true, balancers, gone: [] });
  }

  #take(event: BalancerHostEvent): void {
    if (event.event === 'fault') return this.#options.onTrouble(new Error(event.words), event.where);
    this.#told.add(event.balancer);
    this.#options.see(event);
  }
}

const isBalancer = (holding: Holding): holding is Balancer => holding.kind === 'balancer';
