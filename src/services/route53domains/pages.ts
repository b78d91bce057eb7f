/** `Marker` and `MaxItems`: pages of lists, AWS's limits. */
import { checkConstraints } from '#aws/constraints.ts';
import { paginateByKey } from '#aws/pagination.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { invalidInput, wrongMarker } from '#services/route53domains/errors.ts';

/** The model's, and the defaults that its texts name. */
export const listLimits = { max: 100, usual: 20 } as const;
export const priceLimits = { max: 1000, usual: 100 } as const;

export interface MarkedInput {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

/**
 * One page, in the order of the items' keys.
 * @param keyOf unique and lasting
 * @param parameters what the marker is bound to: the call's name and its filters
 * @throws AwsError InvalidInput for a marker that this call did not make, ValidationException for too many items
 */
export function pageOf<T>(
  { Marker, MaxItems }: MarkedInput,
  items: Iterable<T>,
  keyOf: (item: T) => string,
  parameters: unknown,
  limits: { readonly max: number; readonly usual: number } = listLimits,
): { readonly items: readonly T[]; readonly NextPageMarker: string | undefined } {
  checkConstraints('ValidationException', { MaxItems: { max: limits.max } }, { MaxItems });
  if (MaxItems !== undefined && MaxItems < 1) throw invalidInput('MaxItems must be at least 1.');
  try {
    const page = { MaxResults: MaxItems ?? limits.usual, NextToken: Marker };
    const { items: found, nextToken } = paginateByKey(page, items, keyOf, parameters, { min: 1, max: limits.max });
    return { items: found, NextPageMarker: nextToken };
  } catch (error) {
    if (error instanceof AwsError && error.code === 'InvalidPaginationToken') throw wrongMarker();
    throw error;
  }
}

/** The largest time that a date has; turns the order of times round. */
const LAST_MS = 8_640_000_000_000_000;

/** A key that sorts by time, then by what makes it unique. */
export function timeKey(ms: number, isDescending: boolean, unique: string): string {
  return `${String(isDescending ? LAST_MS - ms : ms).padStart(16, '0')} ${unique}`;
}
