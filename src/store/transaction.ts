/** One transaction: writes go straight to memory, and what was there before is kept to take them back. */
import { checkAndFreeze } from '#store/json-value.ts';
import { partitionKey } from '#store/memory.ts';
import type { Memory } from '#store/memory.ts';
import type { Entry } from '#store/sorted-entries.ts';
import { invariant } from '#store/store-error.ts';
import type { Change, Transaction } from '#store/store.ts';
import type { TableRecords } from '#store/table-records.ts';
import type { Partition, StoreRecord, Table } from '#store/table.ts';
import { View } from '#store/view.ts';

/** What an id had before the transaction's first write to it. */
interface Original {
  readonly table: TableRecords;
  readonly id: string;
  readonly entry: Entry | undefined;
  readonly record: StoreRecord | undefined;
}

/** A change with what the log and a later taking back need beside it. */
export interface LoggedChange extends Change {
  readonly sequence: number;
}

export class Session {
  readonly memory: Memory;
  readonly checks: boolean;
  readonly #originals = new Map<string, Original>();
  readonly #sequenceBefore: number;
  #open = true;

  constructor(memory: Memory, checks: boolean) {
    this.memory = memory;
    this.checks = checks;
    this.#sequenceBefore = memory.sequence;
  }

  view(partition: Partition): Transaction {
    return new WritingView(this, partition);
  }

  requireOpen(): void {
    invariant(this.#open, 'the transaction has ended: use it only while `work` runs, and not in a promise or a callback');
  }

  /** Remembers what the id has now, unless an earlier write did. */
  remember(table: TableRecords, key: string, id: string): void {
    if (this.#originals.has(key)) return;
    const entry = table.entry(id);
    this.#originals.set(key, { table, id, entry, record: entry?.record });
  }

  /** Ends the transaction, with its net changes in the order of the first write to each id. */
  end(): LoggedChange[] {
    this.#open = false;
    const changes: LoggedChange[] = [];
    for (const { table, id, entry, record } of this.#originals.values()) {
      const now = table.entry(id);
      if (now === entry && now?.record === record) continue;
      changes.push({ partition: table.partition, table: table.name, id, before: record, after: now?.record, sequence: now?.sequence ?? 0 });
    }
    return changes;
  }

  /** Takes every write back; also possible after `end`, as long as later transactions were taken back before. */
  undo(): void {
    this.#open = false;
    for (const { table, id, entry, record } of this.#originals.values()) table.restore(id, entry, record);
    this.memory.sequence = this.#sequenceBefore;
  }
}

class WritingView extends View implements Transaction {
  readonly #session: Session;

  constructor(session: Session, partition: Partition) {
    super(session.memory, partition);
    this.#session = session;
  }

  put<R extends StoreRecord>(table: Table<R, string>, record: R): void {
    this.#session.requireOpen();
    invariant(typeof record.id === 'string' && record.id !== '', `a record of ${table.name} needs an id`);
    if (this.#session.checks) checkAndFreeze(record, `${table.name} ${record.id}`);
    const records = this.memory.partition(this.partition).table(table.name);
    this.#remember(records, record.id);
    records.write(record, records.entry(record.id)?.sequence ?? ++this.memory.sequence);
  }

  delete(table: Table<never, string>, id: string): void {
    const records = this.records(table);
    if (records?.entry(id) === undefined) return;
    this.#remember(records, id);
    records.remove(id);
  }

  override in(partition: Partition): Transaction {
    this.#session.requireOpen();
    return new WritingView(this.#session, partition);
  }

  protected override records(table: { readonly name: string }): TableRecords | undefined {
    this.#session.requireOpen();
    return super.records(table);
  }

  #remember(records: TableRecords, id: string): void {
    this.#session.remember(records, `${partitionKey(this.partition)}/${records.name}/${id}`, id);
  }
}
