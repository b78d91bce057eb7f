/** Keeps a fabric equal to the records, and writes into the records what the fabric reports. */
import type { OperationContext } from '#aws/context.ts';
import type { Fabric, FabricEvent } from '#dataplane/fabric/public.ts';
import type { Id } from '#model/topology.ts';
import type { Wanted } from '#model/world.ts';
import { followTopology, type FollowedTopology } from '#reconcile/topology.ts';
import { createDnsAnswers } from '#reconcile/dns-answers.ts';
import { NameChanges } from '#reconcile/name-changes.ts';
import { ObservedInstances } from '#reconcile/observed-instances.ts';
import { Touched, wholeWanted } from '#reconcile/wanted.ts';
import { instanceIds, instanceReports, settledBy, type OnFailure } from '#services/ec2/public.ts';
import type { Store } from '#store/store.ts';
import type { Partition } from '#store/table.ts';

export interface FabricFollowerOptions {
  readonly store: Store;
  /** Starts a fabric, or finds the one that runs. */
  readonly open: () => Promise<Fabric>;
  /** Told of parts that cannot be made. */
  readonly onFailure: OnFailure;
  /** Told of what went wrong, and is tried again. */
  readonly onTrouble: (error: unknown, doing: string) => void;
  /** Told each time a fabric holds what is wanted for the first time. */
  readonly onReady?: (fabric: Fabric) => void;
  readonly nowMs: () => number;
  readonly randomBytes: (count: number) => Buffer;
}

/** Milliseconds before a fabric that ended is started again, at first and at most. */
const RESTART_MS = { first: 200, most: 10_000 } as const;

export class FabricFollower {
  readonly observed = new ObservedInstances();
  readonly #options: FabricFollowerOptions;
  readonly #partitions = new Map<Id, Partition>();
  #fabric: Fabric | undefined;
  #followed: FollowedTopology | undefined;
  #touched: Touched | undefined;
  readonly #nameChanges: NameChanges;
  #isSending = false;
  #isClosed = false;
  #delayMs: number = RESTART_MS.first;

  constructor(options: FabricFollowerOptions) {
    this.#options = options;
    this.#nameChanges = new NameChanges({ ...options, unsettled: this.observed.unsettled });
  }

  /** Whether a fabric holds what is wanted. */
  get isOpen(): boolean {
    return this.#fabric !== undefined;
  }

  /** Follows the records from now on: the fabric is opened, and opened again whenever it ends. */
  async start(): Promise<void> {
    const { store, onFailure } = this.#options;
    this.observed.begin();
    this.observed.dnsAnswer = createDnsAnswers(store, this.observed.checks);
    this.#nameChanges.addAll();
    const followed = followTopology(store, onFailure, (commit, parts) => {
      this.#touched?.add(commit, parts);
      this.#nameChanges.add(commit);
      for (const change of commit.changes) {
        const isSettled = settledBy(change);
        if (isSettled !== undefined) this.observed.note(change.id, change.partition, isSettled);
      }
      this.#sendSoon();
    });
    this.#followed = followed;
    this.#touched = new Touched(store, followed.topology);
    await this.#open();
  }

