/** The Describe call: ids, filters and a page, the same for every noun. */
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterCombination } from '#aws/errors.ts';
import { compileFilters, type Filter, type FilterSpec } from '#aws/filters.ts';
import { decodeToken, ec2PageLimits, encodeToken, pageSize, type PageInput, type PageLimits } from '#aws/pagination.ts';
import type { AwsError } from '#protocol/aws-error.ts';
import type { StoreRecord, Table } from '#store/table.ts';

export interface DescribeInput extends PageInput {
  readonly Filters?: readonly Filter[] | undefined;
}

export interface Describe<R extends StoreRecord, V, I extends string> {
  readonly table: Table<R, I>;
  /** The ids that the caller asked for; every one must exist. */
  readonly ids?: readonly string[] | undefined;
  readonly filters: FilterSpec<R>;
  /** Filters that are an index of the table under the same values, e.g. `{ 'vpc-id': 'vpc' }`. `id` names the record's own id. */
  readonly indexed?: Readonly<Record<string, I | 'id'>>;
  /** The error for ids that do not exist. */
  readonly missing: (ids: readonly string[]) => AwsError;
  readonly view: (record: R, context: OperationContext) => V;
  /** Records that the call does not show, e.g. long-terminated instances. */
  readonly visible?: (record: R, context: OperationContext) => boolean;
  readonly limits?: PageLimits;
  /** The call's name, where another call describes the same table: so that neither takes the other's tokens. */
  readonly call?: string;
}

export interface Page<V> {
  readonly items: V[];
  readonly nextToken: string | undefined;
}

/**
 * Selects, filters and pages records in the order of their creation.
 * @throws AwsError what `missing` gives; InvalidParameterCombination for ids with MaxResults; filter and token errors.
 */
export function describe<R extends StoreRecord, V, I extends string>(
  context: OperationContext,
  input: DescribeInput,
  what: Describe<R, V, I>,
): Page<V> {
  const size = pageSize(input, what.limits ?? ec2PageLimits);
  const ids = what.ids && what.ids.length > 0 ? what.ids : undefined;
  if (ids && input.MaxResults !== undefined) throw idsWithMaxResults(input, ids);
  const matches = compileFilters(context, input.Filters, what.filters);
  const parameters = [what.call ?? what.table.name, context.account, context.region, input.Filters ?? []];
  const after = input.NextToken ? Number(decodeToken(input.NextToken, parameters)) : undefined;
  const items: V[] = [];
  let last: R | undefined;
  for (const record of candidates(context, input, what, ids, after)) {
    if (what.visible && !what.visible(record, context)) continue;
    if (matches && !matches(record)) continue;
    if (items.length >= size && last) {
      return { items, nextToken: encodeToken(String(context.tx.sequenceOf(what.table, last.id) ?? 0), parameters) };
    }
    items.push(what.view(record, context));
    last = record;
  }
  return { items, nextToken: undefined };
}

/** AWS names the parameter, which is the member that holds the ids. */
export function idsWithMaxResults(input: object, ids: readonly string[]): AwsError {
  const name = Object.entries(input).find(([, value]) => value === ids)?.[0] ?? 'Ids';
  return invalidParameterCombination(`The parameter ${name} cannot be used with the parameter MaxResults`);
}

function candidates<R extends StoreRecord, V, I extends string>(
  context: OperationContext,
  input: DescribeInput,
  what: Describe<R, V, I>,
  ids: readonly string[] | undefined,
  after: number | undefined,
): Iterable<R> {
  const { tx } = context;
  if (ids) return named(context, what, ids);
  for (const filter of input.Filters ?? []) {
    const index = what.indexed?.[filter.Name ?? ''];
    const values = filter.Values ?? [];
    // One literal value is enough of a narrowing; the filters are applied to what it gives all the same.
    if (index === undefined || values.length !== 1 || /[*?\\]/.test(values[0] ?? '*')) continue;
    const key = values[0] ?? '';
    const found = index === 'id' ? [tx.get(what.table, key)].filter((record) => record !== undefined) : tx.find(what.table, index, key);
    return after === undefined ? found : found.filter((record) => (tx.sequenceOf(what.table, record.id) ?? 0) > after);
  }
  return tx.list(what.table, after);
}

function named<R extends StoreRecord, V, I extends string>(
  context: OperationContext,
  what: Describe<R, V, I>,
  ids: readonly string[],
): readonly R[] {
  const found: R[] = [];
  const missing: string[] = [];
  for (const id of new Set(ids)) {
    const record = context.tx.get(what.table, id);
    if (record && (!what.visible || what.visible(record, context))) found.push(record);
    else missing.push(id);
  }
  if (missing.length > 0) throw what.missing(missing);
  return found;
}
