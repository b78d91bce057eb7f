/** Changes of records on their way to the name servers: noted with the commit that makes them, and in sync when all servers have them. */
import { changeReports, isPendingChange, pendingChanges, touchedPart } from '#services/route53/public.ts';
import type { Unsettled } from '#reconcile/unsettled.ts';
import type { Commit, Store } from '#store/store.ts';
import type { Partition } from '#store/table.ts';

export interface NameChangesOptions {
  readonly store: Pick<Store, 'reader' | 'transact'>;
  /** Who waits for them. */
  readonly unsettled: Unsettled;
  readonly onTrouble: (error: unknown, doing: string) => void;
}

/** A change, and the account's partition that it is in. */
type Pending = ReadonlyMap<string, Partition>;

export class NameChanges {
  readonly #options: NameChangesOptions;
  #pending = new Map<string, Partition>();

  constructor(options: NameChangesOptions) {
    this.#options = options;
  }

  add({ changes }: Commit): void {
    for (const change of changes) if (touchedPart(change)?.kind === 'zoneChange') this.#look(change.id, change.partition);
  }

  /** All that an earlier start left. */
  addAll(): void {
    const { store } = this.#options;
    for (const partition of store.reader({ account: '', region: '' }).partitions())
      for (const { id } of pendingChanges(store.reader(partition))) this.#note(id, partition);
  }

  /** Those that stand in what is told now. */
  take(): Pending {
    const pending = this.#pending;
    this.#pending = new Map();
    return pending;
  }

  /** Every server has them. */
  async inSync(pending: Pending): Promise<void> {
    const { store, unsettled, onTrouble } = this.#options;
    const byAccount = new Map<Partition, string[]>();
    for (const [id, partition] of pending) byAccount.set(partition, [...(byAccount.get(partition) ?? []), id]);
    for (const [partition, ids] of byAccount) {
      try {
        await store.transact(partition, (tx) => changeReports.inSync(tx, ids));
        for (const id of ids) unsettled.note(id, partition, true);
      } catch (error) {
        onTrouble(error, 'that name servers have a change cannot be kept');
      }
    }
  }

  /** They could not be told: with what is told next. */
  putBack(pending: Pending): void {
    for (const [id, partition] of pending) this.#pending.set(id, partition);
  }

  #look(id: string, partition: Partition): void {
    if (isPendingChange(this.#options.store.reader(partition), id)) this.#note(id, partition);
  }

  #note(id: string, partition: Partition): void {
    this.#pending.set(id, partition);
    this.#options.unsettled.note(id, partition, false);
  }
}
