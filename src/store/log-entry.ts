/** What the log and the snapshot hold, as text. */
import type { Memory } from '#store/memory.ts';
import type { Upgrade } from '#store/migrations.ts';
import type { TableRecords } from '#store/table-records.ts';
import type { StoreRecord } from '#store/table.ts';
import type { LoggedChange } from '#store/transaction.ts';

/** Account, Region, table, then creation number and record, or 0 and the id of a deleted record. */
type StoredChange = readonly [string, string, string, number, StoreRecord | string];

/** A stretch of one table: account, Region, table, then creation numbers and records in turn. */
type StoredStretch = readonly [string, string, string, readonly (number | StoreRecord)[]];

/** Writes the changes of one transaction. */
export function encodeEntry(changes: readonly LoggedChange[]): string {
  const stored: StoredChange[] = [];
  for (const { partition, table, id, after, sequence } of changes) {
    stored.push([partition.account, partition.region, table, sequence, after ?? id]);
  }
  return JSON.stringify(stored);
}

/** Makes the changes of one transaction again; making them twice does no harm. */
export function applyEntry(memory: Memory, text: string, upgrade?: Upgrade): void {
  const stored = JSON.parse(text) as readonly StoredChange[]; // a checksum vouches for what encodeEntry wrote
  for (const [account, region, name, sequence, value] of stored) {
    const table = tableOf(memory, account, region, name, upgrade);
    if (typeof value === 'string') table.remove(value);
    else writeRecord(memory, table, name, sequence, value, upgrade);
  }
}

/**
 * Writes the state in chunks of about `length` UTF-16 units. Between two chunks the records may change: what changed
 * meanwhile may be in a chunk or not, and the log from the beginning of the walk on sets it right.
 */
export function* encodeChunks(memory: Memory, length: number): Generator<string, undefined> {
  let stretches: string[] = [];
  let units = 0;
  yield JSON.stringify(memory.sequence);
  for (const partition of memory.all()) {
    for (const table of partition.tables.values()) {
      let open: string[] = [];
      for (const entry of table.entriesAfter(0)) {
        if (entry.record === undefined) continue;
        const text = `${entry.sequence},${JSON.stringify(entry.record)}`;
        open.push(text);
        units += text.length;
        if (units < length) continue;
        stretches.push(stretchOf(table, open));
        yield `[${stretches.join()}]`;
        stretches = [];
        open = [];
        units = 0;
      }
      if (open.length > 0) stretches.push(stretchOf(table, open));
    }
  }
  if (stretches.length > 0) yield `[${stretches.join()}]`;
}

function stretchOf({ partition, name }: TableRecords, records: readonly string[]): string {
  const head = JSON.stringify([partition.account, partition.region, name]);
  return `${head.slice(0, -1)},[${records.join()}]]`;
}

/** Reads a chunk of `encodeChunks`. */
export function applyChunk(memory: Memory, text: string, upgrade?: Upgrade): void {
  const stored = JSON.parse(text) as number | readonly StoredStretch[]; // a checksum vouches for what encodeChunks wrote
  if (typeof stored === 'number') {
    memory.sequence = Math.max(memory.sequence, stored);
    return;
  }
  for (const [account, region, name, records] of stored) {
    const table = tableOf(memory, account, region, name, upgrade);
    for (let position = 0; position < records.length; position += 2) {
      // numbers and records alternate
      writeRecord(memory, table, name, records[position] as number, records[position + 1] as StoreRecord, upgrade);
    }
  }
}

function tableOf(memory: Memory, account: string, region: string, storedName: string, upgrade: Upgrade | undefined): TableRecords {
  return memory.partition({ account, region }).table(upgrade ? upgrade.tableName(storedName) : storedName);
}

function writeRecord(
  memory: Memory,
  table: TableRecords,
  storedName: string,
  sequence: number,
  stored: StoreRecord,
  upgrade: Upgrade | undefined,
): void {
  if (sequence > memory.sequence) memory.sequence = sequence;
  const record = upgrade ? upgrade.record(storedName, stored) : stored;
  if (record) table.write(record, sequence);
  else table.remove(stored.id);
}
