/** What an account has by now, as a caller who kept every answer would know it: ids by kind, blocks, addresses, names. */
import { parseCidr } from '#model/cidr.ts';
import { parseIp } from '#model/ip.ts';
import type { Store } from '#store/store.ts';
import type { StoreRecord } from '#store/table.ts';

export interface Known {
  /** Ids by what stands before their digits, e.g. `vpc`, `eni-attach`; in the order in which they came to be. */
  readonly ids: ReadonlyMap<string, readonly string[]>;
  readonly ipv4Blocks: readonly string[];
  readonly ipv6Blocks: readonly string[];
  readonly ipv4Addresses: readonly string[];
  readonly ipv6Addresses: readonly string[];
  readonly arns: readonly string[];
  /** The texts that stand in one record with this one: a VPC's blocks with its id, an interface's subnet with its addresses. */
  beside(text: string): ReadonlySet<string>;
  /** Values of members called `name`, `keyName`, `userName`…, by the table that has them. */
  readonly names: ReadonlyMap<string, readonly string[]>;
}

interface Kept {
  readonly region: string;
  readonly table: string;
  readonly record: StoreRecord;
}

/** Follows a store from now on. */
export function followRecords(store: Store): { knownTo(account: string, region?: string): Known; stop(): void } {
  const accounts = new Map<string, Map<string, Kept>>();
  const stop = store.subscribe(({ changes }) => {
    for (const { partition, table, id, after } of changes) {
      const records = accounts.get(partition.account) ?? new Map<string, Kept>();
      accounts.set(partition.account, records);
      const key = `${partition.region} ${table} ${id}`;
      if (after) records.set(key, { region: partition.region, table, record: after });
      else records.delete(key);
    }
  });
  return {
    knownTo: (account, region) =>
      summary([...(accounts.get(account)?.values() ?? [])].filter((kept) => region === undefined || kept.region === region)),
    stop,
  };
}

const idForm = /^([a-z]+(?:-[a-z]+)*)-(?:[0-9a-f]{8}|[0-9a-f]{17})$/;

function summary(records: readonly { readonly table: string; readonly record: StoreRecord }[]): Known {
  const ids = new Map<string, Set<string>>();
  const names = new Map<string, Set<string>>();
  const [ipv4Blocks, ipv6Blocks, ipv4Addresses, ipv6Addresses] = [
    new Set<string>(),
    new Set<string>(),
    new Set<string>(),
    new Set<string>(),
  ];
  const arns = new Set<string>();
  const take = (table: string, member: string, text: string): void => {
    const prefix = idForm.exec(text)?.[1];
    if (prefix !== undefined) add(ids, prefix, text);
    else if (text.includes('/') && parseCidr(text)) (text.includes(':') ? ipv6Blocks : ipv4Blocks).add(text);
    else if (parseIp(text) !== undefined) (text.includes(':') ? ipv6Addresses : ipv4Addresses).add(text);
    else if (text.startsWith('arn:')) arns.add(text);
    else if (/name$/i.test(member)) add(names, table, text);
  };
  const together: Set<string>[] = [];
  for (const { table, record } of records) {
    const texts = new Set<string>();
    eachText(record, '', (member, text) => {
      take(table, member, text);
      texts.add(text);
    });
    together.push(texts);
  }
  return {
    ids: asLists(ids),
    names: asLists(names),
    arns: [...arns],
    beside: (text) => new Set(together.filter((texts) => texts.has(text)).flatMap((texts) => [...texts])),
    ipv4Blocks: [...ipv4Blocks],
    ipv6Blocks: [...ipv6Blocks],
    ipv4Addresses: [...ipv4Addresses],
    ipv6Addresses: [...ipv6Addresses],
  };
}

function eachText(value: unknown, member: string, take: (member: string, text: string) => void): void {
  if (typeof value === 'string') take(member, value);
  else if (Array.isArray(value)) for (const one of value) eachText(one, member, take);
  else if (typeof value === 'object' && value !== null) for (const [key, one] of Object.entries(value)) eachText(one, key, take);
}

function add(into: Map<string, Set<string>>, key: string, value: string): void {
  const values = into.get(key) ?? new Set();
  into.set(key, values.add(value));
}

function asLists(sets: ReadonlyMap<string, ReadonlySet<string>>): ReadonlyMap<string, readonly string[]> {
  return new Map([...sets].map(([key, values]) => [key, [...values]]));
}
