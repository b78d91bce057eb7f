/** `Marker` and `PageSize`: pages of records in the order of their creation. */
import type { OperationContext } from '#aws/context.ts';
import { decodeToken, encodeToken, paginateByKey } from '#aws/pagination.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { validationError } from '#services/elbv2/errors.ts';
import type { StoreRecord, Table } from '#store/table.ts';

export interface PageInput {
  readonly Marker?: string | undefined;
  readonly PageSize?: number | undefined;
}

/** What a page holds at most, and when the caller does not say. */
const largestPage = 400;

export interface Page<T> {
  readonly items: T[];
  readonly nextMarker: string | undefined;
}

/**
 * One page of a table's records.
 * @param chosen the records; all of the table when undefined
 * @param parameters what the marker is bound to: the call's name and its other parameters
 * @throws AwsError ValidationError for a marker that this call did not give
 */
export function pageOfRecords<R extends StoreRecord>(
  context: OperationContext,
  input: PageInput,
  table: Table<R, string>,
  chosen: readonly R[] | undefined,
  parameters: readonly unknown[],
): Page<R> {
  const after = input.Marker ? Number(readMarker(input.Marker, parameters)) : 0;
  const sequenceOf = ({ id }: R): number => context.tx.sequenceOf(table, id) ?? 0;
  const records = chosen ? chosen.filter((record) => sequenceOf(record) > after).sort((a, b) => sequenceOf(a) - sequenceOf(b)) : undefined;
  const size = input.PageSize ?? largestPage;
  const items: R[] = [];
  for (const record of records ?? context.tx.list(table, after)) {
    const last = items.at(-1);
    if (items.length >= size && last) return { items, nextMarker: encodeToken(String(sequenceOf(last)), parameters) };
    items.push(record);
  }
  return { items, nextMarker: undefined };
}

/** One page of a list by place. */
export function pageOfList<T>(input: PageInput, list: readonly T[], parameters: readonly unknown[]): Page<T> {
  const start = input.Marker ? Number(readMarker(input.Marker, parameters)) : 0;
  const end = start + (input.PageSize ?? largestPage);
  return { items: list.slice(start, end), nextMarker: end < list.length ? encodeToken(String(end), parameters) : undefined };
}

/** One page of a list in the order of a key that each item keeps. */
export function pageByKey<T>(input: PageInput, list: readonly T[], keyOf: (item: T) => string, parameters: readonly unknown[]): Page<T> {
  const page = withMarkerWords(() =>
    paginateByKey({ MaxResults: input.PageSize ?? largestPage, NextToken: input.Marker }, list, keyOf, parameters, {
      min: 1,
      max: largestPage,
    }),
  );
  return { items: [...page.items], nextMarker: page.nextToken };
}

function readMarker(marker: string, parameters: readonly unknown[]): string {
  return withMarkerWords(() => decodeToken(marker, parameters));
}

function withMarkerWords<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof AwsError) throw validationError('Invalid marker');
    throw error;
  }
}
