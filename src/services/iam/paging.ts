/** `Marker` and `MaxItems`: pages of lists in the order of their names. */
import { createHash } from 'node:crypto';
import { validationError } from '#services/iam/errors.ts';

export interface ListInput {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

/** How many IAM gives when `MaxItems` is not set. */
const defaultItems = 100;

export interface ListPage<T> {
  readonly items: T[];
  readonly more: { readonly IsTruncated: boolean; readonly Marker?: string };
}

/**
 * One page of a list. A page starts behind the name that its marker holds, so that entities made or deleted
 * meanwhile shift nothing.
 * @param parameters what the marker is bound to: the operation and its other parameters
 * @throws AwsError ValidationError for a marker that this list did not give.
 */
export function pageByName<T>(
  input: ListInput,
  all: Iterable<T>,
  nameOf: (item: T) => string,
  parameters: readonly unknown[],
): ListPage<T> {
  const after = input.Marker === undefined ? undefined : readMarker(input.Marker, parameters);
  const size = input.MaxItems ?? defaultItems;
  const keyed = [...all]
    .map((item) => ({ item, key: nameOf(item).toLowerCase() }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const rest = after === undefined ? keyed : keyed.filter(({ key }) => key > after);
  const page = rest.slice(0, size);
  const last = page.at(-1);
  const items = page.map(({ item }) => item);
  if (rest.length <= size || last === undefined) return { items, more: { IsTruncated: false } };
  return { items, more: { IsTruncated: true, Marker: writeMarker(last.key, parameters) } };
}

function writeMarker(key: string, parameters: readonly unknown[]): string {
  return Buffer.from(`${digest(key, parameters)}${key}`).toString('base64');
}

function readMarker(marker: string, parameters: readonly unknown[]): string {
  const text = Buffer.from(marker, 'base64').toString();
  const key = text.slice(digestLength);
  if (text.slice(0, digestLength) !== digest(key, parameters)) throw validationError('Invalid Marker.');
  return key;
}

const digestLength = 12;

function digest(key: string, parameters: readonly unknown[]): string {
  return createHash('sha256')
    .update(JSON.stringify([key, parameters]))
    .digest('base64')
    .slice(0, digestLength);
}
