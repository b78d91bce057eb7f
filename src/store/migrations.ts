/** The formats of stored records, and how those of an older Keiro become today's. */
import { StoreError } from '#store/store-error.ts';
import type { StoreRecord } from '#store/table.ts';

/** Brings records from the format before it to its own. */
export interface Migration {
  /** What changed and why, for the reader. */
  readonly why: string;
  /** Tables whose name changed, from the old name to the new; done before `records`. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** By table name, what an old record becomes; `undefined` drops it. The id must stay. */
  readonly records?: Readonly<Record<string, (old: StoreRecord) => StoreRecord | undefined>>;
}

/** Format n + 1 is what `migrations[n - 1]` makes of format n; the first Keiro wrote format 1. Only ever append. */
export const migrations: readonly Migration[] = [];

/** From a stored format to today's. */
export interface Upgrade {
  /** Today's name of a table. */
  tableName(old: string): string;
  /** What a stored record, under its table's old name, is today; `undefined` when it is no more. */
  record(table: string, old: StoreRecord): StoreRecord | undefined;
}

/** Today's format. */
export function formatOf(steps: readonly Migration[]): number {
  return steps.length + 1;
}

/**
 * The way from a stored format to today's; `undefined` when there is nothing to do.
 * @throws StoreError `NewerFormat`
 */
export function upgradeFrom(format: number, steps: readonly Migration[], location: string): Upgrade | undefined {
  const today = formatOf(steps);
  if (format > today) {
    throw new StoreError(
      'NewerFormat',
      `${location} was written by a newer Keiro (format ${format}; this Keiro reads up to ${today}). ` +
        'Nothing was changed. Start it with that Keiro, or choose another data directory.',
    );
  }
  if (format === today) return undefined;
  const ahead = steps.slice(format - 1);
  return {
    tableName: (old) => ahead.reduce((name, step) => step.renamed?.[name] ?? name, old),
    record: (table, old) => {
      let name = table;
      let record: StoreRecord | undefined = old;
      for (const step of ahead) {
        name = step.renamed?.[name] ?? name;
        const change = step.records?.[name];
        if (change && record) record = change(record);
      }
      return record;
    },
  };
}