  /** Follows no more; the fabric ends with everything in it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#followed?.stop();
    const fabric = this.#fabric;
    this.#fabric = undefined;
    await fabric?.stop();
  }

  async #open(): Promise<void> {
    if (this.#isClosed) return;
    const { open, onTrouble, onReady } = this.#options;
    try {
      const fabric = await open();
      if (this.#isClosed) return void fabric.stop();
      this.#fabric = fabric;
      this.#delayMs = RESTART_MS.first;
      void fabric.closed.then(() => this.#lost(fabric));
      this.#notePartitions();
      fabric.listen((event) => this.#take(event));
      await this.#sendAll(fabric);
      onReady?.(fabric);
    } catch (error) {
      onTrouble(error, 'the fabric cannot be started');
      this.#openLater();
    }
  }

  #openLater(): void {
    setTimeout(() => void this.#open(), this.#delayMs).unref();
    this.#delayMs = Math.min(this.#delayMs * 2, RESTART_MS.most);
  }

  #lost(fabric: Fabric): void {
    if (this.#fabric !== fabric) return;
    this.#fabric = undefined;
    this.observed.forgetHealth(this.#options.nowMs());
    if (this.#isClosed) return;
    this.#options.onTrouble(new Error('it ended'), 'the fabric is gone and is started again');
    this.#openLater();
  }

  async #sendAll(fabric: Fabric): Promise<void> {
    const { store, onTrouble } = this.#options;
    const followed = this.#followed;
    if (followed === undefined) return;
    const wanted = wholeWanted(store, followed.topology);
    const changes = this.#nameChanges.take();
    const running = new Set(workloadIds(wanted));
    try {
      await fabric.want(wanted);
      await this.#nameChanges.inSync(changes);
    } catch (error) {
      this.#nameChanges.putBack(changes);
      onTrouble(error, 'the fabric does not hold what is wanted');
    }
    const gone = [...this.#partitions.keys()].filter((id) => !running.has(id));
    for (const id of gone) await this.#report(id, (context) => instanceReports.gone(context, id));
  }

  /** Commits of one turn go together. */
  #sendSoon(): void {
    if (this.#isSending) return;
    this.#isSending = true;
    setImmediate(() => {
      this.#isSending = false;
      const wanted = this.#touched?.take();
      const fabric = this.#fabric;
      if (fabric === undefined) return; // whoever is opened next is told all
      if (wanted === undefined) return void this.#nameChanges.inSync(this.#nameChanges.take()); // that changed nothing
      this.#notePartitions(workloadIds(wanted));
      const changes = this.#nameChanges.take();
      fabric.want(wanted).then(
        async () => {
          await this.#nameChanges.inSync(changes);
          return this.#ended(wanted.goneHoldings.flatMap(([kind, id]) => (kind === 'workload' ? [id] : [])));
        },
        (error: unknown) => {
          this.#nameChanges.putBack(changes);
          this.#options.onTrouble(error, 'the fabric does not hold what is wanted');
          if (this.#fabric === fabric) setTimeout(() => void this.#sendAll(fabric), this.#delayMs).unref();
        },
      );
    });
  }

  async #ended(ids: readonly Id[]): Promise<void> {
    for (const id of ids) {
      await this.#report(id, (context) => instanceReports.gone(context, id));
      this.observed.forget(id);
    }
  }

  /** Where each instance's record is. @param missing only when one of these is not known yet */
  #notePartitions(missing?: readonly Id[]): void {
    if (missing?.every((id) => this.#partitions.has(id)) === true) return;
    const { store } = this.#options;
    for (const partition of store.reader({ account: '', region: '' }).partitions())
      for (const { id } of instanceIds(store.reader(partition))) this.#partitions.set(id, partition);
  }

  #take(event: FabricEvent): void {
    this.observed.see(event);
    if (event.event === 'health' || event.event === 'checks') return;
    if (event.event === 'fault') return this.#options.onTrouble(new Error(event.words), event.where);
    const { instance: id } = event;
    if (event.event === 'begun') void this.#report(id, (context) => instanceReports.begun(context, id, event.boot));
    if (event.event !== 'ended') return;
    const { how, boot } = event;
    if (how === 'failed' || how === 'unmade')
      this.#options.onTrouble(new Error(event.words ?? 'its first process ended'), `instance ${id} does not run`);
    if (how !== 'failed') void this.#report(id, (context) => instanceReports.ended(context, id, boot, how));
  }

  async #report(id: Id, work: (context: OperationContext) => void): Promise<void> {
    const partition = this.#partitions.get(id);
    if (partition === undefined) return;
    const { store, nowMs, randomBytes, onTrouble } = this.#options;
    const { account, region } = partition;
    const principal = { account, arn: `arn:aws:iam::${account}:root`, userId: account, accessKeyId: account };
    const context = {
      account,
      region,
      principal,
      requestId: 'fabric',
      nowMs: nowMs(),
      randomBytes,
      observed: this.observed,
      quotasOn: false,
    };
    try {
      await store.transact(partition, (tx) => work({ ...context, tx }));
    } catch (error) {
      onTrouble(error, `what is seen of instance ${id} cannot be kept`);
    }
  }
}

const workloadIds = ({ holdings }: Wanted): Id[] => holdings.flatMap(({ kind, id }) => (kind === 'workload' ? [id] : []));

/** Where nothing runs instances: what still waits for a report, from an earlier start, is done. */
export async function settleInstances(
  options: Pick<FabricFollowerOptions, 'store' | 'nowMs' | 'randomBytes'>,
  observed: OperationContext['observed'],
): Promise<void> {
  const { store, nowMs, randomBytes } = options;
  for (const partition of store.reader({ account: '', region: '' }).partitions()) {
    const ids = instanceIds(store.reader(partition)).filter(({ isUnsettled }) => isUnsettled);
    if (ids.length === 0) continue;
    const { account, region } = partition;
    const principal = { account, arn: `arn:aws:iam::${account}:root`, userId: account, accessKeyId: account };
    await store.transact(partition, (tx) => {
      const context = { account, region, principal, requestId: 'start', nowMs: nowMs(), tx, randomBytes, observed, quotasOn: false };
      for (const { id } of ids) instanceReports.nobody(context, id);
    });
  }
}
