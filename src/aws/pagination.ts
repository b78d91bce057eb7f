/** `MaxResults` and `NextToken`: opaque tokens, bound to the call and its parameters. */
import { createHash } from 'node:crypto';
import { AwsError } from '#protocol/aws-error.ts';
import { invalidParameterValue } from '#aws/errors.ts';

export interface PageInput {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

export interface PageLimits {
  readonly min: number;
  readonly max: number;
  /** The calls about instances are older than the rest: they give `max` items to whoever asks for more. */
  readonly clips?: true;
}

/** What most EC2 Describe calls take. */
export const ec2PageLimits: PageLimits = { min: 5, max: 1000 };
/** What the Describe calls of instances, images and tags take. */
export const clippedPageLimits: PageLimits = { ...ec2PageLimits, clips: true };

/**
 * The number of items that a page may hold; Infinity when the caller set none.
 * @throws AwsError InvalidParameterValue outside the limits.
 */
export function pageSize({ MaxResults: size }: PageInput, { min, max, clips }: PageLimits): number {
  if (size === undefined) return Number.POSITIVE_INFINITY;
  // The two generations of calls differ in their words as well.
  if (clips) {
    if (size < min)
      throw invalidParameterValue(`Value ( ${size} ) for parameter maxResults is invalid. Expecting a value greater than ${min}.`);
    return Math.min(size, max);
  }
  if (size < min || size > max) {
    const expected = size < min ? `greater than or equal to ${min}` : `smaller than or equal to ${max}`;
    throw invalidParameterValue(`Value ( ${size} ) for parameter MaxResults is invalid. Expecting a value ${expected}.`);
  }
  return size;
}

/**
 * Makes a token that only the same call with the same parameters takes back.
 * @param position what the next page begins behind
 */
export function encodeToken(position: string, parameters: unknown): string {
  return Buffer.from(`${digest(position, parameters)}${position}`).toString('base64url');
}

/**
 * The position in a token.
 * @throws AwsError InvalidPaginationToken for one that this call did not make, or made with other parameters.
 */
export function decodeToken(token: string, parameters: unknown): string {
  const text = Buffer.from(token, 'base64url').toString();
  const position = text.slice(digestLength);
  if (text.slice(0, digestLength) !== digest(position, parameters)) throw invalidPaginationToken();
  return position;
}

export function invalidPaginationToken(): AwsError {
  return new AwsError('InvalidPaginationToken', 'The specified pagination token is not valid or is expired.');
}

const digestLength = 16;

/** Ties a token to its call: a token of another one is taken for damaged. It keeps no secret, and protects none. */
function digest(position: string, parameters: unknown): string {
  return createHash('sha256')
    .update(`${position}:${JSON.stringify(parameters)}`)
    .digest('base64url')
    .slice(0, digestLength);
}

export interface ListPage<T> {
  readonly items: readonly T[];
  readonly nextToken: string | undefined;
}

/**
 * One page of a list that never changes, such as a catalogue of AWS's.
 * @param parameters what the token is bound to: the call's name, filters and ids
 */
export function paginate<T>(
  input: PageInput,
  items: readonly T[],
  limits: PageLimits = ec2PageLimits,
  parameters: unknown = '',
): ListPage<T> {
  const size = pageSize(input, limits);
  const start = input.NextToken ? Number(decodeToken(input.NextToken, parameters)) : 0;
  const end = start + size;
  return { items: items.slice(start, end), nextToken: end < items.length ? encodeToken(String(end), parameters) : undefined };
}

/**
 * One page of a list that calls change, in the order of the items' keys. A page begins behind the key at which the one
 * before it ended, so what is made or deleted meanwhile shifts nothing.
 * @param keyOf unique in the list, and the same for as long as the item lives
 * @param parameters as in `paginate`
 */
export function paginateByKey<T>(
  input: PageInput,
  items: Iterable<T>,
  keyOf: (item: T) => string,
  parameters: unknown,
  limits: PageLimits = ec2PageLimits,
): ListPage<T> {
  const size = pageSize(input, limits);
  const after = input.NextToken ? decodeToken(input.NextToken, parameters) : '';
  const keyed = [...items].map((item) => ({ item, key: keyOf(item) })).filter(({ key }) => key > after);
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1));
  const page = keyed.slice(0, size);
  const last = keyed.length > size ? page.at(-1) : undefined;
  return { items: page.map(({ item }) => item), nextToken: last && encodeToken(last.key, parameters) };
}

/** A key for `paginateByKey` that puts records, and what is in them, into the order of creation: the sequence number of a record, then more. */
export function sequenceKey(sequence: number | undefined, ...more: readonly string[]): string {
  return [(sequence ?? 0).toString(36).padStart(11, '0'), ...more].join('|');
}
