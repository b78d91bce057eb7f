/** What kinds of records exist and by which keys they are found. */

/** A partition of the store: all records of one account in one Region. Global services use the Region `global`. */
export interface Partition {
  readonly account: string;
  readonly region: string;
}

/** A record is an immutable plain JSON value; a change replaces it whole. */
export interface StoreRecord {
  readonly id: string;
}

/** The keys under which a record is found: none, one or several. */
export type IndexKeys<R> = (record: R) => string | readonly string[] | undefined;

export interface Table<R extends StoreRecord = StoreRecord, I extends string = string> {
  /** Unique over all services, e.g. `ec2.vpc`. */
  readonly name: string;
  readonly indexes: Readonly<Record<I, IndexKeys<R>>>;
}

/** Declares a table: `defineTable<VpcRecord>()('ec2.vpc', { dhcp: (vpc) => vpc.dhcpOptionsId })`. */
export function defineTable<R extends StoreRecord>() {
  return <I extends string = never>(
    name: string,
    indexes: Readonly<Record<I, IndexKeys<R>>> = {} as Readonly<Record<I, IndexKeys<R>>>, // no index: I is never
  ): Table<R, I> => ({ name, indexes });
}
