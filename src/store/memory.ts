/** All records of a store, by partition and table. */
import { TableRecords } from '#store/table-records.ts';
import type { Partition } from '#store/table.ts';

/** The records of one partition. */
export class PartitionRecords {
  readonly partition: Partition;
  readonly tables = new Map<string, TableRecords>();

  constructor(partition: Partition) {
    this.partition = partition;
  }

  /** The table's records, made when absent. */
  table(name: string): TableRecords {
    let table = this.tables.get(name);
    if (table === undefined) this.tables.set(name, (table = new TableRecords(this.partition, name)));
    return table;
  }

  isEmpty(): boolean {
    for (const table of this.tables.values()) if (table.size > 0) return false;
    return true;
  }
}

/** The name under which a partition is kept. Account ids are digits, so no two partitions share one. */
export function partitionKey(partition: Partition): string {
  return `${partition.account}/${partition.region}`;
}

export class Memory {
  /** The highest creation number given so far, over all partitions. */
  sequence = 0;
  #partitions = new Map<string, PartitionRecords>();

  /** Records of a partition, by its key, when it has ever had some. */
  find(key: string): PartitionRecords | undefined {
    return this.#partitions.get(key);
  }

  /** Records of a partition, made when absent. */
  partition(partition: Partition): PartitionRecords {
    const key = partitionKey(partition);
    let records = this.#partitions.get(key);
    if (records === undefined) {
      records = new PartitionRecords({ account: partition.account, region: partition.region });
      this.#partitions.set(key, records);
    }
    return records;
  }

  all(): Iterable<PartitionRecords> {
    return this.#partitions.values();
  }

  /** Forgets every record. Returns the way to take that back, as long as nothing was written since. */
  clear(): () => void {
    const partitions = this.#partitions;
    this.#partitions = new Map();
    return () => {
      this.#partitions = partitions;
    };
  }
}
