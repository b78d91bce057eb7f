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
}

/** What most EC2 Describe calls take. */
export const ec2PageLimits: PageLimits = { min: 5, max: 1000 };

/**
 * The number of items that a page may hold; Infinity when the caller set none.
 * @throws AwsError InvalidParameterValue outside the limits.
 */
export function pageSize(input: PageInput, limits: PageLimits): number {
  const size = input.MaxResults;
  if (size === undefined) return Number.POSITIVE_INFINITY;
  if (size < limits.min) {
    throw invalidParameterValue(`Value ( ${size} ) for parameter maxResults is invalid. Expecting a value greater than ${limits.min}.`);
  }
  return Math.min(size, limits.max);
}

/** Makes a token that only the same call with the same parameters takes back. */
export function encodeToken(position: number, parameters: unknown): string {
  const text = `${position.toString(36)}.${digest(position, parameters)}`;
  return Buffer.from(text).toString('base64url');
}

/**
 * The position in a token.
 * @throws AwsError InvalidPaginationToken for one that this call did not make, or made with other parameters.
 */
export function decodeToken(token: string, parameters: unknown): number {
  const [digits = '', check] = Buffer.from(token, 'base64url').toString('latin1').split('.');
  const position = /^[0-9a-z]{1,11}$/.test(digits) ? Number.parseInt(digits, 36) : Number.NaN;
  if (!Number.isSafeInteger(position) || check !== digest(position, parameters)) throw invalidPaginationToken();
  return position;
}

export function invalidPaginationToken(): AwsError {
  return new AwsError('InvalidPaginationToken', 'The specified pagination token is not valid or is expired.');
}

/** Marks tokens of this process's life of the data: a reset makes earlier tokens stale. */
function digest(position: number, parameters: unknown): string {
  return createHash('sha256')
    .update(`${position}:${JSON.stringify(parameters)}`)
    .digest('base64url')
    .slice(0, 16);
}

/**
 * One page of a list that is at hand.
 * @param parameters what the token is bound to: the call's filters and ids
 */
export function paginate<T>(
  input: PageInput,
  items: readonly T[],
  limits: PageLimits = ec2PageLimits,
  parameters: unknown = '',
): { items: readonly T[]; nextToken: string | undefined } {
  const size = pageSize(input, limits);
  const start = input.NextToken ? decodeToken(input.NextToken, parameters) : 0;
  if (start > items.length) throw invalidPaginationToken();
  const end = start + size;
  return { items: items.slice(start, end), nextToken: end < items.length ? encodeToken(end, parameters) : undefined };
}
